"""What loads a dataset folder as it stands: Hugging Face datasets, DuckDB, polars, pandas, Arrow as Spark reads it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import library
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from invented import SPLITS, cleaned, lay, refusal, rows, with_splits

from cleaners import card, storage
from cleaners.columns import COLUMNS, REJECTED
from cleaners.config import parse
from cleaners.write import parts_of, write

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
KEPT = {"train": 2, "test": 3}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root: Path = tmp_path_factory.mktemp("loaders") / "out"
    lay(str(root), with_splits(), settings=parse({"split": {"shares": SPLITS}}, "test"))
    card.write(str(root))
    return root


def _by_datasets(script: str, cache: Path, *arguments: object) -> Any:
    """Return what a script prints as JSON that has `datasets`, and its arguments as `sys.argv[1:]`."""
    pytest.importorskip("datasets", reason="datasets is not installed")
    # Arrow's threads can abort an interpreter that ends by itself.
    whole = f"import datasets, json, os, sys\n{script}\nsys.stdout.flush()\nos._exit(0)"
    home = {"HF_HOME": str(cache), "HF_HUB_OFFLINE": "1", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
    command = [sys.executable, "-c", whole, *map(str, arguments)]
    done = subprocess.run(command, env=home, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_hugging_face_datasets_load_each_split_and_table(out: Path, tmp_path: Path) -> None:
    script = (
        "out = sys.argv[1]\n"
        "whole = datasets.load_dataset(out)\n"
        "rows = {name: split.num_rows for name, split in whole.items()}\n"
        "more = {name: datasets.load_dataset(out, name, split='train').num_rows for name in sys.argv[2:]}\n"
        "first = list(datasets.load_dataset(out, split='test', streaming=True))[0]\n"
        "print(json.dumps([rows, more, whole['train'].column_names, first['split'], len(first['text']) > 50]))"
    )
    loaded, more, names, split, told = _by_datasets(script, tmp_path, out, "duplicates", "rejected", "edits")

    assert loaded == KEPT
    assert more == {"duplicates": 3, "rejected": 2, "edits": 4}
    assert names == pq.read_schema(next((out / "articles").glob("train-*"))).names
    assert (split, told) == ("test", True)


def test_hugging_face_datasets_load_what_a_folder_holds_now(tmp_path: Path) -> None:
    first, refused = rows(), [refusal(0, "read", "broken record", "line 3"), refusal(1, "extract", "timeout", "31 s")]
    nights = {
        "first": (first, refused),
        "other articles": ([first[0] | {"title": "Retold"}, *first[1:]], refused),
        "other copies": ([*first[:6], first[6] | {"similarity": 0.94}, first[7]], refused),
        "other reasons": (first, [refused[0] | {"detail": "line 4"}, refused[1]]),
    }
    outs = [tmp_path / night / "demo" for night in nights]
    for out, night in zip(outs, nights.values(), strict=True):
        card.write(lay(str(out), *night))
    script = (
        "def load(out, name, *columns):\n"
        "    table = datasets.load_dataset(out, name, split='train')\n"
        "    return [sorted(map(str, table[column])) for column in columns]\n"
        "print(json.dumps([[load(out, 'articles', 'title'), load(out, 'duplicates', 'similarity'),\n"
        "    load(out, 'rejected', 'detail')] for out in sys.argv[1:]]))"
    )
    loaded = _by_datasets(script, tmp_path / "cache", *outs)
    shown = {"articles": "title", "duplicates": "similarity", "rejected": "detail"}
    held = [
        [[sorted(map(str, ds.dataset(out / table).to_table()[name].to_pylist()))] for table, name in shown.items()]
        for out in outs
    ]

    assert loaded == held


def _with_datasets(out: Path, cache: Path) -> dict[str, int]:
    script = (
        "print(json.dumps({name: datasets.load_dataset(sys.argv[1], name, split='train').num_rows\n"
        "    for name in datasets.get_dataset_config_names(sys.argv[1])}))"
    )
    counts: dict[str, int] = _by_datasets(script, cache, out)
    return counts


def _with_duckdb(out: Path, _: Path) -> dict[str, int]:
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")
    query = "SELECT count(*) FROM read_parquet(?)"
    return {table: duckdb.execute(query, [f"{out}/{table}/*.parquet"]).fetchall()[0][0] for table in COLUMNS}


def _with_polars(out: Path, _: Path) -> dict[str, int]:
    polars = pytest.importorskip("polars", reason="polars is not installed")
    return {table: polars.read_parquet(out / table / "*.parquet").height for table in COLUMNS}


def _with_pandas(out: Path, _: Path) -> dict[str, int]:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    return {table: len(pandas.read_parquet(out / table)) for table in COLUMNS}


@pytest.mark.parametrize("reader", [_with_datasets, _with_duckdb, _with_polars, _with_pandas])
def test_what_the_demo_writes_is_read_whole(
    reader: Callable[[Path, Path], dict[str, int]], by_command: tuple[Path, str], tmp_path: Path
) -> None:
    out, _ = by_command
    counts = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["counts"]

    assert reader(out, tmp_path) == {table: counts[table] for table in COLUMNS}
    assert min(counts[table] for table in COLUMNS) > 10


def test_what_sets_the_tests_up_installs_what_loads_a_dataset() -> None:
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    pinned = set(re.findall(r"^([\w-]+)==", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE))
    wanted = {name.partition(">")[0] for name in groups["loaders"]}

    assert {"datasets", "duckdb", "pandas", "polars"} == wanted <= pinned
    assert {"include-group": "loaders"} in groups["dev"]
    assert (ROOT / "Makefile").read_text(encoding="utf-8").count("--group dev") == 2  # by uv and by pip


def test_only_splits_that_have_a_file_are_offered_where_there_are_no_articles(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text("")
    library.clean([str(tmp_path / "in.jsonl")], tmp_path / "out", parse({"split": {"shares": SPLITS}}, "test"))
    header = (tmp_path / "out" / "README.md").read_text(encoding="utf-8").split("---")[1]

    assert re.findall(r"articles/[^\s\"]*", header) == ["articles/train-*.parquet"]
    assert [path.name.partition("-")[0] for path in (tmp_path / "out" / "articles").iterdir()] == ["train"]


def test_duckdb_reads_a_split_by_its_name_or_its_column(out: Path) -> None:
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")
    by_column = duckdb.sql(f"SELECT split, count(*), min(words) FROM '{out}/articles/*.parquet' GROUP BY 1").fetchall()  # noqa: S608
    by_name = duckdb.sql(f"SELECT count(*) FROM '{out}/articles/test-*.parquet'").fetchall()  # noqa: S608
    copies, articles = (f"'{out}/{table}/*.parquet'" for table in ("duplicates", "articles"))
    joined = duckdb.sql(f"SELECT count(*) FROM {copies} c JOIN {articles} a ON c.canonical_id = a.id").fetchall()  # noqa: S608

    assert {split: count for split, count, _ in by_column} == KEPT
    assert by_name == [(3,)]
    assert joined == [(3,)]


def test_polars_scans_only_what_is_asked_for(out: Path) -> None:
    polars = pytest.importorskip("polars", reason="polars is not installed")
    table = (
        polars.scan_parquet(out / "articles" / "*.parquet").filter(polars.col("split") == "test").select("id", "text")
    )

    assert table.collect().shape == (3, 2)


def test_pandas_reads_a_split(out: Path) -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    table = pandas.concat(pandas.read_parquet(path) for path in (out / "articles").glob("train-*.parquet"))

    assert len(table) == KEPT["train"]
    assert str(table["published"].dtype).startswith("datetime64[us, UTC")


def test_a_folder_is_one_table_of_one_schema(out: Path) -> None:
    for table in ("articles", "duplicates", "edits", "rejected"):
        folder = ds.dataset(out / table, format="parquet")
        schemas = {fragment.physical_schema.remove_metadata().to_string() for fragment in folder.get_fragments()}

        assert len(schemas) == 1
    test = ds.dataset(out / "articles").to_table(columns=["id"], filter=ds.field("split") == "test")
    assert test.num_rows == KEPT["test"]


def test_what_is_larger_than_a_part_goes_on_in_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage.Part, "bytes", property(lambda part: 1 << 40 if part._file.tell() > 4 else 0))
    settings = parse({"write": {"row_group_rows": 100}}, "test")
    many = [row | {"id": f"{number:016x}"} for number in range(250) for row in rows()[:1]]
    paths = {table: str(tmp_path / table / "a.parquet") for table in ("articles", "duplicates", "edits", "rejected")}
    write(cleaned(many), pa.Table.from_pylist([], REJECTED), paths, "key", {}, settings)
    parts = parts_of(paths["rejected"])
    assert parts is not None

    assert parts["articles"] == ["train-a.parquet", "train-a-2.parquet", "train-a-3.parquet"]
    tables = [pq.read_table(tmp_path / "articles" / name) for name in parts["articles"]]
    assert [table.num_rows for table in tables] == [100, 100, 50]
    assert [row["id"] for table in tables for row in table.to_pylist()] == [row["id"] for row in many]


def test_parts_can_be_read_in_pieces(out: Path) -> None:
    path = min((out / "articles").glob("test-*.parquet"))
    group = pq.read_metadata(path).row_group(0)
    columns = {group.column(at).path_in_schema: group.column(at) for at in range(group.num_columns)}

    assert columns["id"].statistics.min == f"{2:016x}"
    assert columns["words"].has_column_index
    assert columns["host"].has_dictionary_page
    assert not columns["text"].has_dictionary_page
