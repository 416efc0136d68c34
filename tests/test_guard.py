"""A run that would lose a cluster or a host stops for a person; the manifest tells changes and bounds."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import library
import numpy as np
import pyarrow as pa
import pytest

from cleaners.cluster import KEPT, Verdicts
from cleaners.columns import host_of
from cleaners.config import ClusterSettings, parse
from cleaners.errors import RunError
from cleaners.shards import changes, families, guard
from cleaners.shards.dataset import Dataset

if TYPE_CHECKING:
    from pathlib import Path

WORDS = [f"w{number}" for number in range(2000)]


def verdicts(canonical: list[int]) -> Verdicts:
    copies = np.array(canonical) != KEPT
    return Verdicts(np.array(canonical), np.where(copies, 1, -1).astype(np.int8), np.where(copies, 0.9, np.nan))


def told(
    canonical: list[int], urls: list[str | None], sound: list[bool] | None = None, **limits: float
) -> list[dict[str, Any]]:
    ids = pa.array([f"id{row}" for row in range(len(canonical))])
    hosts = pa.array(map(host_of, urls), pa.large_string()).dictionary_encode()
    stay = np.ones(len(canonical), np.bool_) if sound is None else np.array(sound)
    return guard.alerts(verdicts(canonical), ids, hosts, stay, ClusterSettings(**limits))


def test_a_cluster_and_a_host_that_lose_more_than_their_share_are_told() -> None:
    canonical = [KEPT, 0, 0, 0, KEPT, KEPT, KEPT, 0]
    urls = ["http://a.example/1", *["http://b.example/2"] * 3, "http://b.example/3", None, "http://[", None]
    found = told(canonical, urls, guard_least=2, guard_cluster=0.4, guard_host=0.7)

    assert found == [
        {"cluster": "id0", "articles": 5, "copies": 4},
        {"host": "b.example", "articles": 4, "copies": 3},
    ]


def test_what_is_refused_for_its_quality_counts_for_no_share() -> None:
    """Of four articles that stay two are copies: two in five of all eight rows, and of the host's six, are fewer."""
    canonical, urls = [KEPT, 0, 0, KEPT, *[KEPT] * 4], [None, *["http://b.example/"] * 6, None]
    sound = [True] * 4 + [False] * 4
    limits = {"guard_least": 2, "guard_cluster": 0.4, "guard_host": 0.6}

    assert told(canonical, urls, sound, **limits) == [
        {"host": "b.example", "articles": 3, "copies": 2},
        {"cluster": "id0", "articles": 3, "copies": 2},
    ]
    assert told(canonical, urls, **limits) == []


@pytest.mark.parametrize("limits", [{"guard_least": 5}, {"guard_cluster": 0.5, "guard_host": 0.75}])
def test_a_share_that_is_only_reached_and_few_copies_stop_nothing(limits: dict[str, float]) -> None:
    canonical, urls = [KEPT, 0, 0, 0, KEPT, KEPT, KEPT, 0], ["http://a.example/"] * 4 + ["http://c.example/"] * 4

    assert told(canonical, urls, **{"guard_least": 1, "guard_cluster": 0.1, "guard_host": 0.1} | limits) == []


