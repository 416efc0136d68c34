"""Candidates + rank + verified pairs → which articles stay, and of which kept one each other is a copy.

Go through the articles best first; keep an article unless it matches one that is already kept. So the result does not
depend on the order of arrival, every copy is matched directly with a kept article, and there are no chains. A cluster
of m copies costs m comparisons, because each is compared with what is kept and never with another copy.

`sweep` does that with the pairs verified so far, and where it meets a pair that nobody has verified it says so and
goes on with a guess. Verify what it asked, sweep again, until it asks nothing: then no guess is left in the result,
whatever was known before. One full run, a run split over workers, and a run that adds to the pairs of earlier ones
therefore end with the same verdicts.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from cleaners import leaders
from cleaners.turns import contiguous, turns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cleaners.config import ClusterSettings
    from cleaners.model import Kind
    from cleaners.turns import Candidates, Turns

KEPT = -1
"""Canonical of an article that is kept."""


class Verified(NamedTuple):
    """Pairs whose similarity was computed on the texts; one above and one below the threshold tell equally much.

    `left`, `right` (pairs,) int64, rows in either order; `similarity` (pairs,) float64.
    """

    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]
    similarity: npt.NDArray[np.float64]


class Comparison(NamedTuple):
    """One way to be a copy.

    A pair that met is asked about if at least `least_agreement` places of the two sketches agree, and guessed to be a
    match from `likely_agreement` on; it is a match if its verified similarity reaches `threshold`. Of its kept
    candidates an article is compared with `most` at most, in the order of its buckets.
    """

    kind: Kind
    candidates: Candidates
    threshold: float
    least_agreement: int
    likely_agreement: int
    most: int = 2**62


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Verdicts:
    """For each of n articles: kept, or a copy of which kept one.

    canonical   (n,) int64, the row of the kept article this one is a copy of; KEPT where it is kept itself
    kind        (n,) int8, 0: exact, c + 1: the kind of the c-th comparison; -1 where it is kept
    similarity  (n,) float64, the verified similarity with the canonical; nan where it is kept
    """

    canonical: npt.NDArray[np.int64]
    kind: npt.NDArray[np.int8]
    similarity: npt.NDArray[np.float64]


class Bounds(NamedTuple):
    """Where not everything was compared that met.

    crowded  buckets that were full, (buckets, 3) int64: number of the comparison, row of the first article kept there,
             and how many later ones were kept without being remembered there
    short    (comparisons, 2) int64: at most how many articles met more kept ones than they were compared with, and
             with how many they were not: each counts once for each bucket that there was no room for, also where the
             two were compared in a rarer one
    """

    crowded: npt.NDArray[np.int64]
    short: npt.NDArray[np.int64]


class Memory(NamedTuple):
    """What a walk came to, from which the next one takes what cannot have changed.

    kept      (n,) bool, what was kept
    settled   (n,) bool, whose verdict rests on verified pairs alone: so it is until one of its buckets changes
    verdicts  what was found
    left_out  (comparisons, n) int32, with how many kept ones that it met it was not compared, as in `Bounds.short`
    compared  (comparisons, n) int32, with how many it was
    reach     (comparisons, n) int32, the size of the smallest bucket that was left out of that; `leaders.ALL`: none was
    stood     (n,) bool, what the last run kept, and has the same place now; after a sweep, what it rightly kept
    reached   (comparisons, n) int32, in buckets smaller than this the last run compared the row with every kept
              article. A pair there without a similarity was refused by a glance; which pairs those were is not kept
    change    (n,) uint8, bits of `leaders`: what happened to the articles since. The first walk knows of nothing
    """

    kept: npt.NDArray[np.bool_]
    settled: npt.NDArray[np.bool_]
    verdicts: Verdicts
    left_out: npt.NDArray[np.int32]
    compared: npt.NDArray[np.int32]
    reach: npt.NDArray[np.int32]
    stood: npt.NDArray[np.bool_]
    reached: npt.NDArray[np.int32]
    change: npt.NDArray[np.uint8]

    @classmethod
    def blank(cls, n: int, comparisons: int) -> Memory:
        """Return what is known before the first walk: nothing.

        >>> Memory.blank(2, 1).settled.tolist()
        [False, False]
        """
        verdicts = Verdicts(np.full(n, KEPT, np.int64), np.full(n, -1, np.int8), np.full(n, np.nan))
        no, none = np.zeros(n, np.bool_), np.zeros((comparisons, n), np.int32)
        reach = np.full(none.shape, leaders.ALL, np.int32)
        reached = np.zeros(none.shape, np.int32)
        return cls(~no, no, verdicts, none, none.copy(), reach, no.copy(), reached, np.zeros(n, np.uint8))


class Sweep(NamedTuple):
    """What one walk gave: final `verdicts` if nothing was `asked`.

    `asked` has for each comparison left (the better ranked) and right rows of the pairs to verify, (pairs,) int64 each.
    """

    verdicts: Verdicts
    asked: list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]
    bounds: Bounds
    memory: Memory


def cluster(
    rank: npt.NDArray[np.int64],
    first: npt.NDArray[np.int64],
    comparisons: Sequence[Comparison],
    verify: Sequence[Callable[[npt.NDArray[np.int64], npt.NDArray[np.int64]], npt.NDArray[np.float64]]],
    settings: ClusterSettings,
    verified: Sequence[Verified] | None = None,
    memory: Memory | None = None,
) -> tuple[list[Verified], Sweep]:
    """Return all pairs verified, and what followed from them: sweep and verify until all is known.

    `verify` has one function for each comparison: left and right rows to similarities. `verified` are pairs of earlier
    runs, renumbered to today's rows; they are not verified again. `memory` is that of the last run, renumbered too:
    with it each sweep looks only at what is new, and at what that touches. It is brought up to date.

    >>> from cleaners.config import ClusterSettings
    >>> from cleaners.match.candidates import Candidates
    >>> all_met = Candidates(np.arange(3), np.arange(4), np.zeros(3, np.int32), np.zeros((3, 4), np.uint8))
    >>> near = Comparison("near", all_met, threshold=0.7, least_agreement=2, likely_agreement=3)
    >>> def alike(left, right):  # the first and the last
    ...     return np.where(left + right == 2, 0.9, 0.1)
    >>> _, walk = cluster(np.array([2, 1, 0]), np.arange(3), [near], [alike], ClusterSettings())
    >>> walk.verdicts.canonical.tolist(), walk.verdicts.similarity[0]
    ([2, -1, -1], np.float64(0.9))
    """
    known = list(verified) if verified else [_NOTHING] * len(comparisons)
    along = turns(rank, [comparison.candidates for comparison in comparisons])
    while True:
        walk = sweep(rank, first, comparisons, known, settings, memory, along)
        memory = walk.memory
        if not any(len(left) for left, _ in walk.asked):
            return known, walk
        doubtful = ~memory.kept & (memory.verdicts.canonical == KEPT)  # guessed to be copies
        for number, (left, right) in enumerate(walk.asked):
            if len(left):
                answer = Verified(left, right, verify[number](left, right))
                known[number] = _with(known[number], answer)
                doubtful[right[answer.similarity >= comparisons[number].threshold]] = True
        # Who turns out to be like none of those asked about was walked past rightly.
        for _, right in walk.asked:
            memory.settled[right] = ~doubtful[right]
        # Nor need any two of those that stay be compared again, unless a bucket of theirs had no room for one of them.
        memory.stood[:] = memory.kept & ~doubtful
        memory.reached[:] = np.where(memory.stood, np.minimum(memory.reach, settings.bucket_leaders + 1), 0)


def _with(known: Verified, answer: Verified) -> Verified:
    """Return the pairs of both in the order of `_sorted`."""
    both = [np.concatenate(column) for column in zip(known, answer, strict=True)]
    order = np.argsort(packed(both[0], both[1]), kind="stable")
    return Verified(*(column[order] for column in both))


_NOTHING = Verified(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float64))


def sweep(
    rank: npt.NDArray[np.int64],
    first: npt.NDArray[np.int64],
    comparisons: Sequence[Comparison],
    verified: Sequence[Verified],
    settings: ClusterSettings,
    memory: Memory | None = None,
    along: Turns | None = None,
) -> Sweep:
    """Return what follows from the pairs verified so far, and the pairs to verify next.

    `rank` `(n,) int64`, the least is the best, all different among those that met any other; `first` `(n,) int64`, for
    each article the best ranked one of the same content (itself where it is that one). Comparisons come in order of
    preference: an article that is a copy by an earlier one is not looked at by the later ones. Among kept articles it
    matches, the most similar is its canonical, then the best ranked. `memory` is that of the sweep before, with which
    this one looks only at what may have changed; it is brought up to date. `along` are the turns of the comparisons,
    where they were made before.
    """
    now = memory or Memory.blank(len(rank), len(comparisons))
    met = along or turns(rank, [comparison.candidates for comparison in comparisons])
    asked, crowded = (np.zeros((0, 3), np.int64) for _ in range(2))
    if comparisons:
        known = [_sorted(pairs) for pairs in verified]
        rules = leaders.Rules(
            contiguous(numbers for numbers, _ in known),
            contiguous(similarity for _, similarity in known),
            np.array([comparison.threshold for comparison in comparisons], np.float64),
            np.array([(c.least_agreement, c.likely_agreement, c.most) for c in comparisons], np.int64),
            settings.bucket_leaders,
        )
        found = now.verdicts
        state = leaders.State(now.kept, now.settled, found.canonical, found.kind, found.similarity, *now[3:])
        asked, crowded = leaders.walk(met, np.require(rank, np.int64, ["C", "W"]), rules, state)
    now.change[:] = 0
    by_comparison = [asked[asked[:, 0] == number] for number in range(len(comparisons))]
    pairs_asked = [(part[:, 1], part[:, 2]) for part in by_comparison]
    short = np.stack([(now.left_out > 0).sum(axis=1), now.left_out.sum(axis=1)], axis=1)
    return Sweep(_with_copies(now.verdicts, first), pairs_asked, Bounds(crowded, short), now)


def _sorted(pairs: Verified) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return the verified pairs as one integer each, in order, and their similarities."""
    numbers = packed(pairs.left, pairs.right)
    order = np.argsort(numbers, kind="stable")  # most come in order, from the run or the sweep before
    return numbers[order], pairs.similarity[order]


def _with_copies(found: Verdicts, first: npt.NDArray[np.int64]) -> Verdicts:
    """Return the verdicts on all: an identical copy is one of the best of its content, or of that one's canonical."""
    canonical, kind, similarity = found.canonical.copy(), found.kind.copy(), found.similarity.copy()
    copies = np.flatnonzero(first != np.arange(len(first)))
    leader = first[copies]
    kept = canonical[leader] == KEPT
    canonical[copies] = np.where(kept, leader, canonical[leader])
    kind[copies] = np.where(kept, 0, kind[leader])
    similarity[copies] = np.where(kept, 1.0, similarity[leader])
    return Verdicts(canonical, kind, similarity)


def packed(left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return one integer for each pair, whatever the order of its two rows."""
    return (np.minimum(left, right) << 32) | np.maximum(left, right)
