"""One walk over the candidates, best first, compiled: who stays, who is a copy, and which pairs nobody has verified.

What the columns mean, and why they are walked over so, stands in `cleaners.cluster`, which calls nothing but `walk`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cleaners.kernels import njit
from cleaners.sketches import agreement

TOUCHED, UPSET, STIRRED, OPEN = 1, 2, 4, 8
"""What happened to a row or a bucket since the walk before, as bits.

TOUCHED  the row is new; a bucket with it has another size
UPSET    the row has another place in the order, or stands for others of its content than before; a bucket with such a
         row, or with one that was kept and is not now, says nothing about before
STIRRED  a bucket with a kept article that was not kept before
OPEN     a bucket of which the kept articles are noted, since a row in it was not settled, or all are
"""


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
    change: npt.NDArray[np.uint8],
    was_kept: npt.NDArray[np.bool_],
    kept: npt.NDArray[np.bool_],
    settled: npt.NDArray[np.bool_],
    canonical: npt.NDArray[np.int64],
    kind: npt.NDArray[np.int8],
    similarity: npt.NDArray[np.float64],
    left_out: npt.NDArray[np.int64],
    compared: npt.NDArray[np.int64],
    stood: npt.NDArray[np.bool_],
    whole: npt.NDArray[np.bool_],
    narrow: bool,  # noqa: FBT001
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], bool]:
    """Keep or remove each row in order; return the pairs nobody has verified, `Bounds.crowded`, and whether it is done.

    The columns from `settled` to `compared` come as the walk before left them, and are brought up to date. A settled
    row is only compared with those that were not kept then, unless it may now be compared with fewer of the others. A
    `narrow` walk looks at hardly any bucket twice; it is not done where a settled row turned out to need that.
    """
    comparisons = len(places)
    # The kept articles of each bucket, in the order they were kept; and beside them those that were not before.
    # Narrow columns: where most rows are settled, waiting for them is most of the time.
    leaders = [np.empty(len(column), np.int32) for column in buckets]
    filled = [np.zeros(len(column), np.int32) for column in starts]
    fresh = [np.empty(len(column), np.int32) for column in buckets]
    freshly = [np.zeros(len(column), np.int32) for column in starts]
    beyond = [np.zeros(len(column), np.int32) for column in starts]
    states = [np.zeros(len(column), np.uint8) for column in starts]
    for row in order:
        bits = change[row] | (OPEN if narrow and not settled[row] else 0)
        if bits:
            for c in range(comparisons):
                _mark(states[c], buckets[c], offsets[c], places[c][row], bits)
    for c in range(comparisons):
        for bucket in range(len(states[c]) - 1):
            if not narrow or starts[c][bucket + 1] - starts[c][bucket] > bucket_leaders:
                states[c][bucket] |= OPEN
    seen = np.full(len(rank), -1, np.int64)
    asked = np.empty((1024, 3), np.int64)
    asking = 0
    for turn in range(len(order)):
        row = order[turn]
        looked = comparisons if canonical[row] < 0 else kind[row]  # so many comparisons decided on it
        again, state = not settled[row], 0
        for c in range(looked):
            if not again and places[c][row] >= 0:
                state |= _state(
                    buckets[c], offsets[c], places[c][row], states[c], starts[c],
                    filled[c], freshly[c], compared[c, row], agreements[c, 2], bucket_leaders,
                )  # fmt: skip
                again = state & UPSET > 0
        if not again and state == 0:
            kept[row] = canonical[row] < 0
            continue
        if again and settled[row] and narrow:
            return asked[:0], asked[:0], False
        if again:
            canonical[row], kind[row], similarity[row] = -1, -1, np.nan
            left_out[:, row] = compared[:, row] = 0
        guessed, known = False, True
        for c in range(comparisons if again or state & STIRRED else 0):
            if canonical[row] >= 0 and kind[row] <= c:
                break
            place = places[c][row]
            if place < 0:
                continue
            # Columns by themselves: each look at a tuple or list of them costs as much as comparing two sketches.
            place_of, column, begins, sketch, all_full = places[c], buckets[c], starts[c], sketches[c], filled[c]
            before, full = (leaders[c], filled[c]) if again else (fresh[c], freshly[c])
            least, likely, room = agreements[c, 0], agreements[c, 1], agreements[c, 2]
            for entry in range(offsets[c][place], offsets[c][place + 1]):
                bucket = column[entry]
                if again and all_full[bucket] > room:
                    left_out[c, row] += all_full[bucket]
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
                    at = _find(pairs[c], (min(row, leader) << 32) | max(row, leader))
                    if at < 0:
                        if whole[c, row] and stood[leader]:
                            continue  # a glance sufficed
                        if asking == len(asked):
                            asked = _doubled(asked)
                        asked[asking, 0], asked[asking, 1], asked[asking, 2] = c, leader, row
                        asking += 1
                        known = False
                        guessed |= alike >= likely
                        continue
                    value, best = similarities[c][at], canonical[row]
                    if value >= thresholds[c] and (
                        best < 0
                        or kind[row] > c + 1
                        or value > similarity[row]
                        or (value == similarity[row] and rank[leader] < rank[best])
                    ):
                        canonical[row] = leader
                        kind[row] = c + 1
                        similarity[row] = value
            compared[c, row] += agreements[c, 2] - room
            if guessed or (canonical[row] >= 0 and kind[row] == c + 1):
                left_out[c + 1 :, row] = compared[c + 1 :, row] = 0
                if kind[row] != c + 1:  # what it was by a later comparison is not so, or to be found anew
                    canonical[row], kind[row], similarity[row] = -1, -1, np.nan
                break
        settled[row] = known
        if guessed or canonical[row] >= 0:
            if was_kept[row]:
                for c in range(comparisons):
                    _mark(states[c], buckets[c], offsets[c], places[c][row], UPSET)
            continue
        kept[row] = True
        for c in range(comparisons):
            place = places[c][row]
            if place < 0:
                continue
            column, before, full, begins, over = buckets[c], leaders[c], filled[c], starts[c], beyond[c]
            new = not was_kept[row]
            if new:
                _mark(states[c], column, offsets[c], place, STIRRED)
            for entry in range(offsets[c][place], offsets[c][place + 1]):
                bucket = column[entry]
                if not states[c][bucket] & OPEN:
                    continue
                if full[bucket] < bucket_leaders:
                    before[begins[bucket] + full[bucket]] = row
                    full[bucket] += 1
                    if new:
                        fresh[c][begins[bucket] + freshly[c][bucket]] = row
                        freshly[c][bucket] += 1
                else:
                    over[bucket] += 1
    return asked[:asking], _crowded(leaders, starts, beyond), True


@njit(nogil=True)
def _state(  # noqa: PLR0913, PLR0917  # plain columns are what a kernel takes
    buckets: npt.NDArray[np.int32],
    offsets: npt.NDArray[np.int64],
    place: int,
    states: npt.NDArray[np.uint8],
    starts: npt.NDArray[np.int64],
    filled: npt.NDArray[np.int32],
    freshly: npt.NDArray[np.int32],
    compared: int,
    most: int,
    bucket_leaders: int,
) -> int:
    """Return what happened to the buckets of a settled row: upset, where it may no longer be compared as it was."""
    state = 0
    for entry in range(offsets[place], offsets[place + 1]):
        state |= states[buckets[entry]]
    if state & (TOUCHED | UPSET | STIRRED) == 0 or state & UPSET > 0:
        return state
    largest, more, full = 0, 0, False
    for entry in range(offsets[place], offsets[place + 1]):
        bucket = buckets[entry]
        kept = filled[bucket] if states[bucket] & OPEN else starts[bucket + 1] - starts[bucket]
        largest, more = max(largest, kept), more + freshly[bucket]
        full |= filled[bucket] >= bucket_leaders and states[bucket] & STIRRED > 0
    return state | UPSET if full or compared + more + largest > most else state


@njit(nogil=True)
def _mark(
    states: npt.NDArray[np.uint8], buckets: npt.NDArray[np.int32], offsets: npt.NDArray[np.int64], place: int, bits: int
) -> None:
    """Set bits in the state of each bucket of a candidate, if it is one."""
    if place >= 0:
        for entry in range(offsets[place], offsets[place + 1]):
            states[buckets[entry]] |= bits


@njit(nogil=True)
def _crowded(
    leaders: list[npt.NDArray[np.int32]],
    starts: tuple[npt.NDArray[np.int64], ...],
    beyond: list[npt.NDArray[np.int32]],
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
