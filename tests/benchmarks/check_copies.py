"""Whether what was removed was a copy of what was kept: every similarity recomputed by plain Python, none of our code.

    python tests/benchmarks/check_copies.py IN.jsonl KEPT.jsonl COPIES.parquet [--threshold 0.7]

COPIES has id, canonical and similarity of each article that was removed, as `bench_match.py` writes it. Told are copies
whose canonical is gone (orphans), similarities that are not exactly what the two texts give, those below the threshold,
and articles that are neither kept nor removed, or both. Exit code 1 if there is any.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import re
import sys

import pyarrow.parquet as pq


def grams(text: str) -> set[tuple[str, ...]]:
    """Return the distinct word 5-grams of a text."""
    words = re.findall(r"\w+", text.lower())
    return set(zip(*(words[at:] for at in range(5)), strict=False)) or {tuple(words)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("source", type=pathlib.Path)
    parser.add_argument("kept", type=pathlib.Path)
    parser.add_argument("copies", type=pathlib.Path)
    parser.add_argument("--threshold", type=float, default=0.7)
    options = parser.parse_args()
    with options.kept.open("rb") as lines:
        kept = {json.loads(line)["id"] for line in lines}
    places, at = {}, 0
    with options.source.open("rb") as lines:
        for line in lines:
            places[json.loads(line)["id"]] = at
            at += len(line)
    found = dict.fromkeys(("copies", "orphans", "other similarity", "below the threshold", "lost or doubled"), 0)
    with options.source.open("rb") as source:

        def text(name: str) -> str:
            source.seek(places[name])
            return json.loads(source.readline())["text"]

        removed = set()
        for batch in pq.ParquetFile(options.copies).iter_batches():
            for row in batch.to_pylist():
                removed.add(row["id"])
                one, other = grams(text(row["id"])), grams(text(row["canonical"]))
                similarity = len(one & other) / len(one | other)
                found["copies"] += 1
                found["orphans"] += row["canonical"] not in kept
                found["other similarity"] += similarity != row["similarity"]
                found["below the threshold"] += similarity < options.threshold
    found["lost or doubled"] = len(places.keys() - kept - removed) + len(kept & removed)
    print(", ".join(f"{count:,} {what}" for what, count in found.items()))
    sys.exit(any(count for what, count in found.items() if what != "copies"))


if __name__ == "__main__":
    main()
