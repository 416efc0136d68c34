"""A column of clean texts → what is needed to find copies of them without reading them again."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from cleaners.fingerprint.minhash import signatures
from cleaners.shingles.sets import sets_of_words
from cleaners.shingles.words import buffers, chunks, words

if TYPE_CHECKING:
    import pyarrow as pa

    from cleaners.config import FingerprintSettings


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Fingerprints:
    """Columns for n texts.

    content     (n, 2) uint64, 128 bits of BLAKE2b over the words: equal exactly where the texts are word for word the
                same, whatever their case, spaces and punctuation. A text without words is hashed as it stands.
    sizes       (n,) uint32, bytes of the text
    signatures  (n, permutations) uint32, MinHash of the shingles
    valid       (n,) bool, False where the text has fewer words than one shingle: its signature says nothing and must
                enter no band; only its content hash can match
    """

    content: npt.NDArray[np.uint64]
    sizes: npt.NDArray[np.uint32]
    signatures: npt.NDArray[np.uint32]
    valid: npt.NDArray[np.bool_]


def fingerprint(texts: pa.LargeStringArray, settings: FingerprintSettings) -> Fingerprints:
    """Return the fingerprints of a column of texts, row for row.

    >>> import pyarrow as pa
    >>> from cleaners.config import FingerprintSettings
    >>> texts = ["The bridge reopened on Monday.", "THE BRIDGE reopened on Monday", "Monday"]
    >>> texts = pa.array(texts, pa.large_string())
    >>> prints = fingerprint(texts, FingerprintSettings())
    >>> bool((prints.content[0] == prints.content[1]).all()), prints.sizes.tolist(), prints.valid.tolist()
    (True, [30, 29, 6], [True, True, False])
    """
    parts = [_fingerprint(chunk, settings) for chunk in chunks(texts)]
    return Fingerprints(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _fingerprint(
    texts: pa.LargeStringArray, settings: FingerprintSettings
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32], npt.NDArray[np.uint32], npt.NDArray[np.bool_]]:
    """Return the columns of `Fingerprints` for one chunk."""
    joined, numbers = words(texts)
    sets = sets_of_words(joined, numbers, settings.shingle_words)
    upper = (sets.hashes >> np.uint64(32)).astype(np.uint32)
    return (
        _content(texts, joined, numbers),
        np.diff(buffers(texts)[1]).astype(np.uint32),
        signatures(sets.offsets, upper, settings),
        np.diff(sets.offsets) > 0,
    )


def _content(
    texts: pa.LargeStringArray, joined: pa.LargeStringArray, numbers: npt.NDArray[np.int64]
) -> npt.NDArray[np.uint64]:
    """Return the content hashes of a chunk. A cryptographic hash: no page may pose as another."""
    content, offsets = buffers(joined)
    view, ends = content.data, offsets.tolist()
    digests = [hashlib.blake2b(view[start:end], digest_size=16).digest() for start, end in itertools.pairwise(ends)]
    for row in np.flatnonzero(numbers == 0).tolist():
        text = texts[row].as_py() or ""
        digests[row] = hashlib.blake2b(text.encode(), digest_size=16).digest()
    return np.frombuffer(b"".join(digests), "<u8").reshape(-1, 2)
