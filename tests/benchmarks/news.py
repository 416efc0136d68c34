"""News articles in JSON Lines: real ones of `../shared/data/news` where it is there, else invented ones."""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import match_corpus
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "data"))

import factory  # noqa: E402  (beside this folder)

SHARED = TESTS.parent.parent / "shared" / "data" / "news"
_SENTENCES = 40  # of an invented article, so that it is as long as the real ones


def write(folder: Path, count: int, files: int = 8) -> str:
    """Write so many articles into files of a new folder; return its path."""
    folder.mkdir(parents=True)
    texts = list(itertools.islice(_texts(), count))
    for part in range(files):
        rows = ({"id": str(number), "text": texts[number]} for number in range(part, len(texts), files))
        with (folder / f"{part}.jsonl").open("w", encoding="utf-8") as out:
            out.writelines(json.dumps(row) + "\n" for row in rows)
    return str(folder)


def write_mixed(folder: Path, count: int) -> str:
    """Write so many articles of real sentences, copies among them, into one file (see `match_corpus.py`)."""
    if not SHARED.is_dir():
        return write(folder, count, files=1)
    folder.mkdir(parents=True)
    match_corpus.write_corpus(count, folder / "0.jsonl")
    (folder / "0.pairs.parquet").unlink()
    return str(folder)


def _texts() -> Iterator[str]:
    """Yield the real articles, in turn of each source, and after them invented ones, one in ten a copy of another."""
    paths = [SHARED / f"{name}.parquet" for name in ("allsides", "reuters_fin", "reuters21578")]
    sources = [pq.read_table(path, columns=["text"])["text"].to_pylist() for path in paths if path.exists()]
    for texts in itertools.zip_longest(*sources):
        yield from (text for text in texts if text is not None)
    for number in itertools.count():
        yield "\n\n".join(factory.report(number // 2 if number % 10 == 0 else number, _SENTENCES))
