"""Strip on clean English news: megabytes a second, as a whole and stage by stage, and what the first call costs.

    python tests/benchmarks/bench_strip.py [--articles N]

Reads ../shared/data/news where it is there, else the invented articles of the tests. Articles are stripped one by one
in one process; processor time, the best of three rounds after a first one that is not counted.
"""

from __future__ import annotations

import argparse
import pathlib
import resource
import time
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from cleaners.rulebook import builtin
from cleaners.strip.engine import strip_text
from cleaners.strip.repair import repairs
from cleaners.strip.scan import scanner
from cleaners.text import fold, lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ROOT = pathlib.Path(__file__).resolve().parents[2]
NEWS = ROOT.parent / "shared" / "data" / "news"
INVENTED = ROOT / "tests" / "data" / "articles"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--articles", type=int, default=2000, help="of each source")
    options = parser.parse_args()
    start = time.process_time()
    scan = scanner(builtin())
    strip_text("The bridge reopened on Monday.\n\nShare this story")
    print(f"first call with the whole rulebook: {time.process_time() - start:.2f} s")

    stages: dict[str, Callable[[str], object]] = {
        "strip_text": strip_text,
        "repairs": repairs,
        "lines": lines,
        "fold": fold,
        "scan of all lines": lambda text: scan.scan([line for line in text.split("\n") if line]),
    }
    for name, texts in sources(options.articles):
        size = sum(len(text.encode()) for text in texts) / 1e6
        edited = sum(bool(strip_text(text).edits) for text in texts)
        print(f"{name}: {len(texts):,} articles, {size:.1f} MB, {edited} of them changed")
        for stage, function in stages.items():
            spent = min(cpu(function, texts) for _ in range(3))
            print(f"  {stage:<18} {size / spent:7.1f} MB/s {spent / len(texts) * 1e6:6.0f} µs an article")
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def sources(most: int) -> Iterator[tuple[str, list[str]]]:
    """Yield the name of each source and its texts."""
    if NEWS.is_dir():
        for name in ("reuters_fin", "allsides"):
            yield name, pq.read_table(NEWS / f"{name}.parquet", columns=["text"])["text"][:most].to_pylist()
    else:
        found = [path.read_text(encoding="utf-8") for path in sorted(INVENTED.rglob("*")) if path.is_file()]
        yield "invented articles", found[:most]


def cpu(function: Callable[[str], object], texts: Sequence[str]) -> float:
    start = time.process_time()
    for text in texts:
        function(text)
    return time.process_time() - start


if __name__ == "__main__":
    main()
