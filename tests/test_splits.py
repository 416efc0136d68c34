"""Splits: whole families, no way back from the last one, the same whatever the order, and a file for each."""

from __future__ import annotations

import itertools
import json
import random
import re
import shutil
from pathlib import Path
from typing import Any

import library
import numpy as np
import pyarrow.parquet as pq
import pytest

from cleaners import match_texts, splits, unions
from cleaners.config import QualityBound, QualitySettings, Settings, load, parse
from cleaners.errors import InputError
from cleaners.shards import families, finish, forget, plan, verify
from cleaners.shards.dataset import Dataset
from flows import options

HALVES = {"train": 0.5, "test": 0.5}
FAMILIES, MEMBERS = 24, 3


def words(number: int, count: int) -> str:
    """Return a text of invented words, in sentences."""
    chance = random.Random(number)  # noqa: S311  (invents words)
    syllables = [first + vowel + last for first in "bdfgklmnprstvz" for vowel in "aeiou" for last in "lnrs"]
    made = ["".join(chance.choices(syllables, k=chance.randint(2, 4))) for _ in range(count)]
    return ". ".join(" ".join(made[at : at + 12]).capitalize() for at in range(0, count, 12)) + "."


def family(number: int) -> list[str]:
    """Return a report, a brief cut from it, and an update that begins with the brief: none is a copy of another."""
    report = words(number, 240)
    sentences = report.split(". ")
    brief = ". ".join(sentences[:11]) + "."
    return [report, brief, ". ".join([*sentences[:11], words(1000 + number, 96)])]


def settings_of(**split: Any) -> Settings:
    """Return settings by which no article is a reworded copy: invented words tell a verifier little."""
    told = {"split": {"shares": HALVES, **split}, "furniture": {"learn": False}, "rewording": {"copy_agreement": 1}}
    return parse(told, "test")


def lay(path: Path, articles: list[dict[str, Any]]) -> str:
    path.write_text("".join(json.dumps(article) + "\n" for article in articles), encoding="utf-8")
    return str(path)


@pytest.fixture(scope="module")
def stories() -> list[dict[str, Any]]:
    """Return families of three, the first members of all, then the second ones, then the third ones."""
    told = [family(number) for number in range(FAMILIES)]
    return [{"id": f"{n}-{m}", "text": told[n][m]} for m in range(MEMBERS) for n in range(FAMILIES)]


def split_of(out: Path) -> dict[str, str]:
    return {row["source_id"]: row["split"] for row in library.rows(out, "articles")}


def test_no_pair_of_any_kind_lies_across_splits(stories: list[dict[str, Any]], tmp_path: Path) -> None:
    manifest = library.clean([lay(tmp_path / "in.jsonl", stories)], tmp_path / "out", settings_of())
    found = split_of(tmp_path / "out")
    pairs = match_texts([(story["id"], story["text"]) for story in stories])

    assert len(found) == len(stories)
    assert {pair.kind for pair in pairs} <= {"overlap", "reworded"}
    assert len({pair.a.split("-")[0] for pair in pairs}) == FAMILIES
    assert [pair for pair in pairs if found[pair.a] != found[pair.b]] == []
    assert manifest["splits"]["families"] == FAMILIES
    assert manifest["splits"]["largest_family"] == MEMBERS
    assert manifest["counts"]["articles_by_split"] == {
        name: list(found.values()).count(name) for name in ("test", "train")
    }
    assert manifest["splits"]["moved"] > 0
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert re.search(r'"row">test</th>.*?>{}</td>'.format(list(found.values()).count("test")), page, re.DOTALL)
    assert f"Families of kept articles: {FAMILIES}, the largest of {MEMBERS};" in page


def test_what_was_once_tested_on_is_never_trained_on(stories: list[dict[str, Any]], tmp_path: Path) -> None:
    paths = [lay(tmp_path / f"{m}.jsonl", stories[m * FAMILIES : (m + 1) * FAMILIES]) for m in range(MEMBERS)]
    before: dict[str, str] = {}
    for count in range(1, MEMBERS + 1):
        manifest = library.clean(paths[:count], tmp_path / "out", settings_of())
        now = split_of(tmp_path / "out")
        flips = [name for name, split in before.items() if now[name] != split]
        assert all(now[name] == "test" for name in flips)
        assert manifest["changes"]["split_changed"]["count"] == len(flips)
        before = now
    library.clean(paths, tmp_path / "once", settings_of())

    assert flips
    assert before == split_of(tmp_path / "once")


