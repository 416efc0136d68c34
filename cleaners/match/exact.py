"""Content hashes → of which article each one is a word for word copy."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cleaners.kernels import njit

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
    rows = recurring(content[:, 0].astype(np.uint32), np.ones(len(content), np.uint8))
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


def recurring(values: npt.NDArray[np.uint32], among: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Return the rows among some whose value may occur again: it does, or else, rarely, another of the same low bits.

    `among` `(n,) uint8` says which they are, by `ANY`, `NEW` and `APART`; the others are 0.

    >>> values = np.array([3, 5, 3, 7, 7, 5], np.uint32)
    >>> recurring(values, np.array([ANY, ANY, ANY, ANY, 0, 0], np.uint8)).tolist()
    [0, 2]
    >>> recurring(values, np.array([APART, ANY, NEW, APART, APART, ANY], np.uint8)).tolist()
    [0, 1, 2, 5]
    """
    new = _table(int((among == NEW).sum()))
    table = _table(int(((among == ANY) | (among == NEW)).sum()))
    return _recurring(values, among, new, table, table.copy())


ANY, NEW, APART = 1, 2, 3
"""What is known of who shares a value with a row: nothing, nothing, or that no other does but perhaps a new one.

That is much where most rows are apart: their values are looked for among those of the new ones, which are few.
"""


def _table(count: int) -> npt.NDArray[np.uint32]:
    """Return a table of bits, sixteen or more for each of so many values."""
    return np.zeros(1 << min(max(count, 1).bit_length() + 4, _MOST_BITS) - 5, np.uint32)


@njit(cache=True, nogil=True)
def _recurring(
    values: npt.NDArray[np.uint32],
    among: npt.NDArray[np.uint8],
    new: npt.NDArray[np.uint32],
    once: npt.NDArray[np.uint32],
    again: npt.NDArray[np.uint32],
) -> npt.NDArray[np.int64]:
    """Note the low bits of the values in empty tables, then look each up."""
    for row in range(len(values)):
        if among[row] == NEW:
            place, bit = _bit(new, values[row])
            new[place] |= bit
    rows, count = np.empty(len(values), np.int64), 0
    for row in range(len(values)):
        place, bit = _bit(new, values[row])
        if among[row] == ANY or among[row] == NEW or (among[row] == APART and new[place] & bit > 0):
            place, bit = _bit(once, values[row])
            again[place] |= once[place] & bit
            once[place] |= bit
            rows[count] = row
            count += 1
    left = 0
    for row in rows[:count]:
        place, bit = _bit(again, values[row])
        rows[left] = row  # written over unless it counts
        left += again[place] & bit > 0
    return rows[:left]


@njit(nogil=True, forceinline=True)
def _bit(table: npt.NDArray[np.uint32], value: np.uint32) -> tuple[np.uint32, np.uint32]:
    """Return the place of a value in a table of bits, and its bit there."""
    return value >> np.uint32(5) & np.uint32(len(table) - 1), np.uint32(1) << (value & np.uint32(31))


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
