"""datasketch at its fastest: all shingles of a text in one call, hashed by xxhash."""

from __future__ import annotations

import xxhash
from datasketch import MinHash, MinHashLSH
from lines import grams, run, texts


def keep(lines: list[bytes]) -> list[bool]:
    """Return whether each line stays."""
    index = MinHashLSH(threshold=0.7, num_perm=128)
    kept = []
    for row, text in enumerate(texts(lines)):
        signature = MinHash(num_perm=128, hashfunc=xxhash.xxh32_intdigest)
        signature.update_batch([gram.encode() for gram in set(grams(text))])
        kept.append(not index.query(signature))
        if kept[-1]:
            index.insert(row, signature, check_duplication=False)
    return kept


run(keep)
