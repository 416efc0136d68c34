"""Signatures → which articles met in which bucket, as columns: sorted in bounded memory, some 30 bytes a meeting.

Band by band: the places of a band are hashed to 32 bits, packed with the row number into one integer, and sorted, so
that a bucket is a run. (Of the ways measured for 25 million such rows this was the fastest and the leanest by far.)
Only rows that met another one are remembered. In a million articles of news that is one in ten or so; by chance, since
keys have 32 bits, one in seven of 25 million meets another by words, and two in five by facts.
"""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from cleaners.errors import RunError
from cleaners.kernels import njit
from cleaners.match.exact import ANY, Recurring, runs
from cleaners.sketches import aligned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from cleaners.match.bands import Bands

    Keys = Sequence[npt.NDArray[np.uint32]]

_MIX = 0x9E3779B97F4A7C15
_MOST_BUCKETS = 2**31 - 1  # numbers of int32


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """The rows that share a bucket with another row, and their buckets; a pair that shares one is a candidate.

    rows     (m,) int64, row numbers, ascending
    offsets  (m + 1,) int64; the buckets of `rows[i]` are `buckets[offsets[i]:offsets[i + 1]]`, ascending
    buckets  (total,) int32, bucket numbers from 0 through all bands, the smallest buckets first
    sketch   (m, permutations) uint8, the low byte of each place of the signature: equal bytes estimate similarity as
             equal places do (one in 256 differing places agrees by chance), at a quarter of the memory
    """

    rows: npt.NDArray[np.int64]
    offsets: npt.NDArray[np.int64]
    buckets: npt.NDArray[np.int32]
    sketch: npt.NDArray[np.uint8]


def candidates(
    signatures: npt.NDArray[np.uint32] | Iterable[npt.NDArray[np.uint32]],
    valid: npt.NDArray[np.bool_],
    bands: Bands,
    *,
    memory_mb: int = 512,
    folder: Path | None = None,
) -> Candidates:
    """Return who met whom among the valid rows of any signatures.

    `signatures` is one array `(n, permutations)`, or its parts in row order; `valid` `(n,) bool` keeps out texts too
    short to say anything, and all but one of identical texts. What does not fit into `memory_mb` goes to files in
    `folder`, which the caller removes; without a folder everything stays in memory.

    >>> from cleaners.match.bands import Bands
    >>> signatures = np.array([[1, 2, 3, 4], [1, 2, 5, 6], [7, 8, 9, 9]], np.uint32)
    >>> met = candidates(signatures, np.array([True, True, True]), Bands(bands=2, rows=2))
    >>> met.rows.tolist(), met.buckets.tolist()
    ([0, 1], [0, 0])
    """
    met = Meetings(len(valid), bands, memory_mb, folder)
    for part in [signatures] if isinstance(signatures, np.ndarray) else signatures:
        met.add(part)
    return met.among(valid)


class Meetings:
    """The keys and sketches of n rows, gathered part by part: `candidates` for whoever makes signatures as they go.

    What does not fit into `memory_mb` goes to files in `folder`, as there.
    """

    def __init__(self, n: int, bands: Bands, memory_mb: int, folder: Path | None = None) -> None:
        self._n, self._bands, self._memory_mb, self._folder = n, bands, memory_mb, folder
        self._keys = np.empty((bands.bands, 0), np.uint32)  # (bands, n)
        self._sketch = np.empty((0, 0), np.uint8)  # (n, permutations)
        self._at = 0

    def add(self, signatures: npt.NDArray[np.uint32]) -> None:
        """Take the signatures `(some, permutations)` of the next rows."""
        if not self._at:
            places = signatures.shape[1]
            large = self._n * (4 * self._bands.bands + places) > self._memory_mb << 19
            folder = self._folder if large else None
            self._keys = np.asarray(_array(folder, "keys", (self._bands.bands, self._n), np.uint32))
            self._sketch = np.asarray(_array(folder, "sketch", (self._n, places), np.uint8))
        places = self._bands.places(signatures.shape[1])
        _keys(np.require(signatures, np.uint32, ["C", "W"]), places, self._keys, self._at)
        self._sketch[self._at : self._at + len(signatures)] = signatures.astype(np.uint8)
        self._at += len(signatures)

    def agreeing(
        self, left: npt.NDArray[np.int64], right: npt.NDArray[np.int64], bands: Bands, least: int
    ) -> npt.NDArray[np.bool_]:
        """Return which pairs of rows, (k,), meet in fewer `bands`, too, and agree in `least` places.

        Those are the first of the bands there are.
        """
        some = slice(bands.bands)
        met = (self._keys[some, left] == self._keys[some, right]).any(axis=0)
        found: npt.NDArray[np.bool_] = met & ((self._sketch[left] == self._sketch[right]).sum(axis=1) >= least)
        return found

    def among(self, valid: npt.NDArray[np.bool_]) -> Candidates:
        """Return who met whom among the valid rows."""
        return gathered(self._keys[:, None], valid * np.uint8(ANY), self._sketch.__getitem__, self._memory_mb)


