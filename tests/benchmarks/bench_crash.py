"""Crashes in number: the long version of tests/test_crash.py.

    python tests/benchmarks/bench_crash.py [--step N] [--kills N] [--articles N] [PART...]

operations   a job of 200 texts is killed at every N-th write, fsync and rename, each time beginning anew
crawl        kill -9 hits the command or one of its processes at a random time, over the sample crawl, and again when it
             goes on from there, until one run ends; so N times in all. No finished part may be made again
articles     the same over articles of real sentences in many shards
grid         the crawl with 1, 2 and 4 workers × inputs in another order × hash seeds × time zones
disk         the articles with too small a disk (a tmpfs), then with more of it
memory       the articles with too little memory, more each time, then with enough

Each time the bytes must be those of a run left alone. Without a part all of them, in this order.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import itertools
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import news

sys.path.insert(0, str(news.TESTS))

import crash
import library

from cleaners import storage
from cleaners.config import parse

CRAWL = news.TESTS / "data" / "crawl"
COPYDESK = str(Path(sys.executable).with_name("copydesk"))
SETTINGS = {"read": {"shard_mb": 4}}  # so that there are many shards to be at work on
WORKERS = 2
LONGEST = 1800  # seconds: a run goes on if what is killed is the process that workers come from, before any has come
MADE_ONCE = (
    "extracted",
    "lines",
    "cleaned",
    "fingerprints",
    "facts",
    "bands",
)  # verdicts depend on all, and each run looks
PARTS = ("operations", "crawl", "articles", "grid", "disk", "memory")
MEMORY = (100, 200, 300, 400, 600)  # megabytes


def processes(run: int) -> list[int]:
    """Return a run with its server and the workers of its pool; not theirs, which answer for one page each."""
    found = [run, *children(run)]
    forked = [one for process in found if "forkserver" in command_of(process) for one in children(process)]
    return [one for one in (*found, *forked) if "resource_tracker" not in command_of(one)]


def children(process: int) -> list[int]:
    """Return the processes that one has started."""
    found = []
    for thread in Path(f"/proc/{process}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [int(one) for one in thread.read_text().split()]
    return found


def command_of(process: int) -> str:
    """Return the command line of a process; nothing if it is gone."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_text()
    return ""


def finished(out: Path) -> dict[Path, tuple[int, int]]:
    """Return which parts between the stages are there, each with what tells whether it was written again."""
    parts = [part for stage in MADE_ONCE for part in (out / "work" / stage).glob("*.*")]
    return {part: (part.stat().st_ino, part.stat().st_mtime_ns) for part in parts if part.name[0] != "."}


def half_written(out: Path) -> int:
    """Return how many parts of the stages were being written."""
    return sum(len(list((out / "work" / stage).glob(f"{storage.TEMPORARY}*"))) for stage in MADE_ONCE)


