"""A pair of texts → figures that together tell a rewording from an independent report; each between 0 and 1.

They come from one walk along two sorted columns, from the sentences the two share, and from whose words each is in. `a`
is the text with more to tell, `b` the one with less: a figure "of b" asks whether the smaller text is covered by the
larger.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cleaners.facts import marks
from cleaners.kernels import lean
from cleaners.rewording import columns as at
from cleaners.rewording.alignment import PRIOR_ITEMS, PRIOR_WEIGHT, Scratch, align, amount, path, runs, scratch, share
from cleaners.rewording.prepare import SENTENCES, Hashes, Prepared
from cleaners.rewording.walks import falling_pairs, longest_rise

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST_SHARED = 0.12
"""Weighted Jaccard similarity of the telling terms below which nothing else is measured. Of the rewordings that are
long enough 99 % reach it; of independent articles that met, one in four."""
# A term this rare (in fewer than one article of 250, of 400) tells by itself: any term, and one that is no fact.
_RARE, _RARE_PLAIN = 5.5, 6.0
# Telling terms that a report begins with: about two sentences. What is new in a series of reports stands there.
_LEAD_TERMS = 24
# The same with room for what a rewording moves.
_LEAD_ROOM = 48
# Places of a term that are compared with the other text's: one that stands everywhere would cost a quadratic number.
_PLACES_OF_TERM = 12
# Kinds of terms that are counted apart.
_PLAIN, _FIGURES, _OTHER_FACTS, _RARE_WORDS = range(4)


def measures(texts: Prepared, pairs: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the figures of each pair of rows, (k, len(MEASURES)) float32; `pairs` is (k, 2), in either order."""
    figures = np.zeros((len(pairs), len(at.MEASURES)), np.float32)
    longest = int(np.diff(texts.offsets).max(initial=0)) + SENTENCES
    _measure_all(texts, pairs, scratch(longest), figures)
    return figures


@lean(cache=True)
def _measure_all(texts: Prepared, pairs: NDArray[np.int64], s: Scratch, figures: NDArray[np.float32]) -> None:
    for p in range(len(pairs)):
        a, b = pairs[p, 0], pairs[p, 1]
        if _swapped(texts, a, b):
            a, b = b, a
        row = figures[p]
        met = _meet(texts, a, b, s.meets)
        na = _own(texts, a, s, 0, row, met)
        nb = _own(texts, b, s, 1, row, met)
        total_a, total_b = texts.whole[a], texts.whole[b]
        common = row[at.OF] * total_a
        row[at.JACCARD] = share(common, total_a + total_b - common, 0.0)
        if row[at.JACCARD] < LEAST_SHARED:
            continue
        _walk(texts, a, b, s, row, (na, nb, met))
        runs(texts, a, b, s, row)
        align(s, row, na, nb)
        path(s, row, na, nb, total_a, total_b)
        row[at.BALANCE] = share(total_b, total_a, 0.0)
        row[at.LENGTH] = min(np.log1p(total_b) / 10.0, 1.0)
        row[at.SHARED] = min(np.log1p(common) / 10.0, 1.0)
        row[at.BOTH_WIDE] = min(row[at.ALIGNED], row[at.ALIGNED + 1])
        row[at.NEIGHBOURS] = _sets(texts.neighbours, a, b, row, at.NEIGHBOURS_OF, 0.0)
        row[at.CHAIN] = _sets(texts.chain, a, b, row, at.CHAIN_OF, PRIOR_ITEMS)
        for kind in range(2):
            lone = min(s.lead[0, kind, 0], s.lead[1, kind, 0])
            row[at.LEAD_DATES + kind] = lone / (lone + min(s.lead[0, kind, 1], s.lead[1, kind, 1]) + 1.0)
        _sets(texts.copies, a, b, row, at.COPIED_OF, 0.0)
        row[at.MACHINE] = max(texts.machine[a], texts.machine[b])
        row[at.MACHINE_APART] = abs(texts.machine[a] - texts.machine[b])


@lean(cache=True)
def _swapped(texts: Prepared, a: int, b: int) -> bool:
    """Tell whether b tells more than a; of equal ones that with the smaller first term goes first."""
    if texts.whole[a] != texts.whole[b]:
        return bool(texts.whole[b] > texts.whole[a])
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
    if shingles[b + 1] - shingles[b] != shingles[a + 1] - shingles[a]:
        return bool(shingles[b + 1] - shingles[b] > shingles[a + 1] - shingles[a])
    return _laid_out_before(texts, b, a)


@lean(cache=True)
def _laid_out_before(texts: Prepared, a: int, b: int) -> bool:
    """Tell whether a goes before b, which has the same terms, by places, sentences and marks of the terms."""
    away = texts.offsets[b] - texts.offsets[a]
    for x in range(texts.offsets[a], texts.offsets[a + 1]):
        mine, other = _layout(texts, x), _layout(texts, x + away)
        if mine != other:
            return bool(mine < other)
    return False


