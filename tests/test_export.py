"""Exports: the articles of a dataset and nothing else, the same bytes each time, never over what is there."""

from __future__ import annotations

import collections
import hashlib
import json
import secrets
import tarfile
import tracemalloc
from pathlib import Path
from typing import Any

import library
import pyarrow.parquet as pq
import pytest
import zstandard
from invented import SPLITS, lay, row, with_splits
from typer.testing import CliRunner

from cleaners import export as exporting
from cleaners import storage
from cleaners.config import parse
from cleaners.errors import InputError, RunError
from cleaners.export import FORMATS, SEPARATOR, export
from flows.cli import app


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    crawl = with_splits()
    crawl[0]["text"] += "\fA page of its own."
    return Path(
        lay(str(tmp_path_factory.mktemp("export") / "out"), crawl, settings=parse({"split": {"shares": SPLITS}}, ""))
    )


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    with zstandard.open(path, "rt", encoding="utf-8", newline="\n") as lines:
        return [json.loads(line) for line in lines]


def read_txt(path: Path) -> list[dict[str, Any]]:
    texts = path.read_text(encoding="utf-8").split(SEPARATOR)
    assert texts.pop() == ""
    return [{"text": text} for text in texts]


def read_tar(path: Path) -> list[dict[str, Any]]:
    """Return what a loader of such archives makes of it: neighbours of one key are one sample."""
    samples: dict[str, dict[str, bytes]] = collections.defaultdict(dict)
    with tarfile.open(path) as tar:
        for member in tar:
            key, _, suffix = member.name.partition(".")
            samples[key][suffix] = tar.extractfile(member).read()  # type: ignore[union-attr]
            assert (member.mtime, member.uid, member.uname, member.mode) == (0, 0, "", 0o644)
    assert all(json.loads(sample["json"])["id"] == key for key, sample in samples.items())
    return [json.loads(sample["json"]) | {"text": sample["txt"].decode()} for sample in samples.values()]


def read_parquet(path: Path) -> list[dict[str, Any]]:
    rows = pq.read_table(path).to_pylist()
    return [row | {"published": row["published"] and row["published"].strftime("%Y-%m-%dT%H:%M:%SZ")} for row in rows]


READ = {"jsonl.zst": read_jsonl, "txt": read_txt, "webdataset": read_tar, "parquet": read_parquet}


def test_files_of_parquet_end_where_they_are_large_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cleaners.export._BATCH", 5)
    monkeypatch.setattr("cleaners.export._GROUP", 10)
    many = [row(number, f"{number} " + secrets.token_hex(60_000), []) for number in range(64)]
    lay(str(tmp_path / "many"), many, [])
    told = export(str(tmp_path / "many"), "parquet", str(tmp_path / "a"), part_mb=1)

    assert [file["articles"] for file in told["files"]] == [20, 20, 20, 4]
    assert all(1 << 20 <= file["bytes"] < 1.4 * 2**20 for file in told["files"][:-1])


