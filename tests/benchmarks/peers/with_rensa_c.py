"""rensa's deduplicator with C-MinHash; see `with_rensa.py`."""

from __future__ import annotations

import json

from lines import grams, run
from rensa import CMinHashDeduplicator


def keep(lines: list[bytes]) -> list[bool]:
    """Return whether each line stays."""
    pairs = ((str(row), grams(json.loads(line)["text"])) for row, line in enumerate(lines))
    return list(CMinHashDeduplicator(threshold=0.7, num_perm=128).add_pairs(pairs))


run(keep)
