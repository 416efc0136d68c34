"""Sorting short runs of hashes byte by byte: for a few hundred several times faster than by comparing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cleaners.kernels import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def sort(values: NDArray[np.uint64], spare: NDArray[np.uint64], low: int, high: int) -> None:
    """Sort values stably by their bits from `low` up to `high`, a multiple of 16 apart; `spare` is overwritten.

    >>> values = np.array([3 << 32 | 1, 2 << 32 | 9, 3 << 32 | 0], np.uint64)
    >>> sort(values, np.empty_like(values), 32, 64)
    >>> (values >> np.uint64(32)).tolist(), (values & np.uint64(255)).tolist()
    ([2, 3, 3], [9, 1, 0])
    """
    counts = np.empty(257, np.int64)
    source, target = values, spare
    for shift in range(low, high, 8):
        counts[:] = 0
        for k in range(len(values)):
            counts[np.int64((source[k] >> np.uint64(shift)) & np.uint64(255)) + 1] += 1
        for digit in range(256):
            counts[digit + 1] += counts[digit]
        for k in range(len(values)):
            place = np.int64((source[k] >> np.uint64(shift)) & np.uint64(255))
            target[counts[place]] = source[k]
            counts[place] += 1
        source, target = target, source


@njit(cache=True, nogil=True)
def keep_distinct(hashes: NDArray[np.uint64], spare: NDArray[np.uint64], out: NDArray[np.uint32], at: int) -> int:
    """Write hashes, cut to 32 bits, to `out` from `at` on, sorted and distinct; return the next free place.

    >>> out = np.zeros(3, np.uint32)
    >>> keep_distinct(np.array([7, 5, 7], np.uint64), np.empty(3, np.uint64), out, 1), out.tolist()
    (3, [0, 5, 7])
    """
    sort(hashes, spare, 0, 32)
    first = at
    for value in hashes:
        cut = np.uint32(value & np.uint64(0xFFFFFFFF))
        if at == first or out[at - 1] != cut:
            out[at] = cut
            at += 1
    return at