def gathered(
    keys: Iterable[Keys],
    among: npt.NDArray[np.uint8],
    sketch: Callable[[npt.NDArray[np.int64]], npt.NDArray[np.uint8]],
    memory_mb: int,
) -> Candidates:
    """Return who met whom among some rows, from the keys of all rows in each band, `(n,) uint32`, in pieces.

    `among` `(n,) uint8` as in `cleaners.match.exact`; `sketch` returns the sketches of some ascending rows.
    """
    rows, buckets = _meetings(keys, among, memory_mb)
    # The smallest first, equal ones by band and key: so a row has its rarest first, in whatever order the rows came.
    sizes = np.bincount(buckets, minlength=1)
    order = np.argsort(sizes.astype(np.min_scalar_type(sizes.max())), kind="stable")  # of 16 bits it takes no compares
    number = np.empty(len(order), np.uint32)
    number[order] = np.arange(len(order), dtype=np.uint32)
    buckets = number[buckets]
    # By row, then bucket: both fit one integer.
    packed = (rows.astype(np.uint64) << np.uint64(32)) | buckets.astype(np.uint64)
    packed.sort()
    row = packed >> np.uint64(32)
    begins = np.flatnonzero(runs(row)[0])
    met_rows = row[begins].astype(np.int64)
    offsets = np.append(begins, len(row)).astype(np.int64)
    found = (packed & np.uint64(0xFFFFFFFF)).astype(np.int32)
    del packed, row
    return Candidates(met_rows, offsets, found, aligned(sketch(met_rows)))


def _array(folder: Path | None, name: str, shape: tuple[int, int], dtype: npt.DTypeLike) -> npt.NDArray[np.generic]:
    """Return an array in memory, or in a file of the folder."""
    if folder is None or 0 in shape:
        return np.empty(shape, dtype)
    return np.memmap(folder / name, dtype, "w+", shape=shape)


def _meetings(
    keys: Iterable[Keys], among: npt.NDArray[np.uint8], memory_mb: int
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """Return row and bucket of each article that met another one, band by band."""
    all_rows, all_buckets = [np.zeros(0, np.uint32)], [np.zeros(0, np.uint32)]
    buckets = 0
    for packed in _sorted_runs(keys, among, memory_mb):
        met, bucket, buckets = _in_company(packed, buckets)
        all_rows.append(met)
        all_buckets.append(bucket)
        if buckets > _MOST_BUCKETS:
            what = f"{len(among):,} articles meet in more than {_MOST_BUCKETS:,} buckets, and more are not numbered"
            raise RunError("match", what, "Match fewer at a time.")
    return np.concatenate(all_rows), np.concatenate(all_buckets)


@njit(cache=True, nogil=True)
def _in_company(
    packed: npt.NDArray[np.uint64], buckets: int
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32], int]:
    """Return row and bucket of those whose key another one has, after so many buckets; and how many there are now."""
    rows, numbers = np.empty(len(packed), np.uint32), np.empty(len(packed), np.uint32)
    count = 0
    for at in range(len(packed)):
        key = packed[at] >> np.uint64(32)
        begins = at == 0 or packed[at - 1] >> np.uint64(32) != key
        ends = at + 1 == len(packed) or packed[at + 1] >> np.uint64(32) != key
        if not (begins and ends):
            buckets += begins
            rows[count], numbers[count] = packed[at] & np.uint64(0xFFFFFFFF), buckets - 1
            count += 1
    return rows[:count].copy(), numbers[:count].copy(), buckets


def _sorted_runs(
    keys: Iterable[Keys], among: npt.NDArray[np.uint8], memory_mb: int
) -> Iterator[npt.NDArray[np.uint64]]:
    """Yield `key << 32 | row` of some rows, sorted: a band at a time, or a range of its keys where memory asks.

    Most of those whose key no other has are left out before.
    """
    slices = -(-np.count_nonzero(among) * 32 // (memory_mb << 20)) or 1
    bounds = [(2**32 * number) // slices for number in range(slices + 1)]
    recurring = Recurring(among)
    for band in keys:
        row, key = recurring(band)
        for lower, upper in itertools.pairwise(bounds):
            chosen = slice(None) if slices == 1 else (key >= lower) & (key <= upper - 1)
            packed = (key[chosen].astype(np.uint64) << np.uint64(32)) | row[chosen].astype(np.uint64)
            packed.sort()
            yield packed


def band_keys(signatures: npt.NDArray[np.uint32], bands: Bands) -> npt.NDArray[np.uint32]:
    """Return the hash of each band of each signature, `(bands, n) uint32`: rows that share one have met."""
    keys = np.empty((bands.bands, len(signatures)), np.uint32)
    _keys(np.require(signatures, np.uint32, ["C", "W"]), bands.places(signatures.shape[1]), keys, 0)
    return keys


@njit(cache=True, nogil=True)
def _keys(
    signatures: npt.NDArray[np.uint32], places: npt.NDArray[np.int64], out: npt.NDArray[np.uint32], at: int
) -> None:
    """Write the hash of each band of each signature, from column `at` on; `places` (bands, rows) are theirs.

    A chance collision of two hashes costs one look at two sketches.
    """
    for row in range(len(signatures)):
        for band in range(len(out)):
            key = np.uint64(0)
            for place in places[band]:
                key = (key ^ np.uint64(signatures[row, place])) * np.uint64(_MIX)
                key ^= key >> np.uint64(32)
            out[band, at + row] = np.uint32(key >> np.uint64(16))
