"""What each stage costs and writes for one article, and what a billion would need: the page SCALING of the README.

    python tests/benchmarks/bench_scaling.py [--articles 20000] [--news]

The stages run one after the other in this process; processor time, and bytes in OUT. The texts are those of
`match_corpus.py`, one line each, where the news is beside the repository; with --news its articles as they are.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import news

sys.path.insert(0, str(news.TESTS))

from cleaners.config import parse
from cleaners.shards import articles, copies, finish, plan, prints, publish, quality
from cleaners.shards.dataset import Dataset, furniture_version

if TYPE_CHECKING:
    from collections.abc import Callable

WRITES = {
    "extract": ("work/extracted",),
    "count lines": ("work/lines",),
    "strip": ("work/cleaned", "work/rejected"),
    "measure": ("work/signals",),
    "fingerprint": ("work/fingerprints",),
    "facts, and bands of both": ("work/facts", "work/bands"),
    "match": ("work/verdicts", "work/verified"),
    "write": ("articles", "duplicates", "rejected", "edits"),
    "finish": ("report.html", "manifest.json", "README.md"),
}
"""The stages, and where in OUT each leaves what it makes."""
HOURS = 10**9 / 3600  # for a billion texts, of so many seconds for one


def size(out: Path, names: tuple[str, ...]) -> int:
    """Return the bytes of files and of all files in folders, below OUT."""
    paths = [path for name in names for path in (out / name, *(out / name).rglob("*"))]
    return sum(path.stat().st_size for path in paths if path.is_file())


def run(inputs: str, out: Path) -> tuple[dict[str, float], dict[str, Any], int]:
    """Run all stages; return their processor seconds, the counts, and the memory that matching added, in bytes."""
    dataset, settings = Dataset(str(out)), parse({"read": {"shard_mb": 8}}, "here")
    shards = plan.plan(dataset, [inputs], settings.read)
    plan.save(dataset, shards)
    spent: dict[str, float] = {}

    def timed(stage: str, function: Callable[..., Any], calls: list[tuple[Any, ...]]) -> list[Any]:
        start = time.process_time()
        made = [function(*call) for call in calls]
        spent[stage] = time.process_time() - start
        return made

    alone = [(dataset, shard, settings) for shard in shards]
    timed("extract", articles.extract_shard, alone)
    counts = timed("count lines", articles.count_shard, alone)
    articles.learn_furniture(dataset, counts, settings)
    furniture = furniture_version(dataset, settings)
    calls = [(*call, furniture) for call in alone]
    timed("strip", articles.strip_shard, calls)
    timed("measure", quality.measure_shard, calls)
    timed("fingerprint", prints.fingerprint_shard, calls)
    timed("facts, and bands of both", prints.facts_shard, calls)
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")  # begins to look for the most memory anew
    before = memory("VmRSS")
    timed("match", copies.match_corpus, [(dataset, shards, settings, furniture)])
    grown = memory("VmHWM") - before
    timed("write", publish.publish_shard, calls)

    def end() -> None:
        finish.finish(dataset, shards, settings, furniture)
        finish.tell(dataset, {})

    timed("finish", end, [()])
    return spent, dataset.read_manifest()["counts"], grown


def memory(name: str) -> int:
    """Return a figure of this process's memory, in bytes: `VmRSS` is what it has, `VmHWM` the most it had."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) << 10


def main() -> None:
    """Print the table, and what follows from it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--news", action="store_true", help="real articles with their paragraphs")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        out, warm = Path(scratch, "out"), Path(scratch, "warm")
        run(news.write(warm / "in", 300), warm / "out")  # compiles and loads what is there once, however many there are
        write = news.write if asked.news else news.write_mixed
        inputs = write(Path(scratch, "in"), asked.articles)
        spent, counts, grown = run(inputs, out)
        read = size(Path(scratch), ("in",)) / asked.articles
        writes = {stage: size(out, names) / asked.articles for stage, names in WRITES.items()}
        bands = size(out, ("work/bands",)) / asked.articles / 1000
    print(
        f"{asked.articles:,} texts of {counts['words_before'] / asked.articles:.0f} words, {read:,.0f} bytes as JSON\n"
    )
    print("| stage | CPU, ms | writes, bytes |\n| --- | --- | --- |")
    for stage, seconds in spent.items():
        print(f"| {stage} | {1000 * seconds / asked.articles:.2f} | {writes[stage]:,.0f} |")
    whole = sum(spent.values()) / asked.articles
    match = spent["match"] / asked.articles
    index = writes["fingerprint"] / 1000 + writes["facts, and bands of both"] / 1000
    work = sum(writes[stage] for stage in list(WRITES)[:-2]) / 1000
    print(f"\nall {1000 * whole:.2f} ms; matching took {grown / 2**20:.0f} MiB; load {os.getloadavg()[0]:.1f}")
    print(f"a billion: {whole * HOURS:,.0f} core hours, {match * HOURS:,.0f} of them in match, which one process does")
    print(f"input {read / 1000:.2f} TB, work {work:.2f} TB, dataset {writes['write'] / 1000:.2f} TB")
    print(f"index {index:.2f} TB of signatures, facts and bands; bands, which match reads whole, {bands:.2f} TB")


if __name__ == "__main__":
    main()
