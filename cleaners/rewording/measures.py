"""A pair of texts → figures that together tell a rewording from an independent report; each between 0 and 1.

All of them come from one walk along two sorted columns. `b` is the text with less to tell, so that a figure "of b" asks
whether the smaller text is covered by the larger.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from cleaners.facts import scan
from cleaners.facts.sets import FACT
from cleaners.rewording.prepare import SENTENCES, Prepared

if TYPE_CHECKING:
    from numpy.typing import NDArray

MEASURES = (
    "jaccard",
    "of_a",
    "of_b",
    "facts_of_a",
    "facts_of_b",
    "numbers_of_a",
    "numbers_of_b",
    "rare_of_a",
    "rare_of_b",
    "neighbours",
    "neighbours_of_a",
    "neighbours_of_b",
    "aligned_a",
    "aligned_b",
    "bare_a",
    "bare_b",
    "order",
    "sentence_order",
    "changed_numbers",
    "changed_names",
    "kept_numbers",
    "verbatim_of_a",
    "verbatim_of_b",
    "balance",
    "length",
    "shared",
    "both_wide",
    "mutual",
    "chain",
    "chain_of_a",
    "chain_of_b",
    "places",
)
"""Names of the columns of `measures`, in order."""

_FIGURE = scan.NUMBER | scan.DATE
# A term this rare (in fewer than one article of 250) tells by itself.
_RARE = 5.5
# A sentence is aligned when its best partner holds this share of its weight, bare when less than the other.
_ALIGNED, _BARE = 0.4, 0.15
# Sentences below this weight (two or three telling words) are too short to be aligned or missed.
_LEAST = 8.0
_FIGURES = len(MEASURES)


def measures(texts: Prepared, pairs: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the figures of each pair of rows, (k, len(MEASURES)) float32; `pairs` is (k, 2), in either order."""
    figures = np.zeros((len(pairs), _FIGURES), np.float32)
    _measure_all(pairs, *texts[:13], figures)
    return figures


@njit(cache=True, nogil=True)
def _shared(x, x0, x1, y, y0, y1):
    """Return how many values two sorted distinct stretches share."""
    count = 0
    while x0 < x1 and y0 < y1:
        if x[x0] == y[y0]:
            count += 1
            x0 += 1
            y0 += 1
        elif x[x0] < y[y0]:
            x0 += 1
        else:
            y0 += 1
    return count


@njit(cache=True, nogil=True)
def _run_end(term, k, stop):
    value = term[k]
    while k < stop and term[k] == value:
        k += 1
    return k


@njit(cache=True, nogil=True)
def _rising(values, count, tails):
    """Return the length of the longest rising subsequence of the first `count` values."""
    length = 0
    for k in range(count):
        low, high = 0, length
        while low < high:
            middle = (low + high) // 2
            if tails[middle] < values[k]:
                low = middle + 1
            else:
                high = middle
        tails[low] = values[k]
        length = max(length, low + 1)
    return length


@njit(cache=True, nogil=True)
def _share(part, whole, prior=0.0):
    """Return part / whole, drawn towards one half as if `prior` more had been seen: little evidence says little."""
    return (part + 0.5 * prior) / (whole + prior) if whole + prior > 0 else 0.0


@njit(cache=True, nogil=True)
def _side(term, weight, flags, sentence, k0, k1, other, o0, o1, totals, lone_figures, lone_names):
    """Sum one side: weights (all, shared, facts, shared facts, figures, shared figures, rare, shared rare).

    Also per sentence: weight of distinct terms, and figures and names that the other text does not have.
    """
    o = o0
    totals[:] = 0.0
    k = k0
    while k < k1:
        end = _run_end(term, k, k1)
        while o < o1 and other[o] < term[k]:
            o += 1
        shared = o < o1 and other[o] == term[k]
        flag = 0
        for r in range(k, end):
            flag |= flags[r]
        w = weight[k]
        totals[0] += w
        if flag & FACT:
            totals[2] += w
        if flag & _FIGURE:
            totals[4] += w
        if w >= _RARE:
            totals[6] += 1.0
        if shared:
            totals[1] += w
            if flag & FACT:
                totals[3] += w
            if flag & _FIGURE:
                totals[5] += w
            if w >= _RARE:
                totals[7] += 1.0
        elif flag & _FIGURE:
            for r in range(k, end):
                lone_figures[sentence[r]] += 1
        elif flag & scan.NAME:
            for r in range(k, end):
                lone_names[sentence[r]] += 1
        k = end


