"""Build the sample crawl: `python tests/data/build.py [FOLDER]` writes `crawl/` and `truth.json` there.

The same bytes on every build. Without FOLDER: beside this file.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from builder import containers, hosts, pages, stories, truth  # noqa: E402 (after its folder is on the path)


def build(folder: Path) -> None:
    """Write `folder/crawl/` anew, and `folder/truth.json`, which says what a cleaner should make of it."""
    crawl = folder / "crawl"
    shutil.rmtree(crawl, ignore_errors=True)
    told = stories.load(HERE / "articles")
    known = hosts.load(HERE / "hosts")
    placed, faults = containers.write(crawl, told, known, pages.Renderer(HERE / "templates"))
    (folder / "truth.json").write_bytes(truth.encode(truth.of(told, known, placed, faults)))


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
