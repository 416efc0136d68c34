"""What a line looks like: prose, a title, a label. Cheap tests, the same for every script."""

from __future__ import annotations

import re

from cleaners.text import UNSPACED, word_count

_UNSPACED = re.compile(f"[{UNSPACED}]")
# Full stops of the world's scripts; a colon ends nothing, an ellipsis ends teasers.
_ENDS = ".!?。！？．।॥؟۔։။។፡።"
_STOPS = ".。．।॥۔։။።"
_CLOSERS = " \u00a0\t\r\"'”’»›)]」』）】*“„"


def words(text: str) -> float:
    """Return the length of a line in words; where words are not spaced, two characters count as one.

    >>> words("Read the full story"), words("続きを読む")
    (4, 2.5)
    """
    spaces = text.count(" ")
    if text.isascii() or spaces * 12 > len(text) or not _UNSPACED.search(text):
        return spaces + 1
    return word_count(text) / 2


def ends(text: str) -> bool:
    """Tell whether a line ends like a sentence, quotes and brackets aside."""
    return text.rstrip(_CLOSERS)[-1:] in _ENDS and bool(text.strip(_CLOSERS))


def stops(text: str) -> bool:
    """Tell whether a line ends with a full stop, quotes and brackets aside."""
    return text.rstrip(_CLOSERS)[-1:] in _STOPS and bool(text.strip(_CLOSERS))


def is_prose(text: str) -> bool:
    """Tell whether a line reads like a paragraph of a report: a sentence of ten words, or thirty words.

    >>> is_prose("The bridge reopened on Monday after a year of repairs, the city said."), is_prose("Read more")
    (True, False)
    """
    if len(text) < 25:
        return False
    length = words(text)
    return length >= 30 or (length >= 10 and ends(text))


def is_title(text: str) -> bool:
    """Tell whether a line could be another story's headline: three to thirty words, no full stop.

    >>> is_title("Bridge reopens after a year"), is_title("The bridge reopened after a year.")
    (True, False)
    """
    return 2.5 <= words(text) <= 30 and not text.rstrip(_CLOSERS).endswith(tuple(".。।۔:,;"))


def is_label(text: str) -> bool:
    """Tell whether a line is a few words without an end.

    >>> is_label("Most popular"), is_label("He left.")
    (True, False)
    """
    return words(text) <= 5 and not ends(text)
