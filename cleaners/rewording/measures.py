"""A pair of texts → figures that together tell a rewording from an independent report; each between 0 and 1.

All of them come from one walk along two sorted columns and from the sentences the two share. `a` is the text with more
to tell, `b` the one with less: a figure "of b" asks whether the smaller text is covered by the larger.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from cleaners.facts import marks
from cleaners.rewording.prepare import SENTENCES, Hashes, Prepared
from cleaners.rewording.walks import falling_pairs, longest_rise

if TYPE_CHECKING:
    from numpy.typing import NDArray

MEASURES = (
    "jaccard",  # weight of the shared terms / of all terms
    "of_a", "of_b",  # weight of the shared terms / of the text's
    "facts_of_a", "facts_of_b",  # the same for names, numbers, dates, handles
    "numbers_of_a", "numbers_of_b",  # the same for numbers and dates
    "rare_of_a", "rare_of_b",  # shared / all rare terms, by count
    "neighbours", "neighbours_of_a", "neighbours_of_b",  # terms that stand together: Jaccard, and of each text
    "aligned_a", "aligned_b",  # weight of the sentences that have a partner in the other text
    "bare_a", "bare_b",  # weight of the sentences of which the other text knows next to nothing
    "order",  # of the terms that stand once in both, the longest run in the same order
    "sentence_order",  # the same for aligned sentences
    "changed_numbers", "changed_names",  # in sentences that are each other's partner, facts that only one text has
    "kept_numbers",  # and numbers that both have
    "verbatim_of_a", "verbatim_of_b",  # runs of three terms
    "balance",  # what the smaller text tells / what the larger tells
    "length",  # logarithm of what the smaller text tells
    "shared",  # logarithm of what the two share
    "both_wide",  # the lesser of aligned_a and aligned_b
    "mutual",  # weight of the sentences that are each other's partner
    "chain", "chain_of_a", "chain_of_b",  # facts that follow one another: Jaccard, and of each text
    "places",  # how near the shared terms stand to the same relative place
    "copied_of_a", "copied_of_b",  # sentences that stand in the other text word for word
    "agreeing",  # pairs of shared terms that are mentioned first in the same order
    "cover_a", "cover_b",  # how much of each sentence its best partner knows, on average
    "path_of_a", "path_of_b",  # what an alignment without crossings covers
    "straight",  # the same as a share of what one with crossings would cover
    "lead_a", "lead_b",  # of the beginning: weight of the terms that the other text has anywhere
    "apart",  # in sentences that are each other's partner, numbers that only one of them knows / all numbers
)  # fmt: skip
"""Names of the columns of `measures`, in order."""

(
    _JACCARD, _OF, _, _FACTS_OF, _, _NUMBERS_OF, _, _RARE_OF, _, _NEIGHBOURS, _NEIGHBOURS_OF, _, _ALIGNED, _, _BARE, _,
    _ORDER, _SENTENCE_ORDER, _CHANGED_NUMBERS, _CHANGED_NAMES, _KEPT_NUMBERS, _VERBATIM_OF, _, _BALANCE, _LENGTH,
    _SHARED, _BOTH_WIDE, _MUTUAL, _CHAIN, _CHAIN_OF, _, _PLACES, _COPIED_OF, _, _AGREEING, _COVER, _, _PATH_OF, _,
    _STRAIGHT, _LEAD, _, _APART,
) = range(len(MEASURES))  # fmt: skip

LEAST_SHARED = 0.12
"""Weighted Jaccard similarity of the telling terms below which nothing else is measured. Of the rewordings that are
long enough 99 % reach it; of independent articles that met, one in four."""
COPY_SHARED = 0.15
"""The same where only copies matter, as in a dataset: 99.5 % of the pairs called `reworded` reach it."""
# A term this rare (in fewer than one article of 250) tells by itself.
_RARE = 5.5
# A sentence is aligned when its best partner holds this share of its weight, bare when less than the other.
_ALIGNED_FROM, _BARE_BELOW = 0.4, 0.15
# Telling terms that a report begins with: about two sentences. What is new in a series of reports stands there.
_LEAD_TERMS = 24
# Sentences below this weight (two or three telling words) are too short to be aligned or missed.
_LEAST = 8.0
# Places of a term that are compared with the other text's: one that stands everywhere would cost a quadratic number.
_PLACES_OF_TERM = 12
# Little evidence says little: shares are drawn towards one half as if so much (weight, items) had been seen as well.
_PRIOR_WEIGHT, _PRIOR_ITEMS = 10.0, 3.0


class _Scratch(NamedTuple):
    """Arrays that one pair after the other is worked out in."""

    score: NDArray[np.float32]  # weight that two sentences share
    lone: NDArray[np.float32]  # the same, with each term counted once in all
    figures: NDArray[np.int32]  # numbers that two sentences share
    weight: NDArray[np.float64]  # (2, sentences)
    lone_figures: NDArray[np.int32]  # (2, sentences) numbers that the other text does not have
    lone_names: NDArray[np.int32]  # (2, sentences)
    partner: NDArray[np.int64]  # (2, sentences) -1: not aligned
    reach: NDArray[np.float64]
    once: NDArray[np.int64]  # places of terms that stand once in both
    first: NDArray[np.int64]  # first places of shared terms
    spare: NDArray[np.int64]


def measures(texts: Prepared, pairs: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the figures of each pair of rows, (k, len(MEASURES)) float32; `pairs` is (k, 2), in either order."""
    figures = np.zeros((len(pairs), len(MEASURES)), np.float32)
    longest = int(np.diff(texts.offsets).max(initial=0)) + SENTENCES
    square = SENTENCES, SENTENCES
    scratch = _Scratch(
        np.zeros(square, np.float32), np.zeros(square, np.float32), np.zeros(square, np.int32),
        np.zeros((2, SENTENCES)), np.zeros((2, SENTENCES), np.int32), np.zeros((2, SENTENCES), np.int32),
        np.zeros((2, SENTENCES), np.int64), np.zeros(SENTENCES),
        np.zeros(longest, np.int64), np.zeros(longest, np.int64), np.zeros(longest, np.int64),
    )  # fmt: skip
    _measure_all(texts, pairs, scratch, figures)
    return figures


