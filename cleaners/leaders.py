"""One walk over the candidates, best first, compiled: who stays, who is a copy, and which pairs nobody has verified.

What the columns mean, and why they are walked over so, stands in `cleaners.cluster`, which calls nothing but `walk`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from cleaners.kernels import doubled, lean, njit
from cleaners.sketches import agreement, bring_buckets, bring_sketches

if TYPE_CHECKING:
    from cleaners.turns import Turns

TOUCHED, UPSET, STIRRED = 1, 2, 4
"""What happened to a row or a bucket since the walk before, as bits.

TOUCHED  the row is new; a bucket with it has another size
UPSET    the row has another place in the order, or stands for others of its content than before; a bucket with such a
         row, or with one that was kept and is not now, says nothing about before
STIRRED  a bucket with a kept article that was not kept before
"""

ALL = 2**31 - 1
"""Reach of a row that was compared with all kept ones it met: more than there are in a bucket."""


class Rules(NamedTuple):
    """By what rows are compared, for each comparison.

    pairs           pairs that were verified, each as one integer, in order; `similarities` are theirs
    thresholds      (comparisons,) float64, the similarity from which on a pair is a match
    agreements      (comparisons, 3) int64, `least_agreement`, `likely_agreement` and `most` of `Comparison`
    bucket_leaders  how many kept rows of a bucket others are compared with
    """

    pairs: tuple[npt.NDArray[np.int64], ...]
    similarities: tuple[npt.NDArray[np.float64], ...]
    thresholds: npt.NDArray[np.float64]
    agreements: npt.NDArray[np.int64]
    bucket_leaders: int


class State(NamedTuple):
    """What is known of each row: the columns of `cleaners.cluster.Memory`, with those of its verdicts among them."""

    kept: npt.NDArray[np.bool_]
    settled: npt.NDArray[np.bool_]
    canonical: npt.NDArray[np.int64]
    kind: npt.NDArray[np.int8]
    similarity: npt.NDArray[np.float64]
    left_out: npt.NDArray[np.int32]
    compared: npt.NDArray[np.int32]
    reach: npt.NDArray[np.int32]
    stood: npt.NDArray[np.bool_]
    reached: npt.NDArray[np.int32]
    change: npt.NDArray[np.uint8]


@njit(cache=True, nogil=True)
def walk(  # noqa: C901, PLR0912, PLR0915  # one walk, with all it needs at hand
    along: Turns, rank: npt.NDArray[np.int64], rules: Rules, now: State
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Keep or remove each row in order; return the pairs nobody has verified, and `Bounds.crowded`.

    The columns of `now` up to `reach` come as the walk before left them, and are brought up to date. Only rows that are
    not settled are looked at, and those in whose buckets something happened. A settled one is only compared with those
    that were not kept then, unless it may now be compared with fewer of the others.
    """
    # Taken apart once: each look at a tuple or list of columns costs as much as comparing two sketches.
    order, places, offsets, buckets, sketches, starts, members, leaders, passed, seen = along
    pairs, similarities, thresholds, agreements, bucket_leaders = rules
    kept, settled, canonical, kind, similarity, left_out, compared, reach, stood, reached, change = now
    comparisons = len(places)
    # Beside the leaders of each bucket those that were not kept before.
    for c in range(comparisons):
        passed[c][:] = 0
        seen[c][:, 0], seen[c][:, 1] = -1, places[c]
    fresh = [np.empty(len(column), np.int32) for column in members]
    freshly = [np.zeros(len(column), np.int32) for column in starts]
    states = [np.zeros(len(column), np.uint8) for column in starts]
    stays, stayed = np.empty(len(order), np.bool_), np.empty(len(order), np.bool_)
    waiting = np.zeros(len(order) + 3, np.bool_)  # after the last turn nobody does
    resting = np.empty(len(order), np.bool_)
    for turn in range(len(order)):
        row = order[turn]
        stayed[turn], stays[turn], waiting[turn] = kept[row], canonical[row] < 0, not settled[row]
        resting[turn] = stood[row]
    for turn in range(len(order)):
        bits = change[order[turn]]
        for c in range(comparisons if bits else 0):
            _mark(bits, places[c][turn], offsets[c], buckets[c], starts[c], members[c], states[c], waiting)
    asked, met = np.empty((1024, 3), np.int64), np.empty((1024, 2), np.int64)
    asking = 0
    for turn in range(len(order)):
        for c in range(comparisons if waiting[turn + 1] or waiting[turn + 2] or waiting[turn + 3] else 0):
            bring_buckets(
                turn, waiting, places[c], offsets[c], buckets[c], starts[c], members[c], leaders[c], passed[c],
            )  # fmt: skip
        if not waiting[turn]:
            continue
        row = order[turn]
        again, state = not settled[row], 0
        looked = comparisons if canonical[row] < 0 else kind[row]  # so many comparisons decided on it
        for c in range(looked):
            if not again and places[c][turn] >= 0:
                state |= _state(
                    turn, places[c][turn], offsets[c], buckets[c], starts[c], members[c], stays, states[c], freshly[c],
                    leaders[c], passed[c], compared[c, row], agreements[c, 2], bucket_leaders,
                )  # fmt: skip
                again = state & UPSET > 0
        if not again and state & STIRRED == 0:
            continue
        if again:
            canonical[row], kind[row], similarity[row] = -1, -1, np.nan
            left_out[:, row] = compared[:, row] = 0
            reach[:, row] = ALL
        guessed, known = False, True
        for c in range(comparisons):
            if canonical[row] >= 0 and kind[row] <= c:
                break
            place = places[c][turn]
            if place < 0:
                continue
            column, begins, sketch, inside, gone = buckets[c], starts[c], sketches[c], members[c], passed[c]
            before, afresh = leaders[c] if again else fresh[c], freshly[c]
            least, likely, room = agreements[c, 0], agreements[c, 1], agreements[c, 2]
            count = 0
            for entry in range(offsets[c][place], offsets[c][place + 1]):
                bucket = column[entry]
                if again:
                    many = _catch_up(turn, bucket, begins, inside, stays, before, gone, bucket_leaders)
                    if many > room:
                        left_out[c, row] += many
                        reach[c, row] = min(reach[c, row], begins[bucket + 1] - begins[bucket])
                        continue
                else:
                    many = int(np.int64(afresh[bucket]))
                was_compared = begins[bucket + 1] - begins[bucket] < reached[c, row]
                while count + many > len(met):
                    met = doubled(met)
                some = before[begins[bucket] : begins[bucket] + many]
                room, count = _gather(some, turn, was_compared, stood[row], resting, seen[c], met, room, count)
            compared[c, row] += agreements[c, 2] - room
            bring_sketches(met, count, seen[c], sketch)
            for number in range(count):
                leader, was_compared = met[number, 0], met[number, 1] > 0
                alike = agreement(sketch, place, int(np.int64(seen[c][leader, 1])))
                if alike < least:
                    continue
                other = order[leader]
                at = _find(pairs[c], (min(row, other) << 32) | max(row, other))
                if at < 0:
                    if was_compared and stood[other]:
                        continue  # a glance sufficed
                    if asking == len(asked):
                        asked = doubled(asked)
                    asked[asking, 0], asked[asking, 1], asked[asking, 2] = c, other, row
                    asking += 1
                    known = False
                    guessed |= alike >= likely
                    continue
                value, best = similarities[c][at], canonical[row]
                if value >= thresholds[c] and (
                    best < 0
                    or kind[row] > c + 1
                    or value > similarity[row]
                    or (value == similarity[row] and rank[other] < rank[best])
                ):
                    canonical[row] = other
                    kind[row] = c + 1
                    similarity[row] = value
            if guessed or (canonical[row] >= 0 and kind[row] == c + 1):
                left_out[c + 1 :, row] = compared[c + 1 :, row] = 0
                if kind[row] != c + 1:  # what it was by a later comparison is not so, or to be found anew
                    canonical[row], kind[row], similarity[row] = -1, -1, np.nan
                break
        settled[row] = known
        stays[turn] = not guessed and canonical[row] < 0
        bits = 0 if stays[turn] == stayed[turn] else STIRRED if stays[turn] else UPSET
        for c in range(comparisons if bits else 0):
            place, column, begins = places[c][turn], buckets[c], starts[c]
            _mark(bits, place, offsets[c], column, begins, members[c], states[c], waiting)
            for entry in range(offsets[c][place], offsets[c][place + 1]) if stays[turn] and place >= 0 else range(0):
                fresh[c][begins[column[entry]] + freshly[c][column[entry]]] = turn
                freshly[c][column[entry]] += 1
    kept[:] = False
    for turn in range(len(order)):
        kept[order[turn]] = stays[turn]
    return asked[:asking], _crowded(order, stays, starts, members, bucket_leaders)


