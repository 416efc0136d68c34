"""What it costs to add a hundredth of the articles to a dataset: processor seconds of matching, by stage, in its parts.

    python tests/benchmarks/bench_grow.py [--articles 400000] [--share 0.01] [--near IN.jsonl] [--reworded IN...]

The articles are put in as cleaned parts, since what strips them is not measured here; from there on the functions that
`copydesk clean` runs are run, first over all but the last share, then over all: fingerprints of what is new, then
candidates, verification, clustering, verdicts. Two figures are printed. With rewordings it is the news beside the
repository, as many as there are of them. Near copies alone are looked for in the corpus of `match_corpus.py`, without
the comparison by facts: it is made of sentences that recur, and no two of its articles tell apart by facts.
"""

from __future__ import annotations

import argparse
import itertools
import json
import pathlib
import tempfile
import time
from typing import TYPE_CHECKING

import match_corpus
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cleaners import mapped
from cleaners.columns import CLEANED
from cleaners.config import parse
from cleaners.match.candidates import Candidates
from cleaners.read.records import identify
from cleaners.shards import copies, plan, prints
from cleaners.shards.articles import cleaned_key
from cleaners.shards.dataset import Dataset

if TYPE_CHECKING:
    from collections.abc import Iterator

SETTINGS = parse({"furniture": {"learn": False}}, "benchmark")
_NOBODY = Candidates(np.zeros(0, np.int64), np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros((0, 1), np.uint8))


def texts(path: pathlib.Path) -> Iterator[str]:
    """Yield the text of each row of a Parquet file, or of each line of a JSONL file."""
    if path.suffix == ".parquet":
        yield from pq.read_table(path, columns=["text"])["text"].to_pylist()
        return
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
    columns |= {"id": pa.array([identify(text.encode()) for text in contents]), "text": pa.array(contents)}
    columns |= {"words": pa.array(words), "words_before": pa.array(words), "source": pa.array([name] * len(contents))}
    columns |= {"record": pa.array(range(len(contents)))}
    table = pa.table({field.name: columns[field.name].cast(field.type) for field in CLEANED})
    with mapped.packing(dataset.columns("cleaned", cleaned_key(shard, SETTINGS, None)), CLEANED, {}) as part:
        part.add(table)
    return shard


def match(dataset: Dataset, shards: list[plan.Shard], *, facts: bool) -> dict[str, float]:
    """Do what a run does between strip and write; return the processor seconds of each stage that counts."""
    spent, last = {}, time.process_time()

    def lap(stage: str) -> None:
        nonlocal last
        spent[stage], last = time.process_time() - last, time.process_time()

    for shard in shards:
        prints.fingerprint_shard(dataset, shard, SETTINGS, None)
    lap("fingerprint")
    for shard in shards:
        prints.facts_shard(dataset, shard, SETTINGS, None)
    lap("facts")
    print("  ", copies.match_corpus(dataset, shards, SETTINGS, None))
    lap("match")
    if not facts:  # they are made because the order of preference needs what they tell of originals
        del spent["facts"]
    return spent


def without_facts() -> None:
    """Leave the comparison by facts out of all matching of this process."""
    copies._by_facts = lambda *_: _NOBODY


def measure(what: str, contents: list[str], share: float, folder: pathlib.Path) -> None:
    """Print what each stage cost over the first articles, and then with the last share of them."""
    cut = len(contents) - round(share * len(contents))
    with tempfile.TemporaryDirectory(dir=folder) as root:
        dataset = Dataset(f"{root}/out")
        facts = what == "with rewordings"
        match(dataset, [put(dataset, "0", contents[:200])], facts=facts)
        old = [put(dataset, f"old{at:08}", contents[at : min(cut, at + 25_000)]) for at in range(0, cut, 25_000)]
        new = put(dataset, "new", contents[cut:])
        first = match(dataset, old, facts=facts)
        then = match(dataset, [*old, new], facts=facts)
    for stage, seconds in first.items():
        print(f"{stage:26} {seconds:8.2f} s, then {then[stage]:7.2f} s")
    total, added = sum(first.values()), sum(then.values())
    print(f"{what}: {len(contents) - cut:,} added to {cut:,} took {added / total:.1%} of {total:.2f} s: {added:.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--articles", type=int, default=400_000, help="of each corpus, at most")
    parser.add_argument("--share", type=float, default=0.01, help="share of the articles that is added")
    parser.add_argument("--near", type=pathlib.Path, help="JSONL file, instead of the corpus that is made")
    parser.add_argument("--reworded", type=pathlib.Path, nargs="*", help="Parquet or JSONL files; none: leave this out")
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()))
    options = parser.parse_args()
    made = options.near or options.folder / f"{options.articles}.jsonl"
    if not made.exists():
        match_corpus.write_corpus(options.articles, made)
    news = sorted(path for path in match_corpus.NEWS.glob("*.parquet") if ".pairs" not in path.name)
    files = {"with rewordings": news if options.reworded is None else options.reworded, "near": [made]}
    for what, paths in files.items():
        if what == "near":
            without_facts()
        if paths:
            contents = itertools.islice((text for path in paths for text in texts(path)), options.articles)
            measure(what, list(contents), options.share, options.folder)


if __name__ == "__main__":
    main()
