"""Furniture in a dataset: learned by its first run, applied by later ones, learned anew on request, and shown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import library
import pyarrow.parquet as pq
import pytest
from furniture_pages import story

from flows import show

if TYPE_CHECKING:
    from pathlib import Path

BELL = "Tap the bell to hear from the desk first"
LATE = "Every tide table of the year hangs in our window"


def dump(path: Path, seeds: range, line: str, host: str | None) -> str:
    """Write a dump of texts that end in a line; without a host, as most C4-like dumps come."""
    with path.open("w", encoding="utf-8") as file:
        for seed in seeds:
            record = {"text": "\n".join([*story(seed), line])}
            file.write(json.dumps(record | ({"url": f"https://{host}/{seed}"} if host else {})) + "\n")
    return str(path)


def texts(out: Path) -> str:
    tables = [pq.read_table(path) for path in sorted((out / "articles").glob("*.parquet"))]
    return "\n".join(text for table in tables for text in table["text"].to_pylist())


@pytest.mark.parametrize("host", ["tide.example", None])
def test_what_was_learned_is_kept_and_learned_anew_on_request(host: str | None, tmp_path: Path):
    first = dump(tmp_path / "first.jsonl", range(40), BELL, host)
    later = dump(tmp_path / "later.jsonl", range(100, 140), LATE, host)
    out = tmp_path / "out"

    version = library.clean([first], out)["furniture"]
    assert BELL not in texts(out)

    more = dump(tmp_path / "more.jsonl", range(200, 204), BELL, host)
    assert library.clean([later, more], out)["furniture"] == version
    assert BELL not in texts(out)
    assert LATE in texts(out)

    assert library.clean([], out, relearn=True)["furniture"] != version
    assert LATE not in texts(out)


def test_the_learned_lines_are_shown_with_counts_and_examples(tmp_path: Path):
    out = tmp_path / "out"
    library.clean([dump(tmp_path / "crawl.jsonl", range(30), BELL, "www.tide.example")], out)

    told = json.loads(show.learned(str(out), as_json=True, piped=True))
    piped = show.learned(str(out), as_json=False, piped=True)

    assert [(row["host"], row["hosts"], row["articles"], row["example"]) for row in told] == [
        ("tide.example", 1, 30, BELL)
    ]
    assert isinstance(piped, str)
    assert [line.split("\t")[-1] for line in piped.splitlines()] == ["example", BELL]


def test_kinds_that_settings_switch_are_counted_apart(tmp_path: Path):
    counts = library.clean([dump(tmp_path / "crawl.jsonl", range(5), "Published 3 May 2024", None)], tmp_path / "out")

    assert counts["counts"]["edits_by_policy"]["bylines"] == 5
    assert counts["counts"]["edits_by_category"] == {"byline_dateline_meta": 5}
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    report = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "| byline dateline meta | `bylines` | 5 |" in card
    assert "Kinds that the settings switch" in report
