"""JSONL → kept JSONL: seconds, memory and correctness of finding exact and near copies, by size of the corpus.

    python tests/benchmarks/bench_match.py [--articles 10000 100000] [--folder DIR] [--check]

Each size runs in a process of its own, reading the corpus that `match_corpus.py` makes. Printed: seconds and processor
time by step in µs an article, peak memory, recall of the planted pairs by true Jaccard similarity; what `copydesk match
--kinds near` takes to list the pairs of the same articles; with --check what `check_copies.py` finds: orphans,
similarities that are not exact; and at the end how the cost of an article grows from the least size to the largest.
`--articles 10000 1000000 --check` takes some ten minutes. What adding to a dataset costs, `bench_grow.py` measures.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import orjson
import pyarrow as pa

from cleaners.cluster import KEPT, Comparison, Verdicts, cluster
from cleaners.config import Settings
from cleaners.fingerprint.columns import Fingerprints, fingerprint
from cleaners.match.bands import bands_for, least_agreement
from cleaners.match.candidates import candidates
from cleaners.match.exact import first_of_content
from cleaners.match.verify import verify

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SETTINGS = Settings()
BLOCK = 2 << 20
"""Bytes of JSONL whose lines are worked on at a time."""

BUFFER = 1 << 20
"""Bytes of a file that are read or written at a time."""


class Clock:
    """Wall and processor seconds by step."""

    def __init__(self) -> None:
        self.steps: dict[str, tuple[float, float]] = {}
        self.last = time.perf_counter(), time.process_time()

    def lap(self, step: str) -> None:
        """Book the time since the last lap on a step."""
        now = time.perf_counter(), time.process_time()
        self.steps[step] = now[0] - self.last[0], now[1] - self.last[1]
        self.last = now


def blocks(path: pathlib.Path) -> Iterator[list[bytes]]:
    """Yield the lines of the file, many at a time."""
    with path.open("rb", buffering=BUFFER) as file:
        while lines := file.readlines(BLOCK):
            yield lines


def texts_of(lines: Iterable[bytes]) -> pa.LargeStringArray:
    """Return the column `text` of some lines of JSONL."""
    return pa.array([orjson.loads(line)["text"] for line in lines], pa.large_string())


def read(lines: list[bytes]) -> tuple[list[int], Fingerprints]:
    """Return the length of each line, and the fingerprints of their texts."""
    return list(map(len, lines)), fingerprint(texts_of(lines), SETTINGS.fingerprint)


class Columns(NamedTuple):
    """What is known of n articles: where their lines are, and their fingerprints but for the signatures."""

    sizes: np.ndarray
    content: np.ndarray
    valid: np.ndarray


def fingerprinted(work: Iterator[list[bytes]], spill: pathlib.Path) -> Columns:
    """Return the columns of some blocks of lines, and append their signatures to a file."""
    parts = []
    with concurrent.futures.ThreadPoolExecutor(2) as pool, spill.open("wb") as file:
        for sizes, prints in _ahead(pool, work):
            parts.append((sizes, prints.content, prints.valid))
            prints.signatures.tofile(file)
    return Columns(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def matched(path: pathlib.Path, columns: Columns, spill: pathlib.Path, clock: Clock) -> Verdicts:
    """Return the verdicts on all articles."""
    match, places, n = SETTINGS.match, SETTINGS.fingerprint.permutations, len(columns.valid)
    rank = np.arange(n)
    first = first_of_content(columns.content, rank)
    with spill.open("rb") as file:
        counts = np.diff([*range(0, n, 10_000), n])
        parts = (np.fromfile(file, np.uint32, count * places).reshape(count, places) for count in counts)
        bands = bands_for(match.threshold, match.recall, places)
        folder = spill.parent
        met = candidates(parts, columns.valid & (first == rank), bands, memory_mb=match.memory_mb, folder=folder)
    clock.lap("candidates")

    starts = np.cumsum(columns.sizes) - columns.sizes
    rounds = []

    def texts(rows: np.ndarray) -> pa.LargeStringArray:
        places = zip(columns.sizes[rows].tolist(), starts[rows].tolist(), strict=True)
        with path.open("rb") as file:
            return texts_of(os.pread(file.fileno(), size, start) for size, start in places)

    def jaccard(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        rounds.append(len(left))
        words = SETTINGS.fingerprint.shingle_words
        return verify(left, right, texts, columns.sizes, shingle_words=words, memory_mb=match.memory_mb).jaccard

    least = least_agreement(match.threshold, places, match.deviations)
    near = Comparison("near", met, match.threshold, least, round(match.threshold * places))
    _, (verdicts, _, bounds, _) = cluster(rank, first, [near], [jaccard], SETTINGS.cluster)
    clock.lap("cluster + verify")
    print(f"  verified in rounds of {rounds}, full buckets {len(bounds.crowded)}", file=sys.stderr)
    return verdicts


def keep(path: pathlib.Path, out: pathlib.Path, scratch: pathlib.Path, clock: Clock) -> Verdicts:
    """Write the lines of the articles that stay, and return the verdicts."""
    columns = fingerprinted(blocks(path), scratch / "signatures")
    clock.lap("read + fingerprint")
    verdicts = matched(path, columns, scratch / "signatures", clock)
    _copy_lines(path, out, columns.sizes, verdicts.canonical == KEPT)
    clock.lap("write")
    return verdicts


def _ahead(pool: concurrent.futures.Executor, work: Iterator[list[bytes]]) -> Iterator[tuple[list[int], Fingerprints]]:
    """Yield what `read` makes of each block, in order, with three blocks under way."""
    waiting: list[concurrent.futures.Future[tuple[list[int], Fingerprints]]] = []
    for block in work:
        waiting.append(pool.submit(read, block))
        if len(waiting) > 2:
            yield waiting.pop(0).result()
    for future in waiting:
        yield future.result()


def _copy_lines(path: pathlib.Path, out: pathlib.Path, sizes: np.ndarray, kept: np.ndarray) -> None:
    """Copy the lines that are kept, run by run, through a buffer: `sendfile` and its like take half as long again."""
    ends = np.cumsum(sizes)
    turns = np.flatnonzero(np.diff(kept.astype(np.int8), prepend=0, append=0))
    bounds = np.concatenate([[0], ends])[turns].reshape(-1, 2)
    with path.open("rb", buffering=BUFFER) as source, out.open("wb", buffering=BUFFER) as written:
        for start, end in bounds.tolist():
            source.seek(start)
            for at in range(start, end, BUFFER):
                written.write(source.read(min(BUFFER, end - at)))


def run(path: pathlib.Path) -> None:
    """Do one size in this process and print its figures as JSON."""
    import pyarrow.parquet as pq  # noqa: PLC0415  (the driver of bench_peers.py, which imports this, needs none)

    clock = Clock()
    with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        verdicts = keep(path, path.with_suffix(".kept.jsonl"), pathlib.Path(scratch), clock)
    canonical = verdicts.canonical
    copies = np.flatnonzero(canonical != KEPT)
    names = [[str(row) for row in column.tolist()] for column in (copies, canonical[copies])]
    columns = dict(zip(("id", "canonical", "similarity"), (*names, verdicts.similarity[copies]), strict=True))
    pq.write_table(pa.table(columns), path.with_suffix(".copies.parquet"))
    status = pathlib.Path("/proc/self/status").read_text()  # ru_maxrss would be that of the process that began this one
    peak = int(status.split("VmHWM:")[1].split()[0]) // 1024
    planted = pq.read_table(path.with_suffix(".pairs.parquet"))
    group = np.where(canonical == KEPT, np.arange(len(canonical)), canonical)
    together = group[np.array(planted["a"], np.int64)] == group[np.array(planted["b"], np.int64)]
    truth = np.array(planted["jaccard"])
    recall = {}
    for low, high in ((0, 0.65), (0.7, 0.75), (0.75, 0.8), (0.8, 1.1)):
        inside = (truth >= low) & (truth < high)
        recall[f"{low}-{high}"] = [int(together[inside].sum()), int(inside.sum())]
    figures = {"articles": len(canonical), "steps": clock.steps, "peak_mib": peak, "recall": recall}
    figures["removed"] = int((canonical != KEPT).sum())
    print(json.dumps(figures))


def command(path: pathlib.Path) -> dict[str, float]:
    """Return what `copydesk match` takes to list the pairs of the same articles, whose texts it puts on the disk."""
    started = time.perf_counter()
    program, out = pathlib.Path(sys.executable).with_name("copydesk"), path.with_suffix(".found.parquet")
    child = os.posix_spawn(program, [program, "match", path, "--kinds", "near", "-o", out], os.environ)
    _, status, used = os.wait4(child, 0)
    if status:
        sys.exit("copydesk match failed")
    cpu = used.ru_utime + used.ru_stime
    return {"wall": time.perf_counter() - started, "cpu": cpu, "peak_mib": used.ru_maxrss // 1024}


def check(path: pathlib.Path) -> None:
    """Let a script that shares no code with us recompute what was found."""
    script = pathlib.Path(__file__).with_name("check_copies.py")
    subprocess.run(
        [sys.executable, script, path, path.with_suffix(".kept.jsonl"), path.with_suffix(".copies.parquet")], check=True
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--articles", type=int, nargs="+", default=[10_000, 100_000, 400_000, 1_000_000])
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()) / "copydesk-bench")
    parser.add_argument("--check", action="store_true", help="recompute every similarity")
    parser.add_argument("--run", type=pathlib.Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        run(options.run)
        return
    options.folder.mkdir(parents=True, exist_ok=True)
    costs = {}
    for articles in options.articles:
        path = options.folder / f"{articles}.jsonl"
        if not path.exists():
            import match_corpus  # noqa: PLC0415  (as above)

            match_corpus.write_corpus(articles, path)
        call = [sys.executable, __file__, "--run", str(path)]
        done = subprocess.run(call, check=True, stdout=subprocess.PIPE)
        figures = json.loads(done.stdout)
        wall, cpu = (sum(step[side] for step in figures["steps"].values()) for side in (0, 1))
        costs[articles] = cpu / articles * 1e6
        print(f"{articles} articles: {wall:.2f} s, processor {cpu:.2f} s, {figures['peak_mib']} MiB")
        for step, (seconds, busy) in figures["steps"].items():
            print(
                f"  {step:20} {seconds / articles * 1e6:6.1f} µs, processor {busy / articles * 1e6:6.1f} µs an article"
            )
        print(f"  removed {figures['removed']}, found by Jaccard", end="")
        print("".join(f" · {name}: {hit}/{all_}" for name, (hit, all_) in figures["recall"].items()))
        told = command(path)
        print(f"  copydesk match: {told['wall']:.2f} s, processor {told['cpu']:.2f} s, {told['peak_mib']} MiB")
        if options.check:
            check(path)
    least, most = min(costs), max(costs)
    grown = costs[most] / costs[least]
    print(
        f"processor time an article, {most} / {least} articles: {costs[most]:.1f} / {costs[least]:.1f} µs = {grown:.2f}"
    )


if __name__ == "__main__":
    main()
