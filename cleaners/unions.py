"""Which rows belong together, by union and find: the parent of each row, and at the root one that stands for all."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cleaners.kernels import njit


@njit(cache=True, nogil=True)
def root(parent: npt.NDArray[np.int64], row: int) -> int:
    """Return the row that stands for those a row belongs with, and halve the way there."""
    while parent[row] != row:
        parent[row] = parent[parent[row]]
        row = parent[row]
    return row


def join(parent: npt.NDArray[np.int64], left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> None:
    """Let those of each pair of rows belong together; `parent` `(n,) int64`, at first each row's own number, changes.

    The least row stands for all that belong together, so that the outcome does not depend on the order of the pairs.

    >>> parent = np.arange(4)
    >>> join(parent, np.array([3, 1]), np.array([1, 2]))
    >>> roots(parent).tolist()
    [0, 1, 1, 1]
    """
    _join(parent, left.astype(np.int64), right.astype(np.int64))


@njit(cache=True, nogil=True)
def _join(parent: npt.NDArray[np.int64], left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> None:
    for pair in range(len(left)):
        a, b = root(parent, left[pair]), root(parent, right[pair])
        parent[max(a, b)] = min(a, b)


@njit(cache=True, nogil=True)
def roots(parent: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the row that stands for those each row belongs with, `(n,) int64`."""
    found = np.empty_like(parent)
    for row in range(len(parent)):
        found[row] = root(parent, row)
    return found
