"""How rare each term is: document frequencies of the corpus at hand over a background of common words.

Counts sit in a fixed number of slots under the term's hash (feature hashing), so memory is bounded, two shards are
merged by adding them, and the order of the articles does not matter. A term that shares its slot looks a little
commoner than it is.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from cleaners.facts import lexicon as lx
from cleaners.facts import scan

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

_SLOTS = 1 << 21
# The background counts as much as this many articles; a term is never taken for rarer than one article among them.
_BACKGROUND_ARTICLES = 2000
# Zipf: the share of articles with a word falls with its rank in the stop list. 30 puts rank 300 at a tenth of them.
_ZIPF = 30.0


class Rarity(NamedTuple):
    """In how many of so many articles the terms of each slot stand."""

    articles: int
    counts: NDArray[np.uint32]  # (2 ** 21,)

    def __add__(self, other: Rarity) -> Rarity:  # type: ignore[override]
        """Return the rarity over the articles of both: two shards become one corpus."""
        return Rarity(self.articles + other.articles, self.counts + other.counts)


def empty() -> Rarity:
    """Return the rarity of no articles: what the background alone knows."""
    return Rarity(0, np.zeros(_SLOTS, np.uint32))


def learn(texts: pa.LargeStringArray) -> Rarity:
    """Return in how many of these texts each term stands.

    >>> import pyarrow as pa
    >>> known = learn(pa.array(["Rain in Orrel.", "Rain in Quill."], pa.large_string()))
    >>> known.articles, int(known.counts.max())
    (2, 2)
    """
    counts = np.zeros(_SLOTS, np.uint32)
    for block in scan.blocks(texts):
        found = scan.terms(block)
        _count(found.offsets, found.term, counts)
    return Rarity(len(texts), counts)


def weights(rarity: Rarity) -> NDArray[np.float32]:
    """Return the weight of the terms of each slot, (2 ** 21,): −ln of the share of articles they stand in.

    0 for what stands everywhere, at most 7.6 (once in 2,000 articles): beyond that rarity says no more.
    """
    background = _background()
    share = (rarity.counts + background * _BACKGROUND_ARTICLES) / (rarity.articles + _BACKGROUND_ARTICLES)
    # A common word of a language that is rare in this corpus is common all the same.
    share = np.maximum(share, background)
    return -np.log(np.clip(share, 1.0 / _BACKGROUND_ARTICLES, 1.0)).astype(np.float32)


def of_terms(found: NDArray[np.uint32], table: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the weight of each term, (m,), from a table of `weights`."""
    return table[found % _SLOTS]


@functools.cache
def _background() -> NDArray[np.float64]:
    """Return the share of articles that the terms of each slot are believed to stand in, before any was seen."""
    share = np.full(_SLOTS, 0.5 / _BACKGROUND_ARTICLES)
    for term, (_, kind, value, _) in zip(scan.lexicon_terms().tolist(), lx.words(), strict=True):
        expected = min(0.9, _ZIPF / value) if kind == lx.COMMON else 0.05
        share[term % _SLOTS] = max(share[term % _SLOTS], expected)
    return share


@njit(cache=True, nogil=True)
def _count(offsets: NDArray[np.int64], term: NDArray[np.uint32], counts: NDArray[np.uint32]) -> None:
    """Add one to the slot of each distinct slot of each text."""
    seen = np.full(len(counts), -1, np.int32)
    for t in range(len(offsets) - 1):
        for k in range(offsets[t], offsets[t + 1]):
            slot = term[k] % len(counts)
            if seen[slot] != t:
                seen[slot] = t
                counts[slot] += 1
