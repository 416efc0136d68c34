"""Ours against others that find near copies: time, memory, what is found, and what is removed wrongly.

    python tests/benchmarks/bench_peers.py [--articles 10000 100000] [--runs 3] [--only NAME...] [--folder DIR]
                                            [--write]

Each peer runs in an environment of its own, installed here by name (`PEERS`), on the corpus of `match_corpus.py`: JSONL
in, JSONL without the copies out, word 5-grams, 128 permutations, threshold 0.7. The drivers in `peers/` follow the
peers' own documentation. Runs alternate: each program once, then each again. Printed is the median of each program's
runs with their number, ratios to ours, and by the exact Jaccard similarity of the planted pairs, which were found and
which of the removed were no copies. A size that a peer would need too long for is left out (`most`).

The table of the README (peers.md) was put together by hand from tables that `--articles 100000` printed, for some peers
at a time. `--write` puts those of one run there, of all peers at once: hours, most of them datatrove's.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import venv
from typing import TYPE_CHECKING, NamedTuple

import match_corpus
import numpy as np
import pyarrow.parquet as pq

from cleaners import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable

HERE = pathlib.Path(__file__).resolve().parent
WRITTEN = HERE / "peers.md"
THRESHOLD = 0.7
_PR_SET_CHILD_SUBREAPER = 36  # Linux: what loses its parent becomes our child, so that its processor time is counted
BANDS = ((0.7, 0.75), (0.75, 0.8), (0.8, 1.1))
HEAD = ("", "runs", "articles/s", "wall s", "CPU s", "× ours, wall / CPU", "peak MiB, process tree")
HEAD += ("found .7–.75", ".75–.8", "≥ .8", "wrong: like none by .7", "like none by .5")


class Peer(NamedTuple):
    """One program: its driver, what pip installs for it, and the most articles and runs that are worth the wait."""

    driver: str
    packages: tuple[str, ...]
    most: int = 10**9
    runs: int = 10


PEERS = {
    "copydesk": Peer("copydesk", ("--constraint", "constraints.txt", ".")),
    "gaoya": Peer("gaoya", ("gaoya==0.2.2",), 400_000),
    "rensa R": Peer("rensa", ("rensa==0.5.0",), 400_000),
    "rensa C": Peer("rensa_c", ("rensa==0.5.0",), 400_000),
    "datasketch, update_batch + xxhash": Peer("datasketch_bulk", ("datasketch==2.0.0", "xxhash==4.1.0"), 400_000),
    "text-dedup": Peer("text_dedup", ("text-dedup==0.4.0",), 100_000, 2),
    "datatrove, 2 workers": Peer("datatrove", ("datatrove[io,processing]==0.10.1", "spacy==3.8.18"), 100_000, 1),
    "datasketch, as in its docs": Peer("datasketch", ("datasketch==2.0.0", "xxhash==4.1.0"), 100_000, 1),
}


class Cost(NamedTuple):
    """Wall and processor seconds of a process and its children, and the most memory they held together (MiB)."""

    wall: float
    cpu: float
    peak: int


def python_of(peer: Peer, folder: pathlib.Path) -> str:
    """Return the interpreter that has the peer's packages, installing them the first time.

    Ours is installed for what it depends on; the driver runs it as it stands here.
    """
    home = folder / "venvs" / "+".join(peer.packages).replace("[", "_").replace("]", "_")
    python = home / "bin" / "python"
    if not (home / "ready").exists():
        venv.create(home, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *peer.packages], check=True, cwd=HERE.parents[1])
        (home / "ready").touch()
    return str(python)


def run(peer: Peer, python: str, source: pathlib.Path, out: pathlib.Path) -> Cost:
    """Run a driver once, in a scratch folder of its own."""
    out.unlink(missing_ok=True)  # what an earlier run wrote takes time to free
    scratch = pathlib.Path(tempfile.mkdtemp(dir=source.parent))
    call = [python, "-W", "ignore", str(HERE / "peers" / f"with_{peer.driver}.py"), source, out, scratch]
    home = {"HF_HOME": str(scratch / "home"), "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(HERE.parents[1])}
    with (scratch / "log").open("wb") as log:
        start = time.perf_counter()
        process = subprocess.Popen(call, stdout=log, stderr=log, env={**os.environ, **home})
        peaks = [0]
        watcher = threading.Thread(target=_watch, args=(process.pid, peaks))
        watcher.start()
        _, process.returncode, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        watcher.join()
        cpu = used.ru_utime + used.ru_stime + _orphans()
    if process.returncode:
        print((scratch / "log").read_text(errors="replace")[-2000:], file=sys.stderr)
        raise SystemExit(f"{peer.driver} failed")
    shutil.rmtree(scratch)
    return Cost(wall, cpu, peaks[0])


def _orphans() -> float:
    """Return the processor seconds of what a driver left behind, having waited for its end."""
    seconds = 0.0
    while True:
        try:
            _, _, used = os.wait3(0)
        except ChildProcessError:
            return seconds
        seconds += used.ru_utime + used.ru_stime


def _watch(root: int, peaks: list[int]) -> None:
    """Note the largest sum of the proportional memory of a process and all that descend from it, until it ends."""
    while pathlib.Path(f"/proc/{root}/smaps_rollup").exists():
        kib = sum(_proportional(pid) for pid in _tree(root))
        if not kib:
            return
        peaks[0] = max(peaks[0], kib // 1024)
        time.sleep(0.2)


def _tree(pid: int) -> list[int]:
    found = [pid]
    for path in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [one for child in path.read_text().split() for one in _tree(int(child))]
        except OSError:  # it has just ended
            continue
    return found


def _proportional(pid: int) -> int:
    try:
        lines = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def found(source: pathlib.Path, out: pathlib.Path) -> list[str]:
    """Return what was found of the planted pairs by similarity, and how many were removed without reaching it."""
    with source.open("rb") as lines:
        articles = sum(1 for _ in lines)
    stays = np.zeros(articles, np.bool_)
    with out.open("rb") as lines:
        stays[[int(json.loads(line)["id"]) for line in lines]] = True
    planted = pq.read_table(source.with_suffix(".pairs.parquet"))
    left, right = (np.array(planted[name], np.int64) for name in ("a", "b"))
    similarity = np.array(planted["jaccard"])
    hit = ~stays[left] | ~stays[right]
    cells = []
    for low, high in BANDS:
        inside = (similarity >= low) & (similarity < high)
        cells.append(f"{hit[inside].mean():.2%}" if inside.any() else "")
    best = np.zeros(articles)
    np.maximum.at(best, left, similarity)
    np.maximum.at(best, right, similarity)
    return [*cells, *(f"{(~stays & (best < limit)).sum():,}" for limit in (THRESHOLD, 0.5))]


def compare(articles: int, names: list[str], runs: int, folder: pathlib.Path) -> str:
    """Return the table of one size, with what it was measured on."""
    source = folder / f"{articles}.jsonl"
    if not source.exists():
        match_corpus.write_corpus(articles, source)
    chosen = {name: PEERS[name] for name in names if articles <= PEERS[name].most}
    pythons = {name: python_of(peer, folder) for name, peer in chosen.items()}
    outs = {name: folder / f"{articles}.{peer.driver}.jsonl" for name, peer in chosen.items()}
    costs: dict[str, list[Cost]] = {name: [] for name in chosen}
    load = os.getloadavg()[0]
    for turn in range(runs):
        for name, peer in chosen.items():
            if turn < peer.runs:
                costs[name].append(run(peer, pythons[name], source, outs[name]))
                print(f"  {name}: {costs[name][-1]}, load {os.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)
    middle = {
        name: Cost(*(statistics.median(column) for column in zip(*all_, strict=True))) for name, all_ in costs.items()
    }
    ours = middle.get("copydesk")
    rows = [list(HEAD), ["---"] * len(HEAD)]
    for name, cost in middle.items():
        ratio = f"{cost.wall / ours.wall:.1f} / {cost.cpu / ours.cpu:.1f}" if ours else ""
        figures = [f"{articles / cost.wall:,.0f}", f"{cost.wall:.1f}", f"{cost.cpu:.1f}", ratio, f"{cost.peak:,.0f}"]
        rows.append([name, str(len(costs[name])), *figures, *found(source, outs[name])])
    size = f"{articles:,} articles, {source.stat().st_size / 2**20:,.0f} MiB"
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"{size}; {machine()}; load {load:.1f} at the start.\nVersions: {versions(chosen)}.\n\n{table}\n"


def machine() -> str:
    """Return what it all runs on."""
    processors = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":")[1].strip() for line in processors if line.startswith("model name")), "unknown model")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()} {platform.release().split('-')[0]}, Python {platform.python_version()}"
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, {system}"


def versions(chosen: Iterable[str]) -> str:
    """Return the versions of what was compared, each once."""
    of_peers = (package for name in chosen if name != "copydesk" for package in PEERS[name].packages)
    return ", ".join(dict.fromkeys([f"copydesk {__version__}", *(name.replace("==", " ") for name in of_peers)]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--articles", type=int, nargs="+", default=[10_000, 100_000, 400_000, 1_000_000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", nargs="+", default=list(PEERS), choices=list(PEERS), metavar="NAME")
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()) / "copydesk-bench")
    parser.add_argument("--write", action="store_true", help=f"keep the tables in {WRITTEN.name}, for the README")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    tables = []
    for articles in options.articles:
        tables.append(compare(articles, options.only, options.runs, options.folder))
        print(tables[-1], flush=True)
        if options.write:
            WRITTEN.write_text("\n".join(tables), encoding="utf-8")


if __name__ == "__main__":
    main()