@lean(cache=True)
def _layout(texts: Prepared, x: int) -> int:
    """Return place, sentence and marks of one term as one number."""
    place, sentence = np.int64(texts.place[x]), np.int64(texts.sentence[x])
    return int(place << 24 | sentence << 8 | np.int64(texts.flags[x]))


@lean(cache=True)
def _sets(sets: Hashes, a: int, b: int, row: NDArray[np.float32], to: int, prior: float) -> float:
    """Write what share of each set the other has, to `to` and the next column; return their Jaccard similarity."""
    x, x1, y, y1 = sets.offsets[a], sets.offsets[a + 1], sets.offsets[b], sets.offsets[b + 1]
    hashes, size_a, size_b, shared = sets.hashes, x1 - x, y1 - y, 0
    while x < x1 and y < y1:  # without branches: of these every other would be guessed wrong
        mine, other = hashes[np.uint64(x)], hashes[np.uint64(y)]
        shared += int(mine == other)
        x += int(mine <= other)
        y += int(other <= mine)
    row[to], row[to + 1] = share(shared, size_a, prior), share(shared, size_b, prior)
    return share(shared, size_a + size_b - shared, prior)


@lean(cache=True)
def _run_end(term: NDArray[np.uint32], k: int, stop: int) -> int:
    """Return where the run of equal terms ends."""
    value = term[k]
    while k < stop and term[k] == value:
        k += 1
    return k


@lean(cache=True)
def _count(texts: Prepared, k: int, end: int, sentences: NDArray[np.int32]) -> None:
    """Count the places of a term sentence by sentence."""
    for r in range(k, end):
        sentences[texts.sentence[r]] += 1


@lean(cache=True)
def _tell(texts: Prepared, k: int, end: int, s: Scratch, side: int, fact: bool, shared: bool) -> int:  # noqa: FBT001
    """Add a term to the sentences it stands in, to each once; return how many sentences that takes."""
    weight = np.float64(texts.weight[k])
    for r in range(k, end):
        sentence = np.int64(texts.sentence[r])
        if r > k and texts.sentence[r] == texts.sentence[r - 1]:
            continue
        s.weight[side, sentence] += weight
        each = 1.0 if fact else weight
        s.plain_and_facts[side, 2 * fact, sentence] += each
        # Of facts those that only this text has are counted, of the others those that both have.
        if fact != shared:
            s.plain_and_facts[side, 1 + 2 * fact, sentence] += each
    return int(np.int64(texts.sentence[end - 1])) + 1


@lean(cache=True)
def _meet(texts: Prepared, a: int, b: int, meets: NDArray[np.int64]) -> int:
    """Write where the runs of each term that both have begin; return how many there are."""
    term, mine, others = texts.term, meets[0], meets[1]
    x, x1, y, y1 = texts.offsets[a], texts.offsets[a + 1], texts.offsets[b], texts.offsets[b + 1]
    count, last = 0, np.uint32(0)  # no term is 0
    while x < x1 and y < y1:  # without branches: of these every other would be guessed wrong
        one, other = term[np.uint64(x)], term[np.uint64(y)]
        mine[np.uint64(count)], others[np.uint64(count)] = x, y
        count += int((one == other) & (one != last))
        last = one if one == other else last
        x += int(one <= other)
        y += int(other <= one)
    return count