@pytest.mark.parametrize("kind", FORMATS)
def test_every_article_comes_out_once_and_as_it_is(kind: str, out: Path, tmp_path: Path) -> None:
    told = export(str(out), kind, str(tmp_path / "a"))
    again = export(str(out), kind, str(tmp_path / "b"))
    found = [row for file in told["files"] for row in READ[kind](tmp_path / "a" / file["name"])]
    expected = sorted(library.rows(out, "articles"), key=lambda row: row["split"], reverse=True)

    assert told["articles"] == len(expected) == 5
    assert [row["text"] for row in found] == [
        row["text"].replace("\f", " ") if kind == "txt" else row["text"] for row in expected
    ]
    if kind != "txt":
        published = [row["published"] and row["published"].strftime("%Y-%m-%dT%H:%M:%SZ") for row in expected]
        assert [row["published"] for row in found] == published
        assert [row.keys() for row in found] == [row.keys() for row in expected]
    assert told["files"] == again["files"]
    for file in told["files"]:
        content = (tmp_path / "b" / file["name"]).read_bytes()
        assert (file["bytes"], file["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert json.loads((tmp_path / "a" / "export.json").read_text())["articles"] == 5


def test_a_split_can_be_had_alone(out: Path, tmp_path: Path) -> None:
    told = export(str(out), "jsonl.zst", str(tmp_path / "a"), "test")

    assert [file["name"] for file in told["files"]] == ["test-00000.jsonl.zst"]
    assert {row["split"] for row in read_jsonl(tmp_path / "a" / "test-00000.jsonl.zst")} == {"test"}


def test_files_end_where_they_are_large_enough(tmp_path: Path) -> None:
    many = [row(number, f"{number} " + "word " * 60_000, []) for number in range(8)]
    lay(str(tmp_path / "many"), many, [])
    told = export(str(tmp_path / "many"), "txt", str(tmp_path / "a"), part_mb=1)

    assert [file["articles"] for file in told["files"]] == [4, 4]


def test_what_many_runs_left_in_small_parts_is_packed_anew(tmp_path: Path) -> None:
    for number in range(3):
        article = {
            "id": str(number),
            "text": f"The ferry {number} left Orrel at noon with {40 + number} people aboard.",
        }
        (tmp_path / f"{number}.jsonl").write_text(json.dumps(article), encoding="utf-8")
        library.clean([str(tmp_path / f"{number}.jsonl")], tmp_path / "out", parse({"furniture": {"learn": False}}, ""))
    told = export(str(tmp_path / "out"), "parquet")
    packed = pq.ParquetFile(tmp_path / "out" / "export" / "parquet" / "train-00000.parquet")

    assert len(list((tmp_path / "out" / "articles").iterdir())) == 3
    assert [file["articles"] for file in told["files"]] == [3]
    assert packed.read().to_pylist() == library.rows(tmp_path / "out", "articles")
    assert packed.schema_arrow.field("text").metadata
    assert (packed.metadata.num_row_groups, packed.metadata.row_group(0).column(0).has_column_index) == (1, True)


def test_memory_does_not_follow_the_dataset(tmp_path: Path) -> None:
    peaks = []
    for count in (2_000, 8_000):
        root = str(tmp_path / str(count))
        lay(root, [row(number, f"{number} " + "word " * 300, []) for number in range(count)], [])
        tracemalloc.start()
        export(root, "webdataset")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert peaks[1] < 1.5 * peaks[0]


def test_nothing_is_written_over(out: Path, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="holds something already"):
        export(str(out), "txt", str(tmp_path / "a"))

    assert [path.name for path in (tmp_path / "a").iterdir()] == ["mine.txt"]


def test_what_cannot_be_exported_is_told(out: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no finished dataset"):
        export(str(tmp_path), "txt")
    with pytest.raises(InputError, match="There are: train, test"):
        export(str(out), "txt", str(tmp_path / "a"), "validation")


def test_an_export_that_lacks_articles_has_no_index(tmp_path: Path) -> None:
    root = Path(lay(str(tmp_path / "out"), with_splits(), []))
    manifest = json.loads((root / "manifest.json").read_text())
    manifest["counts"]["articles_by_split"] = {"train": 9}
    (root / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(RunError, match="not those that its manifest tells of"):
        export(str(root), "txt", str(tmp_path / "a"))

    assert not (tmp_path / "a" / "export.json").exists()


def test_an_export_that_is_stopped_leaves_nothing_in_the_way_of_the_next(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []
    rows_of = exporting._rows

    def stopping(root: str, manifest: dict[str, Any], split: str) -> Any:
        written.extend((tmp_path / "stopped").glob("*"))
        if written:
            raise KeyboardInterrupt
        return rows_of(root, manifest, split)

    monkeypatch.setattr(exporting, "_rows", stopping)
    with pytest.raises(KeyboardInterrupt):
        export(str(out), "txt", str(tmp_path / "stopped"))

    assert written
    assert list((tmp_path / "stopped").iterdir()) == []


def test_the_command_tells_what_it_wrote(out: Path, tmp_path: Path) -> None:
    run = CliRunner().invoke(app, ["export", str(out), "--format", "txt", "-o", str(tmp_path / "a"), "--json"])

    assert run.exit_code == 0
    assert json.loads(run.stdout)["articles"] == 5
    assert storage.files(str(tmp_path / "a"), ".txt")
