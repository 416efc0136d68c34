"""`copydesk verify`: a whole dataset is told to be whole, and every flipped bit is found."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import crash
import library
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cleaners.columns import COLUMNS
from cleaners.shards import finish
from cleaners.shards.dataset import Dataset
from cleaners.shards.verify import verify
from flows import show


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a dataset with articles, duplicates, rejections and edits."""
    folder = tmp_path_factory.mktemp("verify")
    inputs = crash.write_job(folder / "in")
    (folder / "in" / "broken.jsonl").write_text("{not json\n", encoding="utf-8")
    library.clean(inputs, folder / "out")
    return folder / "out"


@pytest.fixture
def out(whole: Path, tmp_path: Path) -> Path:
    """Return a copy of the dataset, to be broken."""
    return shutil.copytree(whole, tmp_path / "out")


def wrong(out: Path) -> list[str]:
    """Return what is wrong."""
    return list(verify(Dataset(str(out))))


def test_a_whole_dataset_is_whole(whole: Path) -> None:
    assert wrong(whole) == []
    assert show.verify(str(whole))["wrong"] == []


def test_every_flipped_bit_is_found(whole: Path, tmp_path: Path) -> None:
    chance = random.Random(1)  # noqa: S311
    names = [*Dataset(str(whole)).read_manifest()["files"], "manifest.json", "furniture.parquet", "README.md"]
    for number in range(40):
        name = names[number % len(names)]
        out = shutil.copytree(whole, tmp_path / str(number), ignore=shutil.ignore_patterns("work"))
        content = bytearray((out / name).read_bytes())
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        (out / name).write_bytes(content)

        assert any(Path(name).name in sentence for sentence in wrong(out)), name


def test_a_missing_and_a_foreign_file_are_named(out: Path) -> None:
    gone = next((out / "edits").glob("*.parquet"))
    gone.rename(out / "edits" / "foreign.parquet")

    assert wrong(out) == [f"edits/{gone.name}: is missing", "edits/foreign.parquet: is not in the manifest"]


def test_rows_that_break_an_invariant_are_found_behind_right_digests(out: Path) -> None:
    """Someone edited the tables and sealed the manifest again: the digests agree, what always holds does not."""
    article = next(path for path in (out / "articles").glob("*.parquet") if pq.read_table(path).num_rows)
    table = pq.read_table(article)
    pq.write_table(table.slice(1), article)
    manifest = Dataset(str(out)).read_manifest()
    told = manifest["files"][f"articles/{article.name}"]
    told |= {"rows": table.num_rows - 1, "sha256": finish._digest(article.read_bytes())}
    (out / "manifest.json").write_bytes(finish.sealed(manifest))

    assert any("is missing or unreadable" in sentence for sentence in wrong(out))
    assert any("edits of 1 texts that are not there" in sentence for sentence in wrong(out))


def replaced(out: Path, table: str, column: str, value: object) -> str:
    """Write a value over the first of a column, with the digests that belong to it; return the name of the file."""
    paths = sorted((out / table).glob("*.parquet"))
    path = next(path for path in paths if pq.read_table(path).num_rows > (table == "articles"))
    rows = pq.read_table(path)
    at, field = rows.schema.get_field_index(column), rows.schema.field(column)
    values = [value, *rows[column].to_pylist()[1:]]
    note = {name: value for name, value in pq.read_metadata(path).metadata.items() if name != b"ARROW:schema"}
    with pq.ParquetWriter(path, rows.schema) as writer:
        writer.write_table(rows.set_column(at, field, pa.array(values, field.type)))
        writer.add_key_value_metadata(note)
    sealed(out, path)
    return f"{table}/{path.name}"


def sealed(out: Path, path: Path) -> None:
    """Give the manifest the digest of a file that was changed."""
    manifest = Dataset(str(out)).read_manifest()
    manifest["files"][f"{path.parent.name}/{path.name}"]["sha256"] = finish._digest(path.read_bytes())
    (out / "manifest.json").write_bytes(finish.sealed(manifest))


def test_an_id_that_stands_twice_is_told(out: Path) -> None:
    again = library.rows(out, "articles")[-1]["id"]
    replaced(out, "articles", "id", again)

    assert "1 ids stand for more than one record" in wrong(out)


@pytest.mark.parametrize(
    ("table", "column", "value", "sentence"),
    [
        ("edits", "start", None, "its edits do not fit it"),
        ("edits", "after", "x", "its edits do not fit it"),
        ("articles", "text", None, "its edits do not fit it"),
        ("duplicates", "kind", None, "README.md: cannot be written of these tables"),
        ("duplicates", "similarity", 0.1, "1 exact duplicates are less similar than 1.0"),
        ("duplicates", "canonical_id", None, "1 duplicates name no kept article"),
    ],
)
def test_a_value_that_cannot_be_there_is_told(table: str, column: str, value: object, sentence: str, out: Path) -> None:
    name = replaced(out, table, column, value)

    assert [told for told in wrong(out) if sentence in told], name


def test_what_is_no_table_is_told_behind_a_right_digest(out: Path) -> None:
    path = next((out / "edits").glob("*.parquet"))
    path.write_bytes(b"no table at all")
    sealed(out, path)

    assert [sentence for sentence in wrong(out) if sentence.startswith(f"edits/{path.name}: cannot be read")]


def test_a_table_without_a_column_is_told(out: Path) -> None:
    path = next((out / "articles").glob("*.parquet"))
    pq.write_table(pq.read_table(path).drop_columns(["split"]), path)
    sealed(out, path)

    assert wrong(out) == [f"articles/{path.name}: its columns are not those of its table"]


def test_the_tables_are_those_of_the_schema(whole: Path) -> None:
    assert {path.parent.name for path in whole.glob("*/*.parquet")} == set(COLUMNS)
