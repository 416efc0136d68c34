"""A dataset that grows, shrinks and changes, by the library alone: nothing is lost, and nothing foreign is touched."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import library
import pytest

from cleaners import storage
from cleaners.config import Settings, parse
from cleaners.errors import InputError, RunError
from cleaners.shards import finish, plan, publish
from cleaners.shards.dataset import Dataset, furniture_version
from cleaners.shards.pairs import write_pairs
from flows import explain, launch, show

if TYPE_CHECKING:
    from collections.abc import Callable

STORY = "The ferry {} left Orrel at {} with {} people aboard, the harbour office said on Monday. Nobody was hurt."


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    """Return a folder of three texts."""
    folder = tmp_path / "in"
    folder.mkdir()
    for number, name in enumerate(("Adele", "Bertha", "Cosima")):
        (folder / f"{name}.txt").write_text(STORY.format(name, 6 + number, 40 + number * 7), encoding="utf-8")
    return folder


def sources(out: Path) -> set[str]:
    """Return the names of the files that articles and duplicates came from."""
    rows = library.rows(out, "articles") + library.rows(out, "duplicates")
    return {Path(row["source"]).name for row in rows}


def test_a_file_that_is_gone_keeps_its_article_when_its_neighbour_changes(inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    library.clean([str(inputs)], out)
    (inputs / "Adele.txt").write_text(STORY.format("Adele", 9, 12), encoding="utf-8")
    (inputs / "Bertha.txt").unlink()
    manifest = library.clean([str(inputs / "Adele.txt")], out)

    assert sources(out) == {"Adele.txt", "Bertha.txt", "Cosima.txt"}
    assert "at 9 with 12 people" in " ".join(row["text"] for row in library.rows(out, "articles"))
    assert manifest["counts"]["records"] == 3


def test_articles_outlive_their_inputs_and_the_work_folder(inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    library.clean([str(inputs)], out)
    before = {row["id"]: row for row in library.rows(out, "articles")}
    shutil.rmtree(out / "work")
    for path in inputs.iterdir():
        path.unlink()
    (inputs / "Dora.txt").write_text(STORY.format("Dora", 11, 90), encoding="utf-8")
    library.clean([str(inputs)], out)
    after = {row["id"]: row for row in library.rows(out, "articles")}

    assert before.items() <= after.items()
    assert len(after) == 4


def test_an_empty_file_is_no_reason_to_stop(inputs: Path, tmp_path: Path) -> None:
    (inputs / "empty.jsonl").write_bytes(b"")
    counts = library.clean([str(inputs)], tmp_path / "out")["counts"]

    assert counts["articles"] == 3


def test_a_first_shard_without_articles_is_no_reason_to_stop(tmp_path: Path) -> None:
    nothing = tmp_path / "a.jsonl"
    nothing.write_text('{"text": ""}\n', encoding="utf-8")
    (tmp_path / "b.txt").write_text(STORY.format("Adele", 5, 3) * 2, encoding="utf-8")
    (tmp_path / "c.txt").write_text(STORY.format("Adele", 5, 3) * 2 + " Ay.", encoding="utf-8")
    library.clean([str(nothing)], tmp_path / "out")
    counts = library.clean([str(tmp_path / name) for name in ("a.jsonl", "b.txt", "c.txt")], tmp_path / "out")["counts"]

    assert (counts["articles"], counts["duplicates"]) == (1, 1)


def test_a_file_name_that_is_no_utf8_is_survived(inputs: Path, tmp_path: Path) -> None:
    (inputs / "caf\udce9.txt").write_text(STORY.format("Elsa", 5, 3), encoding="utf-8")

    assert library.clean([str(inputs)], tmp_path / "out")["counts"]["articles"] == 4


@pytest.mark.parametrize("root", ["", " ", "/", "//", "file://", "file:///", "s3://", "s3:///"])
def test_a_root_that_names_no_folder_is_refused(root: str) -> None:
    with pytest.raises(InputError, match="names no folder"):
        Dataset(root)


@pytest.mark.parametrize("where", ["closed/out", "closed/deeper/out", "a file/out"])
def test_a_place_that_may_not_be_written_to_is_told_before_anything_begins(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a file").touch()
    (tmp_path / "closed").mkdir()
    may = os.access
    monkeypatch.setattr(os, "access", lambda path, how: Path(path).name != "closed" and may(path, how))
    out = str(tmp_path / where)
    told = (
        rf"{where}: cannot be written: .*{where.partition('/')[0]} (may not be written to|is no folder)\. Name another"
    )
    with pytest.raises(InputError, match=told):
        launch.clean(
            [str(tmp_path / "a file")],
            out,
            None,
            None,
            runner="processes",
            workers=1,
            address=None,
            relearn=False,
            accept=False,
            prune=False,
            as_json=False,
        )
    with pytest.raises(InputError, match="cannot be written"):
        write_pairs([str(tmp_path / "a file")], f"{out}.parquet", Settings())

    storage.check_writable(str(tmp_path / "new" / "out"))


@pytest.mark.parametrize(
    "command",
    [
        lambda: show.report("", as_json=False),
        lambda: show.export("", "txt", None, None, 1, as_json=False),
        lambda: show.learned("", as_json=False, piped=True),
        lambda: explain.explain("", "a", as_json=False),
    ],
)
def test_no_command_takes_the_current_folder_for_a_variable_that_is_not_set(command: Callable[[], object]) -> None:
    with pytest.raises(InputError, match="names no folder"):
        command()


def test_pruning_all_there_is_is_refused(inputs: Path, tmp_path: Path) -> None:
    library.clean([str(inputs)], tmp_path / "out")
    shutil.rmtree(inputs)
    with pytest.raises(InputError, match="no file that it was made from is left"):
        library.clean([], tmp_path / "out", prune=True)


def test_the_output_is_no_input(inputs: Path) -> None:
    out = inputs / "out"
    library.clean([str(inputs)], out)

    assert library.clean([str(inputs)], out)["counts"]["records"] == 3


def test_a_folder_with_files_of_others_is_not_written_to(inputs: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    shutil.copytree(inputs, mine / "articles")
    (mine / "README.md").write_text("my project", encoding="utf-8")
    with pytest.raises(InputError, match=r"did not write: README\.md"):
        library.clean([str(mine / "articles")], mine)

    assert (mine / "README.md").read_text(encoding="utf-8") == "my project"
    assert len(list((mine / "articles").iterdir())) == 3


def test_a_manifest_of_another_program_is_told(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("not json", encoding="utf-8")
    with pytest.raises(InputError, match="is no manifest"):
        Dataset(str(tmp_path)).check_ours()


@pytest.mark.parametrize("missing", ["report.html", "README.md", "articles"])
def test_a_dataset_that_is_not_whole_is_made_whole(missing: str, inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    library.clean([str(inputs)], out)
    dataset = Dataset(str(out))
    shards = plan.plan(dataset, [str(inputs)], Settings().read)
    assert finish.current(dataset, shards, Settings())

    path = out / missing if "." in missing else next((out / missing).glob("*.parquet"))
    path.unlink()

    assert finish.current(dataset, shards, Settings()) is None


def test_learning_later_than_the_first_run_works(inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    library.clean([str(inputs)], out, parse({"furniture": {"learn": False}}, "test"))

    assert library.clean([str(inputs)], out)["counts"]["articles"] == 3


def test_publishing_with_settings_that_copies_were_not_looked_for_with_is_refused(inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    library.clean([str(inputs)], out)
    dataset, other = Dataset(str(out)), parse({"match": {"threshold": 0.99}}, "test")
    with pytest.raises(RunError, match="copies were not looked for"):
        publish.publish_shard(dataset, plan.saved(dataset)[0], other, furniture_version(dataset, other))


def test_match_does_not_overwrite_what_is_no_file_of_pairs(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"id": "x", "text": "Hens came home."}), encoding="utf-8")
    with pytest.raises(InputError, match="is no file of pairs"):
        write_pairs([str(path)], str(path), Settings())


def test_facts_that_are_there_are_not_made_again(inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    library.clean([str(inputs)], out)
    monkeypatch.setattr("cleaners.shards.prints.fact_prints", None)

    library.clean([str(inputs)], out)