@njit(cache=True, nogil=True)
def _sentence_weights(term, weight, sentence, k0, k1, out):
    out[:] = 0.0
    count = 0
    for k in range(k0, k1):
        if k == k0 or term[k] != term[k - 1] or sentence[k] != sentence[k - 1]:
            out[sentence[k]] += weight[k]
            count = max(count, sentence[k] + 1)
    return count


@njit(cache=True, nogil=True)
def _swapped(offsets, term, told, i, j):
    """Tell whether text j tells more than text i; of two that tell equally much, the smaller first term goes first."""
    if told[i] != told[j]:
        return told[j] > told[i]
    k, o = offsets[i], offsets[j]
    while k < offsets[i + 1] and o < offsets[j + 1] and term[k] == term[o]:
        k += 1
        o += 1
    if k == offsets[i + 1] or o == offsets[j + 1]:
        return offsets[j + 1] - offsets[j] > offsets[i + 1] - offsets[i]
    return term[o] < term[k]


@njit(cache=True, nogil=True)
def _measure_all(pairs, offsets, term, weight, flags, sentence, place,
                 near_offsets, near_hashes, three_offsets, three_hashes, chain_offsets, chain_hashes, told, figures):  # fmt: skip
    score = np.zeros((SENTENCES, SENTENCES), np.float32)
    common_figures = np.zeros((SENTENCES, SENTENCES), np.int16)
    weight_a, weight_b = np.zeros(SENTENCES), np.zeros(SENTENCES)
    lone_fa, lone_fb = np.zeros(SENTENCES, np.int32), np.zeros(SENTENCES, np.int32)
    lone_na, lone_nb = np.zeros(SENTENCES, np.int32), np.zeros(SENTENCES, np.int32)
    best_a, best_b = np.zeros(SENTENCES, np.int64), np.zeros(SENTENCES, np.int64)
    tails = np.zeros(65536, np.int64)
    order = np.zeros(65536, np.int64)
    ta, tb = np.zeros(8), np.zeros(8)
    for p in range(len(pairs)):
        i, j = pairs[p, 0], pairs[p, 1]
        if _swapped(offsets, term, told, i, j):
            i, j = j, i
        a0, a1, b0, b1 = offsets[i], offsets[i + 1], offsets[j], offsets[j + 1]
        row = figures[p]
        lone_fa[:] = 0
        lone_fb[:] = 0
        lone_na[:] = 0
        lone_nb[:] = 0
        _side(term, weight, flags, sentence, a0, a1, term, b0, b1, ta, lone_fa, lone_na)
        _side(term, weight, flags, sentence, b0, b1, term, a0, a1, tb, lone_fb, lone_nb)
        na = _sentence_weights(term, weight, sentence, a0, a1, weight_a)
        nb = _sentence_weights(term, weight, sentence, b0, b1, weight_b)
        score[:na, :nb] = 0
        common_figures[:na, :nb] = 0

        # Walk along both: what the sentences share, and the places of terms that stand once on either side.
        k, o, once, apart = a0, b0, 0, 0.0
        stretch_a, stretch_b = max(a1 - a0, 1), max(b1 - b0, 1)
        while k < a1 and o < b1:
            if term[k] < term[o]:
                k += 1
            elif term[k] > term[o]:
                o += 1
            else:
                ke, oe = _run_end(term, k, a1), _run_end(term, o, b1)
                if ke - k == 1 and oe - o == 1 and once < 65536:
                    order[once] = np.int64(place[k]) << 32 | np.int64(place[o])
                    once += 1
                # A term that stands everywhere in both would cost a quadratic number of cells and tells little.
                nearest = 1.0
                for x in range(k, min(ke, k + 12)):
                    for y in range(o, min(oe, o + 12)):
                        nearest = min(nearest, abs(place[x] / stretch_a - place[y] / stretch_b))
                    if x > k and sentence[x] == sentence[x - 1]:
                        continue
                    for y in range(o, min(oe, o + 12)):
                        if y > o and sentence[y] == sentence[y - 1]:
                            continue
                        score[sentence[x], sentence[y]] += weight[x]
                        if flags[x] & _FIGURE:
                            common_figures[sentence[x], sentence[y]] += 1
                apart += weight[k] * nearest
                k, o = ke, oe
        ordered = np.sort(order[:once])
        for x in range(once):
            ordered[x] &= 0xFFFFFFFF
        rising = _rising(ordered, once, tails)

        # Sentences: the best partner of each, and what became of their figures.
        sum_a = aligned_a = bare_a = sum_b = aligned_b = bare_b = 0.0
        for x in range(na):
            best_a[x] = -1
            if weight_a[x] < _LEAST:
                continue
            y = np.argmax(score[x, :nb]) if nb else 0
            cover = score[x, y] / weight_a[x] if nb else 0.0
            sum_a += weight_a[x]
            if cover >= _ALIGNED:
                aligned_a += weight_a[x]
                best_a[x] = y
            elif cover < _BARE:
                bare_a += weight_a[x]
        for y in range(nb):
            best_b[y] = -1
            if weight_b[y] < _LEAST:
                continue
            x = np.argmax(score[:na, y]) if na else 0
            cover = score[x, y] / weight_b[y] if na else 0.0
            sum_b += weight_b[y]
            if cover >= _ALIGNED:
                aligned_b += weight_b[y]
                best_b[y] = x
            elif cover < _BARE:
                bare_b += weight_b[y]
        # Both ways: sentences that are each other's best; there facts must agree.
        changed_figures = kept_figures = changed_names = links = 0
        mutual = 0.0
        for x in range(na):
            y = best_a[x]
            if y < 0:
                continue
            order[links] = y
            links += 1
            if best_b[y] == x:
                mutual += weight_a[x]
                kept_figures += common_figures[x, y]
                changed_figures += min(lone_fa[x], lone_fb[y])
                changed_names += min(lone_na[x], lone_nb[y])
        in_order = _rising(order, links, tails)

        chained = _shared(chain_hashes, chain_offsets[i], chain_offsets[i + 1], chain_hashes, chain_offsets[j], chain_offsets[j + 1])
        chain_a, chain_b = chain_offsets[i + 1] - chain_offsets[i], chain_offsets[j + 1] - chain_offsets[j]
        union = ta[0] + tb[0] - ta[1]
        near = _shared(near_hashes, near_offsets[i], near_offsets[i + 1], near_hashes, near_offsets[j], near_offsets[j + 1])
        near_a, near_b = near_offsets[i + 1] - near_offsets[i], near_offsets[j + 1] - near_offsets[j]
        three = _shared(three_hashes, three_offsets[i], three_offsets[i + 1], three_hashes, three_offsets[j], three_offsets[j + 1])
        three_a, three_b = three_offsets[i + 1] - three_offsets[i], three_offsets[j + 1] - three_offsets[j]
        row[0] = _share(ta[1], union)
        both = (
            (1, _share(ta[1], ta[0]), _share(tb[1], tb[0])),
            (3, _share(ta[3], ta[2], 10.0), _share(tb[3], tb[2], 10.0)),
            (5, _share(ta[5], ta[4], 10.0), _share(tb[5], tb[4], 10.0)),
            (7, _share(ta[7], ta[6], 2.0), _share(tb[7], tb[6], 2.0)),
            (10, _share(near, near_a), _share(near, near_b)),
            (12, _share(aligned_a, sum_a), _share(aligned_b, sum_b)),
            (14, _share(bare_a, sum_a), _share(bare_b, sum_b)),
            (21, _share(three, three_a), _share(three, three_b)),
            (29, _share(chained, chain_a, 3.0), _share(chained, chain_b, 3.0)),
        )
        for at, of_a, of_b in both:
            row[at] = of_a
            row[at + 1] = of_b
        row[9] = _share(near, near_a + near_b - near)
        row[16] = _share(rising, once, 3.0)
        row[17] = _share(in_order, links, 2.0)
        row[18] = _share(changed_figures, changed_figures + kept_figures + 1)
        row[19] = changed_names / (changed_names + 2.0)
        row[20] = kept_figures / (kept_figures + 2.0)
        row[23] = _share(min(ta[0], tb[0]), max(ta[0], tb[0]))
        row[24] = min(np.log1p(min(ta[0], tb[0])) / 10.0, 1.0)
        row[25] = min(np.log1p(ta[1]) / 10.0, 1.0)
        row[26] = min(row[12], row[13])
        row[27] = _share(mutual, max(sum_a, sum_b))
        row[28] = _share(chained, chain_a + chain_b - chained, 3.0)
        row[31] = 1.0 - min(3.0 * _share(apart, ta[1], 10.0), 1.0)
