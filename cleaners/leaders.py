"""One walk over the candidates, best first, compiled: who stays, who is a copy, and which pairs nobody has verified.

What the columns mean, and why they are walked over so, stands in `cleaners.cluster`, which calls nothing but `walk`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cleaners.kernels import njit
from cleaners.sketches import agreement


@njit(cache=True, nogil=True)
def walk(  # noqa: C901, PLR0912, PLR0913, PLR0915, PLR0917  # one walk, with all it needs at hand
    order: npt.NDArray[np.int64],
    rank: npt.NDArray[np.int64],
    places: tuple[npt.NDArray[np.int64], ...],
    offsets: tuple[npt.NDArray[np.int64], ...],
    buckets: tuple[npt.NDArray[np.int32], ...],
    sketches: tuple[npt.NDArray[np.uint8], ...],
    starts: tuple[npt.NDArray[np.int64], ...],
    pairs: tuple[npt.NDArray[np.int64], ...],
    similarities: tuple[npt.NDArray[np.float64], ...],
    thresholds: npt.NDArray[np.float64],
    agreements: npt.NDArray[np.int64],
    bucket_leaders: int,
    was_kept: npt.NDArray[np.bool_],
    kept: npt.NDArray[np.bool_],
    quiet: npt.NDArray[np.bool_],
    canonical: npt.NDArray[np.int64],
    kind: npt.NDArray[np.int8],
    similarity: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Keep or remove each row in order; return the pairs nobody has verified, and the two columns of `Bounds`."""
    comparisons = len(places)
    # The kept articles of each bucket, in the order they were kept.
    leaders = [np.empty(len(column), np.int64) for column in buckets]
    filled = [np.zeros(len(column), np.int64) for column in starts]
    beyond = [np.zeros(len(column), np.int64) for column in starts]
    stirred = [np.zeros(len(column), np.bool_) for column in starts]  # buckets with a kept article that was not
    short = np.zeros((comparisons, 2), np.int64)
    seen = np.full(len(rank), -1, np.int64)
    asked = np.empty((1024, 3), np.int64)
    asking = 0
    for turn in range(len(order)):
        row = order[turn]
        guessed = False
        for c in range(comparisons):
            place = places[c][row]
            if place < 0:
                continue
            # Columns by themselves: each look at a tuple or list of them costs as much as comparing two sketches.
            place_of, column, before, full, begins, sketch = (
                places[c], buckets[c], leaders[c], filled[c], starts[c], sketches[c],
            )  # fmt: skip
            least, likely, room, left_out = agreements[c, 0], agreements[c, 1], agreements[c, 2], 0
            if quiet[c, row]:
                stir = stirred[c]
                for entry in range(offsets[c][place], offsets[c][place + 1]):
                    quiet[c, row] &= not stir[column[entry]]
                if quiet[c, row]:
                    continue
            calm = True
            for entry in range(offsets[c][place], offsets[c][place + 1]):
                bucket = column[entry]
                calm &= full[bucket] < bucket_leaders
                if full[bucket] > room:
                    left_out += full[bucket]
                    continue
                for at_leader in range(begins[bucket], begins[bucket] + full[bucket]):
                    leader = before[at_leader]
                    if seen[leader] == turn * comparisons + c:
                        continue
                    seen[leader] = turn * comparisons + c
                    room -= 1
                    alike = agreement(sketch, place, place_of[leader])
                    if alike < least:
                        continue
                    calm = False
                    at = _find(pairs[c], (min(row, leader) << 32) | max(row, leader))
                    if at < 0:
                        if asking == len(asked):
                            asked = _doubled(asked)
                        asked[asking, 0], asked[asking, 1], asked[asking, 2] = c, leader, row
                        asking += 1
                        guessed |= alike >= likely
                        continue
                    value = similarities[c][at]
                    best = canonical[row]
                    if value >= thresholds[c] and (
                        best < 0 or value > similarity[row] or (value == similarity[row] and rank[leader] < rank[best])
                    ):
                        canonical[row] = leader
                        kind[row] = c + 1
                        similarity[row] = value
            quiet[c, row] = calm and not left_out
            if left_out:
                short[c, 0] += 1
                short[c, 1] += left_out
            if guessed or canonical[row] >= 0:
                quiet[c + 1 :, row] = False
                break
        if guessed or canonical[row] >= 0:
            continue
        kept[row] = True
        for c in range(comparisons):
            place = places[c][row]
            if place < 0:
                continue
            column, before, full, begins, over, stir = (
                buckets[c], leaders[c], filled[c], starts[c], beyond[c], stirred[c],
            )  # fmt: skip
            new = not was_kept[row]
            for entry in range(offsets[c][place], offsets[c][place + 1]):
                bucket = column[entry]
                if new:
                    stir[bucket] = True
                if full[bucket] < bucket_leaders:
                    before[begins[bucket] + full[bucket]] = row
                    full[bucket] += 1
                else:
                    over[bucket] += 1
    return asked[:asking], _crowded(leaders, starts, beyond), short


@njit(nogil=True)
def _crowded(
    leaders: list[npt.NDArray[np.int64]],
    starts: tuple[npt.NDArray[np.int64], ...],
    beyond: list[npt.NDArray[np.int64]],
) -> npt.NDArray[np.int64]:
    """Return comparison, first kept article, and the number of those kept beyond the bound, of each full bucket."""
    found = np.empty((sum([(column > 0).sum() for column in beyond]), 3), np.int64)
    at = 0
    for c in range(len(beyond)):
        for bucket in np.flatnonzero(beyond[c]):
            found[at, 0], found[at, 1], found[at, 2] = c, leaders[c][starts[c][bucket]], beyond[c][bucket]
            at += 1
    return found


# The two below spell out searchsorted and concatenate: numba takes seconds to compile its own.
@njit(nogil=True, forceinline=True)
def _find(pairs: npt.NDArray[np.int64], pair: int) -> int:
    """Return the place of a pair among the sorted ones, -1: not there."""
    low, high = 0, len(pairs)
    while low < high:
        middle = (low + high) // 2
        if pairs[middle] < pair:
            low = middle + 1
        else:
            high = middle
    return low if low < len(pairs) and pairs[low] == pair else -1


@njit(nogil=True)
def _doubled(table: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the table with as many free rows after it."""
    larger = np.empty((2 * len(table), table.shape[1]), np.int64)
    for row in range(len(table)):
        for column in range(table.shape[1]):
            larger[row, column] = table[row, column]
    return larger