@njit(cache=True, nogil=True)
def _measure_all(texts: Prepared, pairs: NDArray[np.int64], s: _Scratch, figures: NDArray[np.float32]) -> None:
    for p in range(len(pairs)):
        a, b = pairs[p, 0], pairs[p, 1]
        if _swapped(texts, a, b):
            a, b = b, a
        row = figures[p]
        na = _own(texts, a, b, s, 0, row, 0)
        nb = _own(texts, b, a, s, 1, row, 1)
        total_a, total_b = texts.told[a], texts.told[b]
        common = row[_OF] * total_a
        row[_JACCARD] = _share(common, total_a + total_b - common, 0.0)
        if row[_JACCARD] < LEAST_SHARED:
            continue
        _walk(texts, a, b, s, row, na, nb)
        _align(s, row, na, nb)
        _path(s, row, na, nb, total_a, total_b)
        row[_BALANCE] = _share(total_b, total_a, 0.0)
        row[_LENGTH] = min(np.log1p(total_b) / 10.0, 1.0)
        row[_SHARED] = min(np.log1p(common) / 10.0, 1.0)
        row[_BOTH_WIDE] = min(row[_ALIGNED], row[_ALIGNED + 1])
        row[_NEIGHBOURS] = _sets(texts.neighbours, a, b, row, _NEIGHBOURS_OF, 0.0)
        row[_CHAIN] = _sets(texts.chain, a, b, row, _CHAIN_OF, _PRIOR_ITEMS)
        _sets(texts.shingles, a, b, row, _VERBATIM_OF, 0.0)
        _sets(texts.copies, a, b, row, _COPIED_OF, 0.0)


@njit(cache=True, nogil=True)
def _share(part: float, whole: float, prior: float) -> float:
    """Return part / whole, drawn towards one half as if `prior` more had been seen; 0 of nothing is 0."""
    return (part + 0.5 * prior) / (whole + prior) if whole + prior > 0 else 0.0


@njit(cache=True, nogil=True)
def _swapped(texts: Prepared, a: int, b: int) -> bool:
    """Tell whether b tells more than a; of equal ones that with the smaller first term goes first."""
    if texts.told[a] != texts.told[b]:
        return bool(texts.told[b] > texts.told[a])
    x, y = texts.offsets[a], texts.offsets[b]
    while x < texts.offsets[a + 1] and y < texts.offsets[b + 1] and texts.term[x] == texts.term[y]:
        x += 1
        y += 1
    if x < texts.offsets[a + 1] and y < texts.offsets[b + 1]:
        return bool(texts.term[y] < texts.term[x])
    if x < texts.offsets[a + 1] or y < texts.offsets[b + 1]:
        return bool(y < texts.offsets[b + 1])
    # The same telling words: then only how many others stand between them can make a difference.
    if texts.words[a] != texts.words[b]:
        return bool(texts.words[b] > texts.words[a])
    shingles = texts.shingles.offsets
    return bool(shingles[b + 1] - shingles[b] > shingles[a + 1] - shingles[a])


