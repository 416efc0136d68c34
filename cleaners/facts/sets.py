"""Texts → weighted sets of facts, in the shape that MinHash takes.

A set holds the rare terms of a text; facts (names, numbers, dates, handles) stand in it several times, under further
hashes, so that the Jaccard similarity of two sets is that of their weighted facts. Repeating an element by its weight is
the plain form of consistent weighted sampling (Manasse, McSherry, Talwar 2010) for small whole weights.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray  # noqa: TC002 - a NamedTuple reads its annotations

from cleaners.facts import rarity as rar
from cleaners.facts import scan

if TYPE_CHECKING:
    import pyarrow as pa

    from cleaners.config import RewordingSettings

FACT = scan.NAME | scan.NUMBER | scan.DATE | scan.HANDLE
"""Flags of the terms that do not change when their sentence does."""

# Bytes of text scanned at a time: the columns of terms take six times as much.
_BLOCK = 16 << 20


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
    for block in blocks(texts):
        found = scan.terms(block)
        offsets, hashes = _select(
            found.offsets, found.term, found.flags, rar.of_terms(found.term, weights),
            settings.rare_weight, settings.fact_weight,
        )  # fmt: skip
        counts.append(np.diff(offsets))
        parts.append(hashes)
    return FactSets(np.cumsum(np.concatenate(counts)), np.concatenate(parts))


def blocks(texts: pa.LargeStringArray) -> list[pa.LargeStringArray]:
    """Return a column in slices of about sixteen megabytes."""
    _, offsets = scan.buffers(texts)
    number = (offsets[:-1] - offsets[0]) // _BLOCK if len(texts) else np.zeros(0, np.int64)
    cuts = [0, *(np.flatnonzero(np.diff(number)) + 1).tolist(), len(texts)]
    return [texts.slice(start, stop - start) for start, stop in zip(cuts, cuts[1:], strict=False) if stop > start]


def learn(texts: pa.LargeStringArray) -> rar.Rarity:
    """Return in how many of these texts each term stands."""
    known = rar.empty()
    for block in blocks(texts):
        known += rar.learn(scan.terms(block))
    return known


@njit(cache=True, nogil=True)
def _select(offsets, term, flags, weight, rare, repeats):
    """Return offsets and hashes of the sets: each distinct rare term once, each fact `repeats` times."""
    chosen = 0
    for k in range(len(term)):
        chosen += weight[k] >= rare and not flags[k] & scan.COMMON
    hashes = np.empty(chosen * repeats, np.uint32)
    places = np.zeros(len(offsets), np.int64)
    at = 0
    for t in range(len(offsets) - 1):
        first = at
        for k in range(offsets[t], offsets[t + 1]):
            if weight[k] >= rare and not flags[k] & scan.COMMON:
                for r in range(repeats if flags[k] & FACT else 1):
                    hashes[at] = term[k] + np.uint32(r) * np.uint32(0x9E3779B9)
                    at += 1
        ordered = np.sort(hashes[first:at])
        at = first
        for k in range(len(ordered)):
            if k == 0 or ordered[k] != ordered[k - 1]:
                hashes[at] = ordered[k]
                at += 1
        places[t + 1] = at
    return places, hashes[:at].copy()
