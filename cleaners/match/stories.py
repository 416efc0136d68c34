"""Candidates → which articles are near copies of one another, as far as their signatures tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from cleaners.kernels import njit
from cleaners.sketches import agreement
from cleaners.turns import members
from cleaners.unions import root

if TYPE_CHECKING:
    from cleaners.match.candidates import Candidates


def stories(
    met: Candidates, first: npt.NDArray[np.int64], rank: npt.NDArray[np.int64], least: int
) -> npt.NDArray[np.int64]:
    """Return for each of n rows the best ranked row of its story, which may be itself: `(n,) int64`.

    A story is what is linked by identical content or by sketches that agree in `least` places. Nothing is verified,
    since nothing is decided by it but who is looked at first. In each bucket all are compared with the best ranked, so
    the cost is linear, and the order of the rows plays no part. `first` and `rank` `(n,) int64` as in `cleaners.match`.

    >>> from cleaners.match.bands import Bands
    >>> from cleaners.match.candidates import candidates
    >>> signatures = np.array([[1, 2, 3, 4], [1, 2, 3, 6], [1, 2, 9, 9]], np.uint32)
    >>> met = candidates(signatures, np.ones(3, np.bool_), Bands(bands=2, rows=2))
    >>> stories(met, np.arange(3), np.array([1, 0, 2]), least=3).tolist()
    [1, 1, 2]
    """
    found = np.arange(len(first))
    starts = np.concatenate([[0], np.bincount(met.buckets).cumsum()]).astype(np.int64)
    inside = members(np.arange(len(met.rows)), met.offsets, met.buckets, starts)
    found[met.rows] = met.rows[_linked(starts, inside, rank[met.rows], met.sketch, least)]
    return found[first]


@njit(cache=True, nogil=True)
def _linked(
    starts: npt.NDArray[np.int64],
    members: npt.NDArray[np.int32],
    rank: npt.NDArray[np.int64],
    sketch: npt.NDArray[np.uint8],
    least: int,
) -> npt.NDArray[np.int64]:
    """Return for each candidate the best ranked one it is linked with, by union and find."""
    parent = np.arange(len(rank))
    for bucket in range(len(starts) - 1):
        best = members[starts[bucket]]
        for other in members[starts[bucket] : starts[bucket + 1]]:
            if rank[other] < rank[best]:
                best = other
        for other in members[starts[bucket] : starts[bucket + 1]]:
            a, b = root(parent, best), root(parent, other)
            if a == b:
                continue
            if agreement(sketch, best, other) >= least:
                if rank[b] < rank[a]:
                    a, b = b, a
                parent[b] = a
    for row in range(len(parent)):
        parent[row] = root(parent, row)
    return parent