@njit(cache=True, nogil=True)
def _sets(sets: Hashes, a: int, b: int, row: NDArray[np.float32], at: int, prior: float) -> float:
    """Write what share of each set the other has, to `at` and `at + 1`; return their Jaccard similarity."""
    x, x1, y, y1 = sets.offsets[a], sets.offsets[a + 1], sets.offsets[b], sets.offsets[b + 1]
    size_a, size_b, shared = x1 - x, y1 - y, 0
    while x < x1 and y < y1:
        if sets.hashes[x] == sets.hashes[y]:
            shared += 1
            x += 1
            y += 1
        elif sets.hashes[x] < sets.hashes[y]:
            x += 1
        else:
            y += 1
    row[at], row[at + 1] = _share(shared, size_a, prior), _share(shared, size_b, prior)
    return _share(shared, size_a + size_b - shared, prior)


@njit(cache=True, nogil=True)
def _run_end(term: NDArray[np.uint32], k: int, stop: int) -> int:
    """Return where the run of equal terms ends."""
    value = term[k]
    while k < stop and term[k] == value:
        k += 1
    return k


@njit(cache=True, nogil=True)
def _own(texts: Prepared, i: int, j: int, s: _Scratch, side: int, row: NDArray[np.float32], offset: int) -> int:
    """Write what share of text i's terms, facts, numbers and rare terms j has too; return the sentences of i.

    To the scratch: the weight of each sentence, and the facts in it that j does not have.
    """
    weight, lone_figures, lone_names = s.weight[side], s.lone_figures[side], s.lone_names[side]
    weight[:], lone_figures[:], lone_names[:] = 0.0, 0, 0
    whole, part = np.zeros(5), np.zeros(5)  # terms, facts, figures, rare terms, terms of the lead
    k, k1, o, o1 = texts.offsets[i], texts.offsets[i + 1], texts.offsets[j], texts.offsets[j + 1]
    count = 0
    while k < k1:
        end, w, flag = _run_end(texts.term, k, k1), np.float64(texts.weight[k]), 0
        while o < o1 and texts.term[o] < texts.term[k]:
            o += 1
        shared = o < o1 and texts.term[o] == texts.term[k]
        for r in range(k, end):
            flag |= texts.flags[r]
            if r == k or texts.sentence[r] != texts.sentence[r - 1]:
                weight[texts.sentence[r]] += w
                count = max(count, int(np.int64(texts.sentence[r])) + 1)
        amounts = (
            w, w if flag & marks.FACT else 0.0, w if flag & marks.FIGURE else 0.0, 1.0 if w >= _RARE else 0.0,
            w if texts.place[k] < _LEAD_TERMS else 0.0,
        )  # fmt: skip
        for kind in range(5):
            whole[kind] += amounts[kind]
            part[kind] += amounts[kind] * shared
        if not shared and flag & marks.FIGURE:
            for r in range(k, end):
                lone_figures[texts.sentence[r]] += 1
        elif not shared and flag & marks.NAME:
            for r in range(k, end):
                lone_names[texts.sentence[r]] += 1
        k = end
    row[_OF + offset] = _share(part[0], whole[0], 0.0)
    row[_FACTS_OF + offset] = _share(part[1], whole[1], _PRIOR_WEIGHT)
    row[_NUMBERS_OF + offset] = _share(part[2], whole[2], _PRIOR_WEIGHT)
    row[_RARE_OF + offset] = _share(part[3], whole[3], 2.0)
    row[_LEAD + offset] = _share(part[4], whole[4], _PRIOR_WEIGHT)
    return count


