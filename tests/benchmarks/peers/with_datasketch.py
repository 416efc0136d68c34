"""datasketch as its documentation shows it: a MinHash updated shingle by shingle, then asked of a MinHashLSH."""

from __future__ import annotations

from datasketch import MinHash, MinHashLSH
from lines import grams, run, texts


def keep(lines: list[bytes]) -> list[bool]:
    """Return whether each line stays."""
    index = MinHashLSH(threshold=0.7, num_perm=128)
    kept = []
    for row, text in enumerate(texts(lines)):
        signature = MinHash(num_perm=128)
        for gram in set(grams(text)):
            signature.update(gram.encode())
        kept.append(not index.query(signature))
        if kept[-1]:
            index.insert(str(row), signature)
    return kept


run(keep)