@pytest.mark.parametrize("way", ["forgotten", "filtered", "pruned"])
def test_what_was_tested_on_because_of_another_stays_when_that_one_goes(
    way: str, stories: list[dict[str, Any]], tmp_path: Path
) -> None:
    """The updates go; the reports and the briefs stay, and some of them are tested on only because of their update."""
    paths = [lay(tmp_path / f"{m}.jsonl", stories[m * FAMILIES : (m + 1) * FAMILIES]) for m in range(MEMBERS)]
    out, settings = tmp_path / "out", settings_of()
    library.clean(paths, out, settings)
    before, gone = split_of(out), {"2"}
    if way == "forgotten":
        forget.bury(Dataset(str(out)), [{"id": f"{number}-2"} for number in range(FAMILIES)])
    elif way == "filtered":
        gone, longer = {"1", "2"}, QualityBound(least=231)
        settings = settings.model_copy(update={"quality": QualitySettings(bounds={"words": longer})})
    else:
        Path(paths[2]).unlink()
    manifest = library.clean([], out, settings, prune=True)
    now = split_of(out)

    assert {name.split("-")[1] for name in now} == gone ^ {"0", "1", "2"}
    assert {name: before[name] for name in now} == now
    assert (manifest["changes"]["split_changed"]["count"], manifest["splits"]["moved"] > 0) == (0, True)

    library.clean([], out, settings_of(seed=2))
    assert before != split_of(out)


def test_a_copy_that_takes_the_place_of_what_was_tested_on_is_tested_on(tmp_path: Path) -> None:
    """Of 24 articles and a shorter copy of each, the copies would be trained on where their own words say so."""
    whole = [{"id": f"{number}-0", "text": words(number, 240)} for number in range(FAMILIES)]
    copies = [{"id": f"{number}-1", "text": words(number, 240).rpartition(". ")[0] + "."} for number in range(FAMILIES)]
    copies = [copy | {"text": "Obradel. " * 12 + copy["text"]} for copy in copies]
    library.clean([lay(tmp_path / "in.jsonl", whole + copies)], tmp_path / "out", settings_of())
    before = split_of(tmp_path / "out")
    forget.bury(Dataset(str(tmp_path / "out")), [{"id": name} for name in before])
    library.clean([], tmp_path / "out", settings_of())
    now = split_of(tmp_path / "out")

    assert len(now) == len(before) == FAMILIES
    assert {name.split("-")[0]: split for name, split in now.items()} == {
        name.split("-")[0]: split for name, split in before.items()
    }


def test_a_cluster_of_copies_brings_no_pairs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed, list_pairs = [], families.pairs

    def noted(*asked: Any) -> Any:
        found = list_pairs(*asked)
        listed.append(len(found[0]))
        return found

    monkeypatch.setattr(families, "pairs", noted)
    copies = [{"id": str(number), "text": f"{words(1, 240)} Edition {number}."} for number in range(20)]
    library.clean([lay(tmp_path / "in.jsonl", copies)], tmp_path / "out", settings_of())

    assert len(library.rows(tmp_path / "out", "duplicates")) == 19
    assert listed == [0, 0]


@pytest.mark.parametrize("root", ["{}", "memory://out"])
def test_what_families_put_on_the_disk_goes_when_they_are_found(root: str, tmp_path: Path) -> None:
    with families._scratch(Dataset(root.format(tmp_path))) as folder:
        (folder / "keys").write_bytes(b"0")

        assert (tmp_path in folder.parents) == (root == "{}")

    assert not folder.exists()


def test_each_split_has_files_of_its_own(stories: list[dict[str, Any]], tmp_path: Path) -> None:
    library.clean([lay(tmp_path / "in.jsonl", stories)], tmp_path / "out", settings_of())
    for name in HALVES:
        [path] = (tmp_path / "out" / "articles").glob(f"{name}-*.parquet")

        assert set(pq.read_table(path, columns=["split"])["split"].to_pylist()) == {name}

    library.clean([], tmp_path / "out", settings_of(shares={"train": 1.0}))

    assert [path.name.split("-")[0] for path in (tmp_path / "out" / "articles").iterdir()] == ["train"]


def test_an_article_in_the_file_of_another_split_is_found(stories: list[dict[str, Any]], tmp_path: Path) -> None:
    manifest = library.clean([lay(tmp_path / "in.jsonl", stories)], tmp_path / "out", settings_of())
    dataset = Dataset(str(tmp_path / "out"))
    names = {name: name.replace("/test-", "/train-2-") for name in manifest["files"] if "/test-" in name}
    assert list(verify._files(dataset, manifest)) == []
    for name, other in names.items():
        (tmp_path / "out" / name).rename(tmp_path / "out" / other)
        manifest["files"][other] = manifest["files"].pop(name)

    assert list(verify._files(dataset, manifest)) == [
        f"{name}: holds articles of another split" for name in names.values()
    ]


def test_splits_outlive_the_work_folder_and_the_inputs(stories: list[dict[str, Any]], tmp_path: Path) -> None:
    path = lay(tmp_path / "in.jsonl", stories)
    library.clean([path], tmp_path / "out", settings_of())
    before = library.digests(tmp_path / "out")
    Path(path).unlink()
    shutil.rmtree(tmp_path / "out" / "work")
    library.clean([], tmp_path / "out", settings_of())

    assert before == library.digests(tmp_path / "out")