@njit(cache=True, nogil=True)
def _walk(texts: Prepared, a: int, b: int, s: _Scratch, row: NDArray[np.float32], na: int, nb: int) -> None:
    """Go through the shared terms: what the sentences share, and whether the terms come in the same order."""
    s.score[:na, :nb], s.lone[:na, :nb], s.figures[:na, :nb] = 0.0, 0.0, 0
    k, k1, o, o1 = texts.offsets[a], texts.offsets[a + 1], texts.offsets[b], texts.offsets[b + 1]
    stretch_a, stretch_b = max(k1 - k, 1), max(o1 - o, 1)
    once = mentioned = 0
    apart = common = 0.0
    while k < k1 and o < o1:
        if texts.term[k] != texts.term[o]:
            if texts.term[k] < texts.term[o]:
                k += 1
            else:
                o += 1
            continue
        ke, oe, w = _run_end(texts.term, k, k1), _run_end(texts.term, o, o1), texts.weight[k]
        s.first[mentioned] = np.int64(texts.place[k]) << 32 | np.int64(texts.place[o])
        mentioned += 1
        if ke - k == 1 and oe - o == 1:
            s.once[once] = s.first[mentioned - 1]
            once += 1
        nearest = 1.0
        for x in range(k, min(ke, k + _PLACES_OF_TERM)):
            again = x > k and texts.sentence[x] == texts.sentence[x - 1]
            for y in range(o, min(oe, o + _PLACES_OF_TERM)):
                nearest = min(nearest, abs(texts.place[x] / stretch_a - texts.place[y] / stretch_b))
                if again or (y > o and texts.sentence[y] == texts.sentence[y - 1]):
                    continue
                s.score[texts.sentence[x], texts.sentence[y]] += w
                s.lone[texts.sentence[x], texts.sentence[y]] += w / ((ke - k) * (oe - o))
                s.figures[texts.sentence[x], texts.sentence[y]] += (texts.flags[x] & marks.FIGURE) != 0
        apart += w * nearest
        common += w
        k, o = ke, oe
    in_order = np.sort(s.once[:once]) & 0xFFFFFFFF
    mentions = np.sort(s.first[:mentioned]) & 0xFFFFFFFF
    row[_ORDER] = _share(longest_rise(in_order, s.spare), once, _PRIOR_ITEMS)
    row[_AGREEING] = 1.0 - _share(falling_pairs(mentions, s.spare), mentioned * (mentioned - 1) / 2.0, 10.0)
    row[_PLACES] = 1.0 - min(3.0 * _share(apart, common, _PRIOR_WEIGHT), 1.0)


@njit(cache=True, nogil=True)
def _partners(score: NDArray[np.float32], s: _Scratch, side: int, row: NDArray[np.float32]) -> float:
    """Find the best partner of each sentence of one side; return the weight of all its sentences that are long enough.

    `score` has a row for each of them and a column for each sentence of the other side.
    """
    count, others = score.shape
    total = aligned = bare = cover = 0.0
    for x in range(count):
        s.partner[side, x] = -1
        weight = s.weight[side, x]
        if weight < _LEAST:
            continue
        total += weight
        y = np.argmax(score[x]) if others else 0
        known = score[x, y] if others else 0.0
        cover += known
        if known >= _ALIGNED_FROM * weight:
            aligned += weight
            s.partner[side, x] = y
        elif known < _BARE_BELOW * weight:
            bare += weight
    row[_ALIGNED + side] = _share(aligned, total, 0.0)
    row[_BARE + side] = _share(bare, total, 0.0)
    row[_COVER + side] = _share(cover, total, _PRIOR_WEIGHT)
    return total


@njit(cache=True, nogil=True)
def _align(s: _Scratch, row: NDArray[np.float32], na: int, nb: int) -> None:
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
    row[_SENTENCE_ORDER] = _share(longest_rise(s.first[:links], s.spare), links, 2.0)
    row[_CHANGED_NUMBERS] = changed_figures / (changed_figures + kept_figures + 1.0)
    row[_CHANGED_NAMES] = changed_names / (changed_names + 2.0)
    row[_APART] = lone / (lone + 2 * kept_figures + 2.0)
    row[_KEPT_NUMBERS] = kept_figures / (kept_figures + 2.0)
    row[_MUTUAL] = _share(mutual, max(total_a, total_b), 0.0)


@njit(cache=True, nogil=True)
def _path(s: _Scratch, row: NDArray[np.float32], na: int, nb: int, total_a: float, total_b: float) -> None:
    """Find the best alignment without crossings: each sentence of b goes to one of a, and never back."""
    s.reach[:na] = 0.0
    loose = path = 0.0
    for y in range(nb):
        most = widest = 0.0
        for x in range(na):
            most = max(most, s.reach[x])
            widest = max(widest, s.lone[x, y])
            s.reach[x] = most + s.lone[x, y]
            path = max(path, s.reach[x])
        loose += widest
    row[_PATH_OF], row[_PATH_OF + 1] = _share(path, total_a, 0.0), _share(path, total_b, 0.0)
    row[_STRAIGHT] = _share(path, loose, _PRIOR_WEIGHT)
