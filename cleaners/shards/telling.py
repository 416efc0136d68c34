"""The telling terms of all rows of some parts, where they lie: most are never looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from cleaners.facts.sets import Sets
from cleaners.kernels import njit
from cleaners.pieces import cut

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt
    import pyarrow as pa

    Rows = npt.NDArray[np.int64]
    T = TypeVar("T", bound=np.generic)

_PAIRS = 200_000  # pairs whose terms are in memory at one time


class Telling:
    """The column `telling` of mapped parts, numbered through."""

    def __init__(self, column: pa.ChunkedArray) -> None:
        chunks = column.chunks
        self._starts = np.cumsum([0, *map(len, chunks)])
        self._offsets = [chunk.offsets.to_numpy() for chunk in chunks]
        self._hashes = [chunk.values.to_numpy() for chunk in chunks]

    def take(self, rows: npt.NDArray[np.int64]) -> Sets:
        """Return those of some ascending rows, about 600 bytes each."""
        wanted = list(cut(rows, self._starts))
        lengths = [self._offsets[part][some + 1] - self._offsets[part][some] for part, some in wanted]
        ends = np.cumsum(np.concatenate([np.zeros(1, np.int64), *lengths]))
        taken = np.empty(int(ends[-1]), np.uint32)
        at = 0
        for part, some in wanted:
            at = _copy(self._offsets[part], self._hashes[part], some, taken, at)
        return Sets(ends, taken)

    def each(self, left: Rows, right: Rows, look: Callable[[Sets, Rows, Rows], npt.NDArray[T]]) -> npt.NDArray[T]:
        """Return what a look at the terms of each pair of rows says, with memory for some of them."""
        found = []
        for begin in range(0, max(1, len(left)), _PAIRS):
            a, b = left[begin : begin + _PAIRS], right[begin : begin + _PAIRS]
            rows, places = np.unique(np.concatenate([a, b]), return_inverse=True)
            found.append(look(self.take(rows), places[: len(a)], places[len(a) :]))
        return np.concatenate(found)


@njit(cache=True, nogil=True)
def _copy(
    offsets: npt.NDArray[np.int64],
    hashes: npt.NDArray[np.uint32],
    rows: npt.NDArray[np.int64],
    out: npt.NDArray[np.uint32],
    at: int,
) -> int:
    """Write the terms of some rows from a place on, and return the place after them."""
    for row in rows:
        for term in range(offsets[row], offsets[row + 1]):
            out[at] = hashes[term]
            at += 1
    return at