@njit(nogil=True)
def _mark(  # noqa: PLR0913, PLR0917  # plain columns are what a kernel takes
    bits: int,
    place: int,
    offsets: npt.NDArray[np.int64],
    buckets: npt.NDArray[np.int32],
    starts: npt.NDArray[np.int64],
    members: npt.NDArray[np.int32],
    states: npt.NDArray[np.uint8],
    waiting: npt.NDArray[np.bool_],
) -> None:
    """Note what happened to the buckets of a candidate, if it is one, and that their members are to be looked at."""
    for entry in range(offsets[place] if place >= 0 else 0, offsets[place + 1] if place >= 0 else 0):
        bucket = buckets[entry]
        if states[bucket] == 0:
            for member in members[starts[bucket] : starts[bucket + 1]]:
                waiting[member] = True
        states[bucket] |= bits


@njit(nogil=True)
def _state(  # noqa: PLR0913, PLR0917
    turn: int,
    place: int,
    offsets: npt.NDArray[np.int64],
    buckets: npt.NDArray[np.int32],
    starts: npt.NDArray[np.int64],
    members: npt.NDArray[np.int32],
    stays: npt.NDArray[np.bool_],
    states: npt.NDArray[np.uint8],
    freshly: npt.NDArray[np.int32],
    leaders: npt.NDArray[np.int32],
    passed: npt.NDArray[np.int32],
    compared: int,
    most: int,
    bucket_leaders: int,
) -> int:
    """Return what happened to the buckets of a settled row: upset, where it may no longer be compared as it was."""
    state, more, largest = 0, 0, 0
    for entry in range(offsets[place], offsets[place + 1]):
        bucket = buckets[entry]
        state |= states[bucket]
        more += freshly[bucket]
        largest = max(largest, starts[bucket + 1] - starts[bucket])
    bound = min(bucket_leaders, most - compared - more)
    if state == 0 or state & UPSET > 0 or largest <= bound:
        return state
    for entry in range(offsets[place], offsets[place + 1]):
        bucket = buckets[entry]
        if starts[bucket + 1] - starts[bucket] > bound:
            many = _catch_up(turn, bucket, starts, members, stays, leaders, passed, bucket_leaders)
            full = many >= bucket_leaders and states[bucket] & STIRRED > 0
            if full or compared + more + many > most:
                return state | UPSET
    return state


