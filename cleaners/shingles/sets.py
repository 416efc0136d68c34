"""The distinct shingles of a column of texts as 64-bit hashes, and the same hash in plain Python.

The hash of a word takes in eight of its UTF-8 bytes at a time, as FNV-1a takes in one, and ends with the finalizer of
MurmurHash3; the hash of a shingle is a polynomial in the hashes of its words, then the same finalizer. So it rolls over
a text, and with 64 bits two different shingles of a pair of articles share one in a pair of 10¹³. MinHash takes the
upper 32 bits.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from cleaners.shingles.words import buffers, chunks, words

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


@numba.njit(nogil=True)
def _fmix_kernel(value: np.uint64) -> np.uint64:
    value = (value ^ (value >> np.uint64(33))) * np.uint64(_FMIX_1)
    value = (value ^ (value >> np.uint64(33))) * np.uint64(_FMIX_2)
    return value ^ (value >> np.uint64(33))


@numba.njit(cache=True, nogil=True)
def _sets(
    content: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    most_words: int,
    size: int,
    scatter: np.uint64,
    hashes: npt.NDArray[np.uint64],
    out_offsets: npt.NDArray[np.int64],
) -> None:
    """Roll the polynomial over the hashed words of each text, and keep each value once."""
    of_words, ends = np.empty(most_words, np.uint64), np.empty(most_words + 1, np.int64)
    # A hash table, used as far as the text at hand needs it; `turn` says which text wrote a slot, so that it is never
    # cleared.
    table = np.empty(4 * most_words + 16, np.uint64)
    turn = np.full(len(table), -1, np.int32)
    base = np.uint64(_BASE)
    leaving = np.uint64(1)
    for _ in range(size):
        leaving *= base
    at = 0
    for row in range(len(offsets) - 1):
        count = _hash_words(content[offsets[row] : offsets[row + 1]], ends, of_words)
        bits = 4
        while 1 << bits < 2 * count:
            bits += 1
        shift, mask = np.uint64(64 - bits), np.uint64((1 << bits) - 1)
        rolled = np.uint64(0)
        for i in range(count):
            rolled = rolled * base + of_words[i]
            if i < size - 1:
                continue
            if i >= size:
                rolled -= of_words[i - size] * leaving
            value = _fmix_kernel(rolled)
            slot = (value * scatter) >> shift
            while turn[slot] == row and table[slot] != value:
                slot = (slot + np.uint64(1)) & mask
            if turn[slot] != row:
                turn[slot] = row
                table[slot] = value
                hashes[at] = value
                at += 1
        out_offsets[row + 1] = at


@numba.njit(nogil=True)
def _hash_words(content: npt.NDArray[np.uint8], ends: npt.NDArray[np.int64], of_words: npt.NDArray[np.uint64]) -> int:
    """Write the hash of each word of one text to `of_words`, and return their number."""
    # First where the words end, without a branch that the processor could not foresee.
    count = 0
    for at in range(len(content)):
        ends[count] = at
        count += content[at] == 0x20
    if len(content):
        ends[count] = len(content)
        count += 1
    begin = 0
    for word in range(count):
        end = ends[word]
        letters = np.uint64(_BASIS)
        while end - begin > 8:
            letters = (letters ^ _eight(content, begin)) * np.uint64(_FACTOR)
            begin += 8
        if begin + 8 <= len(content):
            last = _eight(content, begin) >> np.uint64(8 * (8 - (end - begin)))
        else:
            last = np.uint64(0)
            for at in range(begin, end):
                last = (last << np.uint64(8)) | np.uint64(content[at])
        of_words[word] = _fmix_kernel((letters ^ last) * np.uint64(_FACTOR))
        begin = end + 1
    return count


@numba.njit(nogil=True)
def _eight(content: npt.NDArray[np.uint8], at: int) -> np.uint64:
    """Return eight bytes as one number, the first as the highest; the compiler makes it one load."""
    return (
        (np.uint64(content[at]) << np.uint64(56))
        | (np.uint64(content[at + 1]) << np.uint64(48))
        | (np.uint64(content[at + 2]) << np.uint64(40))
        | (np.uint64(content[at + 3]) << np.uint64(32))
        | (np.uint64(content[at + 4]) << np.uint64(24))
        | (np.uint64(content[at + 5]) << np.uint64(16))
        | (np.uint64(content[at + 6]) << np.uint64(8))
        | np.uint64(content[at + 7])
    )
