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
        cuts = np.searchsorted(rows, self._starts)
        touched = np.flatnonzero(np.diff(cuts)).tolist()
        found = [self._piece(at).take(pa.array(rows[cuts[at] : cuts[at + 1]] - self._starts[at])) for at in touched]
        return pa.concat_arrays(found or [pa.array([], pa.large_string())])

    def each(self, work: Callable[[pa.LargeStringArray], Made]) -> Iterator[Made]:
        """Yield what is made of each piece, in order, while the next ones are worked on in threads.

        So `work` should release the GIL.
        """
        with concurrent.futures.ThreadPoolExecutor(_AHEAD) as pool:
            waiting: collections.deque[concurrent.futures.Future[Made]] = collections.deque()
            for at in range(len(self._starts) - 1):
                waiting.append(pool.submit(work, self._piece(at)))
                if len(waiting) > _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()


def partitions(
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    sizes: npt.NDArray[np.uint32],
    most: int,
    pairs: int = 2**62,
) -> Iterator[npt.NDArray[np.int64]]:
    """Yield pairs of rows in groups, as indices in order of the left row: about `most` bytes of text, `pairs` pairs.

    `sizes` `(n,) uint32` are the bytes of each text. Of a kept article and its many copies, all with the kept one at
    the left, the kept one is read once a group. A pair that is larger by itself is a group.

    >>> left, right, sizes = np.array([0, 3, 0, 2]), np.array([1, 4, 2, 4]), np.array([5, 5, 90, 5, 5], np.uint32)
    >>> [some.tolist() for some in partitions(left, right, sizes, 100)]
    [[0, 2], [3], [1]]
    >>> [some.tolist() for some in partitions(left, right, sizes, 1000, pairs=2)]
    [[0, 2], [3, 1]]
    """
    order = np.lexsort((right, left))
    # A pair brings its right text, and where the left row changes that one too.
    new_left = np.append(True, left[order][1:] != left[order][:-1])[: len(order)]
    weight = sizes[right[order]].astype(np.int64) + np.where(new_left, sizes[left[order]], 0).astype(np.int64)
    ends, begin = np.cumsum(weight), 0
    while begin < len(order):
        room = most + (ends[begin - 1] if begin else 0)
        end = min(max(int(np.searchsorted(ends, room, "right")), begin + 1), begin + pairs, len(order))
        yield order[begin:end]
        begin = end
