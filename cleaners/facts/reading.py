"""The facts of a text, in order and as it writes them: what people check a verdict by."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

import numpy as np

from cleaners.facts import marks, rarity, scan
from cleaners.kernels import lean

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
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


class Told(NamedTuple):
    """The facts of one text: what each says, what it is, how it is written. Those with the same key say the same."""

    keys: list[int]
    kinds: list[FactKind]
    written: list[str]


def told_of(texts: pa.LargeStringArray) -> Iterator[Told]:
    """Yield names, numbers, dates, handles and rare terms of each text of a column, words of one name together.

    >>> import pyarrow as pa
    >>> text = "On Nov. 19 the pangolins of Ada Quill cost them 12.9bn of it, as she told @orrel."
    >>> [told] = told_of(pa.array([text], pa.large_string()))
    >>> list(zip(told.kinds, told.written, strict=True))  # doctest: +NORMALIZE_WHITESPACE
    [('date', 'Nov. 19'), ('term', 'pangolins'), ('name', 'Ada Quill'), ('number', '12.9bn'), ('handle', '@orrel')]
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
    columns = _KIND_OF[flags], found.start[firsts], found.end[lasts], keys
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
