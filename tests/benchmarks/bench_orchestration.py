"""What Prefect costs a run: its share of the time, and the seconds from the command to the first shard.

    python tests/benchmarks/bench_orchestration.py [--articles 400000] [--starts 5] [share] [start]

share   the same articles, once by the command with one worker, once by the library alone in one process (it does what
        the flow does; see tests/library.py): the difference is Prefect, and what starts it. Beside it the part of the
        command's time in which none of its tasks was at work: that is Prefect, planning and the report
start   from the command to the first byte of the first shard, with a server that is running and with the embedded one,
        by the clock and in processor seconds of all processes; medians

Seconds of the clock say little on a machine that is busy otherwise: its load is told.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import news

sys.path.insert(0, str(news.TESTS))

import library
from bench_crash import family

from flows import server

COMMAND = [sys.executable, "-W", "ignore", str(Path(sys.executable).with_name("copydesk")), "clean"]


def share(folder: Path, inputs: str, articles: int) -> None:
    """Print the share of a run's time that is not the library's."""
    start = time.monotonic()
    command = [*COMMAND, inputs, "-o", str(folder / "flow"), "--workers", "1", "--json"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    whole, tasks = time.monotonic() - start, sum(json.loads(done.stdout)["seconds"].values())
    start = time.monotonic()
    script = f"import sys; sys.path.insert(0, {str(news.TESTS)!r}); import library; from pathlib import Path; "
    call = f"library.clean([{inputs!r}], Path({str(folder / 'alone')!r}))"
    subprocess.run([sys.executable, "-W", "ignore", "-c", script + call], check=True)
    alone = time.monotonic() - start
    assert library.digests(folder / "flow") == library.digests(folder / "alone")
    print(
        f"share: {articles:,} articles, one worker: command {whole:.1f} s, library alone {alone:.1f} s, "
        f"Prefect {1 - alone / whole:.1%} of it; without a task at work {whole - tasks:.1f} s, {1 - tasks / whole:.1%}",
        flush=True,
    )


def until_first_shard(inputs: str, out: Path) -> tuple[float, float]:
    """Return the seconds of the clock, and of processors, from the command to the first shard."""
    start = time.monotonic()
    with subprocess.Popen(
        [*COMMAND, inputs, "-o", str(out)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as run:
        while not any((out / "work").glob("extracted/*")):
            assert run.poll() is None, "the run ended before its first shard"
            time.sleep(0.005)
        wall, ticks = time.monotonic() - start, sum(map(spent, family(run.pid)))
        assert run.wait() == 0
    shutil.rmtree(out)
    return wall, ticks / os.sysconf("SC_CLK_TCK")


def spent(process: int) -> int:
    """Return the clock ticks of a process."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])


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
    parser.add_argument("--starts", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        if "start" in asked.parts:
            starts(folder, news.write(folder / "few", 500), asked.starts)
        if "share" in asked.parts:
            share(folder, news.write(folder / "in", asked.articles), asked.articles)


if __name__ == "__main__":
    main()
