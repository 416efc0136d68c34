"""Two texts → their sentences side by side, and the words only one of them has. To be looked at, not to decide by."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

from cleaners.text import UNSPACED, fold

if TYPE_CHECKING:
    from collections.abc import Sequence

LETTERS = 5_000
"""Code points of a text that are aligned and shown; what comes after is left out and said so."""

SENTENCES = 40
"""Sentences of a text that are aligned: the work grows with their square."""

ALIKE = 0.25
"""Share of common weight from which two sentences stand side by side; below it a sentence stands alone."""

# The end of a sentence: its signs, closing quotes, then space. Bounded repeats keep the search linear.
_END = re.compile(r"""[.!?…。！？।؟]{1,4}["'”’»)\]]{0,3}(?:\s{1,4}|(?<=[。！？]))""")
_WORD = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]+|[\W]+")


@dataclasses.dataclass(frozen=True, slots=True)
class Words:
    """A stretch of a sentence; `alone` where the other side has none of its words."""

    text: str
    alone: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """Sentences that say the same, or on one side nothing."""

    left: tuple[Words, ...]
    right: tuple[Words, ...]


def sentences(text: str) -> list[str]:
    r"""Return the sentences of the beginning of a text.

    >>> sentences('It rained. "For days!" she said.\nThen sun.')
    ['It rained.', '"For days!"', 'she said.', 'Then sun.']
    """
    found = []
    for line in text[:LETTERS].split("\n"):
        at = 0
        for end in _END.finditer(line):
            found.append(line[at : end.end()])
            at = end.end()
        found.append(line[at:])
    return [sentence for each in found if (sentence := each.strip())][:SENTENCES]


def align(left: str, right: str) -> list[Row]:
    """Return the sentences of two texts in rows, in the order of the left text.

    >>> for row in align("The dam broke. Nobody was hurt.", "Residents fled. The dam broke on Monday."):
    ...     print("".join(words.text for words in row.left), "|", "".join(words.text for words in row.right))
     | Residents fled.
    The dam broke. | The dam broke on Monday.
    Nobody was hurt. |
    """
    ours, theirs = sentences(left), sentences(right)
    our_stems, their_stems = [_stems(each) for each in ours], [_stems(each) for each in theirs]
    rows: list[tuple[list[str], list[str]]] = [([sentence], []) for sentence in ours]
    alone: dict[int, list[str]] = {}  # sentences of the right without a partner, by the row they follow
    last = -1
    for sentence, stems in zip(theirs, their_stems, strict=True):
        likeness = [_likeness(stems, other) for other in our_stems]
        best = max(range(len(ours)), key=likeness.__getitem__, default=-1)
        if best >= 0 and likeness[best] >= ALIKE:
            rows[best][1].append(sentence)
            last = best
        else:
            alone.setdefault(last, []).append(sentence)
    ordered: list[tuple[list[str], list[str]]] = [([], [each]) for each in alone.get(-1, [])]
    for number, row in enumerate(rows):
        ordered += [row, *(([], [each]) for each in alone.get(number, []))]
    return [Row(_marked(" ".join(a), " ".join(b)), _marked(" ".join(b), " ".join(a))) for a, b in ordered]


def _stems(sentence: str) -> dict[str, float]:
    """Return the beginnings of the words with a weight: five letters see through endings, long words tell more."""
    words = [word for word in _WORD.findall(fold(sentence)) if word[0].isalnum()]
    return {word[:5]: 1.0 if len(word) > 3 or not word.isascii() or word.isdigit() else 0.2 for word in words}


def _likeness(one: dict[str, float], other: dict[str, float]) -> float:
    """Return the share of the shorter sentence's weight that both have."""
    smaller = min(sum(one.values()), sum(other.values()))
    common = sum(weight for stem, weight in one.items() if stem in other)
    return common / max(smaller, 2.0)


def _marked(sentence: str, other: str) -> tuple[Words, ...]:
    """Return a sentence in stretches, those apart whose words the other does not have."""
    known = set(_WORD.findall(fold(other)))
    stretches: list[Words] = []
    for piece in _WORD.findall(sentence):
        between = not piece[0].isalnum()
        alone = stretches[-1].alone if between and stretches else not between and fold(piece) not in known
        if stretches and stretches[-1].alone == alone:
            stretches[-1] = Words(stretches[-1].text + piece, alone)
        else:
            stretches.append(Words(piece, alone))
    return tuple(stretches)


def shortened(texts: Sequence[str]) -> bool:
    """Tell whether `align` leaves something of these texts out."""
    return any(len(text) > LETTERS or len(sentences(text)) == SENTENCES for text in texts)
