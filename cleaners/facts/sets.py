"""Texts → weighted sets of facts, in the shape that MinHash takes.

A set holds the rare terms of a text, the rarer the more often, and facts (names, numbers, dates, handles) more often
still, under further hashes, so that the Jaccard similarity of two sets is that of their weighted facts. Repeating an
element by its weight is the plain form of consistent weighted sampling (Manasse, McSherry, Talwar 2010) for small
whole weights.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from cleaners.facts import marks, rarity, scan
from cleaners.facts.originality import originality
from cleaners.facts.sorting import keep_distinct

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from cleaners.config import RewordingSettings
    from cleaners.facts.columns import Terms


# A term stands in the set once more for each such step of weight: 1.5 is a fourth or a fifth of the articles.
_STEP = 1.5
_MOST_WEIGHT = 7.7
TELLING = 1.5
"""Terms below this weight (in more than 22 % of the articles) tell nothing about what a report is about."""


class Sets(NamedTuple):
    """The sets of n texts: set i is `hashes[offsets[i]:offsets[i + 1]]`, ascending and distinct."""

    offsets: NDArray[np.int64]  # (n + 1,)
    hashes: NDArray[np.uint32]


class FactSets(NamedTuple):
    """What n texts are compared by before they are read again."""

    facts: Sets  # weighted towards the rare, for MinHash
    telling: Sets  # all telling terms, each once
    originality: NDArray[np.float32]  # (n,) of cleaners.facts.originality


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
    facts, telling, original = [], [], [np.zeros(0, np.float32)]
    for block in scan.blocks(texts):
        found = scan.terms(block)
        weight = rarity.of_terms(found.term)
        facts.append(_select(found, weight, settings.rare_weight, settings.fact_weight))
        telling.append(_select(found, np.minimum(weight, np.float32(TELLING)), TELLING, 0))
        original.append(originality(found, weight))
    return FactSets(_joined(facts), _joined(telling), np.concatenate(original))


def _joined(parts: list[tuple[NDArray[np.int64], NDArray[np.uint32]]]) -> Sets:
    counts = [np.zeros(1, np.int64), *(np.diff(offsets) for offsets, _ in parts)]
    return Sets(np.cumsum(np.concatenate(counts)), np.concatenate([np.zeros(0, np.uint32), *(h for _, h in parts)]))


@njit(cache=True, nogil=True)
def _select(
    found: Terms, weight: NDArray[np.float32], rare: float, facts: int
) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """Return offsets and hashes of the sets: each distinct rare term as often as it weighs."""
    longest = np.max(np.diff(found.offsets)) if len(found.offsets) > 1 else 0
    most = int((_MOST_WEIGHT - rare) / _STEP) + facts + 1
    hashes, spare = np.empty(longest * most, np.uint64), np.empty(longest * most, np.uint64)
    out = np.empty(np.sum(weight >= rare) * most, np.uint32)
    places = np.zeros(len(found.offsets), np.int64)
    for t in range(len(found.offsets) - 1):
        count = 0
        for k in range(found.offsets[t], found.offsets[t + 1]):
            if weight[k] >= rare and not found.flags[k] & marks.COMMON:
                repeats = 1 + int((weight[k] - rare) / _STEP) + (facts if found.flags[k] & marks.FACT else 0)
                for r in range(repeats):
                    hashes[count] = found.term[k] + np.uint32(r) * np.uint32(0x9E3779B9)
                    count += 1
        places[t + 1] = keep_distinct(hashes[:count], spare[:count], out, places[t])
    return places, out[: places[-1]].copy()
