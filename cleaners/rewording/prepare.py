"""Texts as sorted columns, so that two of them are compared by walking along both once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cleaners.facts import marks, rarity, scan
from cleaners.facts.sets import TELLING
from cleaners.facts.sorting import keep_distinct, sort
from cleaners.kernels import lean, njit
from cleaners.rewording.machine import machine, of_two, table

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from cleaners.facts.columns import Terms

# Terms from which a sentence is long enough to be recognised as the same.
_WHOLE = 6
SENTENCES = 192
"""Sentences told apart in one text; longer texts are measured in that many equal stretches."""


class Hashes(NamedTuple):
    """A sorted set of hashes for each of n texts: that of text i is `hashes[offsets[i]:offsets[i + 1]]`."""

    offsets: NDArray[np.int64]  # (n + 1,)
    hashes: NDArray[np.uint32]


class Prepared(NamedTuple):
    """n texts ready for comparison. Text i has the rows `offsets[i]:offsets[i + 1]`, sorted by term, then place."""

    offsets: NDArray[np.int64]  # (n + 1,)
    term: NDArray[np.uint32]  # (m,)
    weight: NDArray[np.float32]  # (m,)
    flags: NDArray[np.uint8]  # (m,) bits of cleaners.facts.marks
    sentence: NDArray[np.uint16]  # (m,) below SENTENCES
    place: NDArray[np.int32]  # (m,) position among the telling terms of the text
    neighbours: Hashes  # two telling terms that stand close together
    shingles: Hashes  # three consecutive terms
    stands: NDArray[np.uint8]  # sentence that each of the shingles stands in first, below SENTENCES
    chain: Hashes  # two facts of which one follows the other closely
    copies: Hashes  # whole sentences
    whole: NDArray[np.float32]  # (n,) sum of the weights of the distinct telling terms
    words: NDArray[np.int32]  # (n,) terms of the text, telling or not
    language: NDArray[np.int16]  # (n,) of cleaners.facts.lexicon.LANGUAGES, -1: unknown
    machine: NDArray[np.float32]  # (n,) how much the text reads like a language model's


def prepare(texts: pa.LargeStringArray) -> Prepared:
    """Return the texts as columns for `measures`."""
    found = scan.terms(texts)
    weight = rarity.of_terms(found.term)
    telling = (weight >= TELLING) & ((found.flags & marks.COMMON) == 0)
    offsets = np.concatenate([[0], np.cumsum(telling)])[found.offsets]
    n, m, kept = len(texts), len(found.term), int(offsets[-1])
    prepared = Prepared(
        offsets,
        np.empty(kept, np.uint32), np.empty(kept, np.float32), np.empty(kept, np.uint8),
        np.empty(kept, np.uint16), np.empty(kept, np.int32),
        _room(n, 2 * kept), _room(n, m), np.empty(m, np.uint8), _room(n, 3 * kept), _room(n, m // _WHOLE + n),
        np.zeros(n, np.float32), np.diff(found.offsets).astype(np.int32), found.language,
        machine(found, table()),
    )  # fmt: skip
    _prepare(found, weight, telling, prepared)
    return prepared


def _room(n: int, most: int) -> Hashes:
    return Hashes(np.zeros(n + 1, np.int64), np.empty(most, np.uint32))


@njit(cache=True, nogil=True)
def _prepare(found: Terms, weight: NDArray[np.float32], telling: NDArray[np.bool_], prepared: Prepared) -> None:
    """Fill the columns of `Prepared`, text by text."""
    longest = np.max(np.diff(found.offsets)) if len(found.offsets) > 1 else 0
    row = np.empty(longest, np.int64)
    hashes, spare = np.empty(3 * longest, np.uint64), np.empty(3 * longest, np.uint64)
    for t in range(len(found.offsets) - 1):
        first, last = found.offsets[t], found.offsets[t + 1]
        count = 0
        for k in range(first, last):
            if telling[k]:
                row[count] = k
                count += 1
        _keep(prepared.neighbours, t, hashes[: _neighbours(found, row[:count], hashes)], spare)
        _keep(prepared.chain, t, hashes[: _chain(found, row[:count], hashes)], spare)
        stretch = max(int(np.int64(found.sentence[last - 1])) + 1, SENTENCES) if last > first else SENTENCES
        for k in range(first, last - 2):
            run = of_two(of_two(found.term[k], found.term[k + 1]), found.term[k + 2])
            place = np.int64(found.sentence[k]) * SENTENCES // stretch
            hashes[k - first] = np.uint64(run) << np.uint64(32) | np.uint64(place)
        _shingles(prepared, t, hashes[: max(last - first - 2, 0)], spare)
        _keep(prepared.copies, t, hashes[: _sentences(found, first, last, hashes)], spare)
        for c in range(count):
            hashes[c] = np.uint64(found.term[row[c]]) << np.uint64(32) | np.uint64(c)
        sort(hashes[:count], spare[:count], 32)
        for c in range(count):
            place = np.int64(hashes[c] & np.uint64(0xFFFFFFFF))
            k, out = row[place], prepared.offsets[t] + c
            prepared.term[out], prepared.weight[out] = found.term[k], weight[k]
            prepared.flags[out], prepared.place[out] = found.flags[k], place
            prepared.sentence[out] = np.int64(found.sentence[k]) * SENTENCES // stretch
            if c == 0 or prepared.term[out] != prepared.term[out - 1]:
                prepared.whole[t] += weight[k]


@njit(cache=True, nogil=True)
def _keep(into: Hashes, text: int, hashes: NDArray[np.uint64], spare: NDArray[np.uint64]) -> None:
    """Write hashes as the set of a text."""
    into.offsets[text + 1] = keep_distinct(hashes, spare[: len(hashes)], into.hashes, into.offsets[text])


@lean(cache=True)
def _neighbours(found: Terms, row: NDArray[np.int64], hashes: NDArray[np.uint64]) -> int:
    """Write each telling term with the next two of its sentence, in either order; return how many pairs."""
    count = 0
    for c in range(len(row)):
        for d in range(c + 1, min(c + 3, len(row))):
            x, y = found.term[row[c]], found.term[row[d]]
            if x != y and found.sentence[row[c]] == found.sentence[row[d]]:
                hashes[count] = of_two(min(x, y), max(x, y))
                count += 1
    return count


@njit(cache=True, nogil=True)
def _chain(found: Terms, row: NDArray[np.int64], hashes: NDArray[np.uint64]) -> int:
    """Write each fact with the next three, whatever stands between them; return how many pairs."""
    facts = np.empty(len(row), np.uint32)
    links = count = 0
    for c in range(len(row)):
        term = found.term[row[c]]
        if found.flags[row[c]] & marks.FACT and (links == 0 or facts[links - 1] != term):
            facts[links] = term
            links += 1
    for c in range(links):
        for d in range(c + 1, min(c + 4, links)):
            if facts[c] != facts[d]:
                hashes[count] = of_two(min(facts[c], facts[d]), max(facts[c], facts[d]))
                count += 1
    return count


@njit(cache=True, nogil=True)
def _shingles(prepared: Prepared, text: int, runs: NDArray[np.uint64], spare: NDArray[np.uint64]) -> None:
    """Write runs of three terms, with their sentence in the low bits, as the set of a text."""
    into = prepared.shingles
    first = at = into.offsets[text]
    sort(runs, spare[: len(runs)], 32)
    for value in runs:
        run = np.uint32(value >> np.uint64(32))
        if at == first or into.hashes[at - 1] != run:
            into.hashes[at], prepared.stands[at] = run, value & np.uint64(0xFF)
            at += 1
    into.offsets[text + 1] = at


@lean(cache=True)
def _sentences(found: Terms, first: int, last: int, hashes: NDArray[np.uint64]) -> int:
    """Write each sentence that is long enough; return how many.

    An update repeats some sentences word for word, a rewording hardly any.
    """
    count, k = 0, first
    while k < last:
        h, begun = np.uint32(0), k
        while k < last and found.sentence[k] == found.sentence[begun]:
            h = of_two(h, found.term[k])
            k += 1
        if k - begun >= _WHOLE:
            hashes[count] = h
            count += 1
    return count
