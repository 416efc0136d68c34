"""Candidate pairs → how similar the two texts really are: counted on the shingles of both, never estimated."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from cleaners.kernels import njit
from cleaners.pieces import partitions
from cleaners.shingles.sets import scatter, shingle_sets

if TYPE_CHECKING:
    from cleaners.pieces import TextSource


_TAKES = 4
"""Bytes for each one of a text: itself, and the hashes of its shingles, of 8 bytes each, a third as many."""


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Similarities:
    """What verification found for each pair, all float64 `(pairs,)`, 0 … 1.

    jaccard            shared shingles / shingles of either
    left_in_right      shared shingles / shingles of the left text: 1 where the right one contains all of it
    right_in_left      shared shingles / shingles of the right text
    """

    jaccard: npt.NDArray[np.float64]
    left_in_right: npt.NDArray[np.float64]
    right_in_left: npt.NDArray[np.float64]


def verify(
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    texts: TextSource,
    sizes: npt.NDArray[np.uint32],
    *,
    shingle_words: int,
    memory_mb: int = 256,
) -> Similarities:
    """Return the similarities of each pair of rows, from the distinct shingles of the two texts.

    `sizes` `(n,) uint32` are the bytes of each text (as in `Fingerprints`); by them the pairs are cut into partitions
    whose texts and sets take at most about `memory_mb`, and each partition reads each of its texts once.

    >>> import pyarrow as pa
    >>> column = pa.array(["a b c d e f", "a b c d e f g", "x"], pa.large_string())
    >>> pair = np.array([0]), np.array([1])
    >>> found = verify(*pair, column.take, np.array([11, 13, 1], np.uint32), shingle_words=5)
    >>> found.jaccard.round(2).tolist(), found.left_in_right.tolist()
    ([0.67], [1.0])
    """
    shared = np.zeros(len(left), np.int64)
    lengths = np.zeros((2, len(left)), np.int64)
    for chosen in partitions(left, right, sizes, (memory_mb << 20) // _TAKES):
        rows, places = np.unique(np.concatenate([left[chosen], right[chosen]]), return_inverse=True)
        sets = shingle_sets(texts(rows), shingle_words)
        first, second = places[: len(chosen)], places[len(chosen) :]
        shared[chosen] = _shared(first, second, sets.offsets, sets.hashes, scatter())
        of_set = np.diff(sets.offsets)
        lengths[:, chosen] = of_set[first], of_set[second]
    either = lengths.sum(axis=0) - shared
    least = np.maximum(lengths, 1)
    return Similarities(shared / np.maximum(either, 1), shared / least[0], shared / least[1])


@njit(cache=True, nogil=True)
def _shared(
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    offsets: npt.NDArray[np.int64],
    hashes: npt.NDArray[np.uint64],
    scatter: np.uint64,
) -> npt.NDArray[np.int64]:
    """Return the number of shingles that the two sets of each pair share.

    The left set lies in a hash table for as long as the left row stays the same.
    """
    bits = 4
    for row in range(len(offsets) - 1):
        while 1 << bits < 2 * (offsets[row + 1] - offsets[row]):
            bits += 1
    shift, mask = np.uint64(64 - bits), np.uint64((1 << bits) - 1)
    table = np.empty(1 << bits, np.uint64)
    turn = np.full(1 << bits, -1, np.int64)  # the pair for which a slot was written, so that it is never cleared
    shared = np.zeros(len(left), np.int64)
    load = 0
    for pair in range(len(left)):
        row, other = left[pair], right[pair]
        if pair == 0 or row != left[pair - 1]:
            load = pair
            for i in range(offsets[row], offsets[row + 1]):
                slot = (hashes[i] * scatter) >> shift
                while turn[slot] == load:
                    slot = (slot + np.uint64(1)) & mask
                turn[slot] = load
                table[slot] = hashes[i]
        for i in range(offsets[other], offsets[other + 1]):
            slot = (hashes[i] * scatter) >> shift
            while turn[slot] == load and table[slot] != hashes[i]:
                slot = (slot + np.uint64(1)) & mask
            shared[pair] += turn[slot] == load
    return shared
