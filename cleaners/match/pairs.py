"""All verified pairs of a column of texts, for callers who want pairs rather than a dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cleaners.kernels import doubled, njit
from cleaners.match.bands import bands_for, least_agreement
from cleaners.match.candidates import Meetings
from cleaners.match.exact import first_of_content
from cleaners.match.verify import verify
from cleaners.sketches import agreement
from cleaners.turns import members

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from cleaners.config import FingerprintSettings, MatchSettings
    from cleaners.match.candidates import Candidates
    from cleaners.pieces import TextSource


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
        ("kind", pa.large_string()),
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
    parts = [(np.zeros((0, 2), np.uint64), np.zeros(0, np.uint32), np.zeros(0, np.bool_))]
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
        np.concatenate([np.zeros(len(copies), np.int8), np.where(near, 1, 2).astype(np.int8)[reported]]),
        np.concatenate([one, np.where(near, found.jaccard, contained)[reported]]),
        np.concatenate([one, found.jaccard[reported]]),
        np.concatenate([one, found.left_in_right[reported]]),
        np.concatenate([one, found.right_in_left[reported]]),
    ]
    order = np.lexsort((columns[1], columns[0]))
    arrays = [pa.array(column[order]) for column in columns]
    arrays[2] = pa.array(["exact", "near", "overlap"], MATCHES.field("kind").type).take(arrays[2])
    crowded = int((np.bincount(met.buckets) > settings.bucket_pairs + 1).sum())
    return pa.table(arrays, MATCHES.with_metadata({"crowded": str(crowded)}))


def pairs(
    met: Candidates,
    least: int,
    most: int = 1000,
    rank: npt.NDArray[np.int64] | None = None,
    family: npt.NDArray[np.int64] | None = None,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return left and right row of each candidate pair whose sketches agree in at least `least` places, each once.

    In each bucket a row is compared with the `most` rows that follow it: a template that 100,000 articles share would
    make five billion pairs. They follow in row order, or in the order of `rank`, a number for each row there is. So has
    `family`: two rows of the same are no pair.
    """
    order = np.arange(len(met.rows)) if rank is None else np.argsort(rank[met.rows])
    kin = order if family is None else family[met.rows][order]
    starts = np.concatenate([[0], np.bincount(met.buckets).cumsum()]).astype(np.int64)
    inside = members(order, met.offsets, met.buckets, starts)
    found = _pairs(order, kin, starts, inside, met.offsets, met.buckets, met.sketch, least, most)
    row = met.rows[order]
    return row[found[:, 0]], row[found[:, 1]]


@njit(cache=True, nogil=True)
def _pairs(  # noqa: PLR0913, PLR0917  # plain columns are what a kernel takes
    places: npt.NDArray[np.int64],
    kin: npt.NDArray[np.int64],
    starts: npt.NDArray[np.int64],
    members: npt.NDArray[np.int32],
    offsets: npt.NDArray[np.int64],
    buckets: npt.NDArray[np.int32],
    sketch: npt.NDArray[np.uint8],
    least: int,
    most: int,
) -> npt.NDArray[np.int64]:
    """Return the turns of `(pairs, 2)` rows; columns as in `Turns`, and `kin` the family of each turn."""
    found = np.empty((1024, 2), np.int64)
    count = 0
    for bucket in range(len(starts) - 1):
        inside = members[starts[bucket] : starts[bucket + 1]]
        for i in range(len(inside)):
            left = inside[i]
            for right in inside[i + 1 : i + 1 + most]:
                if kin[left] == kin[right] or agreement(sketch, places[left], places[right]) < least:
                    continue
                if _listed_before(bucket, left, right, places, starts, members, offsets, buckets, most):
                    continue
                if count == len(found):
                    found = doubled(found)
                found[count, 0], found[count, 1] = left, right
                count += 1
    return found[:count]


@njit(nogil=True)
def _listed_before(  # noqa: PLR0913, PLR0917
    bucket: int,
    left: int,
    right: int,
    places: npt.NDArray[np.int64],
    starts: npt.NDArray[np.int64],
    members: npt.NDArray[np.int32],
    offsets: npt.NDArray[np.int64],
    buckets: npt.NDArray[np.int32],
    most: int,
) -> bool:
    """Tell whether two members of a bucket are compared in an earlier one. The buckets of a row ascend."""
    a, b = offsets[places[left]], offsets[places[right]]
    while buckets[a] < bucket and buckets[b] < bucket:
        if buckets[a] < buckets[b]:
            a += 1
        elif buckets[b] < buckets[a]:
            b += 1
        else:
            inside = members[starts[buckets[a]] : starts[buckets[a] + 1]]
            apart = 0 if len(inside) <= most else np.searchsorted(inside, right) - np.searchsorted(inside, left)
            if apart <= most:
                return True
            a += 1
            b += 1
    return False
