"""The distinct shingles of a column of texts as 64-bit hashes, and the same hash in plain Python.

The hash of a word takes in eight of its UTF-8 bytes at a time, as FNV-1a takes in one, and ends with the finalizer of
MurmurHash3; the hash of a shingle is a polynomial in the hashes of its words, then the same finalizer. So it rolls over
a text, and with 64 bits two different shingles of a pair of articles share one in a pair of 10¹³. MinHash takes the
upper 32 bits.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from cleaners.kernels import njit
from cleaners.shingles.words import U64, buffers, chunks, load_eight, words

if TYPE_CHECKING:
    import pyarrow as pa

HASH = "words8-poly-fmix64"
"""Name of the hash: stored with what is made from it, and to be changed when the hash changes."""

_BASIS, _FACTOR = 0xCBF29CE484222325, 0x9FB21C651E98DF25  # the basis of 64-bit FNV-1a; an odd number without pattern
_FMIX_1, _FMIX_2 = 0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53  # Appleby: MurmurHash3, fmix64
_BASE = 0x9E3779B97F4A7C15  # odd, and the fraction of the golden ratio: no low-order structure
_MASK = 2**64 - 1


class ShingleSets(NamedTuple):
    """The distinct shingles of n texts.

    Those of text i are `hashes[offsets[i]:offsets[i + 1]]`, in order of appearance.
    `offsets` `(n + 1,) int64`, `hashes` `(total,) uint64`.
    """

    offsets: npt.NDArray[np.int64]
    hashes: npt.NDArray[np.uint64]


def shingle_sets(texts: pa.LargeStringArray, size: int) -> ShingleSets:
    """Return the distinct shingles of `size` words of each text; none for a text of fewer words.

    >>> import pyarrow as pa
    >>> sets = shingle_sets(pa.array(["so it goes, so it goes, so", "so it"], pa.large_string()), 3)
    >>> sets.offsets.tolist(), sets.hashes.dtype
    ([0, 3, 3], dtype('uint64'))
    """
    parts = [sets_of_words(*words(chunk), size) for chunk in chunks(texts)]
    lengths = np.concatenate([np.diff(part.offsets) for part in parts])
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return ShingleSets(offsets, np.concatenate([part.hashes for part in parts]))


def sets_of_words(joined: pa.LargeStringArray, numbers: npt.NDArray[np.int64], size: int) -> ShingleSets:
    """Return the distinct shingles of each text from what `words` gave for it."""
    content, offsets = buffers(joined)
    hashes = np.empty(int(np.maximum(numbers - size + 1, 0).sum()), np.uint64)
    out_offsets = np.zeros(len(numbers) + 1, np.int64)
    _sets(content, offsets, int(numbers.max(initial=0)), size, scatter(), hashes, out_offsets)
    return ShingleSets(out_offsets, hashes[: out_offsets[-1]])


def scatter() -> np.uint64:
    """Return an odd number that decides where hash tables put values, another one on each call.

    No result depends on it. But a page written to send all its shingles to one slot would take hours otherwise.
    """
    return np.uint64(secrets.randbits(64) | 1)


def shingle_hash(shingle: bytes) -> int:
    """Return the 32-bit hash of one shingle: its words in UTF-8 with single spaces between.

    With it `datasketch.MinHash(hashfunc=shingle_hash)` makes the very signatures that this package makes.

    >>> shingle_hash(b"so it goes")
    3600322575
    """
    value = 0
    for word in shingle.split(b" "):
        letters = _BASIS
        for at in range(0, len(word), 8):
            letters = (letters ^ int.from_bytes(word[at : at + 8], "big")) * _FACTOR & _MASK
        value = (value * _BASE + _fmix(letters)) & _MASK
    return _fmix(value) >> 32


def _fmix(value: int) -> int:
    value = (value ^ (value >> 33)) * _FMIX_1 & _MASK
    value = (value ^ (value >> 33)) * _FMIX_2 & _MASK
    return value ^ (value >> 33)


@njit(nogil=True)
def _fmix_kernel(values: npt.NDArray[np.uint64], count: np.uint64) -> None:
    for i in range(count):
        value = values[i]
        value = (value ^ (value >> U64(33))) * U64(_FMIX_1)
        value = (value ^ (value >> U64(33))) * U64(_FMIX_2)
        values[i] = value ^ (value >> U64(33))


@njit(cache=True, nogil=True)
def _sets(
    content: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    most_words: int,
    size: int,
    scatter: np.uint64,
    hashes: npt.NDArray[np.uint64],
    out_offsets: npt.NDArray[np.int64],
) -> None:
    """Write the shingles of each text, and keep each value once."""
    of_words, ends = np.empty(most_words, np.uint64), np.empty(most_words + 1, np.uint64)
    shingles = np.empty(most_words, np.uint64)
    table = np.empty(1 << _bits(most_words), np.uint64)  # a hash table, used as far as the text at hand needs it
    at = U64(0)
    for row in range(len(offsets) - 1):
        words = _hash_words(content, U64(offsets[row]), U64(offsets[row + 1]), ends, of_words)
        count = _roll(of_words, words, U64(size), shingles)
        bits = _bits(count)
        shift, mask = U64(64) - bits, (U64(1) << bits) - U64(1)
        table[: U64(1) << bits] = 0
        zero = False  # whether 0, which marks a free slot, was among the shingles
        for i in range(count):
            value = shingles[i]
            slot = (value * scatter) >> shift
            while table[slot] != 0 and table[slot] != value:
                slot = (slot + U64(1)) & mask
            if table[slot] == value and (value != 0 or zero):
                continue
            zero |= value == 0
            table[slot] = value
            hashes[at] = value
            at += U64(1)
        out_offsets[row + 1] = at


@njit(nogil=True)
def _bits(count: int | np.uint64) -> np.uint64:
    """Return the binary logarithm of the size of a hash table for so many values: at most a quarter of it is taken.

    Fuller ones take twice the time, because the processor cannot foresee which slots are taken.
    """
    bits = U64(4)
    while U64(1) << bits < U64(4) * U64(count):
        bits += U64(1)
    return bits


@njit(nogil=True)
def _roll(
    of_words: npt.NDArray[np.uint64], words: np.uint64, size: np.uint64, shingles: npt.NDArray[np.uint64]
) -> np.uint64:
    """Write the hashes of the shingles of one text, repeated ones too, and return their number."""
    if words < size:
        return U64(0)
    base, leaving, rolled = U64(_BASE), U64(1), U64(0)
    for i in range(size):
        leaving *= base
        rolled = rolled * base + of_words[i]
    shingles[U64(0)] = rolled
    count = words - size + U64(1)
    for i in range(U64(1), count):
        rolled = rolled * base + (of_words[i + size - U64(1)] - of_words[i - U64(1)] * leaving)
        shingles[i] = rolled
    _fmix_kernel(shingles, count)
    return count


@njit(nogil=True)
def _hash_words(
    content: npt.NDArray[np.uint8],
    begin: np.uint64,
    end: np.uint64,
    ends: npt.NDArray[np.uint64],
    of_words: npt.NDArray[np.uint64],
) -> np.uint64:
    """Write the hash of each word of one text to `of_words`, and return their number."""
    if begin == end:
        return U64(0)
    # First where the words end, without a branch that the processor could not foresee.
    count = U64(0)
    for at in range(begin, end):
        ends[count] = at
        count += U64(content[at] == 0x20)
    ends[count] = end
    count += U64(1)
    eight = U64(8)
    for word in range(count):
        stop = ends[word]
        letters = U64(_BASIS)
        while stop - begin > eight:
            letters = (letters ^ load_eight(content, begin)) * U64(_FACTOR)
            begin += eight
        if begin + eight <= U64(len(content)):
            last = load_eight(content, begin) >> (eight * (eight - (stop - begin)))
        else:
            last = U64(0)
            for at in range(begin, stop):
                last = (last << eight) | U64(content[at])
        of_words[word] = (letters ^ last) * U64(_FACTOR)
        begin = stop + U64(1)
    _fmix_kernel(of_words, count)
    return count
