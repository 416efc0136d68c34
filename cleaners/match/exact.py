"""Content hashes → of which article each one is a word for word copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from cleaners.kernels import njit
from cleaners.pieces import cut

if TYPE_CHECKING:
    from collections.abc import Sequence

    _Values = npt.NDArray[np.uint32]

_MOST_BITS = 30  # of each table by which it is told what occurs once: 128 MB


def first_of_content(content: npt.NDArray[np.uint64], rank: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return for each row the best ranked row of the same content, which may be itself: `(n,) int64`.

    `content` `(n, 2) uint64` as in `Fingerprints`; `rank` `(n,) int64`, all different, the least is the best.

    >>> content = np.array([[1, 1], [2, 2], [1, 1], [1, 3]], np.uint64)
    >>> first_of_content(content, np.array([3, 2, 1, 0])).tolist()
    [2, 1, 2, 3]
    """
    first = np.arange(len(content), dtype=np.int64)
    # Most contents occur once: sort by one half of the hash what may not, and look closer only at what is equal there.
    rows, _ = Recurring(np.full(len(content), ANY, np.uint8))([content[:, 0].astype(np.uint32)])
    rows = rows[np.argsort(content[rows, 0])]
    rows = rows[runs(content[rows, 0])[1]]
    _best(content[rows], rank[rows], rows, first)
    return first


@njit(cache=True, nogil=True)
def _best(
    content: npt.NDArray[np.uint64],
    rank: npt.NDArray[np.int64],
    rows: npt.NDArray[np.int64],
    first: npt.NDArray[np.int64],
) -> None:
    """Write for each of some rows, in order of one half of their content, the best ranked one of the same content."""
    same = np.empty(len(rows), np.int64)  # for each, the first here of its content; there, the best of it so far
    best = np.empty(len(rows), np.int64)
    begin = 0
    for at in range(len(rows)):
        if content[at, 0] != content[begin, 0]:
            begin = at
        same[at] = begin
        while content[same[at], 1] != content[at, 1]:  # hardly ever
            same[at] += 1
        if same[at] == at or rank[at] < rank[best[same[at]]]:
            best[same[at]] = at
    for at in range(len(rows)):
        first[rows[at]] = rows[best[same[at]]]


ANY, NEW, APART = 3, 7, 2
"""ANY: nothing is known of whom a row meets, or it met others. NEW: a row of this run, where others are known. APART:
an old row that met nobody, so only a NEW one can share its value: most are apart, and their values are looked for among
those of the new ones, which are few. As bits: 1 where a row counts although no new one may have its value, 2 where it
counts if one may, 4 where it is new itself.
"""


class Recurring:
    """Finds which rows among some have a value that may occur again: it does, or, rarely, another of the same low bits.

    `among` `(n,) uint8` says which they are, by `ANY`, `NEW` and `APART`; the others are 0. It is called with the
    values of all rows in pieces, `(some,) uint32`.

    >>> values = np.array([3, 5, 3, 7, 7, 5], np.uint32)
    >>> Recurring(np.array([ANY, ANY, ANY, ANY, 0, 0], np.uint8))([values])[0].tolist()
    [0, 2]
    >>> rows, found = Recurring(np.array([APART, ANY, NEW, APART, APART, ANY], np.uint8))([values[:2], values[2:]])
    >>> rows.tolist(), found.tolist()
    ([0, 1, 2, 5], [3, 5, 3, 5])
    """

    def __init__(self, among: npt.NDArray[np.uint8]) -> None:
        self._among = among
        self._new = np.flatnonzero(among == NEW)
        self._counting = int(np.count_nonzero(among & 1))

    def __call__(self, pieces: Sequence[_Values]) -> tuple[npt.NDArray[np.int64], _Values]:
        """Return which rows have such a value, and the value of each."""
        rows, values = np.empty(len(self._among), np.int64), np.empty(len(self._among), np.uint32)
        starts = np.cumsum([0, *map(len, pieces)])
        new = _table(len(self._new))
        _note(np.concatenate([values[:0], *(pieces[at][some] for at, some in cut(self._new, starts))]), new)
        count = 0
        for piece, start in zip(pieces, starts.tolist(), strict=False):
            count = _look_up(_read_only(piece), self._among, new, start, rows, values, count)
        once = _table(self._counting)
        count = _recurring(rows, values, count, once, once.copy())
        return rows[:count], values[:count]


def _table(count: int) -> npt.NDArray[np.uint32]:
    """Return a table of bits, sixteen or more for each of so many values."""
    return np.zeros(1 << min(max(count, 1).bit_length() + 4, _MOST_BITS) - 5, np.uint32)


def _read_only(piece: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Return a piece as those are that lie in a mapped file: a kernel is compiled for either."""
    view = piece.view()
    view.flags.writeable = False
    return view


@njit(cache=True, nogil=True)
def _note(values: npt.NDArray[np.uint32], table: npt.NDArray[np.uint32]) -> None:
    """Note the low bits of some values in a table."""
    for value in values:
        place, shift = _place(table, value)
        table[place] |= np.uint32(1) << shift


@njit(cache=True, nogil=True)
def _look_up(
    piece: npt.NDArray[np.uint32],
    among: npt.NDArray[np.uint8],
    new: npt.NDArray[np.uint32],
    start: int,
    rows: npt.NDArray[np.int64],
    values: npt.NDArray[np.uint32],
    count: int,
) -> int:
    """Write the rows of a piece that count, and their values, from a place on; return the place after them.

    In each turn a row is written over one that did not count: a branch that nobody can foresee costs more.
    """
    for row in range(len(piece)):
        place, shift = _place(new, piece[row])
        rows[count], values[count] = start + row, piece[row]
        count += among[start + row] >> (new[place] >> shift & np.uint32(1)) & 1 > 0
    return count


@njit(cache=True, nogil=True)
def _recurring(
    rows: npt.NDArray[np.int64],
    values: npt.NDArray[np.uint32],
    count: int,
    once: npt.NDArray[np.uint32],
    again: npt.NDArray[np.uint32],
) -> int:
    """Move those of so many rows to the front whose value may occur again, by two empty tables; return their number."""
    for at in range(count):
        place, shift = _place(once, values[at])
        bit = np.uint32(1) << shift
        again[place] |= once[place] & bit
        once[place] |= bit
    left = 0
    for at in range(count):
        place, shift = _place(again, values[at])
        rows[left], values[left] = rows[at], values[at]
        left += again[place] >> shift & np.uint32(1) > 0
    return left


@njit(nogil=True, forceinline=True)
def _place(table: npt.NDArray[np.uint32], value: np.uint32) -> tuple[np.uint32, np.uint32]:
    """Return the place of a value in a table of bits, and which bit there is its own."""
    return value >> np.uint32(5) & np.uint32(len(table) - 1), value & np.uint32(31)


def runs(values: npt.NDArray[np.generic]) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return for each value of a sorted column whether a run of equal values begins there, and whether it has company.

    >>> begins, inside = runs(np.array([3, 5, 5]))
    >>> begins.tolist(), inside.tolist()
    ([True, True, False], [False, True, True])
    """
    begins = np.ones(len(values), np.bool_)
    begins[1:] = values[1:] != values[:-1]
    ends = np.ones(len(values), np.bool_)
    ends[:-1] = begins[1:]
    return begins, ~(begins & ends)
