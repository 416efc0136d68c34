"""gaoya's string index: all texts put in, then asked for, in bulk and in parallel; the first of each group stays."""

from __future__ import annotations

from gaoya.minhash import MinHashStringIndex
from lines import run, texts


def keep(lines: list[bytes]) -> list[bool]:
    """Return whether each line stays."""
    index = MinHashStringIndex(
        hash_size=32,
        jaccard_threshold=0.7,
        num_bands=None,
        band_size=None,
        num_hashes=128,
        analyzer="word",
        lowercase=True,
        ngram_range=(5, 5),
    )
    contents = texts(lines)
    index.par_bulk_insert_docs(list(range(len(contents))), contents)
    return [min(found, default=row) >= row for row, found in enumerate(index.par_bulk_query(contents))]


run(keep)
