"""What finding reworded copies costs beside finding near ones: processor seconds of either stage, part by part.

    python tests/benchmarks/bench_facts.py [IN.parquet IN.jsonl ...] [--articles 100000] [--folder DIR]

Over the texts of each input, and over corpora of `match_corpus.py` of the sizes asked for, the functions are run that
`copydesk clean` runs between stripping and writing. Reading the corpus and writing the verdicts counts as near; what it
costs once more, with all known, is taken off the facts. Printed: µs an article of each part, the ratio of the two
stages, peak memory, bytes a second of the two kernels that read texts, and how many pairs each sieve before the
verifier lets through. Each corpus has a process of its own.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import functools
import pathlib
import resource
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING, Any

import match_corpus
from bench_grow import _NOBODY, SETTINGS, put, texts

from cleaners import cluster, pairs, storage
from cleaners.cluster import Comparison
from cleaners.facts import scan
from cleaners.fingerprint import columns
from cleaners.rewording import glance, verify
from cleaners.shards import bands, copies, prints
from cleaners.shards.copies import Way
from cleaners.shards.corpus import Corpus
from cleaners.shards.dataset import Dataset
from cleaners.shards.telling import Telling

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARD = 25_000  # articles
STAGES = "near", "facts", "both"
NOTHING = Way(Comparison("reworded", _NOBODY, 0.5, 1, 1), lambda left, _: left * 0.0)
PARTS = (
    ("read texts", Corpus, "texts"),
    ("scan", scan, "terms"),
    ("sets", pairs, "fact_sets"),
    ("MinHash", pairs, "signatures"),
    ("shingles", columns, "_fingerprint"),
    ("near", copies, "_near"),
    ("reworded", copies, "_by_facts"),
    ("reworded", copies, "_told"),
    ("candidates", bands, "candidates"),
    ("telling", Telling, "take"),
    ("walk", cluster, "sweep"),
    ("glance", glance, "likely"),
    ("near", copies, "verify"),
    ("reworded", verify, "_verify"),
    ("prepare", verify, "prepare"),
    ("measures", verify, "measures"),
    ("score", verify, "score"),
    ("evidence", copies, "evidence"),
    ("Parquet", storage, "write_table"),
    ("Parquet", storage, "read_table"),
)
"""Name of a part, and the function that is it, by where it is looked up."""


class Meter:
    """Processor seconds by part, each without the parts called from it."""

    def __init__(self) -> None:
        self.spent: collections.Counter[str] = collections.Counter()
        self.running: list[str] = []
        self.calls: collections.Counter[str] = collections.Counter()
        self.last = time.process_time()

    def book(self) -> None:
        """Book the time since the last look on the part that is running."""
        now = time.process_time()
        self.spent[" / ".join(self.running)] += now - self.last
        self.last = now

    def measure(self, part: str, place: Any, name: str) -> None:
        """Book all calls of a function on a part."""
        function = getattr(place, name)

        @functools.wraps(function)
        def booked(*args: Any, **kwargs: Any) -> Any:
            self.calls[" / ".join([*self.running, part])] += 1
            with self.within(part):
                return function(*args, **kwargs)

        setattr(place, name, booked)

    @contextlib.contextmanager
    def within(self, part: str) -> Iterator[None]:
        """Book what is done meanwhile on a part."""
        self.book()
        self.running.append(part)
        yield
        self.book()
        self.running.pop()


def run(path: pathlib.Path, folder: pathlib.Path) -> None:
    """Print what the two stages cost over one file."""
    contents = list(texts(path))
    n, size = len(contents), sum(len(text.encode()) for text in contents)
    meter = Meter()
    with tempfile.TemporaryDirectory(dir=folder) as root:
        dataset = Dataset(f"{root}/out")
        warm = put(dataset, "warm", contents[:200])
        for make in (prints.fingerprint_shard, prints.facts_shard):
            make(dataset, warm, SETTINGS, None)
        copies.match_corpus(dataset, [warm], SETTINGS, None)
        shards = [put(dataset, f"{at:08}", contents[at : at + SHARD]) for at in range(0, n, SHARD)]
        del contents
        for part in PARTS:
            meter.measure(*part)
        meter.book()
        meter.spent.clear()
        with meter.within("facts"):
            for shard in shards:
                prints.facts_shard(dataset, shard, SETTINGS, None)
        with meter.within("near"):
            for shard in shards:
                prints.fingerprint_shard(dataset, shard, SETTINGS, None)
            measured = copies._by_facts, copies._told
            copies._by_facts, copies._told = (lambda *_: _NOBODY), (lambda *_: NOTHING)
            copies.match_corpus(dataset, shards, SETTINGS, None)
        # Both stages walk over all: to go on from a walk that looked for no rewordings would find none.
        copies.resume.find = lambda *_: None
        with meter.within("both"):
            copies.match_corpus(dataset, shards, SETTINGS, None)
        near_peak = _peak()
        copies._by_facts, copies._told = measured
        with meter.within("facts"):
            print(copies.match_corpus(dataset, shards, SETTINGS, None))
    stages = [{part: spent for part, spent in meter.spent.items() if part.startswith(stage)} for stage in STAGES]
    for spent in stages:
        for part, seconds in sorted(spent.items()):
            print(f"  {part:50} {seconds / n * 1e6:7.1f} µs an article in {meter.calls[part]} calls")
    near, facts, both = (sum(spent.values()) for spent in stages)
    facts -= both
    print(
        f"{path.name}: {n:,} articles, {size // n:,} bytes each; "
        f"near {near:.2f} s, facts {facts:.2f} s: {facts / near:.1f} x"
    )
    print(f"  peak memory {near_peak} MiB after the near stage, {_peak()} MiB in all")


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("inputs", type=pathlib.Path, nargs="*")
    parser.add_argument("--articles", type=int, nargs="*", default=[], help="sizes of corpora of match_corpus.py")
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()))
    parser.add_argument("--run", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.run:
        run(options.inputs[0], options.folder)
        return
    for articles in options.articles or ([] if options.inputs else [100_000]):
        path = options.folder / f"{articles}.jsonl"
        if not path.exists():
            match_corpus.write_corpus(articles, path)
        options.inputs.append(path)
    for path in options.inputs:
        subprocess.run([sys.executable, __file__, "--run", path, "--folder", options.folder], check=True)


if __name__ == "__main__":
    main()
