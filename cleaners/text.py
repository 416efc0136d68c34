"""Lines and words of a text, each with its place."""

from __future__ import annotations

import re
from typing import NamedTuple

# Scripts that write no spaces between words: Thai, Lao, Burmese, Khmer, kana, Han. Each such character counts as a word.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_COUNTED = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]+")


class Line(NamedTuple):
    """One line of a text: `text[start:end] == line`, without its line break."""

    text: str
    start: int
    end: int


def lines(text: str) -> list[Line]:
    r"""Return the lines of a text, cut at ``\n`` alone, so that joining them with it gives the text back.

    >>> lines("a\n\nbc")
    [Line(text='a', start=0, end=1), Line(text='', start=2, end=2), Line(text='bc', start=3, end=5)]
    """
    found, at = [], 0
    for line in text.split("\n"):
        found.append(Line(line, at, at + len(line)))
        at += len(line) + 1
    return found


def word_count(text: str) -> int:
    """Return the number of words; in scripts without spaces each character is one.

    >>> word_count("It's 5 p.m. in Kyiv"), word_count("東京で")
    (7, 3)
    """
    return len(_COUNTED.findall(text))