def kill_often(inputs: str, folder: Path, kills: int, chance: random.Random) -> None:
    """Kill a run so often, each time going on from what is there, or anew where one came to its end; compare."""
    alone, out, config = folder / "alone", folder / "out", folder / "copydesk.toml"
    began = time.monotonic()
    library.clean([inputs], alone, parse(SETTINGS, "here"))
    longest = max(5.0, (time.monotonic() - began) / 4)  # so that a run is killed a few times on its way
    expected, shards = library.digests(alone), len(list((alone / "rejected").iterdir()))
    config.write_text("[read]\nshard_mb = 4\n", encoding="utf-8")
    command = [COPYDESK, "clean", inputs, "-o", str(out), "--config", str(config), "--workers", str(WORKERS)]
    killed, ended, most, slowest, gone = 0, 0, 0, 0.0, collections.Counter[str]()
    start, before = time.monotonic(), dict[Path, tuple[int, int]]()
    while killed < kills or out.exists():
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
            while killed < kills and goes_on(run, out, chance, longest):
                victim, kin = chance.choice(processes(run.pid)), family(run.pid)
                name = role(run.pid, victim)
                gone[name] += 1
                killed += 1
                print(f"{folder.name}: kill {killed}, the {name}", file=sys.stderr, flush=True)
                os.kill(victim, signal.SIGKILL)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    run.wait(10)
                    slowest = max(slowest, seconds_to_die(kin))
                    most = max(most, half_written(out))
                    assert most <= WORKERS, f"kill {killed}: {most} parts were half written"
            run.wait(LONGEST)
        now = finished(out)
        again = [part for part, made in before.items() if now.get(part, made) != made]
        assert not again, f"kill {killed}: made again though they were finished: {again}"
        crash.check_visible(out)
        before = now
        if run.returncode == 0:
            assert library.digests(out) == expected, f"kill {killed}: not the bytes of a run left alone"
            shutil.rmtree(out)
            before = {}
            ended += 1
    spent = time.monotonic() - start
    hit = ", ".join(f"{name} {count}" for name, count in sorted(gone.items()))
    print(
        f"{folder.name}, {shards} shards: killed {killed} times ({hit}), {ended} times at its end with the same bytes; "
        f"finished parts made again: 0, half written at a kill: at most {most}, alive after the run: at most "
        f"{slowest:.1f} s; {spent:.0f} s",
        flush=True,
    )


def goes_on(run: subprocess.Popen[bytes], out: Path, chance: random.Random, longest: float) -> bool:
    """Wait for a random time, four times in five of its work and else of its start; tell whether the run goes on."""
    if chance.random() < 0.8:
        while run.poll() is None and f"process {run.pid} " not in holder(out):
            time.sleep(0.05)
        wait = chance.uniform(0, longest)
    else:
        wait = chance.uniform(0, 5)
    with contextlib.suppress(subprocess.TimeoutExpired):
        run.wait(wait)
    return run.returncode is None


def family(process: int) -> list[int]:
    """Return a process with all that came from it."""
    return [process, *(each for child in children(process) for each in family(child))]


def seconds_to_die(processes: list[int]) -> float:
    """Return the seconds until none of these is alive, of which there may be three on a machine that is not busy."""
    start = time.monotonic()
    while any(command_of(process) for process in processes):
        assert time.monotonic() - start < 30, "still alive"
        time.sleep(0.01)
    return time.monotonic() - start


def holder(out: Path) -> str:
    """Return what the lock of a dataset says."""
    with contextlib.suppress(OSError):
        return (out / "work" / "lock").read_text(encoding="utf-8")
    return ""


def role(run: int, process: int) -> str:
    """Return what a process of a run is."""
    if process == run:
        return "command"
    if process not in children(run):
        return "worker"
    return "server" if "flows.server" in command_of(process) else "nursery"


def kill_at_operations(folder: Path, step: int) -> None:
    """Kill a small job at every so many operations; the script fails where anything differs."""
    start = time.monotonic()
    script = [sys.executable, "-W", "ignore", str(news.TESTS / "crash.py"), str(folder / "every"), str(step), "anew"]
    done = subprocess.run(script, check=True, capture_output=True, text=True)
    print(f"operations: {done.stdout.strip()}, {time.monotonic() - start:.0f} s", flush=True)


def walk_grid(folder: Path, chance: random.Random) -> None:
    """Clean the crawl in every combination of what must not matter; fail unless there is one result."""
    inputs = sorted(str(path) for path in CRAWL.rglob("*") if path.is_file())
    library.clean(inputs, folder / "alone")
    expected, start = library.digests(folder / "alone"), time.monotonic()
    zones, seeds = ("Asia/Kathmandu", "America/St_Johns"), ("0", "77")
    grid = list(itertools.product(("1", "2", "4"), (False, True), seeds, zones))
    for workers, shuffled, seed, zone in grid:
        out = folder / "out"
        named = chance.sample(inputs, len(inputs)) if shuffled else inputs
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone}
        command = [COPYDESK, "clean", *named, "-o", str(out), "--workers", workers]
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert library.digests(out) == expected, (workers, shuffled, seed, zone)
        shutil.rmtree(out)
    spent = time.monotonic() - start
    print(f"grid: {len(grid)} runs (workers × order × hash seed × time zone), one result; {spent:.0f} s", flush=True)


