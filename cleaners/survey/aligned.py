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
# A full stop after these ends no sentence: initials, and words of up to four letters with a capital (Gov., Prof.).
_ABBREVIATED = re.compile(r"(?:^|[\s(\"'“‘])(?:\w\.){0,3}[A-ZÀ-Þ][^\W\d_]{0,3}\.\s{0,4}$")
# Accents and vowel signs belong to their word, though \w does not say so: Hebrew, Arabic, the scripts of India.
_SIGNS = "\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u06d6-\u06ed\u0900-\u0963\u0966-\u0dff"
# A text in pieces: characters of scripts without spaces, words, and what stands between.
_WORD = re.compile(rf"[{UNSPACED}]|(?:[^\W{UNSPACED}]|[{_SIGNS}])+|[^\w{_SIGNS}{UNSPACED}]+")


@dataclasses.dataclass(frozen=True, slots=True)
class Words:
    """A stretch of a sentence: marked or not, or, where the marks show what is shared, changed."""

    text: str
    marked: bool
    changed: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """Sentences that say the same, or on one side nothing."""

    left: tuple[Words, ...]
    right: tuple[Words, ...]


def sentences(text: str) -> list[str]:
    r"""Return the sentences of the beginning of a text.

    >>> sentences('Gov. Dolan saw it rain. "For days!" she said.\nThen sun.')
    ['Gov. Dolan saw it rain.', '"For days!" she said.', 'Then sun.']
    """
    found = []
    for line in text[:LETTERS].split("\n"):
        at = 0
        for end in _END.finditer(line):
            goes_on = line[end.end() : end.end() + 1].islower()
            if not goes_on and not _ABBREVIATED.search(line, max(at, end.end() - 16), end.end()):
                found.append(line[at : end.end()])
                at = end.end()
        found.append(line[at:])
    return [sentence for each in found if (sentence := each.strip())][:SENTENCES]


def align(left: str, right: str, *, shared: bool = False) -> list[Row]:
    """Return the sentences of two texts in rows, in the order of the left text.

    Marked are the words that the other side of the row does not have; with `shared` those of some weight that it has,
    and as changed the names and numbers of a sentence with a partner that the other text has nowhere.

    >>> def plain(words):
    ...     return "".join(f"[{each.text}]" if each.marked else each.text for each in words)
    >>> for row in align("The dam broke. Nobody was hurt.", "Residents fled. The dam broke on Monday."):
    ...     print((plain(row.left), plain(row.right)))
    ('', '[Residents fled].')
    ('The dam broke.', 'The dam broke [on Monday].')
    ('[Nobody was hurt].', '')
    """
    ours, theirs = sentences(left), sentences(right)
    stems = [_stems(each) for each in ours]
    rows: list[tuple[list[str], list[str]]] = [([sentence], []) for sentence in ours]
    alone: dict[int, list[str]] = {}  # sentences of the right without a partner, by the row they follow
    last = -1
    for sentence in theirs:
        known = _stems(sentence)
        likeness = [_likeness(known, other) for other in stems]
        best = max(range(len(ours)), key=likeness.__getitem__, default=-1)
        if best >= 0 and likeness[best] >= ALIKE:
            rows[best][1].append(sentence)
            last = best
        else:
            alone.setdefault(last, []).append(sentence)
    ordered: list[tuple[list[str], list[str]]] = [([], [each]) for each in alone.get(-1, [])]
    for number, row in enumerate(rows):
        ordered += [row, *(([], [each]) for each in alone.get(number, []))]
    pairs = ((" ".join(ours), " ".join(theirs)) for ours, theirs in ordered)
    if not shared:
        return [Row(_marked(ours, theirs), _marked(theirs, ours)) for ours, theirs in pairs]
    words = [set(_WORD.findall(fold(text))) for text in (left, right)]
    return [Row(_shared(ours, theirs, words[1]), _shared(theirs, ours, words[0])) for ours, theirs in pairs]


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
    """Return a sentence with the words marked that the other does not have."""
    known = set(_WORD.findall(fold(other)))
    pieces = _WORD.findall(sentence)
    return _stretches(pieces, [(piece[0].isalnum() and fold(piece) not in known, False) for piece in pieces])


def _shared(sentence: str, other: str, text: set[str]) -> tuple[Words, ...]:
    """Return a sentence with the telling words marked that the other has too, and those its whole text lacks."""
    known = set(_WORD.findall(fold(other)))
    pieces = _WORD.findall(sentence)
    marks = []
    for place, piece in enumerate(pieces):
        tells = piece[0].isalnum() and _tells(pieces, place)
        fact = tells and bool(known) and (piece[0].isdigit() or piece[0].isupper())
        marks.append((tells and fold(piece) in known, fact and fold(piece) not in text))
    return _stretches(pieces, marks)


def _stretches(pieces: Sequence[str], marks: Sequence[tuple[bool, bool]]) -> tuple[Words, ...]:
    """Return pieces with their marks as stretches; what stands between two alike is marked with them."""
    stretches: list[Words] = []
    for place, piece in enumerate(pieces):
        mark = marks[place]
        if not piece[0].isalnum() and 0 < place < len(marks) - 1 and marks[place - 1] == marks[place + 1]:
            mark = marks[place - 1]
        if stretches and (stretches[-1].marked, stretches[-1].changed) == mark:
            stretches[-1] = Words(stretches[-1].text + piece, *mark)
        else:
            stretches.append(Words(piece, *mark))
    return tuple(stretches)


def _tells(pieces: Sequence[str], place: int) -> bool:
    """Tell whether a word says something about what happened: a name, a number, a long word."""
    word = pieces[place]
    opens = place == 0 or pieces[place - 1].strip().endswith((".", "!", "?"))  # there every word has a capital
    return len(word) > 5 or word[0].isdigit() or not word.isascii() or (word[0].isupper() and not opens)


def shortened(texts: Sequence[str]) -> bool:
    """Tell whether `align` leaves something of these texts out."""
    return any(len(text) > LETTERS or len(sentences(text)) == SENTENCES for text in texts)
