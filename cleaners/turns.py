"""Candidates + rank → who met any other, best first, and the members of each bucket in that order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from cleaners.kernels import njit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Candidates(Protocol):
    """Who met whom; `cleaners.match.candidates` makes such columns and describes them."""

    @property
    def rows(self) -> npt.NDArray[np.int64]:
        """Rows that met another one, ascending."""

    @property
    def offsets(self) -> npt.NDArray[np.int64]:
        """Where the buckets of each of these rows begin and end."""

    @property
    def buckets(self) -> npt.NDArray[np.int32]:
        """Bucket numbers, ascending in each row."""

    @property
    def sketch(self) -> npt.NDArray[np.uint8]:
        """What estimates the similarity of two of these rows, by its equal places."""


class Turns(NamedTuple):
    """Who met any other, best first, and for each comparison who met whom by it: what a walk goes along.

    order     (m,) int64, the rows; the turn of each is its place here
    places    where each of them stands among the candidates' rows, (m,) int64; -1: nowhere
    offsets, buckets, sketches     as in `Candidates`
    starts    where the members of each bucket begin and end
    members   the turns of those in each bucket, ascending

    And what a walk writes for itself:

    leaders   the first members of each bucket that are kept
    filled, passed     for each bucket how many of them, and how many members were gone through for them
    seen      (m, 2) int32, for each turn the last one that met it, and its place: they are read together
    """

    order: npt.NDArray[np.int64]
    places: tuple[npt.NDArray[np.int64], ...]
    offsets: tuple[npt.NDArray[np.int64], ...]
    buckets: tuple[npt.NDArray[np.int32], ...]
    sketches: tuple[npt.NDArray[np.uint8], ...]
    starts: tuple[npt.NDArray[np.int64], ...]
    members: tuple[npt.NDArray[np.int32], ...]
    leaders: tuple[npt.NDArray[np.int32], ...]
    filled: tuple[npt.NDArray[np.int32], ...]
    passed: tuple[npt.NDArray[np.int32], ...]
    seen: tuple[npt.NDArray[np.int32], ...]


def turns(rank: npt.NDArray[np.int64], met: Sequence[Candidates]) -> Turns:
    """Return what a walk over the candidates of each comparison goes along; `rank` `(n,) int64`, the least is the best.

    >>> from cleaners.match.candidates import Candidates
    >>> met = Candidates(np.array([0, 2]), np.array([0, 1, 2]), np.zeros(2, np.int32), np.zeros((2, 4), np.uint8))
    >>> found = turns(np.array([5, 0, 3]), [met])
    >>> found.order.tolist(), found.places[0].tolist(), found.members[0].tolist()
    ([2, 0], [1, 0], [0, 1])
    """
    rows = met_any(len(rank), met)
    order = rows[np.argsort(rank[rows])]  # all others are kept without a look
    places = contiguous(_places(len(rank), each.rows)[order] for each in met)
    offsets, buckets, sketches = (
        contiguous(getattr(each, name) for each in met) for name in ("offsets", "buckets", "sketch")
    )
    starts = contiguous(np.concatenate([[0], np.bincount(column).cumsum()]).astype(np.int64) for column in buckets)
    # Made by numpy, which asks for large pages; numba does not, and a walk looks anywhere in them.
    inside = tuple(map(members, places, offsets, buckets, starts))
    leaders = tuple(np.empty(len(column), np.int32) for column in buckets)
    filled, passed = (tuple(np.empty(len(column), np.int32) for column in starts) for _ in range(2))
    seen = tuple(np.empty((len(order), 2), np.int32) for _ in met)
    return Turns(order, places, offsets, buckets, sketches, starts, inside, leaders, filled, passed, seen)


def met_any(n: int, candidates: Iterable[Candidates]) -> npt.NDArray[np.int64]:
    """Return which of n rows met any other in some way, ascending."""
    met = np.zeros(n, np.bool_)
    for each in candidates:
        met[each.rows] = True
    return np.flatnonzero(met)


def _places(n: int, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return where each of n rows stands among the candidates' rows, -1: nowhere."""
    places = np.full(n, -1, np.int64)
    places[rows] = np.arange(len(rows))
    return places


def members(
    places: npt.NDArray[np.int64],
    offsets: npt.NDArray[np.int64],
    buckets: npt.NDArray[np.int32],
    starts: npt.NDArray[np.int64],
) -> npt.NDArray[np.int32]:
    """Return the turns of those in each bucket, bucket by bucket, ascending: columns as in `Turns`."""
    found = np.empty(len(buckets), np.int32)
    _write_members(places, offsets, buckets, starts, found)
    return found


@njit(cache=True, nogil=True)
def _write_members(
    places: npt.NDArray[np.int64],
    offsets: npt.NDArray[np.int64],
    buckets: npt.NDArray[np.int32],
    starts: npt.NDArray[np.int64],
    members: npt.NDArray[np.int32],
) -> None:
    """Write the turns of those in each bucket."""
    free = starts.copy()
    for turn in range(len(places)):
        if places[turn] >= 0:
            for entry in range(offsets[places[turn]], offsets[places[turn] + 1]):
                members[free[buckets[entry]]] = turn
                free[buckets[entry]] += 1


def contiguous(columns: Iterable[npt.NDArray[Any]]) -> tuple[npt.NDArray[Any], ...]:
    """Return the same column of each comparison as the kernel wants it: contiguous and writable, so of one type."""
    return tuple(np.require(column, requirements=["C", "W"]) for column in columns)