def fill_disk(inputs: str, folder: Path) -> None:
    """Clean onto a tmpfs that is too small, then give it more room; fail unless the reason is told and it goes on."""
    library.clean([inputs], folder / "alone")
    out, told = folder / "small" / "out", folder / "told"
    out.parent.mkdir()
    clean = f"{COPYDESK} clean {inputs} -o {out}"
    script = (
        f"mount -t tmpfs -o size=6m x {out.parent} && ! {clean} 2> {told} && mount -o remount,size=600m {out.parent} "
        f"&& {clean} && cp -r {out} {folder}/kept"
    )
    start = time.monotonic()
    subprocess.run(["unshare", "-Urm", "sh", "-c", script], check=True, capture_output=True)
    reason = told.read_text(encoding="utf-8").splitlines()[-1]
    assert "the disk is full" in reason, reason
    assert library.digests(folder / "kept") == library.digests(folder / "alone")
    print(f"disk: {reason.partition(': ')[2]} Then the same bytes; {time.monotonic() - start:.0f} s")


def run_out_of_memory(inputs: str, folder: Path) -> None:
    """Clean with too little memory, with more each time, then with enough; fail unless each time the reason is told."""
    library.clean([inputs], folder / "alone")
    out, start, told = folder / "out", time.monotonic(), list[str]()
    for megabytes in (*MEMORY, None):
        limit = resource.RLIM_INFINITY if megabytes is None else megabytes << 20

        def bound(limit: int = limit) -> None:
            resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))

        command = [COPYDESK, "clean", inputs, "-o", str(out)]
        done = subprocess.run(command, check=False, capture_output=True, text=True, preexec_fn=bound)
        said = done.stderr.strip().splitlines()
        if done.returncode:
            assert said[-1].startswith("copydesk: "), done.stderr
            assert "memory" in said[-1], said[-1]
            assert "Traceback" not in done.stderr, done.stderr
        told.append(f"{megabytes} MB: {'done' if done.returncode == 0 else 'told'}")
    assert done.returncode == 0, done.stderr
    assert library.digests(out) == library.digests(folder / "alone")
    print(f"memory: {', '.join(told[:-1])}; then the same bytes; {time.monotonic() - start:.0f} s", flush=True)


def main() -> None:
    """Kill and compare."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("parts", nargs="*", default=PARTS, metavar="PART", help=f"of {', '.join(PARTS)}")
    arguments.add_argument("--step", type=int, default=1)
    arguments.add_argument("--kills", type=int, default=50, help="in each of crawl and articles")
    arguments.add_argument("--articles", type=int, default=20_000)
    arguments.add_argument("--seed", type=int, default=7, help="of when and what to kill")
    chosen = arguments.parse_args()
    chance = random.Random(chosen.seed)  # noqa: S311  (when to kill is no secret)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        corpus = (
            news.write_mixed(folder / "corpus", chosen.articles)
            if {"articles", "disk", "memory"} & {*chosen.parts}
            else ""
        )
        for part in (one for one in PARTS if one in chosen.parts):
            (folder / part).mkdir()
            match part:
                case "operations":
                    kill_at_operations(folder / part, chosen.step)
                case "crawl":
                    kill_often(str(CRAWL), folder / part, chosen.kills, chance)
                case "articles":
                    kill_often(corpus, folder / part, chosen.kills, chance)
                case "grid":
                    walk_grid(folder / part, chance)
                case "disk":
                    fill_disk(corpus, folder / part)
                case "memory":
                    run_out_of_memory(corpus, folder / part)


if __name__ == "__main__":
    main()
