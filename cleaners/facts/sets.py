"""Texts → weighted sets of facts, in the shape that MinHash takes.

A set holds the rare terms of a text, the rarer the more often, and facts (names, numbers, dates, handles) more often
still, under further hashes, so that the Jaccard similarity of two sets is that of their weighted facts. Repeating an
element by its weight is the plain form of consistent weighted sampling (Manasse, McSherry, Talwar 2010) for small
whole weights.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from cleaners.facts import marks, rarity, scan
from cleaners.facts.originality import originality
from cleaners.facts.sorting import sort
from cleaners.kernels import njit

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from cleaners.config import RewordingSettings
    from cleaners.facts.columns import Terms


# A term stands in the set once more for each such step of weight: 1.5 is a fourth or a fifth of the articles.
_STEP = 1.5
_MOST_WEIGHT = 7.7
# Below so many elements a set is filled up with commoner terms, down to each of these weights in turn.
_FEW = 64
_LOWER = (3.0, 2.5, 2.0, 1.5)
TELLING = 1.5
"""Terms below this weight (in more than 22 % of the articles) tell nothing about what a report is about."""
FACT, FIGURE = 1, 2
"""Marks of a telling term: a name, number, date or handle; a number or date."""
# The highest bits of a hash make room for the marks of a term; that two terms of a text then share the others happens
# in one text of 50,000.
_KEPT = (1 << 30) - 1


class Sets(NamedTuple):
    """The sets of n texts: set i is `hashes[offsets[i]:offsets[i + 1]]`, distinct."""

    offsets: NDArray[np.int64]  # (n + 1,)
    hashes: NDArray[np.uint32]


class FactSets(NamedTuple):
    """What n texts are compared by before they are read again."""

    facts: Sets  # weighted towards the rare, for MinHash
    telling: Sets  # all telling terms, each once, ascending: the lower 30 bits of the hash · 4 + marks
    originality: NDArray[np.float32]  # (n,) of cleaners.facts.originality
    words: NDArray[np.int64]  # (n,) terms of the text, telling or not


def fact_sets(texts: pa.LargeStringArray, settings: RewordingSettings) -> FactSets:
    """Return the facts of each text, its telling terms, and how much it looks like an original.

    >>> import pyarrow as pa
    >>> from cleaners.config import RewordingSettings
    >>> texts = pa.array(["Ada Quill lost 12 hens in Orrel.", "In Orrel, Ada Quill was bereft of a dozen hens."])
    >>> sets = fact_sets(texts.cast(pa.large_string()), RewordingSettings()).facts
    >>> a, b = (set(sets.hashes[sets.offsets[i] : sets.offsets[i + 1]].tolist()) for i in (0, 1))
    >>> len(a & b) / len(a | b) > 0.5
    True
    """
    facts, telling, original, words = [], [], [np.zeros(0, np.float32)], [np.zeros(0, np.int64)]
    for block in scan.blocks(texts):
        found = scan.terms(block)
        weight = rarity.of_terms(found.term)
        rare, told = _select(found, weight, settings.rare_weight, settings.fact_weight)
        facts.append(rare)
        telling.append(told)
        original.append(originality(found, weight))
        words.append(np.diff(found.offsets))
    return FactSets(_joined(facts), _joined(telling), np.concatenate(original), np.concatenate(words))


def _joined(parts: list[tuple[NDArray[np.int64], NDArray[np.uint32]]]) -> Sets:
    counts = [np.zeros(1, np.int64), *(np.diff(offsets) for offsets, _ in parts)]
    return Sets(np.cumsum(np.concatenate(counts)), np.concatenate([np.zeros(0, np.uint32), *(h for _, h in parts)]))


_Columns: TypeAlias = "tuple[NDArray[np.int64], NDArray[np.uint32]]"


@njit(cache=True, nogil=True)
def _select(found: Terms, weights: NDArray[np.float32], rare: float, facts: int) -> tuple[_Columns, _Columns]:
    """Return offsets and hashes of the facts, each rare term as often as it weighs, and of the telling terms.

    What is not wanted is written like the rest, and then written over: no branch hangs on a term, where every third
    would be guessed wrong, which takes longer than all the rest.
    """
    offsets, terms, flags = found.offsets, found.term, found.flags
    longest = np.max(np.diff(offsets)) if len(offsets) > 1 else 0
    most = max(int((_MOST_WEIGHT - rare) / _STEP), 0) + facts + 1
    least = min(rare, TELLING)
    keys, spare = np.empty(longest + 1, np.uint64), np.empty(longest + 1, np.uint64)
    told = np.empty(len(terms) + 1, np.uint32)
    heavy = np.empty(np.sum(weights >= least) + (np.sum(weights >= rare) + 1) * (most - 1) + 1, np.uint32)
    told_offsets, heavy_offsets = np.zeros(len(offsets), np.int64), np.zeros(len(offsets), np.int64)
    at = out = 0
    for t in range(len(offsets) - 1):
        count = 0
        for k in range(offsets[t], offsets[t + 1]):
            mark = (FACT if flags[k] & marks.FACT else 0) | (FIGURE if flags[k] & marks.FIGURE else 0)
            # Row, hash, marks; only the hash is sorted by.
            keys[count] = np.uint64(k) << np.uint64(34) | np.uint64(terms[k] & _KEPT) << np.uint64(2) | np.uint64(mark)
            count += int(weights[k] >= least) & int((flags[k] & marks.COMMON) == 0)
        sort(keys[:count], spare[:count], 2)
        count = _distinct(keys[:count])
        for c in range(count):
            row, weight = np.int64(keys[c] >> np.uint64(34)), weights[np.int64(keys[c] >> np.uint64(34))]
            told[at] = np.uint32(keys[c] & np.uint64(0xFFFFFFFF))
            at += weight >= TELLING
            for r in range(most):
                heavy[out + r] = terms[row] + np.uint32(r) * np.uint32(0x9E3779B9)
            steps = int((weight - rare) / _STEP)
            times = 1 + steps + (min(steps, facts) if keys[c] & np.uint64(FACT) else 0)
            out += times if weight >= rare else 0
        out = _fill_up(terms, weights, keys[:count], rare, heavy, heavy_offsets[t], out)
        told_offsets[t + 1], heavy_offsets[t + 1] = at, out
    return (heavy_offsets, heavy[:out].copy()), (told_offsets, told[:at].copy())


@njit(nogil=True)
def _fill_up(
    terms: NDArray[np.uint32],
    weights: NDArray[np.float32],
    keys: NDArray[np.uint64],
    rare: float,
    heavy: NDArray[np.uint32],
    begin: int,
    end: int,
) -> int:
    """Add commoner terms to a set of few elements, the rarest first; return where it ends."""
    upper = np.float32(rare)
    for lower in _LOWER:
        if end - begin >= _FEW:
            break
        for key in keys:
            row = np.int64(key >> np.uint64(34))
            heavy[end] = terms[row]
            end += int(lower <= weights[row] < upper)
        upper = min(upper, np.float32(lower))
    return end


@njit(nogil=True)
def _distinct(keys: NDArray[np.uint64]) -> int:
    """Leave the first of each hash, with the marks of all; return how many there are."""
    count, last = 0, np.uint64(0)
    for k in range(len(keys)):
        new = count == 0 or ((keys[k] ^ last) & np.uint64(0xFFFFFFFC)) != 0
        last = keys[k] if new else last | (keys[k] & np.uint64(3))
        count += new
        keys[count - 1] = last
    return count
