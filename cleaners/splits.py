"""Articles that belong together, and a split of its own for each → the split in which all of them are.

A family is a set of texts of which each is a copy, a part, an update or a translation of another one. Every text has a
split of its own, by a hash of its words or by its date, that nothing beside it can change. A family goes where the one
of its members goes whose split is named last. So no two articles of a family are in different splits; and when more
texts come, families grow and join, and with them articles may leave the split to train on for the one to test on, but
never the other way: nothing that was once in the split named last, and nothing akin to it, is ever trained on later.

The price: a family of m members is in the test split with probability 1 − (1 − share)ᵐ, so that this split comes out
somewhat larger than asked for. The manifest says by how much.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def by_hash(seeds: npt.NDArray[np.uint64], shares: Mapping[str, float], seed: int) -> npt.NDArray[np.int8]:
    """Return the split that each text has of its own, as its place among the shares: `(n,) int8`.

    `seeds` `(n,) uint64` is equal for equal texts. What is in a split stays there when its share is raised and that of
    the first lowered.

    >>> by_hash(np.arange(8, dtype=np.uint64), {"train": 0.5, "test": 0.5}, 1).tolist()
    [1, 0, 0, 0, 0, 1, 1, 0]
    """
    with np.errstate(over="ignore"):  # the finalizer of splitmix64 (Steele et al. 2014) counts modulo 2⁶⁴
        mixed = seeds + np.uint64(0x9E3779B97F4A7C15) * np.uint64(2 * seed + 1)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    place = (mixed ^ (mixed >> np.uint64(31))) / 2.0**64
    # From the last to the first, so that the last ones have the same texts whatever the others' shares are.
    ends = np.cumsum(list(shares.values())[:0:-1])
    own: npt.NDArray[np.int8] = (len(ends) - np.searchsorted(ends, place, "right")).astype(np.int8)
    return own


def boundaries(times: npt.NDArray[np.int64], shares: Mapping[str, float]) -> list[int | None]:
    """Return for each split but the first the time from which on articles are in it, None where it gets none.

    `times` `(n,) int64` are those of the articles that have one. The boundaries lie where the shares come nearest to
    what is asked for: articles of the same moment are not torn apart.

    >>> boundaries(np.array([10, 20, 20, 30]), {"train": 0.75, "test": 0.25}), boundaries(np.array([7, 7]), {"a": 1})
    ([30], [])
    >>> boundaries(np.array([7, 7]), {"train": 0.9, "test": 0.1})
    [None]
    """
    moments, counts = np.unique(times, return_counts=True)
    later = np.append(counts[::-1].cumsum()[::-1], 0) / max(1, len(times))  # share from each moment on; of none
    found: list[int | None] = []
    for wanted in np.cumsum(list(shares.values())[:0:-1])[::-1]:
        at = int(np.abs(later - wanted).argmin())
        found.append(int(moments[at]) if at < len(moments) else None)
    return found


def by_time(
    times: npt.NDArray[np.int64], known: npt.NDArray[np.bool_], begins: Sequence[int | None]
) -> npt.NDArray[np.int8]:
    """Return the split that each text has of its own by its time; the first where the time is not `known`.

    >>> by_time(np.array([5, 15, 0]), np.array([True, True, False]), [10]).tolist()
    [0, 1, 0]
    """
    own = np.zeros(len(times), np.int8)
    for place, begin in enumerate(begins, 1):
        if begin is not None:
            own[known & (times >= begin)] = place
    return own


def of_families(own: npt.NDArray[np.int8], families: npt.NDArray[np.int64]) -> npt.NDArray[np.int8]:
    """Return the split of each text: the last one that a member of its family has of its own, `(n,) int8`.

    `families` `(n,) int64` has the same number, below n, for members of the same family.

    >>> of_families(np.array([0, 1, 0, 0], np.int8), np.array([0, 0, 0, 3])).tolist()
    [1, 1, 1, 0]
    """
    last = np.zeros(len(own), np.int8)
    np.maximum.at(last, families, own)
    return last[families]
