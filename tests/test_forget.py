"""Takedown, pruning, and what counts as the same input: what goes, what stays, and that it is all on record."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import library
import pytest

from cleaners import storage
from cleaners.config import parse
from cleaners.shards import articles, finish, forget, plan
from cleaners.shards.dataset import Dataset
from cleaners.shards.verify import verify
from flows import launch

if TYPE_CHECKING:
    from pathlib import Path

STORY = (
    "The ferry to Tessin island ran aground on Monday with 140 people on board, the harbour office of Orlec said. "
    "Nobody was hurt. Captain Mira Dolan told reporters the engine had failed twice that week. Divers will look at the "
    "hull before the ship is towed to the yard in Vell, the office said. The island's school lent its boat."
)
OTHER = (
    "Repairs of the dam above Orlec will cost 3.2 million, the council heard on Tuesday evening. Work begins in May."
)


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    """Return a folder of three files: an article with two lesser copies, each of a host of its own, and another."""
    folder = tmp_path / "in"
    folder.mkdir()
    texts = [STORY + " It will be late.", STORY, STORY.replace("Nobody was hurt. ", ""), OTHER]
    for number, text in enumerate(texts):
        row = {"id": f"n{number}", "url": f"https://www.tide{number}.example/a", "text": text}
        (folder / f"{number}.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    return folder


def kept(out: Path) -> dict[str, list[str]]:
    """Return the input's id of each kept article, with those of its copies."""
    names = {row["id"]: row["source_id"] for row in library.rows(out, "articles")}
    found: dict[str, list[str]] = {name: [] for name in names.values()}
    for row in library.rows(out, "duplicates"):
        found[names[row["canonical_id"]]].append(row["source_id"])
    return {name: sorted(copies) for name, copies in found.items()}


