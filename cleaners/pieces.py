"""A column of texts in pieces: in memory, or in a file of which one piece at a time is read."""

from __future__ import annotations

import collections
import concurrent.futures
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Made = TypeVar("Made")

TextSource: TypeAlias = Callable[[npt.NDArray[np.int64]], pa.LargeStringArray]
"""Row numbers, ascending and distinct → their texts in that order: `Pieces.take`, or that of a column in memory."""

_AHEAD = 2  # pieces worked on at a time


def cut(rows: npt.NDArray[np.int64], starts: npt.NDArray[np.int64]) -> Iterator[tuple[int, npt.NDArray[np.int64]]]:
    """Yield the number of each piece that holds some of the ascending rows, and which rows of it they are.

    `starts` are the rows at which the pieces begin, and the end of the last.

    >>> [(at, some.tolist()) for at, some in cut(np.array([1, 2, 7]), np.array([0, 2, 5, 9]))]
    [(0, [1]), (1, [0]), (2, [2])]
    """
    cuts = np.searchsorted(rows, starts)
    for at in np.flatnonzero(np.diff(cuts)).tolist():
        yield at, rows[cuts[at] : cuts[at + 1]] - starts[at]


class Pieces:
    """The texts of n rows, in pieces of so many rows each; `piece` gives the one of a number, `(rows,)` large_string.

    >>> column = pa.array(["a", "b", "c"], pa.large_string())
    >>> texts = Pieces([2, 1], [column[:2], column[2:]].__getitem__)
    >>> len(texts), texts.take(np.array([0, 2])).to_pylist(), list(texts.each(len))
    (3, ['a', 'c'], [2, 1])
    """

    def __init__(self, lengths: Sequence[int], piece: Callable[[int], pa.LargeStringArray]) -> None:
        self._starts = np.cumsum([0, *lengths])
        self._piece = piece

    @classmethod
    def of(cls, column: pa.LargeStringArray) -> Pieces:
        """Return a column that is in memory, in one piece."""
        return cls([len(column)], [column].__getitem__)

    def __len__(self) -> int:
        return int(self._starts[-1])

    def take(self, rows: npt.NDArray[np.int64]) -> pa.LargeStringArray:
        """Return the texts of some rows, ascending."""
        found = [self._piece(at).take(pa.array(some)) for at, some in cut(rows, self._starts)]
        return pa.concat_arrays(found or [pa.array([], pa.large_string())])

    def each(self, work: Callable[[pa.LargeStringArray], Made]) -> Iterator[Made]:
        """Yield what is made of each piece, in order, while the next ones are worked on: for what holds no GIL."""
        with concurrent.futures.ThreadPoolExecutor(_AHEAD) as pool:
            waiting: collections.deque[concurrent.futures.Future[Made]] = collections.deque()
            for at in range(len(self._starts) - 1):
                waiting.append(pool.submit(work, self._piece(at)))
                if len(waiting) > _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
