"""A Dask cluster over TCP, with inputs, OUT and work on S3: the bytes of the local run, and what 1 and 2 workers take.

    python tests/benchmarks/bench_remote.py [--articles 50000] [--workers 1 2]

Scheduler, workers and the S3 server (moto) are processes of their own on loopback; it needs the extras dask and s3, and
moto[server]. The local run reads the same inputs with a pool of processes and writes to disk. Processor seconds are
those of the workers, and beside them of the S3 server, which a real store would spend elsewhere.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import news

sys.path.insert(0, str(news.TESTS))

import library
from test_remote import free_port, serving

COMMAND = [sys.executable, str(Path(sys.executable).with_name("copydesk")), "clean"]
NEEDED = ("distributed", "prefect_dask", "s3fs", "moto")
KNOWN = {
    "AWS_ACCESS_KEY_ID": "any",
    "AWS_SECRET_ACCESS_KEY": "any",  # the server on loopback asks for some
    "AWS_DEFAULT_REGION": "us-east-1",
}


def spent(process: int) -> float:
    """Return the processor seconds of a process and of the children it has waited for."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def clean(*options: str) -> tuple[float, dict[str, float]]:
    """Run the command; return the seconds it took and those of its stages."""
    start = time.monotonic()
    done = subprocess.run([*COMMAND, *options, "--json"], check=True, stdout=subprocess.PIPE)
    return time.monotonic() - start, json.loads(done.stdout)["seconds"]


def on_cluster(folder: Path, system: Any, store: int, count: int, options: list[str]) -> tuple[str, dict[str, str]]:
    """Run on a cluster of so many workers; return the figures, and the digests of what it made."""
    port = free_port()
    address, out = f"tcp://127.0.0.1:{port}", f"news/out{count}"
    worker = ["-m", "dask", "worker", address, "--nthreads", "1", "--no-dashboard", "--no-nanny"]
    scheduler = ["-m", "dask", "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
    with ExitStack() as servers:
        servers.enter_context(serving(*scheduler, port=port))
        workers = [servers.enter_context(serving(*worker, port=0)).pid for _ in range(count)]
        before = spent(store)
        wall, stages = clean(*options, "-o", f"s3://{out}", "--runner", "dask", "--dask-address", address)
        figures = (
            f"{count} worker{'s' * (count > 1)}: wall {wall:.1f} s, workers {sum(map(spent, workers)):.1f} CPU s, "
            f"S3 server {spent(store) - before:.1f} CPU s; {told(stages)}"
        )
    system.invalidate_cache()
    system.get(out, str(folder / f"fetched{count}"), recursive=True)
    return figures, library.digests(folder / f"fetched{count}")


def told(stages: dict[str, float]) -> str:
    """Return what the stages took, in seconds."""
    return ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in stages.items())


def main() -> None:
    """Run local and remote, and compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--articles", type=int, default=50_000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    asked = parser.parse_args()
    if absent := [name for name in NEEDED if importlib.util.find_spec(name) is None]:
        print(f"skipped: {', '.join(absent)} not installed; pip install '.[dask,s3]' 'moto[server]'")
        return
    import s3fs  # noqa: PLC0415  (an extra)

    port = free_port()
    os.environ |= KNOWN | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}
    with (
        tempfile.TemporaryDirectory() as scratch,
        serving("-m", "moto.server", "-H", "127.0.0.1", "-p", str(port), port=port) as store,
    ):
        folder = Path(scratch)
        config = folder / "copydesk.toml"
        config.write_text("[read]\nshard_mb = 8\n", encoding="utf-8")
        system = s3fs.S3FileSystem(endpoint_url=os.environ["AWS_ENDPOINT_URL"])
        system.mkdir("news")
        system.put(news.write_mixed(folder / "in", asked.articles), "news/in", recursive=True)
        options = ["s3://news/in", "--config", str(config)]
        wall, stages = clean(*options, "-o", str(folder / "alone"))
        expected, shards = library.digests(folder / "alone"), len(list((folder / "alone" / "rejected").iterdir()))
        print(
            f"{asked.articles:,} articles, {shards} shards; local pool of {os.cpu_count()}: wall {wall:.1f} s;", end=" "
        )
        print(told(stages), flush=True)
        for count in asked.workers:
            figures, made = on_cluster(folder, system, store.pid, count, options)
            assert made == expected, f"{count} workers: not the bytes of the local run"
            print(f"{figures}; same bytes", flush=True)


if __name__ == "__main__":
    main()