def test_what_is_forgotten_goes_though_the_evaluation_sets_are_gone(
    inputs: Path, copydesk: str, tmp_path: Path
) -> None:
    (tmp_path / "quiz.txt").write_text("Which ferry ran aground off Orrel on a Monday in the fog of the year?")
    settings = parse({"decontaminate": {"files": [str(tmp_path / "quiz.txt")]}}, "test")
    library.clean([str(inputs)], tmp_path / "out", settings)
    (tmp_path / "quiz.txt").unlink()
    forgotten = [copydesk, "forget", tmp_path / "out", "--host", "tide3.example"]
    done = subprocess.run(forgotten, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert kept(tmp_path / "out") == {"n0": ["n1", "n2"]}


def test_the_next_best_copy_is_kept_and_the_forgotten_one_stays_out(
    inputs: Path, copydesk: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    library.clean([str(inputs)], out)
    assert kept(out) == {"n0": ["n1", "n2"], "n3": []}

    shutil.rmtree(inputs)
    command = [copydesk, "forget", str(out), "--url", "http://tide0.example/a/", "--json"]
    told = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    counts = Dataset(str(out)).read_manifest()["counts"]

    assert kept(out) == {"n1": ["n2"], "n3": []}
    assert told["kept"] == [row["id"] for row in library.rows(out, "articles") if row["source_id"] == "n1"]
    assert len(told["gone"]) == 1
    assert counts["records"] == 4
    assert counts["rejected_by_reason"] == {"forgotten": 1}
    assert list(verify(Dataset(str(out)))) == []
    assert not [path for path in out.rglob("*.parquet") if holds(path, "It will be late")]

    inputs.mkdir()
    again = {"url": "https://tide0.example/a#top", "text": STORY + " It will be later still."}
    (inputs / "new.jsonl").write_text(json.dumps(again) + "\n", encoding="utf-8")
    library.clean([str(inputs)], out)

    assert kept(out) == {"n1": ["n2"], "n3": []}
    assert Dataset(str(out)).read_manifest()["counts"]["rejected_by_reason"] == {"forgotten": 2}


def test_a_takedown_that_was_stopped_is_done_by_the_next_run(inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    library.clean([str(inputs)], out)
    forget.bury(Dataset(str(out)), [{"url": "https://tide0.example/a"}])  # and here it was killed
    assert kept(out) == {"n0": ["n1", "n2"], "n3": []}
    assert list(verify(Dataset(str(out)))) == [
        "forgotten.json: a takedown is not done yet; copydesk clean or forget goes on with it"
    ]

    library.clean([str(inputs)], out)

    assert kept(out) == {"n1": ["n2"], "n3": []}
    assert list(verify(Dataset(str(out)))) == []
    assert not [path for path in out.rglob("*.parquet") if holds(path, "It will be late")]


def test_a_run_that_finds_nothing_new_still_does_a_takedown(inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    dataset = Dataset(str(out))
    library.clean([str(inputs)], out)
    shards = plan.plan(dataset, [str(inputs)], parse({}, "test").read)
    assert finish.current(dataset, shards, parse({}, "test"))

    forget.bury(dataset, [{"host": "nowhere.example"}])
    assert not finish.current(dataset, shards, parse({}, "test"))


def holds(path: Path, words: str) -> bool:
    """Tell whether a part holds these words anywhere."""
    return words in str(storage.read_table(str(path)).to_pylist())


@pytest.mark.parametrize(
    ("asked", "hit"),
    [
        ({"id": "e747b3ce809cf1ca0e3b"}, True),
        ({"id": "e747b3ce809cf1ca0e3b-2"}, True),
        ({"id": "user-7"}, True),
        ({"id": "user"}, False),
        ({"host": "Tide.example"}, True),
        ({"host": "news.tide.example"}, True),
        ({"host": "ide.example"}, False),
        ({"url": "http://news.tide.example/a"}, True),
        ({"url": "https://news.tide.example/a/b"}, False),
    ],
)
def test_a_tombstone_hits_what_it_names(asked: dict[str, str], hit: bool) -> None:  # noqa: FBT001
    stones = forget.Tombstones.of([asked])

    assert stones.hit("e747b3ce809cf1ca0e3b", "user-7", "https://www.news.tide.example/a#top") is hit


def test_what_is_gone_stays_unless_it_is_pruned(inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    library.clean([str(inputs)], out)
    (inputs / "0.jsonl").unlink()
    (inputs / "1.jsonl").unlink()
    library.clean([str(inputs)], out)
    assert kept(out) == {"n0": ["n1", "n2"], "n3": []}

    library.clean([str(inputs)], out, prune=True)
    assert kept(out) == {"n2": [], "n3": []}
    assert list(verify(Dataset(str(out)))) == []


def test_the_same_file_by_another_path_or_moved_is_not_read_again(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    library.clean([str(inputs)], out)
    before = library.digests(out)
    monkeypatch.chdir(tmp_path)
    library.clean(["in"], out)
    assert library.digests(out) == before

    inputs.rename(tmp_path / "moved")
    library.clean(["moved"], out)
    assert library.digests(out) == before

    shutil.copytree(tmp_path / "moved", inputs)
    library.clean([str(inputs), "moved"], out)
    assert Dataset(str(out)).read_manifest()["counts"]["records"] == 8


def test_other_settings_after_inputs_and_work_are_gone_change_what_still_can(inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    library.clean([str(inputs)], out)
    shutil.rmtree(out / "work")
    shutil.rmtree(inputs)
    inputs.mkdir()
    (inputs / "new.jsonl").write_text(json.dumps({"id": "n4", "text": OTHER[:60]}) + "\n", encoding="utf-8")
    library.clean([str(inputs)], out, parse({"strip": {"agency_credits": False}}, "test"), relearn=True)

    assert set(kept(out)) == {"n0", "n3", "n4"}


def test_a_dry_run_tells_what_other_settings_would_do_again(inputs: Path, tmp_path: Path) -> None:
    out, config = tmp_path / "out", tmp_path / "c.toml"
    library.clean([str(inputs)], out)

    def told(settings: str) -> str:
        config.write_text(settings, encoding="utf-8")
        return launch.dry_run([str(inputs)], str(out), str(config), prune=False, as_json=False).splitlines()[-1]

    assert told("").startswith("0 of 1 shards are new, 0 are made again: 0 bytes. Nothing")
    assert told("[extract]\ntimeout_s = 30").startswith("0 of 1 shards are new, 0 are made again: 0 bytes. Nothing")
    assert told("[strip]\nbylines = false").startswith("0 of 1 shards are new, 1 are made again")
    assert "Copies are looked for anew" in told("[match]\nthreshold = 0.9")


def test_a_library_that_can_change_a_text_is_part_of_the_key(inputs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = parse({}, "test")
    [shard] = plan.plan(Dataset(str(inputs / "out")), [str(inputs)], settings.read)
    before = articles.cleaned_key(shard, settings, None)
    for library_name in ("ftfy", "py3langid"):
        versions = {name: "0" if name == library_name else "1" for name in (*articles._EXTRACTING, "ftfy")}
        monkeypatch.setattr(articles, "_versions", lambda names, v=versions: {name: v[name] for name in names})
        assert articles.cleaned_key(shard, settings, None) != before
        before = articles.cleaned_key(shard, settings, None)
