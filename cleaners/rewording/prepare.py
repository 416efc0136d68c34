"""Texts as sorted columns, so that two of them are compared by walking along both once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray  # noqa: TC002 - a NamedTuple reads its annotations

from cleaners.facts import rarity as rar
from cleaners.facts import scan
from cleaners.facts.sets import FACT

if TYPE_CHECKING:
    import pyarrow as pa

# Terms below this weight (in more than 22 % of the articles) tell nothing about what a report is about.
_TELLING = 1.5
# Sentences told apart in one text; longer texts are measured in that many equal stretches.
SENTENCES = 192


class Prepared(NamedTuple):
    """n texts ready for comparison. Text i has rows `offsets[i]:offsets[i + 1]`, sorted by term, then place."""

    offsets: NDArray[np.int64]  # (n + 1,)
    term: NDArray[np.uint32]  # (m,)
    weight: NDArray[np.float32]  # (m,)
    flags: NDArray[np.uint8]  # (m,) of cleaners.facts.scan
    sentence: NDArray[np.uint16]  # (m,) below SENTENCES
    place: NDArray[np.int32]  # (m,) position among the telling terms of the text
    neighbour_offsets: NDArray[np.int64]  # (n + 1,)
    neighbours: NDArray[np.uint32]  # hashes of two telling terms that stand close together; sorted, distinct
    shingle_offsets: NDArray[np.int64]  # (n + 1,)
    shingles: NDArray[np.uint32]  # hashes of three consecutive terms; sorted, distinct
    chain_offsets: NDArray[np.int64]  # (n + 1,)
    chain: NDArray[np.uint32]  # hashes of two facts that follow one another closely; sorted, distinct
    told: NDArray[np.float32]  # (n,) sum of the weights of the distinct telling terms
    words: NDArray[np.int32]  # (n,) terms of the text, telling or not
    sentences: NDArray[np.int32]  # (n,)
    language: NDArray[np.int16]  # (n,) of cleaners.facts.scan


def prepare(texts: pa.LargeStringArray, weights: NDArray[np.float32]) -> Prepared:
    """Return the texts as columns for `measures`; `weights` comes from `cleaners.facts.rarity.weights`."""
    return of_terms(scan.terms(texts), weights)


def of_terms(found: scan.Terms, table: NDArray[np.float32]) -> Prepared:
    """Return the same from terms that are scanned already and a table of `rarity.weights`."""
    weight = rar.of_terms(found.term, table)
    n, m = len(found.offsets) - 1, len(found.term)
    telling = np.concatenate(([0], np.cumsum((weight >= _TELLING) & ((found.flags & scan.COMMON) == 0))))
    offsets = telling[found.offsets]
    columns = Prepared(
        offsets,
        np.empty(offsets[-1], np.uint32), np.empty(offsets[-1], np.float32), np.empty(offsets[-1], np.uint8),
        np.empty(offsets[-1], np.uint16), np.empty(offsets[-1], np.int32),
        np.zeros(n + 1, np.int64), np.empty(2 * offsets[-1], np.uint32),
        np.zeros(n + 1, np.int64), np.empty(m, np.uint32),
        np.zeros(n + 1, np.int64), np.empty(3 * offsets[-1], np.uint32),
        np.zeros(n, np.float32),
        np.diff(found.offsets).astype(np.int32), np.minimum(found.sentences, SENTENCES), found.language,
    )  # fmt: skip
    _sort_all(found.offsets, found.term, weight, found.flags, found.sentence, found.sentences,
              offsets, columns.term, columns.weight, columns.flags, columns.sentence, columns.place,
              columns.neighbour_offsets, columns.neighbours, columns.shingle_offsets, columns.shingles,
              columns.chain_offsets, columns.chain, columns.told)  # fmt: skip
    return columns._replace(
        neighbours=columns.neighbours[: columns.neighbour_offsets[-1]].copy(),
        shingles=columns.shingles[: columns.shingle_offsets[-1]].copy(),
        chain=columns.chain[: columns.chain_offsets[-1]].copy(),
    )


@njit(cache=True, nogil=True)
def _distinct(found, count, out, at):
    """Write the first `count` hashes sorted and without repetition to `out` from `at` on; return the next free row."""
    ordered = np.sort(found[:count])
    for k in range(count):
        if k == 0 or ordered[k] != ordered[k - 1]:
            out[at] = ordered[k]
            at += 1
    return at


@njit(cache=True, nogil=True)
def _pair(x, y):
    h = np.uint32(x * np.uint32(0x9E3779B1)) ^ np.uint32(y)
    return np.uint32((h ^ (h >> np.uint32(15))) * np.uint32(0x85EBCA77))


@njit(cache=True, nogil=True)
def _sort_all(offsets, term, weight, flags, sentence, sentences,
              to, out_term, out_weight, out_flags, out_sentence, out_place,
              neighbour_offsets, neighbours, shingle_offsets, shingles, chain_offsets, chain, told):  # fmt: skip
    """Fill the columns of `Prepared`, text by text."""
    longest = 0
    for t in range(len(offsets) - 1):
        longest = max(longest, offsets[t + 1] - offsets[t])
    packed = np.empty(longest, np.uint64)
    row = np.empty(longest, np.int64)
    facts = np.empty(longest, np.uint32)
    hashes = np.empty(3 * longest, np.uint32)
    links = np.int64(0)
    near = np.int64(0)
    three = np.int64(0)
    for t in range(len(offsets) - 1):
        first, last = offsets[t], offsets[t + 1]
        count = 0
        for k in range(first, last):
            if weight[k] >= _TELLING and not flags[k] & scan.COMMON:
                packed[count] = np.uint64(term[k]) << np.uint64(32) | np.uint64(count)
                row[count] = k
                count += 1
        # Neighbours: with the next telling term and the one after, within a sentence, in either order.
        pairs = 0
        for c in range(count):
            for d in (1, 2):
                if c + d < count and sentence[row[c]] == sentence[row[c + d]]:
                    x, y = term[row[c]], term[row[c + d]]
                    if x != y:
                        hashes[pairs] = _pair(min(x, y), max(x, y))
                        pairs += 1
        near = _distinct(hashes, pairs, neighbours, near)
        neighbour_offsets[t + 1] = near
        # The chain: each fact with the next three, whatever stands between them.
        chained = 0
        for c in range(count):
            if flags[row[c]] & FACT and (chained == 0 or facts[chained - 1] != term[row[c]]):
                facts[chained] = term[row[c]]
                chained += 1
        pairs = 0
        for c in range(chained):
            for d in range(c + 1, min(c + 4, chained)):
                if facts[c] != facts[d]:
                    hashes[pairs] = _pair(min(facts[c], facts[d]), max(facts[c], facts[d]))
                    pairs += 1
        links = _distinct(hashes, pairs, chain, links)
        chain_offsets[t + 1] = links
        triples = max(last - first - 2, 0)
        for k in range(triples):
            hashes[k] = _pair(_pair(term[first + k], term[first + k + 1]), term[first + k + 2])
        three = _distinct(hashes, triples, shingles, three)
        shingle_offsets[t + 1] = three
        packed[:count].sort()
        squeeze = max(sentences[t], SENTENCES)
        for c in range(count):
            place = np.int64(packed[c] & np.uint64(0xFFFFFFFF))
            k, o = row[place], to[t] + c
            out_term[o], out_weight[o], out_flags[o], out_place[o] = term[k], weight[k], flags[k], place
            if c == 0 or out_term[o] != out_term[o - 1]:
                told[t] += weight[k]
            out_sentence[o] = min(np.int64(sentence[k]) * SENTENCES // squeeze, SENTENCES - 1)
