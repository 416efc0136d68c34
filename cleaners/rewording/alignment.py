"""The sentences of two texts: which tell the same, in what order, and what became of the facts in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cleaners.kernels import lean
from cleaners.rewording import columns as at
from cleaners.rewording.prepare import SENTENCES, Prepared
from cleaners.rewording.walks import longest_rise

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A sentence is aligned when its best partner holds this share of its weight, bare when less than the other.
_ALIGNED_FROM, _BARE_BELOW = 0.4, 0.15
# Sentences below this weight (two or three telling words) are too short to be aligned or missed.
_LEAST = 8.0
# Sentences of that weight that a report begins with.
_LEAD_SENTENCES = 2
# The logarithm of a number of terms that is as good as any more.
_MOST = 7.0
# Little evidence says little: shares are drawn towards one half as if so much (weight, items) had been seen as well.
PRIOR_WEIGHT, PRIOR_ITEMS = 10.0, 3.0


class Scratch(NamedTuple):
    """Arrays that one pair after the other is worked out in."""

    score: NDArray[np.float32]  # weight that two sentences share
    lone: NDArray[np.float32]  # the same, with each term counted once in all
    figures: NDArray[np.int32]  # numbers that two sentences share
    weight: NDArray[np.float64]  # (2, sentences)
    lone_figures: NDArray[np.int32]  # (2, sentences) numbers that the other text does not have
    lone_names: NDArray[np.int32]  # (2, sentences)
    runs: NDArray[np.int32]  # (2, sentences) runs of three terms
    copied: NDArray[np.int32]  # (2, sentences) runs that the other text has too
    plain_and_facts: NDArray[np.float64]  # (2, 4, sentences) weight of no facts, of it what both have; facts, own ones
    lead: NDArray[np.int64]  # (2, 2, 2) of each text's beginning: dates and numbers, only there and in both
    partner: NDArray[np.int64]  # (2, sentences) -1: not aligned
    reach: NDArray[np.float64]
    once: NDArray[np.int64]  # for each place in a its place in b, of terms that stand once in both; -1: of no such term
    first: NDArray[np.int64]  # the same of the first places of shared terms
    kept: NDArray[np.int64]
    spare: NDArray[np.int64]
    meets: NDArray[np.int64]  # (2, terms) where the runs of each shared term begin
    sums: NDArray[np.float64]  # (4, 6) weights and numbers of terms, by kind: all of them, and those the other text has


def scratch(longest: int) -> Scratch:
    """Return room for texts of so many telling terms."""
    square = SENTENCES, SENTENCES
    return Scratch(
        np.zeros(square, np.float32), np.zeros(square, np.float32), np.zeros(square, np.int32),
        np.zeros((2, SENTENCES)), np.zeros((2, SENTENCES), np.int32), np.zeros((2, SENTENCES), np.int32),
        np.zeros((2, SENTENCES), np.int32), np.zeros((2, SENTENCES), np.int32),
        np.zeros((2, 4, SENTENCES)), np.zeros((2, 2, 2), np.int64), np.zeros((2, SENTENCES), np.int64),
        np.zeros(SENTENCES),
        np.zeros(longest, np.int64), np.zeros(longest, np.int64), np.zeros(longest, np.int64),
        np.zeros(longest, np.int64), np.zeros((2, longest), np.int64), np.zeros((4, 6)),
    )  # fmt: skip


@lean(cache=True)
def share(part: float, whole: float, prior: float) -> float:
    """Return part / whole, drawn towards one half as if `prior` more had been seen; 0 of nothing is 0."""
    return (part + 0.5 * prior) / (whole + prior) if whole + prior > 0 else 0.0


@lean(cache=True)
def amount(count: float) -> float:
    """Return a number of terms as a figure between 0 and 1; each further one says less."""
    return float(min(np.log1p(count) / _MOST, 1.0))


@lean(cache=True)
def runs(texts: Prepared, a: int, b: int, s: Scratch, row: NDArray[np.float32]) -> None:
    """Write what share of the runs of three terms the other text has, and count them sentence by sentence."""
    sets, stands = texts.shingles, texts.stands
    x, x1, y, y1 = sets.offsets[a], sets.offsets[a + 1], sets.offsets[b], sets.offsets[b + 1]
    size_a, size_b, shared = x1 - x, y1 - y, 0
    hashes, of_a, of_b, both_a, both_b = sets.hashes, s.runs[0], s.runs[1], s.copied[0], s.copied[1]
    s.runs[:], s.copied[:] = 0, 0
    for place in range(np.uint64(x), np.uint64(x1)):
        of_a[stands[place]] += 1
    for place in range(np.uint64(y), np.uint64(y1)):
        of_b[stands[place]] += 1
    while x < x1 and y < y1:  # without branches: of these every other would be guessed wrong
        mine, other = hashes[np.uint64(x)], hashes[np.uint64(y)]
        same = int(mine == other)
        shared += same
        both_a[stands[np.uint64(x)]] += same
        both_b[stands[np.uint64(y)]] += same
        x += int(mine <= other)
        y += int(other <= mine)
    row[at.VERBATIM_OF], row[at.VERBATIM_OF + 1] = share(shared, size_a, 0.0), share(shared, size_b, 0.0)


@lean(cache=True)
def _partners(score: NDArray[np.float32], s: Scratch, side: int, row: NDArray[np.float32]) -> float:
    """Find the best partner of each sentence of one side; return the weight of all its sentences that are long enough.

    `score` has a row for each of them and a column for each sentence of the other side.
    """
    count, others = score.shape
    total = aligned = bare = cover = squares = fresh = fresh_cover = lead = lead_cover = 0.0
    begun = 0
    for x in range(count):
        s.partner[side, x] = -1
        weight = s.weight[side, x]
        if weight < _LEAST:
            continue
        total += weight
        y = np.argmax(score[x]) if others else 0
        known = score[x, y] if others else 0.0
        cover += known
        squares += known * known / weight
        if 2 * s.copied[side, x] < s.runs[side, x]:
            fresh += weight
            fresh_cover += known
        if begun < _LEAD_SENTENCES:
            begun += 1
            lead += weight
            lead_cover += known
        if known >= _ALIGNED_FROM * weight:
            aligned += weight
            s.partner[side, x] = y
        elif known < _BARE_BELOW * weight:
            bare += weight
    row[at.ALIGNED + side] = share(aligned, total, 0.0)
    row[at.BARE + side] = share(bare, total, 0.0)
    row[at.COVER + side] = share(cover, total, PRIOR_WEIGHT)
    row[at.LEAD_COVER + side] = share(lead_cover, lead, PRIOR_WEIGHT)
    row[at.UNEVEN + side] = np.sqrt(max(share(squares, total, 0.0) - share(cover, total, 0.0) ** 2, 0.0))
    row[at.FRESH + side] = share(fresh_cover, fresh, 2 * PRIOR_WEIGHT)
    _beginning(s, side, count, row)
    return total


@lean(cache=True)
def _beginning(s: Scratch, side: int, count: int, row: NDArray[np.float32]) -> None:
    """Write how much of the first sentences the other text has, and whether its wording is spread evenly over all.

    A new report begins with what is new, and quotes the old one further down: there the wording is the other's, here
    it is not. A rewording has some of the wording everywhere. As in `_partners`, short sentences are passed over.
    """
    begun = 0
    total = mean = squares = plain = plain_shared = facts = facts_own = runs = copied = 0.0
    for x in range(count):
        weight = s.weight[side, x]
        if weight < _LEAST:
            continue
        verbatim = share(s.copied[side, x], s.runs[side, x], 0.0)
        total += weight
        mean += weight * verbatim
        squares += weight * verbatim * verbatim
        if begun < _LEAD_SENTENCES:
            begun += 1
            plain += s.plain_and_facts[side, 0, x]
            plain_shared += s.plain_and_facts[side, 1, x]
            facts += s.plain_and_facts[side, 2, x]
            facts_own += s.plain_and_facts[side, 3, x]
            runs += s.runs[side, x]
            copied += s.copied[side, x]
    row[at.UNEVEN_VERBATIM + side] = np.sqrt(max(share(squares, total, 0.0) - share(mean, total, 0.0) ** 2, 0.0))
    row[at.LEAD_VERBATIM + side] = share(copied, runs, 2 * PRIOR_ITEMS)
    row[at.LEAD_PLAIN + side] = share(plain_shared, plain, PRIOR_WEIGHT)
    row[at.LEAD_FACTS + side] = share(facts - facts_own, facts, 2.0)
    row[at.OWN_LEAD_FACTS + side] = amount(facts_own)


@lean(cache=True)
def align(s: Scratch, row: NDArray[np.float32], na: int, nb: int) -> None:
    """Align the sentences, and see what became of the facts in those that are each other's partner."""
    total_a, total_b = _partners(s.score[:na, :nb], s, 0, row), _partners(s.score.T[:nb, :na], s, 1, row)
    links = changed_figures = kept_figures = changed_names = lone = 0
    mutual = 0.0
    for x in range(na):
        y = s.partner[0, x]
        if y < 0:
            continue
        s.first[links] = y
        links += 1
        if s.partner[1, y] == x:
            mutual += s.weight[0, x]
            kept_figures += s.figures[x, y]
            changed_figures += min(s.lone_figures[0, x], s.lone_figures[1, y])
            lone += s.lone_figures[0, x] + s.lone_figures[1, y]
            changed_names += min(s.lone_names[0, x], s.lone_names[1, y])
    row[at.SENTENCE_ORDER] = share(longest_rise(s.first[:links], s.spare), links, 2.0)
    row[at.CHANGED_NUMBERS] = changed_figures / (changed_figures + kept_figures + 1.0)
    row[at.CHANGED_NAMES] = changed_names / (changed_names + 2.0)
    row[at.APART] = lone / (lone + 2 * kept_figures + 2.0)
    row[at.KEPT_NUMBERS] = kept_figures / (kept_figures + 2.0)
    row[at.MUTUAL] = share(mutual, max(total_a, total_b), 0.0)


@lean(cache=True)
def path(s: Scratch, row: NDArray[np.float32], na: int, nb: int, total_a: float, total_b: float) -> None:
    """Find the best alignment without crossings: each sentence of b goes to one of a, and never back."""
    s.reach[:na] = 0.0
    loose = best = 0.0
    for y in range(nb):
        most = widest = 0.0
        for x in range(na):
            most = max(most, s.reach[x])
            widest = max(widest, s.lone[x, y])
            s.reach[x] = most + s.lone[x, y]
            best = max(best, s.reach[x])
        loose += widest
    row[at.PATH_OF], row[at.PATH_OF + 1] = share(best, total_a, 0.0), share(best, total_b, 0.0)
    row[at.STRAIGHT] = share(best, loose, PRIOR_WEIGHT)
