"""Crashes in number: the long version of tests/test_crash.py.

    python tests/benchmarks/bench_crash.py [--kills N] [--articles N]

First a job of 200 texts is killed at every write, fsync and rename, each time beginning anew. Then kill -9 hits the
command or one of its workers, at random times, over the sample crawl and over invented articles. Each time the bytes
must be those of a run left alone.
"""

from __future__ import annotations

import argparse
import contextlib
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

CRAWL = TESTS / "data" / "crawl"


def workers(process: int) -> list[int]:
    """Return the processes of the pool of a run."""
    found = []
    for thread in Path(f"/proc/{process}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [
                one for one in thread.read_text().split() if "spawn_main" in Path(f"/proc/{one}/cmdline").read_text()
            ]
    return [int(one) for one in found]


def kill_often(inputs: str, folder: Path, kills: int, chance: random.Random) -> None:
    """Kill the command so often, then let it end, and compare; each survivor makes a new OUT to kill."""
    alone, out = folder / "alone", folder / "out"
    library.clean([inputs], alone)
    command = [str(Path(sys.executable).with_name("copydesk")), "clean", inputs, "-o", str(out)]
    killed = survived = 0
    longest = 10.0
    while killed < kills:
        start = time.monotonic()
        run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            run.wait(chance.uniform(0.5, longest))
        except subprocess.TimeoutExpired:
            os.kill(chance.choice([run.pid, *workers(run.pid)]), signal.SIGKILL)
            run.wait()
            killed += 1
        if out.exists():
            crash.check_visible(out)
        if run.returncode == 0:
            longest = max(2.0, time.monotonic() - start)
            assert library.digests(out) == library.digests(alone), f"after {killed} kills"
            shutil.rmtree(out)
            survived += 1
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert library.digests(out) == library.digests(alone)
    print(f"{Path(inputs).name}: killed {killed} times, survived {survived + 1} times, the same bytes each time")


def main() -> None:
    """Kill and compare."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--kills", type=int, default=50)
    arguments.add_argument("--articles", type=int, default=20_000)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        script = [sys.executable, "-W", "ignore", str(TESTS / "crash.py"), str(folder / "every"), "1", "anew"]
        print("every operation:", subprocess.run(script, check=True, capture_output=True, text=True).stdout.strip())
        corpus = folder / "articles"
        corpus.mkdir()
        for part in range(4):
            numbers = range(part, chosen.articles, 4)
            rows = [{"id": str(n), "text": "\n\n".join(factory.report(n // 2 if n % 10 == 0 else n))} for n in numbers]
            (corpus / f"{part}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        chance = random.Random(7)  # noqa: S311  (when to kill is no secret)
        for name, inputs in (("crawl", CRAWL), ("corpus", corpus)):
            kill_often(str(inputs), folder / name, chosen.kills, chance)


if __name__ == "__main__":
    main()
