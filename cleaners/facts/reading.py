"""The facts of one text, in order and with their places, to be read by people: evidence, `explain`, tests."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa

from cleaners.facts import marks, rarity, scan
from cleaners.kernels import lean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from cleaners.facts.columns import Terms

FactKind: TypeAlias = Literal["name", "number", "date", "handle", "term"]

# In order of precedence: a date is written with a number, an address may be capitalised.
_KINDS: tuple[tuple[int, FactKind], ...] = (
    (marks.DATE, "date"),
    (marks.NUMBER, "number"),
    (marks.HANDLE, "handle"),
    (marks.NAME, "name"),
)
_NAMED: tuple[FactKind, ...] = (*(kind for _, kind in _KINDS), "term")
_KIND_OF = np.array(
    [next((k for k, (flag, _) in enumerate(_KINDS) if flags & flag), len(_KINDS)) for flags in range(256)]
)
_NAME = _NAMED.index("name")
# Weight from which a word that is no name counts as a rare term: one article in 250.
_RARE = 5.5


class Fact(NamedTuple):
    """One fact: `text[start:end] == written`. Facts with the same `key` say the same: "12.9bn" and "12,9 Mrd."."""

    kind: FactKind
    written: str
    start: int
    end: int
    quoted: bool
    key: int


def facts(text: str) -> tuple[Fact, ...]:
    """Return names, numbers, dates, handles and rare terms in the order of the text, words of one name together.

    >>> found = facts("On Nov. 19 the pangolins of Ada Quill cost them 12.9bn of it, as she told @orrel.")
    >>> [(fact.kind, fact.written) for fact in found]
    ... # doctest: +NORMALIZE_WHITESPACE
    [('date', 'Nov. 19'), ('term', 'pangolins'), ('name', 'Ada Quill'), ('number', '12.9bn'), ('handle', '@orrel')]
    """
    [found] = facts_of(pa.array([text], pa.large_string()))
    return found


def facts_of(texts: pa.LargeStringArray) -> Iterator[tuple[Fact, ...]]:
    """Yield the same for each text of a column, which is read in one go."""
    for block in scan.blocks(texts):
        found = _found(block)
        for text, rows in zip(block.to_pylist(), found.rows, strict=True):
            places = [_code_points(text, column[rows]) for column in (found.start, found.end)]
            written = [text[start:end] for start, end in zip(*places, strict=True)]
            kinds = [_NAMED[kind] for kind in found.kind[rows].tolist()]
            yield tuple(map(Fact, kinds, written, *places, found.quoted[rows].tolist(), found.key[rows].tolist()))


class Told(NamedTuple):
    """The facts of one text, as far as they are compared: what each says, what it is, how it is written."""

    keys: list[int]
    kinds: list[FactKind]
    written: list[str]


def told_of(texts: pa.LargeStringArray) -> Iterator[Told]:
    """Yield for each text of a column what can be told of it beside another.

    >>> [told] = told_of(pa.array(["We saw Ben Finch lose 12 of them."], pa.large_string()))
    >>> told.kinds, told.written
    (['name', 'number'], ['Ben Finch', '12'])
    """
    for block in scan.blocks(texts):
        found = _found(block)
        data, bounds = scan.buffers(block)
        for begin, end, rows in zip(bounds[:-1].tolist(), bounds[1:].tolist(), found.rows, strict=True):
            text = data[begin:end].tobytes()
            places = zip(found.start[rows].tolist(), found.end[rows].tolist(), strict=True)
            written = [text[start:end].decode() for start, end in places]
            yield Told(found.key[rows].tolist(), [_NAMED[kind] for kind in found.kind[rows].tolist()], written)


class _Found(NamedTuple):
    """The facts of some texts as columns; those of text i are `rows[i]` of them."""

    rows: list[slice]
    kind: NDArray[np.int64]  # place in _NAMED
    start: NDArray[np.uint32]  # in bytes of the text
    end: NDArray[np.uint32]
    quoted: NDArray[np.bool_]
    key: NDArray[np.uint32]


def _found(texts: pa.LargeStringArray) -> _Found:
    found = scan.terms(texts)
    rare = rarity.of_terms(found.term) >= _RARE
    told = np.flatnonzero((found.flags & marks.FACT != 0) | rare & (found.flags & marks.COMMON == 0))
    goes_on = _goes_on(texts, found, told)
    begins = np.flatnonzero(~goes_on)
    firsts, lasts = told[begins], told[np.append(begins, len(told))[1:] - 1]
    keys, flags = np.empty(len(begins), np.uint32), found.flags[firsts]
    _join(found.term[told], goes_on, keys)
    cuts = itertools.pairwise(np.searchsorted(firsts, found.offsets).tolist())
    columns = _KIND_OF[flags], found.start[firsts], found.end[lasts], flags & marks.QUOTED != 0, keys
    return _Found([slice(*cut) for cut in cuts], *columns)


def _goes_on(texts: pa.LargeStringArray, found: Terms, told: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which of the terms told are the next word of the name that the one before begins or goes on with."""
    data, bounds = scan.buffers(texts)
    text = np.searchsorted(found.offsets, told, side="right") - 1
    names = _KIND_OF[found.flags[told]] == _NAME
    same = np.flatnonzero((text[1:] == text[:-1]) & names[1:] & names[:-1])
    ends, starts = bounds[text[same]] + found.end[told[same]], bounds[text[same]] + found.start[told[same + 1]]
    between = starts - ends
    first, second = data[ends], data[np.maximum(starts, 1) - 1]
    single = (between == 1) & ((first == ord(" ")) | (first == ord("-")))
    double = (between == 2) & ((first == ord(".")) & (second == ord(" ")) | (first == 0xC2) & (second == 0xA0))
    goes_on = np.zeros(len(told), np.bool_)
    goes_on[same + 1] = single | double
    return goes_on


@lean(cache=True)
def _join(terms: NDArray[np.uint32], goes_on: NDArray[np.bool_], keys: NDArray[np.uint32]) -> None:
    """Write the key of each fact: that of its words, one after the other."""
    fact = -1
    for k in range(len(terms)):
        fact += not goes_on[k]
        keys[fact] = np.uint32(keys[fact] * np.uint32(31) + terms[k]) if goes_on[k] else terms[k]


def _code_points(text: str, places: NDArray[np.uint32]) -> list[int]:
    """Return places in a text in code points, as people and edits count; terms know bytes."""
    if not text.isascii():
        begins = np.frombuffer(text.encode("utf-8"), np.uint8) & 0xC0 != 0x80
        places = np.append(0, np.cumsum(begins))[places]
    found: list[int] = places.tolist()
    return found
