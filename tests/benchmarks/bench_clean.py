"""The whole job over real pages in a WARC, against trafilatura's extraction alone, in one run.

    python tests/benchmarks/bench_clean.py [--pages DIR] [--keep FOLDER]

CPU seconds of this process and its children, start-up left out. Alone: `trafilatura.bare_extraction(page,
with_metadata=True)`. Whole: read → extract → strip → fingerprint → match → cluster → write over a WARC of the same
pages, by the library without Prefect. Each three times, alternating; medians.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import os
import resource
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import trafilatura
from fastwarc.warc import WarcRecord, WarcRecordType

from cleaners.warm import warm

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import library

SHARED = Path(__file__).resolve().parents[3] / "shared"


def cpu() -> float:
    """Return the seconds of processor that this process and its children have used, living ones included."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    ended = sum(one.ru_utime + one.ru_stime for one in used)
    living = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in living]
    return ended + sum(int(ticks) for field in fields for ticks in field[11:15]) / os.sysconf("SC_CLK_TCK")


def write_warc(path: Path, pages: list[dict[str, str]]) -> None:
    """Write pages as HTTP responses, one gzip member each."""
    with path.open("wb") as file:
        for page in pages:
            body = page["html"].encode("utf-8", "surrogatepass")
            record = WarcRecord()
            record.init_headers(WarcRecordType.response)
            record.headers["WARC-Target-URI"] = page["url"]
            record.headers["WARC-Date"] = "2026-01-01T00:00:00Z"
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
            record.set_bytes_content(head + body)
            record.headers["Content-Type"] = "application/http; msgtype=response"
            plain = io.BytesIO()
            record.write(plain)
            file.write(gzip.compress(plain.getvalue(), mtime=0))


def main() -> None:
    """Print CPU seconds of both, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pages", type=Path, default=SHARED / "data" / "pages")
    parser.add_argument("--keep", type=Path, help="leave the WARC and the dataset in this folder")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if not options.pages.is_dir():
        sys.exit(f"{options.pages}: no pages there; name a folder of *.jsonl.gz with --pages")
    pages = []
    for path in sorted(options.pages.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            pages += map(json.loads, lines)
    folder = options.keep or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    warc = folder / "pages.warc.gz"
    write_warc(warc, pages)
    warm()
    library.clean([str(warc)], folder / "out")  # the process that extracts has started then
    alone, whole = [], []
    for _ in range(options.rounds):
        start = cpu()
        for page in pages:
            trafilatura.bare_extraction(page["html"], url=page["url"], with_metadata=True)
        alone.append(cpu() - start)
        shutil.rmtree(folder / "out", ignore_errors=True)
        start = cpu()
        manifest = library.clean([str(warc)], folder / "out")
        whole.append(cpu() - start)
    one, two = statistics.median(alone), statistics.median(whole)
    counts = {name: manifest["counts"][name] for name in ("records", "articles", "duplicates", "rejected")}
    print(f"{len(pages)} pages: {counts}")
    print(f"bare_extraction alone {one:.2f} s CPU, the whole run {two:.2f} s CPU: {two / one:.2f} x")
    if not options.keep:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
