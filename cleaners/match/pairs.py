"""All verified pairs of a column of texts, for callers who want pairs rather than a dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cleaners.kernels import njit
from cleaners.match.bands import bands_for, least_agreement
from cleaners.match.candidates import Meetings
from cleaners.match.exact import first_of_content
from cleaners.match.verify import TextSource, verify

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from cleaners.config import FingerprintSettings, MatchSettings
    from cleaners.match.candidates import Candidates


class Fingerprints(Protocol):
    """The columns that `cleaners.fingerprint.columns` makes and describes."""

    @property
    def content(self) -> npt.NDArray[np.uint64]:
        """128 bits that are equal where the words are."""

    @property
    def sizes(self) -> npt.NDArray[np.uint32]:
        """Bytes of each text."""

    @property
    def signatures(self) -> npt.NDArray[np.uint32]:
        """MinHash of the shingles."""

    @property
    def valid(self) -> npt.NDArray[np.bool_]:
        """False for texts too short for one shingle."""


MATCHES = pa.schema(
    [
        ("left", pa.int64()),
        ("right", pa.int64()),
        ("kind", pa.string()),
        ("similarity", pa.float64()),
        ("jaccard", pa.float64()),
        ("left_in_right", pa.float64()),
        ("right_in_left", pa.float64()),
    ]
)
"""Rows of the two articles, left < right; `similarity` is Jaccard for exact and near, for overlap the share of the one
article that lies in the other."""


def match(
    texts: TextSource,
    n: int,
    prints: Iterable[Fingerprints],
    settings: MatchSettings,
    *,
    shingles: FingerprintSettings,
    folder: Path | None = None,
) -> pa.Table:
    """Return every verified pair among n texts, sorted by left and right row: a table of `MATCHES`.

    `prints` are the fingerprints of all, in one piece or several, as `shingles` say; of each piece the signatures are
    taken apart and let go, and what does not fit into `settings.memory_mb` goes to files in `folder`.

    Identical texts are each paired with the first of them, and only that one with others: m copies give m − 1 rows. In
    a bucket of more than `settings.bucket_pairs` texts each is compared with so many that follow it; how many buckets
    were that full stands in the table's metadata as `crowded`.

    >>> from cleaners.config import FingerprintSettings, MatchSettings
    >>> from cleaners.fingerprint.columns import fingerprint
    >>> column = pa.array(["a b c d e f g h", "A b c, d e f g h.", "a b c d e f g h i", "x y"], pa.large_string())
    >>> prints = fingerprint(column, FingerprintSettings())
    >>> found = match(column.take, 4, [prints], MatchSettings(), shingles=FingerprintSettings())
    >>> found.select(["left", "right", "kind"]).to_pylist()  # doctest: +NORMALIZE_WHITESPACE
    [{'left': 0, 'right': 1, 'kind': 'exact'}, {'left': 0, 'right': 2, 'kind': 'near'}]
    """
    reach = min(settings.threshold, settings.overlap_reach)
    cut = Meetings(n, bands_for(reach, settings.recall, shingles.permutations), settings.memory_mb, folder)
    parts = []
    for part in prints:
        cut.add(part.signatures)
        parts.append((part.content, part.sizes, part.valid))
    content, sizes, valid = map(np.concatenate, zip(*parts, strict=True))
    first = first_of_content(content, np.arange(n))
    copies = np.flatnonzero(first != np.arange(n))
    met = cut.among(valid & (first == np.arange(n)))
    least = least_agreement(reach, shingles.permutations, settings.deviations)
    left, right = pairs(met, least, settings.bucket_pairs)
    words = shingles.shingle_words
    found = verify(left, right, texts, sizes, shingle_words=words, memory_mb=settings.memory_mb)
    contained = np.maximum(found.left_in_right, found.right_in_left)
    near = found.jaccard >= settings.threshold
    reported = near | (contained >= settings.containment)
    one = np.ones(len(copies))
    columns = [
        np.concatenate([first[copies], left[reported]]),
        np.concatenate([copies, right[reported]]),
        np.concatenate([np.full(len(copies), "exact"), np.where(near, "near", "overlap")[reported]]),
        np.concatenate([one, np.where(near, found.jaccard, contained)[reported]]),
        np.concatenate([one, found.jaccard[reported]]),
        np.concatenate([one, found.left_in_right[reported]]),
        np.concatenate([one, found.right_in_left[reported]]),
    ]
    order = np.lexsort((columns[1], columns[0]))
    arrays = [pa.array(column[order], field.type) for column, field in zip(columns, MATCHES, strict=True)]
    crowded = int((np.bincount(met.buckets) > settings.bucket_pairs + 1).sum())
    return pa.table(arrays, MATCHES.with_metadata({"crowded": str(crowded)}))


def pairs(
    met: Candidates, least: int, most: int = 1000, rank: npt.NDArray[np.int64] | None = None
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return left and right row of each candidate pair whose sketches agree in at least `least` places, each once.

    In each bucket a row is compared with the `most` rows that follow it: a template that 100,000 articles share would
    make five billion pairs. They follow in row order, or in the order of `rank`, a number for each row there is.
    """
    # The members of each bucket, in order.
    member = np.repeat(np.arange(len(met.rows)), np.diff(met.offsets))
    place = member if rank is None else rank[met.rows][member]
    order = np.lexsort((place, met.buckets))
    starts = np.concatenate([[0], np.bincount(met.buckets).cumsum()]).astype(np.int64)
    found = _pairs(starts, member[order], met.offsets, met.buckets, met.sketch, least, most)
    return met.rows[found[:, 0]], met.rows[found[:, 1]]


@njit(cache=True, nogil=True)
def _pairs(  # plain columns are what a kernel takes
    starts: npt.NDArray[np.int64],
    members: npt.NDArray[np.int64],
    offsets: npt.NDArray[np.int64],
    buckets: npt.NDArray[np.int32],
    sketch: npt.NDArray[np.uint8],
    least: int,
    most: int,
) -> npt.NDArray[np.int64]:
    """Return `(pairs, 2)` places among the candidates' rows; see `pairs`."""
    found = np.empty((1024, 2), np.int64)
    count = 0
    for bucket in range(len(starts) - 1):
        inside = members[starts[bucket] : starts[bucket + 1]]
        for i in range(len(inside)):
            for right in inside[i + 1 : i + 1 + most]:
                left = inside[i]
                agreement = 0
                for place in range(sketch.shape[1]):
                    agreement += sketch[left, place] == sketch[right, place]
                if agreement < least:
                    continue
                if _first_shared(offsets, buckets, left, right) != bucket:
                    continue  # listed there
                if count == len(found):
                    larger = np.empty((2 * count, 2), np.int64)
                    for pair in range(count):
                        larger[pair, 0], larger[pair, 1] = found[pair, 0], found[pair, 1]
                    found = larger
                found[count, 0], found[count, 1] = left, right
                count += 1
    return found[:count]


@njit(nogil=True)
def _first_shared(offsets: npt.NDArray[np.int64], buckets: npt.NDArray[np.int32], left: int, right: int) -> int:
    """Return the least bucket that two rows share, of which there is one. The buckets of a row ascend."""
    a, b = offsets[left], offsets[right]
    while buckets[a] != buckets[b]:
        if buckets[a] < buckets[b]:
            a += 1
        else:
            b += 1
    return int(buckets[a])