def test_the_newest_articles_are_tested_on_and_the_boundary_stays(tmp_path: Path) -> None:
    dated = [
        {"id": str(day), "text": words(day, 90), "date": f"2024-05-{day:02}T08:00:00Z"} for day in range(1, 21)
    ] + [{"id": "undated", "text": words(99, 90)}]
    settings = settings_of(by="published", shares={"train": 0.8, "validation": 0.1, "test": 0.1})
    first = library.clean([lay(tmp_path / "a.jsonl", dated)], tmp_path / "out", settings)
    later = [
        {"id": f"later {day}", "text": words(day, 90), "date": f"2024-05-{day}T09:00:00Z"} for day in range(21, 31)
    ]
    second = library.clean([lay(tmp_path / "b.jsonl", later)], tmp_path / "out", settings)
    found = split_of(tmp_path / "out")

    assert first["splits"]["from"] == {
        "validation": "2024-05-17T08:00:00+00:00",
        "test": "2024-05-19T08:00:00+00:00",
    }
    assert second["splits"]["from"] == first["splits"]["from"]
    assert [found[name] for name in ("1", "16", "17", "18", "19", "20", "undated", "later 21")] == [
        "train", "train", "validation", "validation", "test", "test", "train", "test",
    ]  # fmt: skip
    assert second["changes"]["split_changed"]["count"] == 0


def test_a_split_for_which_nothing_was_new_enough_gets_its_boundary_later(tmp_path: Path) -> None:
    undated = [{"id": f"undated {number}", "text": words(number, 90)} for number in range(3)]
    first = library.clean([lay(tmp_path / "a.jsonl", undated)], tmp_path / "out", settings_of(by="published"))
    dated = [{"id": str(day), "text": words(day, 90), "date": f"2024-05-{day}T08:00:00Z"} for day in range(11, 15)]
    second = library.clean([lay(tmp_path / "b.jsonl", dated)], tmp_path / "out", settings_of(by="published"))

    assert first["splits"]["from"] == {"test": None}
    assert second["splits"]["from"] == {"test": "2024-05-13T08:00:00+00:00"}
    assert {name for name, split in split_of(tmp_path / "out").items() if split == "test"} == {"13", "14"}


@pytest.mark.parametrize("by", ["cluster", "published"])
def test_the_order_of_the_splits_decides_whatever_their_shares(by: str, tmp_path: Path) -> None:
    dated = [{"id": str(day), "text": words(day, 90), "date": f"2024-05-{day}T08:00:00Z"} for day in range(11, 23)]
    inputs = [lay(tmp_path / "a.jsonl", dated)]
    library.clean(inputs, tmp_path / "out", settings_of(by=by))
    before, dataset = split_of(tmp_path / "out"), Dataset(str(tmp_path / "out"))
    turned = settings_of(by=by, shares={"test": 0.5, "train": 0.5})
    assert finish.current(dataset, plan.saved(dataset), settings_of(by=by))
    assert finish.current(dataset, plan.saved(dataset), turned) is None
    library.clean(inputs, tmp_path / "out", turned)

    assert split_of(tmp_path / "out") == {name: {"train": "test", "test": "train"}[it] for name, it in before.items()}


def test_families_follow_a_chain_of_pairs_in_any_order() -> None:
    pairs = np.array([(0, 5), (5, 2), (2, 3), (7, 6)])
    for order in itertools.permutations(range(len(pairs))):
        parent = np.arange(8)
        unions.join(parent, *pairs[list(order)].T)

        assert unions.roots(parent).tolist() == [0, 1, 0, 0, 4, 0, 6, 6]


def test_shares_come_out_as_asked_and_the_last_one_only_grows() -> None:
    seeds = np.arange(200_000, dtype=np.uint64)
    small, large = (splits.by_hash(seeds, {"train": 1 - 2 * s, "validation": s, "test": s}, 1) for s in (0.01, 0.02))

    assert np.bincount(small) / len(seeds) == pytest.approx([0.98, 0.01, 0.01], abs=0.001)
    assert (large[small == 2] == 2).all()


@pytest.mark.parametrize(
    ("option", "problem"),
    [
        ("train", "is no list of shares"),
        ("train=0.5,train=0.5", "names a split twice"),
        ("train=0.9,test=0.2", "add up to 1"),
        ("train=1,test=0", "above 0"),
        ("train=nan", r"split.shares: they must be above 0"),
        ("../x=0.5,test=0.5", "names no split"),
    ],
)
def test_shares_that_are_none_are_refused(option: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        load(None, {"split": {"shares": options.shares(option)}})


def test_a_way_to_split_without_splits_is_refused() -> None:
    with pytest.raises(InputError, match=r"puts all articles into train.*--split train=0\.98,test=0\.02"):
        options.settings(None, options.given(split__by="published"))
    assert options.settings(None, options.given(split__by="cluster", split__shares=None)).split.by == "cluster"
