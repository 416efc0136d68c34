"""Crashes in number: the long version of tests/test_crash.py.

    python tests/benchmarks/bench_crash.py [--step N] [--kills N] [--articles N] [operations] [kills] [grid] [disk]

operations   a job of 200 texts is killed at every N-th write, fsync and rename, each time beginning anew
kills        kill -9 hits the command or one of its processes at random times, over the sample crawl and over invented
             articles, N times in all; no part that was finished may be made again
grid         the crawl with 1, 2 and 4 workers × inputs in another order × hash seeds × time zones
disk         the articles with too small a disk (a tmpfs), then with more of it

Each time the bytes must be those of a run left alone. Without a name all four, in this order.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "data"))
sys.path.insert(0, str(TESTS))

import crash  # noqa: E402  (beside this folder)
import factory  # noqa: E402  (the same)
import library  # noqa: E402  (the same)

from cleaners import storage  # noqa: E402
from cleaners.config import parse  # noqa: E402

CRAWL = TESTS / "data" / "crawl"
COPYDESK = str(Path(sys.executable).with_name("copydesk"))
SETTINGS = {"read": {"shard_mb": 1}}  # so that there are many shards to be at work on
WORKERS = 2
LONGEST = 300  # seconds: a run goes on if what is killed is the process that workers come from, and none has come yet
MADE_ONCE = ("extracted", "lines", "cleaned", "fingerprints", "facts")  # verdicts depend on all, and each run looks


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
    parts = [part for stage in MADE_ONCE for part in (out / "work" / stage).glob("*.parquet")]
    return {part: (part.stat().st_ino, part.stat().st_mtime_ns) for part in parts if part.name[0] != "."}


def half_written(out: Path) -> int:
    """Return how many parts of the stages were being written."""
    return sum(len(list((out / "work" / stage).glob(f"{storage.TEMPORARY}*"))) for stage in MADE_ONCE)


def kill_often(inputs: str, folder: Path, kills: int, chance: random.Random) -> None:
    """Kill a run so often, each time going on from what is there, or anew where one survived; compare."""
    alone, out, config = folder / "alone", folder / "out", folder / "copydesk.toml"
    library.clean([inputs], alone, parse(SETTINGS, "here"))
    expected, shards = library.digests(alone), len(list((alone / "articles").iterdir()))
    config.write_text("[read]\nshard_mb = 1\n", encoding="utf-8")
    command = [COPYDESK, "clean", inputs, "-o", str(out), "--config", str(config), "--workers", str(WORKERS)]
    killed = survived = again = most = 0
    longest, start, before = 15.0, time.monotonic(), {}
    while killed < kills or not survived or out.exists():
        began = time.monotonic()
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
            try:
                run.wait(chance.uniform(1, longest) if killed < kills else None)
            except subprocess.TimeoutExpired:
                os.kill(chance.choice(processes(run.pid)), signal.SIGKILL)
                run.wait(LONGEST)
                killed += 1
                most = max(most, half_written(out))
        if out.exists():
            crash.check_visible(out)
            now = finished(out)
            again += sum(now.get(part, made) != made for part, made in before.items())
            before = now
        if run.returncode == 0:
            longest = max(5.0, time.monotonic() - began)
            assert library.digests(out) == expected, f"after {killed} kills"
            shutil.rmtree(out)
            before = {}
            survived += 1
    assert again == 0, f"{again} parts that were finished were made again"
    assert most <= WORKERS, f"{most} parts were half written at once"
    spent = time.monotonic() - start
    print(
        f"{Path(inputs).name}, {shards} shards: killed {killed} times, {survived} runs came to an end, all with the "
        f"same bytes; parts made again: {again}, half written at a kill: at most {most}; {spent:.0f} s",
        flush=True,
    )


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


def write_articles(folder: Path, count: int) -> str:
    """Write so many invented articles, one in ten a copy, into four files."""
    folder.mkdir()
    for part in range(4):
        numbers = range(part, count, 4)
        rows = [{"id": str(n), "text": "\n\n".join(factory.report(n // 2 if n % 10 == 0 else n))} for n in numbers]
        (folder / f"{part}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(folder)


def main() -> None:
    """Kill and compare."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("parts", nargs="*", default=("operations", "kills", "grid", "disk"))
    arguments.add_argument("--step", type=int, default=1)
    arguments.add_argument("--kills", type=int, default=100)
    arguments.add_argument("--articles", type=int, default=20_000)
    chosen = arguments.parse_args()
    chance = random.Random(7)  # noqa: S311  (when to kill is no secret)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        corpus = write_articles(folder / "articles", chosen.articles)
        if "operations" in chosen.parts:
            start = time.monotonic()
            script = [sys.executable, "-W", "ignore", str(TESTS / "crash.py"), str(folder / "every"), str(chosen.step)]
            done = subprocess.run([*script, "anew"], check=True, capture_output=True, text=True)
            print(f"operations: {done.stdout.strip()}, {time.monotonic() - start:.0f} s", flush=True)
        if "kills" in chosen.parts:
            kill_often(str(CRAWL), folder / "crawl", chosen.kills // 2, chance)
            kill_often(corpus, folder / "corpus", chosen.kills - chosen.kills // 2, chance)
        if "grid" in chosen.parts:
            walk_grid(folder / "grid", chance)
        if "disk" in chosen.parts:
            fill_disk(corpus, folder / "disk")


if __name__ == "__main__":
    main()