def stories(folder: Path, name: str, count: int, copies: int, seed: int) -> str:
    """Write a file of distinct stories, the last of which stands there `copies` times more with a word changed."""
    draw = random.Random(seed)  # noqa: S311  # a fixed seed, for invented texts
    texts = [draw.choices(WORDS, k=80) for _ in range(count)]
    for number in range(copies):
        texts.append([f"changed{seed}{number}" if at == 40 else word for at, word in enumerate(texts[count - 1])])
    path = folder / f"{name}.jsonl"
    rows = [
        {"id": f"{name}{row}", "url": f"http://{name}.example/{row}", "text": " ".join(text) + "."}
        for row, text in enumerate(texts)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


STRICT = {"cluster": {"guard_least": 10, "guard_cluster": 0.3}, "furniture": {"learn": False}}


def test_a_run_stops_before_it_removes_and_goes_on_when_accepted(tmp_path: Path) -> None:
    settings, out = parse(STRICT, "test"), tmp_path / "out"
    first = stories(tmp_path, "a", 30, 0, seed=1)
    before = library.clean([first], out, settings)
    files = library.digests(out)
    more = stories(tmp_path, "b", 2, 20, seed=2)
    with pytest.raises(RunError, match=r"the cluster of \w+ loses 20 of 21 articles.*--accept"):
        library.clean([first, more], out, settings)

    assert library.digests(out) == files

    manifest = library.clean([first, more], out, settings, accept=True)
    assert manifest["counts"]["duplicates"] == 20
    assert [alert["copies"] for alert in manifest["guard"]] == [20, 20]
    assert before["guard"] == []
    assert library.clean([first, more], out, settings) == manifest


def test_the_manifest_tells_what_changed_since_the_last_run(tmp_path: Path) -> None:
    settings, out = parse({"furniture": {"learn": False}}, "test"), tmp_path / "out"
    first = stories(tmp_path, "a", 3, 2, seed=1)
    old = library.clean([first], out, settings)["changes"]
    kept = {row["id"]: row["text"] for row in library.rows(out, "articles")}
    longer = tmp_path / "longer.jsonl"
    [canonical] = {row["canonical_id"] for row in library.rows(out, "duplicates")}
    longer.write_text(
        json.dumps({"text": f"{kept[canonical]} One more line.", "date": "2001-02-03"}) + "\n",
        encoding="utf-8",
    )
    new = library.clean([first, str(longer)], out, settings)["changes"]
    [winner] = {row["id"] for row in library.rows(out, "articles")} - set(kept)

    assert old["since"] is None
    assert old["added"]["count"] == len(kept) == 3
    assert new["since"] is not None
    assert new["added"] == {"count": 1, "ids": [winner]}
    assert new["removed"] == {"count": 1, "ids": [canonical]}
    assert new["canonical_changed"]["count"] == 2


def test_what_a_takedown_touches_is_expected_and_nothing_else(tmp_path: Path) -> None:
    dataset = Dataset(str(tmp_path))
    found = [{"cluster": "a", "articles": 9, "copies": 8}, {"host": "b.example", "articles": 9, "copies": 8}]
    guard.save(dataset, {"alerts": found, "bounds": {}})
    guard.check(dataset, accept=False, expected=["a", "b.example"])

    with pytest.raises(RunError, match=r"for a person to look: host b\.example loses 8 of 9 articles"):
        guard.check(dataset, accept=False, expected=["a"])


def test_what_was_kept_for_the_next_manifest_survives_a_run_that_was_killed_while_it_wrote(tmp_path: Path) -> None:
    out = tmp_path / "out"
    library.clean([stories(tmp_path, "a", 3, 0, seed=1)], out)
    dataset = Dataset(str(out))
    changes.note_last(dataset)
    for path in (out / "articles").iterdir():
        path.unlink()
    changes.note_last(dataset)

    assert changes.since_last(dataset, [])["removed"]["count"] == 3


def in_one_template(path: Path) -> str:
    """Write 40 distinct texts that share two thirds of their words; return the path."""
    draw = random.Random(5)  # noqa: S311  # a fixed seed, for invented texts
    template = draw.choices(WORDS, k=120)
    rows = [{"id": str(row), "text": " ".join([*template, *draw.choices(WORDS, k=60)])} for row in range(40)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


# Without comparison by facts: texts of drawn words in one template tell the same.
BY_WORDS: dict[str, Any] = {"rewording": {"least_facts": 10_000}, "furniture": {"learn": False}}


def test_the_manifest_names_full_buckets_of_families(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(families, "_BUCKET_PAIRS", 10)
    settings = parse({"split": {"shares": {"train": 0.5, "test": 0.5}}, **BY_WORDS}, "test")
    full = library.clean([in_one_template(tmp_path / "t.jsonl")], tmp_path / "out", settings)["bounds"]["families"]

    assert full["near"]["buckets"] > 0
    assert full["near"]["largest"] > 10
    assert list(full) == ["near"]


def test_the_manifest_names_full_buckets_and_tells_the_recall_by_formula(tmp_path: Path) -> None:
    settings = parse({"cluster": {"bucket_leaders": 10}, **BY_WORDS}, "test")
    manifest = library.clean([in_one_template(tmp_path / "t.jsonl")], tmp_path / "out", settings)
    full = manifest["bounds"]["full_buckets"]["near"]

    assert manifest["counts"]["articles"] == 40
    assert full
    assert all(bucket["not_compared"] <= 30 for bucket in full)
    assert {bucket["article"] for bucket in full} <= {row["id"] for row in library.rows(tmp_path / "out", "articles")}
    assert manifest["signatures"]["least_recall"] == {"0.7": 0.986, "0.75": 0.9988, "0.8": 1.0}


def test_a_part_that_is_gone_is_made_again(tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = stories(tmp_path, "a", 3, 2, seed=1)
    library.clean([first], out)
    before = library.digests(out)
    for path in (out / "duplicates").iterdir():
        path.unlink()
    library.clean([first], out)

    assert library.digests(out) == before
