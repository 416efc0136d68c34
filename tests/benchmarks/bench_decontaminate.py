"""Decontamination: evaluation items planted among real articles, word for word and in other words, and what is found.

    python tests/benchmarks/bench_decontaminate.py [--clean 5000] [--step 4]

The items are the originals of ../shared/data/rewrites and every `step`-th text of ../shared/data/news/reuters21578.
Word for word, each item is planted inside an article of another source; in other words the labelled rewordings are
looked for. Independent reports of the same events and `clean` articles of other sources hold no item.
"""

from __future__ import annotations

import argparse
import collections
import json
import pathlib
import tempfile
import time
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cleaners.config import Settings, load
from cleaners.contamination.index import Index, build
from cleaners.contamination.items import pinned
from cleaners.contamination.look import look
from cleaners.shingles.words import words

SHARED = pathlib.Path(__file__).resolve().parents[3] / "shared" / "data"
_BATCH = 2_000


def hits_of(texts: list[str], index: Index, settings: Settings) -> dict[int, Any]:
    found = {}
    for start in range(0, len(texts), _BATCH):
        for hit in look(pa.array(texts[start : start + _BATCH], pa.large_string()), index, settings):
            found[start + hit.row] = hit
    return found


def share(part: int, whole: int) -> str:
    return f"{part:,} of {whole:,} ({part / max(whole, 1):.1%})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--clean", type=int, default=5_000)
    parser.add_argument("--step", type=int, default=4)
    asked = parser.parse_args()
    if not SHARED.is_dir():
        print(f"skipped: {SHARED} is not there")
        return
    docs = {doc["id"]: doc for doc in map(json.loads, (SHARED / "rewrites" / "docs.jsonl").open(encoding="utf-8"))}
    pairs = list(map(json.loads, (SHARED / "rewrites" / "pairs.jsonl").open(encoding="utf-8")))
    originals = {pair["a"] for pair in pairs}
    reuters = pq.read_table(SHARED / "news" / "reuters21578.parquet")["text"].to_pylist()[:: asked.step]
    carriers = pq.read_table(SHARED / "news" / "allsides.parquet")["text"].to_pylist()
    with tempfile.TemporaryDirectory() as folder:
        sets = pathlib.Path(folder, "originals.jsonl"), pathlib.Path(folder, "reuters.jsonl")
        listed = [docs[name]["text"] for name in sorted(originals)], reuters
        for path, texts in zip(sets, listed, strict=True):
            path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
        settings = pinned(load(None, {"decontaminate": {"files": list(map(str, sets))}}))
        start = time.process_time()
        told = build(f"{folder}/index.parquet", settings)["files"]
        index = Index(f"{folder}/index.parquet")
        print(f"index: {time.process_time() - start:.1f} s", {pathlib.Path(name).name: c for name, c in told.items()})

        long = [text for texts in listed for text in texts if words(pa.array([text], pa.large_string()))[1][0] >= 8]
        half = [(len(carrier.split()), carrier.split()) for carrier in carriers[-len(long) :]]
        inside = [
            f"{' '.join(split[: count // 2])}\n{item}\n{' '.join(split[count // 2 :])}"
            for item, (count, split) in zip(long, half, strict=False)
        ]
        print("word for word, inside another article:", share(len(hits_of(inside, index, settings)), len(inside)))
        by = collections.defaultdict(list)
        for pair in pairs:
            by[pair["label"], pair["style"] if pair["label"] == "reworded" else ""].append(docs[pair["b"]]["text"])
        everything = [text for (label, _), texts in by.items() if label == "reworded" for text in texts]
        print("in other words:", share(len(hits_of(everything, index, settings)), len(everything)))
        for (label, style), texts in sorted(by.items()):
            found = hits_of(texts, index, settings).values()
            print(
                f"  {label} {style}: {share(len(found), len(texts))}, word for word {sum(bool(h.words) for h in found)}"
            )
        clean = carriers[: asked.clean]
        start = time.process_time()
        found = hits_of(clean, index, settings)
        spent = time.process_time() - start
        print(f"clean articles taken for others: {share(len(found), len(clean))}; {len(clean) / spent:,.0f} a second")
        for row, hit in sorted(found.items())[:10]:
            print("   ", row, hit.detail[-160:], "|", clean[row][:80].replace("\n", " "))
        known = np.array([hit.similarity for hit in hits_of(everything, index, settings).values() if not hit.words])
        print("similarities of the rewordings, deciles:", np.quantile(known, np.arange(0, 1.01, 0.1)).round(2).tolist())


if __name__ == "__main__":
    main()
