"""What it costs to add a hundredth of the articles to a dataset: processor seconds of matching, by stage, in its parts.

    python tests/benchmarks/bench_grow.py [IN.jsonl...] [--articles 400000] [--share 0.01] [--folder DIR]

The articles are put in as cleaned parts, since what strips them is not measured here; from there on the functions that
`copydesk clean` runs are run, first over all but the last share, then over all. Without inputs it is the corpus of
`match_corpus.py`, and the comparison by facts is left out: it is made of sentences that recur, and no two of its
articles tell apart by facts.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import tempfile
import time
from typing import TYPE_CHECKING

import match_corpus
import numpy as np
import pyarrow as pa

from cleaners import storage
from cleaners.cluster import Comparison
from cleaners.columns import CLEANED
from cleaners.config import parse
from cleaners.match.candidates import Candidates
from cleaners.shards import copies, plan, prints, quality
from cleaners.shards.articles import cleaned_key
from cleaners.shards.dataset import CLEANED_ROWS, Dataset, key

if TYPE_CHECKING:
    from collections.abc import Iterator

SETTINGS = parse({"furniture": {"learn": False}}, "benchmark")
_NOBODY = Candidates(np.zeros(0, np.int64), np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros((0, 1), np.uint8))


def texts(path: pathlib.Path) -> Iterator[str]:
    """Yield the text of each line."""
    with path.open("rb") as lines:
        for line in lines:
            yield json.loads(line)["text"]


def put(dataset: Dataset, name: str, contents: list[str]) -> plan.Shard:
    """Write a shard's cleaned part; return the shard."""
    source = pathlib.Path(dataset.root).with_name("in") / f"{name}.jsonl"
    source.parent.mkdir(parents=True, exist_ok=True)
    source.touch()
    [shard] = plan.plan(dataset, [str(source)], SETTINGS.read)
    words = [text.count(" ") + 1 for text in contents]
    columns = {field.name: pa.nulls(len(contents), field.type) for field in CLEANED}
    columns |= {"id": pa.array([key(text) for text in contents]), "text": pa.array(contents)}
    columns |= {"words": pa.array(words), "words_before": pa.array(words), "source": pa.array([name] * len(contents))}
    columns |= {"record": pa.array(range(len(contents)))}
    table = pa.table({field.name: columns[field.name].cast(field.type) for field in CLEANED})
    storage.write_table(
        dataset.work("cleaned", cleaned_key(shard, SETTINGS, None)), table, {}, rows=CLEANED_ROWS, level=1
    )
    return shard


def match(dataset: Dataset, shards: list[plan.Shard]) -> dict[str, float]:
    """Do what a run does between strip and write; return the processor seconds of each stage."""
    spent, last = {}, time.process_time()

    def lap(stage: str) -> None:
        nonlocal last
        spent[stage], last = time.process_time() - last, time.process_time()

    for shard in shards:
        quality.measure_shard(dataset, shard, SETTINGS, None)
        prints.fingerprint_shard(dataset, shard, SETTINGS, None)
    lap("fingerprint")
    for shard in shards:
        prints.facts_shard(dataset, shard, SETTINGS, None)
    lap("facts")
    print("  ", copies.match_corpus(dataset, shards, SETTINGS, None))
    lap("match")
    return spent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("inputs", type=pathlib.Path, nargs="*")
    parser.add_argument("--articles", type=int, default=400_000, help="of the corpus that is made without inputs")
    parser.add_argument("--share", type=float, default=0.01, help="share of the articles that is added")
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()))
    options = parser.parse_args()
    made = options.folder / f"{options.articles}.jsonl"
    if not options.inputs and not made.exists():
        match_corpus.write_corpus(options.articles, made)
    contents = [text for path in options.inputs or [made] for text in texts(path)]
    cut = len(contents) - round(options.share * len(contents))
    if not options.inputs:
        nothing = copies.Way(Comparison("reworded", _NOBODY, 0.5, 1, 1), lambda left, _: left * 0.0)
        copies._reworded = lambda *_: nothing
    with tempfile.TemporaryDirectory(dir=options.folder) as root:
        dataset = Dataset(f"{root}/out")
        warm = put(dataset, "0", contents[:200])
        match(dataset, [warm])
        old = [put(dataset, f"old{at:08}", contents[at : min(cut, at + 25_000)]) for at in range(0, cut, 25_000)]
        new = put(dataset, "new", contents[cut:])
        first = match(dataset, old)
        then = match(dataset, [*old, new])
    if not options.inputs:  # the order of preference needs what they tell of originals
        del first["facts"], then["facts"]
    for stage, seconds in first.items():
        print(f"{stage:26} {seconds:8.2f} s, then {then[stage]:7.2f} s")
    total, added = sum(first.values()), sum(then.values())
    print(f"{len(contents) - cut:,} added to {cut:,} took {added / total:.1%} of the processor time: {added:.2f} s")


if __name__ == "__main__":
    main()
