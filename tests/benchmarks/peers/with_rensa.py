"""rensa's deduplicator with R-MinHash, as in its README; `with_rensa_c.py` is the same with C-MinHash."""

from __future__ import annotations

import json

from lines import grams, run
from rensa import RMinHashDeduplicator


def keep(lines: list[bytes]) -> list[bool]:
    """Return whether each line stays."""
    pairs = ((str(row), grams(json.loads(line)["text"])) for row, line in enumerate(lines))
    return list(RMinHashDeduplicator(threshold=0.7, num_perm=128, use_lsh=True).add_pairs(pairs))


run(keep)