@njit(nogil=True, forceinline=True)
def _catch_up(  # noqa: PLR0913, PLR0917
    turn: int,
    bucket: int,
    starts: npt.NDArray[np.int64],
    members: npt.NDArray[np.int32],
    stays: npt.NDArray[np.bool_],
    leaders: npt.NDArray[np.int32],
    passed: npt.NDArray[np.int32],
    most: int,
) -> int:
    """Go through the members of a bucket up to a turn, for the first kept ones; return how many there are."""
    begin = starts[bucket]
    at, free = begin + passed[bucket, 0], begin + passed[bucket, 1]
    while at < starts[bucket + 1] and members[at] < turn and free < begin + most:
        if stays[members[at]]:
            leaders[free] = members[at]
            free += 1
        at += 1
    passed[bucket, 0], passed[bucket, 1] = at - begin, free - begin
    return int(free - begin)


@lean(forceinline=True)
def _gather(  # noqa: PLR0913, PLR0917
    some: npt.NDArray[np.int32],
    turn: int,
    was_compared: bool,  # noqa: FBT001
    rests: bool,  # noqa: FBT001
    resting: npt.NDArray[np.bool_],
    seen: npt.NDArray[np.int32],
    met: npt.NDArray[np.int64],
    room: int,
    count: int,
) -> tuple[int, int]:
    """Write down the leaders of a bucket that were not met before in this turn; return the room left, and how many.

    Of two that were compared and both stayed, neither is a copy of the other: they only take room. What is not wanted
    is written like the rest, and then written over: of branches many would be guessed wrong.
    """
    for leader in some:
        met[count, 0], met[count, 1] = leader, was_compared
        new = seen[leader, 0] != turn
        seen[leader, 0] = turn
        room -= new
        count += new & ~(was_compared & rests & resting[leader])
    return room, count


@njit(nogil=True)
def _crowded(
    order: npt.NDArray[np.int64],
    stays: npt.NDArray[np.bool_],
    starts: tuple[npt.NDArray[np.int64], ...],
    members: tuple[npt.NDArray[np.int32], ...],
    bucket_leaders: int,
) -> npt.NDArray[np.int64]:
    """Return comparison, first kept article, and the number of those kept beyond the bound, of each full bucket."""
    found = np.empty((16, 3), np.int64)
    count = 0
    for c in range(len(starts)):
        for bucket in range(len(starts[c]) - 1):
            begin, end = starts[c][bucket], starts[c][bucket + 1]
            if end - begin <= bucket_leaders:
                continue
            first, beyond = -1, -bucket_leaders
            for member in members[c][begin:end]:
                if stays[member]:
                    first = member if first < 0 else first
                    beyond += 1
            if beyond > 0:
                if count == len(found):
                    found = doubled(found)
                found[count, 0], found[count, 1], found[count, 2] = c, order[first], beyond
                count += 1
    return found[:count]


# Searchsorted, spelt out: numba takes seconds to compile its own.
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
