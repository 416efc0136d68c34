"""Splits by brute force: every pair of any kind among real articles, and how many of them lie across two splits.

    python tests/benchmarks/bench_splits.py [--articles 20000] [--split train=0.8,validation=0.1,test=0.1]

Half of the articles are made a dataset, then all of them in the same folder. The pairs are those that `copydesk match`
finds among the articles that are kept; beside them stands what a split by chance would tear apart, and whether anything
of the first run's last split, or akin to it, is trained on after the second. Exit code 1 if a pair lies across.
"""

from __future__ import annotations

import argparse
import collections
import hashlib
import pathlib
import sys
import tempfile
import time
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cleaners.config import Settings, load
from cleaners.pairs import all_pairs
from cleaners.pieces import Pieces
from flows import options

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import library

NEWS = pathlib.Path(__file__).resolve().parents[3] / "shared" / "data" / "news"


def halves(articles: int, folder: pathlib.Path) -> list[str]:
    """Write the articles as four files, of two sources in turn; return their paths."""
    paths = []
    for half in range(2):
        for source in ("allsides", "reuters_fin"):
            quarter = articles // 4
            table = pq.read_table(NEWS / f"{source}.parquet").slice(half * quarter, quarter)
            paths.append(str(folder / f"{half}-{source}.parquet"))
            pq.write_table(table.select(["id", "text"]), paths[-1])
    return paths


def articles_of(out: pathlib.Path) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in library.rows(out, "articles")}


def torn(pairs: pa.Table, splits: list[str]) -> collections.Counter[str]:
    """Return the pairs that lie across splits, by kind."""
    rows = pairs.select(["left", "right", "kind"]).to_pylist()
    return collections.Counter(row["kind"] for row in rows if splits[row["left"]] != splits[row["right"]])


def by_chance(names: list[str], shares: dict[str, float]) -> list[str]:
    """Return a split for each article by a hash of its id, as it is often done."""
    ends = np.cumsum(list(shares.values()))
    places = [int(hashlib.sha256(name.encode()).hexdigest()[:12], 16) / 16**12 for name in names]
    return [list(shares)[min(int(np.searchsorted(ends, place)), len(ends) - 1)] for place in places]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--split", default="train=0.8,validation=0.1,test=0.1")
    asked = parser.parse_args()
    if not NEWS.is_dir():
        print(f"skipped: {NEWS} is not there")
        return
    shares = options.shares(asked.split) or {}
    last = list(shares)[-1]
    settings = load(None, {"split": {"shares": shares}, "furniture": {"learn": False}})
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "in").mkdir()
        paths = halves(asked.articles, root / "in")
        library.clean(paths[:2], root / "grown", settings)
        before = articles_of(root / "grown")
        start = time.process_time()
        manifest = library.clean(paths, root / "grown", settings)
        spent = time.process_time() - start
        library.clean(paths, root / "at once", settings)
        now, once = articles_of(root / "grown"), articles_of(root / "at once")
    records = manifest["counts"]["records"]
    print(f"{records:,} records, {len(now):,} kept, {spent:.0f} s of processor time for the second half")
    print("splits", manifest["splits"])
    print("flips", manifest["changes"]["split_changed"]["count"])
    print(
        "the same as made at once:",
        {n: row["split"] for n, row in now.items()} == {n: row["split"] for n, row in once.items()},
    )
    # The articles of now, and those that were tested on before and are not kept now.
    gone = [row for name, row in before.items() if row["split"] == last and name not in now]
    everything = [*now.values(), *gone]
    start = time.process_time()
    pairs = all_pairs(Pieces.of(pa.array([row["text"] for row in everything], pa.large_string())), Settings())
    kinds = dict(collections.Counter(pairs["kind"].to_pylist()))
    print(f"{pairs.num_rows:,} pairs, {time.process_time() - start:.0f} s of processor time: {kinds}")
    found = torn(pairs, [row["split"] for row in everything])
    chance = torn(pairs, by_chance([row["id"] for row in everything], shares))
    back = [name for name, row in before.items() if row["split"] == last and now.get(name, row)["split"] != last]
    print(f"across splits: {sum(found.values())} {dict(found)}; by chance: {sum(chance.values())} {dict(chance)}")
    print(
        f"once in {last}, and now in another split: {len(back)} of {sum(r['split'] == last for r in before.values())}"
    )
    sys.exit(bool(found or back))


if __name__ == "__main__":
    main()
