"""What Prefect costs a run: its share of the time, and the seconds from the command to the first shard.

    python tests/benchmarks/bench_orchestration.py [--articles 400000] [--rounds 1] [--starts 5] [share] [start]

share   the same articles, by the command with one worker and by the library alone in one process (it does what the flow
        does; see tests/library.py), in turns: the difference is Prefect, and what starts it. Both by the clock and in
        processor seconds, those of the command by process; of both how much passed before their first shard; medians
start   from the command to the first byte of the first shard, with a server that is running and with the embedded one,
        by the clock and in processor seconds of all processes; medians

Seconds of the clock say little on a machine that is busy otherwise: its load is told.
"""

from __future__ import annotations

import argparse
import collections
import dataclasses
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import news

sys.path.insert(0, str(news.TESTS))

import library
from bench_crash import family, role

from cleaners.warm import warm
from flows import server

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMAND = [sys.executable, "-W", "ignore", str(Path(sys.executable).with_name("copydesk")), "clean"]
ALONE = "import sys; sys.path.insert(0, sys.argv[1]); import library; library.clean([sys.argv[2]], sys.argv[3])"
OFTEN = 0.005  # seconds between two looks for the first shard
SELDOM = 0.25  # and between two looks at the processes, which takes time of its own


@dataclasses.dataclass(frozen=True, slots=True)
class Cost:
    """What a run took: seconds of the clock, how many of them until its first shard, processor seconds by process."""

    wall: float
    first: float
    processor: collections.Counter[str]


def watched(command: Sequence[str], out: Path) -> Cost:
    """Run a command that makes a dataset; return what it took."""
    seen: dict[int, tuple[str, float]] = {}
    first = 0.0
    start = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        while run.poll() is None:
            if not first and any((out / "work").glob("extracted/*")):
                first = time.monotonic() - start
            if first:
                seen |= {one: (role(run.pid, one), spent(one)) for one in family(run.pid) if spent(one)}
            time.sleep(SELDOM if first else OFTEN)
        wall = time.monotonic() - start
    assert (run.returncode, bool(first)) == (0, True), f"{command} left with {run.returncode}"
    processor = collections.Counter[str]()
    for name, seconds in seen.values():
        processor[name] += seconds
    return Cost(wall, first, processor)


def share(folder: Path, inputs: str, articles: int, rounds: int) -> None:
    """Print the share of a run's time that is not the library's."""
    flow, alone = folder / "flow", folder / "alone"
    commands = {
        flow: [*COMMAND, inputs, "-o", str(flow), "--workers", "1"],
        alone: [sys.executable, "-W", "ignore", "-c", ALONE, str(news.TESTS), inputs, str(alone)],
    }
    costs: dict[Path, list[Cost]] = {flow: [], alone: []}
    for number in range(rounds):
        for out in (flow, alone) if number % 2 == 0 else (alone, flow):
            shutil.rmtree(out, ignore_errors=True)
            costs[out].append(watched(commands[out], out))
        assert library.digests(flow) == library.digests(alone)

    (wall, first, processor), (bare, bare_first, bare_processor) = (medians(costs[out]) for out in (flow, alone))
    by_process = ", ".join(f"{name} {seconds:.1f}" for name, seconds in costs[flow][-1].processor.most_common())
    print(
        f"share: {articles:,} articles, one worker: {wall:.1f} s, library alone {bare:.1f} s, Prefect "
        f"{1 - bare / wall:.1%} of it; to the first shard {first:.1f} and {bare_first:.1f} s; load "
        f"{os.getloadavg()[0]:.1f}\nshare: processor {processor:.1f} s ({by_process}), library alone "
        f"{bare_processor:.1f} s, Prefect {1 - bare_processor / processor:.1%} of it",
        flush=True,
    )


def medians(costs: Sequence[Cost]) -> tuple[float, float, float]:
    """Return the medians of what runs took: seconds of the clock, until the first shard, and of processors."""
    figures = zip(*((cost.wall, cost.first, cost.processor.total()) for cost in costs), strict=True)
    wall, first, processor = map(statistics.median, figures)
    return wall, first, processor


def until_first_shard(inputs: str, out: Path) -> tuple[float, float]:
    """Return the seconds of the clock, and of processors, from the command to the first shard."""
    start = time.monotonic()
    with subprocess.Popen(
        [*COMMAND, inputs, "-o", str(out)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as run:
        while not any((out / "work").glob("extracted/*")):
            assert run.poll() is None, "the run ended before its first shard"
            time.sleep(OFTEN)
        wall, processor = time.monotonic() - start, sum(map(spent, family(run.pid)))
        assert run.wait() == 0
    shutil.rmtree(out)
    return wall, processor


def spent(process: int) -> float:
    """Return the processor seconds of a process; none if it is gone."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def starts(folder: Path, inputs: str, count: int) -> None:
    """Print how long it takes to the first shard."""
    with server.embedded() as ready:
        ready()
        named = os.environ["PREFECT_API_URL"]
        took: dict[str, list[tuple[float, float]]] = {"server running": [], "embedded": []}
        for _ in range(count):
            for name, found in took.items():
                os.environ.pop("PREFECT_API_URL", None)
                if name == "server running":
                    os.environ["PREFECT_API_URL"] = named
                found.append(until_first_shard(inputs, folder / "out"))
        os.environ["PREFECT_API_URL"] = named
    for name, found in took.items():
        walls, processor = zip(*found, strict=True)
        print(
            f"start, {name}: {statistics.median(walls):.2f} s ({min(walls):.2f} to {max(walls):.2f}) to the first "
            f"shard, {statistics.median(processor):.2f} CPU s; load {os.getloadavg()[0]:.1f}",
            flush=True,
        )


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("parts", nargs="*", default=("start", "share"), metavar="PART", help="start, share or both")
    parser.add_argument("--articles", type=int, default=400_000)
    parser.add_argument("--rounds", type=int, default=1, help="of the command and the library in turns")
    parser.add_argument("--starts", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        few = news.write(folder / "few", 500)
        warm()
        subprocess.run([*COMMAND, few, "-o", str(folder / "warm")], check=True, capture_output=True)
        if "start" in asked.parts:
            starts(folder, few, asked.starts)
        if "share" in asked.parts:
            share(folder, news.write(folder / "in", asked.articles), asked.articles, asked.rounds)


if __name__ == "__main__":
    main()
