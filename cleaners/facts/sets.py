"""Texts → weighted sets of facts, in the shape that MinHash takes.

A set holds the rare terms of a text; facts (names, numbers, dates, handles) stand in it several times, under further
hashes, so that the Jaccard similarity of two sets is that of their weighted facts. Repeating an element by its weight
is the plain form of consistent weighted sampling (Manasse, McSherry, Talwar 2010) for small whole weights.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from cleaners.facts import marks, scan
from cleaners.facts import rarity as rar

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from cleaners.config import RewordingSettings
    from cleaners.facts.columns import Terms


class FactSets(NamedTuple):
    """The sets of n texts: set i is `hashes[offsets[i]:offsets[i + 1]]`."""

    offsets: NDArray[np.int64]  # (n + 1,)
    hashes: NDArray[np.uint32]


def fact_sets(texts: pa.LargeStringArray, weights: NDArray[np.float32], settings: RewordingSettings) -> FactSets:
    """Return the facts of each text, weighted towards the rare; `weights` comes from `cleaners.facts.rarity.weights`.

    >>> import pyarrow as pa
    >>> from cleaners.config import RewordingSettings
    >>> texts = pa.array(["Ada Quill lost 12 hens in Orrel.", "In Orrel, Ada Quill was bereft of a dozen hens."])
    >>> sets = fact_sets(texts.cast(pa.large_string()), rar.weights(rar.empty()), RewordingSettings())
    >>> a, b = (set(sets.hashes[sets.offsets[i] : sets.offsets[i + 1]].tolist()) for i in (0, 1))
    >>> len(a & b) / len(a | b) > 0.5
    True
    """
    counts, parts = [np.zeros(1, np.int64)], [np.zeros(0, np.uint32)]
    for block in scan.blocks(texts):
        found = scan.terms(block)
        weight = rar.of_terms(found.term, weights)
        offsets, hashes = _select(found, weight, settings.rare_weight, settings.fact_weight)
        counts.append(np.diff(offsets))
        parts.append(hashes)
    return FactSets(np.cumsum(np.concatenate(counts)), np.concatenate(parts))


def learn(texts: pa.LargeStringArray) -> rar.Rarity:
    """Return in how many of these texts each term stands: `cleaners.facts.rarity.learn`."""
    return rar.learn(texts)


@njit(cache=True, nogil=True)
def _select(
    found: Terms, weight: NDArray[np.float32], rare: float, repeats: int
) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """Return offsets and hashes of the sets: each distinct rare term once, each fact `repeats` times."""
    hashes = np.empty(np.sum(weight >= rare) * repeats, np.uint32)
    places = np.zeros(len(found.offsets), np.int64)
    at = 0
    for t in range(len(found.offsets) - 1):
        first = at
        for k in range(found.offsets[t], found.offsets[t + 1]):
            if weight[k] >= rare and not found.flags[k] & marks.COMMON:
                for r in range(repeats if found.flags[k] & marks.FACT else 1):
                    hashes[at] = found.term[k] + np.uint32(r) * np.uint32(0x9E3779B9)
                    at += 1
        ordered = np.sort(hashes[first:at])
        at = first
        for k in range(len(ordered)):
            if k == 0 or ordered[k] != ordered[k - 1]:
                hashes[at] = ordered[k]
                at += 1
        places[t + 1] = at
    return places, hashes[:at].copy()
