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
    rows = recurring(content[:, 0].astype(np.uint32), np.ones(len(content), np.bool_))
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


def recurring(values: npt.NDArray[np.uint32], among: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Return the rows among some whose value may occur again: it does, or else, rarely, another of the same low bits.

    >>> recurring(np.array([3, 5, 3, 5], np.uint32), np.array([True, True, True, False])).tolist()
    [0, 2]
    """
    bits = min(max(len(values), 1).bit_length() + 4, _MOST_BITS)
    return _recurring(values, among, *np.zeros((2, 1 << bits - 5), np.uint32))


@njit(cache=True, nogil=True)
def _recurring(
    values: npt.NDArray[np.uint32],
    among: npt.NDArray[np.bool_],
    once: npt.NDArray[np.uint32],
    again: npt.NDArray[np.uint32],
) -> npt.NDArray[np.int64]:
    """Note the low bits of the values in two empty tables of bits, then look each up."""
    mask = np.uint32(len(once) - 1)
    for row in range(len(values)):
        if among[row]:
            place, bit = values[row] >> np.uint32(5) & mask, np.uint32(1) << (values[row] & np.uint32(31))
            again[place] |= once[place] & bit
            once[place] |= bit
    rows, count = np.empty(len(values), np.int64), 0
    for row in range(len(values)):
        rows[count] = row  # written over unless it counts
        place, bit = values[row] >> np.uint32(5) & mask, np.uint32(1) << (values[row] & np.uint32(31))
        count += among[row] and again[place] & bit > 0
    return rows[:count]


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