@lean(cache=True)
def _own(texts: Prepared, i: int, s: Scratch, side: int, row: NDArray[np.float32], met: int) -> int:
    """Write what share of text i's terms, facts, numbers and rare terms the other has too; return the sentences of i.

    Of the `met` terms that both have the scratch knows where they are. To it: the weight of each sentence, and the
    facts in it that the other text does not have.
    """
    lone_figures, lone_names = s.lone_figures[side], s.lone_names[side]
    s.weight[side], lone_figures[:], lone_names[:], s.lead[side], s.plain_and_facts[side] = 0.0, 0, 0, 0, 0.0
    s.sums[:] = 0.0
    whole, part = s.sums[0], s.sums[1]  # terms, facts, figures, rare terms, terms of the lead, of the tail
    own, common = s.sums[2], s.sums[3]  # how many terms: no facts, figures, other facts, rare words
    mine, others, offset, at_met = s.meets[side], s.meets[1 - side], side, 0
    k, k1 = texts.offsets[i], texts.offsets[i + 1]
    tail = k1 - k - _LEAD_TERMS
    count, in_lead = 0, 0.0
    while k < k1:
        end, w, flag = _run_end(texts.term, k, k1), np.float64(texts.weight[k]), 0
        shared = at_met < met and mine[at_met] == k
        o = others[at_met]
        at_met += int(shared)
        for r in range(k, end):
            flag |= texts.flags[r]
        count = max(count, _tell(texts, k, end, s, side, flag & marks.FACT != 0, shared))
        amounts = (
            w, w if flag & marks.FACT else 0.0, w if flag & marks.FIGURE else 0.0, 1.0 if w >= _RARE else 0.0,
            w if texts.place[k] < _LEAD_TERMS else 0.0, w if texts.place[end - 1] >= tail else 0.0,
        )  # fmt: skip
        for kind in range(6):
            whole[kind] += amounts[kind]
            part[kind] += amounts[kind] * shared
        kind = _FIGURES if flag & marks.FIGURE else _OTHER_FACTS if flag & marks.FACT else _PLAIN
        own[kind] += not shared
        common[kind] += shared
        rare = kind == _PLAIN and w >= _RARE_PLAIN
        own[_RARE_WORDS] += rare and not shared
        common[_RARE_WORDS] += rare and shared
        in_lead += amounts[4] * (shared and texts.place[o] < _LEAD_ROOM)
        begins = (flag & marks.FIGURE) != 0 and texts.place[k] < _LEAD_ROOM
        s.lead[side, int((flag & marks.DATE) == 0), int(shared)] += int(begins)
        if not shared and flag & marks.FIGURE:
            _count(texts, k, end, lone_figures)
        elif not shared and flag & marks.NAME:
            _count(texts, k, end, lone_names)
        k = end
    row[at.OF + offset] = share(part[0], whole[0], 0.0)
    row[at.FACTS_OF + offset] = share(part[1], whole[1], PRIOR_WEIGHT)
    row[at.NUMBERS_OF + offset] = share(part[2], whole[2], PRIOR_WEIGHT)
    row[at.RARE_OF + offset] = share(part[3], whole[3], 2.0)
    row[at.LEAD + offset] = share(part[4], whole[4], PRIOR_WEIGHT)
    row[at.TAIL + offset] = share(part[5], whole[5], PRIOR_WEIGHT)
    row[at.LEAD_IN_LEAD + offset] = share(in_lead, whole[4], PRIOR_WEIGHT)
    row[at.PLAIN_OF + offset] = share(part[0] - part[1], whole[0] - whole[1], PRIOR_WEIGHT)
    row[at.OWN_FACTS + offset] = amount(own[_FIGURES] + own[_OTHER_FACTS])
    row[at.OWN_NUMBERS + offset] = amount(own[_FIGURES])
    row[at.OWN_NAMES + offset] = amount(own[_OTHER_FACTS])
    row[at.OWN_WORDS + offset] = amount(own[_PLAIN])
    row[at.COMMON_FACTS] = amount(common[_FIGURES] + common[_OTHER_FACTS])
    row[at.COMMON_NUMBERS] = amount(common[_FIGURES])
    row[at.RARE_PLAIN_OF + offset] = share(common[_RARE_WORDS], own[_RARE_WORDS] + common[_RARE_WORDS], 2.0)
    row[at.COMMON_RARE_PLAIN] = amount(common[_RARE_WORDS])
    return count


@lean(cache=True)
def _walk(texts: Prepared, a: int, b: int, s: Scratch, row: NDArray[np.float32], counts: tuple[int, int, int]) -> None:
    """Go through the shared terms: what the sentences share, and whether the terms come in the same order."""
    na, nb, met = counts
    s.score[:na, :nb], s.lone[:na, :nb], s.figures[:na, :nb] = 0.0, 0.0, 0
    k1, o1 = texts.offsets[a + 1], texts.offsets[b + 1]
    stretch_a, stretch_b = max(k1 - texts.offsets[a], 1), max(o1 - texts.offsets[b], 1)
    s.once[:stretch_a], s.first[:stretch_a] = -1, -1
    apart = common = 0.0
    for number in range(met):
        k, o = s.meets[0, number], s.meets[1, number]
        ke, oe, w = _run_end(texts.term, k, k1), _run_end(texts.term, o, o1), texts.weight[k]
        s.first[texts.place[k]] = texts.place[o]
        if ke - k == 1 and oe - o == 1:
            s.once[texts.place[k]] = texts.place[o]
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
    once = _those_there(s.once[:stretch_a], s.kept)
    row[at.ORDER] = share(longest_rise(s.kept[:once], s.spare), once, PRIOR_ITEMS)
    mentioned = _those_there(s.first[:stretch_a], s.kept)
    falling = falling_pairs(s.kept[:mentioned], s.spare)
    row[at.AGREEING] = 1.0 - share(falling, mentioned * (mentioned - 1) / 2.0, 10.0)
    row[at.PLACES] = 1.0 - min(3.0 * share(apart, common, PRIOR_WEIGHT), 1.0)


@lean(cache=True)
def _those_there(places: NDArray[np.int64], out: NDArray[np.int64]) -> int:
    """Write those places that are some; return how many."""
    count = 0
    for place in places:
        out[count] = place
        count += int(place >= 0)
    return count
