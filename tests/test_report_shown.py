"""What the report shows beside the books: thresholds, rejections, further columns; and how large it gets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
from invented import HOSTILE, lay, refusal, row, rows

from cleaners import report, storage
from cleaners.cluster import Verdicts, Verified
from cleaners.model import Edit
from cleaners.rulebook import CATEGORIES
from cleaners.shards import copies as matching
from cleaners.survey import extras, figures, pictures, refusals

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def dataset(tmp_path: Path) -> str:
    """Return the folder of a small dataset."""
    return lay(str(tmp_path / "out"), rows())


def closest(root: str, **counts: list[int]) -> figures.Figures:
    """Return the figures of a dataset of which these kept articles came close to a threshold."""
    storage.write_bytes(f"{root}/work/outcome.json", json.dumps({"closest": counts}).encode())
    return figures.read(root)


def test_what_a_lower_or_higher_threshold_would_change_is_told(dataset):
    near = [0] * 50
    near[31], near[33] = 4, 3  # 0.62 and 0.66, below the threshold of 0.7
    shown = {each.kind: each for each in pictures.likeness(closest(dataset, near=near))}["near"]

    assert [(bar.label, bar.count, bar.faint) for bar in shown.picture.bars if bar.count] == [
        ("0.62 to 0.64", 4, True),
        ("0.66 to 0.68", 3, True),
        ("0.80 to 0.82", 1, False),
    ]
    assert "kept some of the copies: 1 at 0.9." in shown.moved
    assert "at least 7 at 0.6." in shown.moved
    assert shown.mark == pytest.approx(25)


def test_without_the_work_folder_nothing_is_said_about_lower_thresholds(dataset):
    shown = pictures.likeness(figures.read(dataset))

    assert not any("lower" in each.moved or any(bar.faint for bar in each.picture.bars) for each in shown)


def test_kept_articles_that_come_close_are_counted_once_and_only_below_the_threshold():
    verdicts = Verdicts(
        np.array([-1, -1, -1, 0, -1]), np.array([-1, -1, -1, 0, -1], np.int8), np.array([np.nan] * 3 + [0.9, np.nan])
    )
    left, right = np.array([0, 1, 0, 0, 2]), np.array([1, 2, 2, 3, 4])
    verified = Verified(left, right, np.array([0.61, 0.65, 0.55, 0.9, 0.8]))
    counts = matching.closest(verdicts, verified, np.arange(5), 0.7)

    assert {int(place): int(counts[place]) for place in np.flatnonzero(counts)} == {30: 1, 32: 1}  # rows 1 and 2


def test_rejections_stand_in_the_picture_with_their_stage_and_few_others_share_a_stream(tmp_path):
    refused = [refusal(n, "quality" if n < 30 else "decontaminate", f"reason {n % 12}", "") for n in range(60)]
    root = lay(str(tmp_path / "out"), rows(), refused)
    found = refusals.read(storage.files(f"{root}/rejected", ".parquet"))
    flow = pictures.flow(figures.read(root).counts, found)

    assert "quality" in [stream.stage for stream in flow.streams]
    assert flow.streams[-1].label == "for other reasons"
    assert flow.streams[-1].count == sum(each.count for each in found[pictures.REASONS :])
    assert sum(stream.count for stream in flow.streams) == len(rows()) + 60


def test_how_much_was_struck_is_counted_for_every_kept_article(dataset):
    known = figures.read(dataset)

    assert known.residue.sum() == known.counts["articles"]
    assert known.residue[0] == sum(each["words"] >= each["words_before"] for each in rows() if each["kind"] is None)


@pytest.fixture
def wide(tmp_path: Path) -> list[str]:
    """Return two parts of articles with columns of all types that no section of the report knows."""
    kinds = {"id": [f"{n:04}" for n in range(100)], "symbols": [n / 100 for n in range(100)]}
    kinds |= {"byline": [n % 4 == 0 for n in range(100)], "kind": ["list" if n < 20 else "article" for n in range(100)]}
    kinds |= {"licences": [["cc-by"] if n < 10 else [] for n in range(100)], "canonical": [f"u{n}" for n in range(100)]}
    kinds |= {"robots": [{"noai": n < 5, "note": HOSTILE} for n in range(100)], "sentences": list(range(100))}
    kinds |= {"hashes": [0.0] * 100, "paywall": [None] * 99 + [True], "empty": pa.nulls(100, pa.float64())}
    schema = pa.table(kinds).schema
    schema = schema.set(1, schema.field("symbols").with_metadata({"means": "Share of <i>symbols</i>"}))
    table = pa.table(kinds, schema=schema)
    for number in range(2):
        storage.write_table(str(tmp_path / f"{number}.parquet"), table.slice(50 * number, 50), {})
    return [str(tmp_path / f"{number}.parquet") for number in range(2)]


def test_columns_that_nobody_foresaw_are_told_by_their_type(wide):
    told = {each.name: each for each in extras.read(wide).columns}

    names = ["symbols", "byline", "kind", "licences", "canonical", "robots.noai", "robots.note"]
    assert list(told) == [*names, "sentences", "hashes", "paywall", "empty"]
    assert told["symbols"].means == "Share of <i>symbols</i>"
    assert sum(bar.count for bar in told["symbols"].picture.bars) == 100
    assert [(value.name, value.share) for value in told["kind"].values] == [("article", 0.8), ("list", 0.2)]
    assert {value.name: value.share for value in told["byline"].values} == {"false": 0.75, "true": 0.25}
    assert told["licences"].filled == pytest.approx(0.1)
    assert told["canonical"].distinct == 100
    assert told["robots.noai"].values[0].share == 0.95
    assert told["paywall"].filled == pytest.approx(0.01)
    assert told["empty"].picture is None
    assert told["kind"].spread == "article 80 %, list 20 %"
    assert told["canonical"].spread == "100 different values"
    assert (told["hashes"].picture, told["hashes"].spread) == (None, "0 100 %")
    assert extras.read(wide).unfilled == ["empty"]


def test_the_sample_of_the_columns_does_not_depend_on_the_parts(wide, monkeypatch):
    monkeypatch.setattr(extras, "SAMPLE", 30)

    assert extras.read(wide) == extras.read(wide[::-1])
    assert extras.read(wide).sample == 30


def test_a_report_of_the_most_hostile_dataset_stays_below_five_megabytes(tmp_path):
    """Every sample is as long as it may be, in letters that cost most to write: escaped, named, marked one by one."""
    sorts = ["a& ", "\u202e\u200b", "<", "日&", '"B" ']
    kinds = sorted(CATEGORIES)
    crawl = []
    for number in range(150):
        sort = sorts[number % len(sorts)]
        text = (sort * 20_000)[:40_000]
        cuts = [
            Edit(
                at, at + 600, text[at : at + 600], "", f"{number}-{at}-" + sort * 40, kinds[(number + at) % len(kinds)]
            )
            for at in range(0, 39_000, 800)
        ]
        known = {"title": sort * 3000, "url": f"https://h{number}.example/", "source": sort * 2000}
        if number >= 60:
            facts = {"shared": [sort * 50] * 20, "unshared": [sort * 50] * 20, "jaccard": 0.8}
            kind = ("near", "reworded", "overlap", "translated")[number % 4]
            known |= {
                "canonical_id": row(number % 30, "", [])["id"],
                "kind": kind,
                "similarity": 0.8,
                "evidence": facts,
            }
        crawl.append(row(number, text, cuts, **known))
    refused = [refusal(number, "quality", f"reason {number % 40}", "&" * 5000) for number in range(400)]
    page = report.render(lay(str(tmp_path / "out"), crawl, refused))

    assert 500_000 < len(page.encode()) < 5_000_000
