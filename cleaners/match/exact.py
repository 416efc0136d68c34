"""Content hashes → of which article each one is a word for word copy."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def first_of_content(content: npt.NDArray[np.uint64], rank: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return for each row the best ranked row of the same content, which may be itself: `(n,) int64`.

    `content` `(n, 2) uint64` as in `Fingerprints`; `rank` `(n,) int64`, all different, the least is the best.

    >>> content = np.array([[1, 1], [2, 2], [1, 1], [1, 3]], np.uint64)
    >>> first_of_content(content, np.array([3, 2, 1, 0])).tolist()
    [2, 1, 2, 3]
    """
    first = np.arange(len(content), dtype=np.int64)
    # Most contents occur once: sort by one half of the hash, and look closer only at what is equal there.
    order = np.argsort(content[:, 0])
    _, shared = runs(content[order, 0])
    rows = order[shared]
    rows = rows[np.lexsort((rank[rows], content[rows, 1], content[rows, 0]))]
    new = runs(content[rows, 0])[0] | runs(content[rows, 1])[0]
    first[rows] = rows[new][np.cumsum(new) - 1]
    return first


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
