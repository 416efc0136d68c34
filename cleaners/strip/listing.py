"""Lists of other stories that nothing announces: which lines they are, told from the text alone.

Three shapes that no report has are looked for, all of them rare, so that clean texts pay next to nothing:

- items of a list that read like headlines, after a finished sentence, in words that the rest of the text does not use;
- excerpts at the end, one like the other in length, cut off in the middle of a sentence;
- a headline in capitals, too long for a sub-heading, between paragraphs.

What a report lists itself ("He named three reasons:") follows a colon or a heading, uses the report's words, or ends
its sentences.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from cleaners.strip.shape import ends, stops, words
from cleaners.text import UNSPACED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BULLETS = ("- ", "• ", "* ", "· ", "– ", "▪ ", "> ", "» ", "› ", "► ")
"""How items of a list begin."""

_HEADLINE_WORDS = (5, 22)  # words of a headline, on average over a list of them
_ENDED = 1 / 3  # share of headlines that may end with a full stop
_EXCERPT_WORDS = 20  # words of the shortest excerpt of a story that is not a headline
_ALIKE = 0.8  # the shortest of the excerpts over the longest
_FINISHED = 0.8  # share of the paragraphs before them that end their sentences: others tell nothing by not doing so
_CAPITALS = 9  # words of the shortest headline in capitals; the longest sub-headings seen have eight
# Words that can be compared: four letters and more, two characters where words are not spaced.
_WORD = re.compile(rf"[{UNSPACED}]{{2}}|[^\W\d_{UNSPACED}]{{4,}}")


class Listed(NamedTuple):
    """The lines from `start` to `end`, of what shape they are, and the share of their words that is all their own."""

    start: int
    end: int
    shape: str
    own: float


def listed(texts: Sequence[str], prose: Sequence[bool]) -> Iterator[Listed]:
    """Yield the runs of lines, of a text's that are not blank, that look like other stories."""
    runs = list(_shaped(texts, prose))
    said = Counter(_WORD.findall("\n".join(texts).casefold())) if runs else Counter()
    for start, end, shape in runs:
        inside = Counter(_WORD.findall("\n".join(texts[start:end]).casefold()))
        own = sum(count for word, count in inside.items() if said[word] == count)
        yield Listed(start, end, shape, own / max(1, inside.total()))


def _shaped(texts: Sequence[str], prose: Sequence[bool]) -> Iterator[tuple[int, int, str]]:
    """Yield the runs of lines that have the shape of other stories, and which."""
    start = 0
    while start < len(texts):
        if _is_item(texts[start]):
            end = start + 1
            while end < len(texts) and _is_item(texts[end]):
                end += 1
            if _are_headlines(texts, start, end):
                shape = "headlines in a row" if start else "headlines at the head"
                yield start, end, shape
            start = end
            continue
        if texts[start].isupper() and _is_between(texts, prose, start):
            yield start, start + 1, "headline in capitals"
        start += 1
    cut = _cut_off(texts)
    if cut < len(texts) and _are_finished(texts[:cut], prose):
        yield cut, len(texts), "excerpts cut off"


def _is_item(text: str) -> bool:
    return text.lstrip().startswith(BULLETS)


def _are_headlines(texts: Sequence[str], start: int, end: int) -> bool:
    """Tell whether the items of a list have the shape of headlines and follow a finished sentence or nothing."""
    count = end - start
    if count == 1 or (start and (not ends(texts[start - 1]) or words(texts[start - 1]) <= _HEADLINE_WORDS[0])):
        return False
    items = [text.lstrip()[1:].lstrip() for text in texts[start:end]]
    least, most = _HEADLINE_WORDS
    return (
        least <= sum(map(words, items)) / count <= most
        and sum(map(stops, items)) <= _ENDED * count
        and 2 * sum(item[:1].islower() or item[:1].isdigit() for item in items) < count
    )


def _is_between(texts: Sequence[str], prose: Sequence[bool], at: int) -> bool:
    """Tell whether a line in capitals is longer than sub-headings are and stands between paragraphs."""
    return (
        words(texts[at]) >= _CAPITALS
        and 2 * sum(map(str.isupper, texts[at])) > len(texts[at])
        and 0 < at < len(texts) - 1
        and all(prose[near] and not texts[near].isupper() for near in (at - 1, at + 1))
    )


def _cut_off(texts: Sequence[str]) -> int:
    """Return where the lines begin that end the text without ending their sentences, all of one length."""
    start = len(texts)
    shortest, longest = float("inf"), 0.0
    while start and _is_cut(texts[start - 1]):
        length = words(texts[start - 1])
        shortest, longest = min(shortest, length), max(longest, length)
        if shortest < _ALIKE * longest:
            break
        start -= 1
    return start if len(texts) - start > 1 else len(texts)


def _is_cut(text: str) -> bool:
    """Tell whether a line of an excerpt's length stops in the middle of a sentence."""
    return (not ends(text) or text.rstrip(" ]").endswith(("…", "..."))) and words(text) >= _EXCERPT_WORDS


def _are_finished(texts: Sequence[str], prose: Sequence[bool]) -> bool:
    """Tell whether nearly all paragraphs end their sentences."""
    paragraphs = [text for text, paragraph in zip(texts, prose, strict=False) if paragraph]
    return len(paragraphs) > 1 and sum(map(ends, paragraphs)) >= _FINISHED * len(paragraphs)
