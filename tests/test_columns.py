"""The columns of the dataset: each has a type, a meaning, and a value for any row."""

from __future__ import annotations

import pyarrow as pa
import pytest

from cleaners.columns import CLEANED, COLUMNS, SIGNALS, VERDICT, schema, select
from cleaners.write import edits

CONTRACT = {
    "articles": "id source_id text title url host language author published source record fetched words split",
    "duplicates": "id canonical_id kind similarity evidence source record text",
    "rejected": "id source_id? source record stage reason detail".replace("?", ""),
    "edits": "id start end before after rule category",
}


def rows(count: int) -> pa.Table:
    """Rows as they are about to be written, of which only id, url, words and edits are filled."""
    fields = {field.name: field for field in [*CLEANED, *SIGNALS, *VERDICT]}
    table = pa.table({name: pa.nulls(count, field.type) for name, field in fields.items()}, pa.schema(fields.values()))
    edit = {"start": 0, "end": 2, "before": "ab", "after": "", "rule": "some-rule", "category": "share_widget"}
    filled = {
        "id": [f"id{number}" for number in range(count)],
        "url": ["https://www.Lenn-Bote.example/a"] * count,
        "words": [8] * count,
        "words_before": [10] * count,
        "edits": [[edit] * number for number in range(count)],
    }
    for name, values in filled.items():
        place = table.schema.get_field_index(name)
        table = table.set_column(place, table.schema.field(name), pa.array(values, table.schema.field(name).type))
    return table


@pytest.mark.parametrize("table", COLUMNS)
def test_every_promised_column_is_there_with_a_meaning(table: str) -> None:
    names = [column.name for column in COLUMNS[table]]

    assert set(CONTRACT[table].split()) <= set(names)
    assert len(set(names)) == len(names)
    assert all(schema(table).field(name).metadata[b"means"] for name in names)
    assert schema(table).metadata[b"schema_version"]


@pytest.mark.parametrize("table", ["articles", "duplicates"])
@pytest.mark.parametrize("count", [0, 3])
def test_select_gives_the_schema_whatever_the_rows(table: str, count: int) -> None:
    made = select(table, rows(count))

    assert made.schema.equals(schema(table), check_metadata=True)
    assert made.num_rows == count


def test_texts_are_large_strings_and_times_are_utc() -> None:
    types = {column.name: column.type for columns in COLUMNS.values() for column in columns}

    assert types["text"] == types["before"] == pa.large_string()
    assert types["published"].tz == types["fetched"].tz == "UTC"


def test_host_and_residue_follow_from_url_and_words() -> None:
    made = select("articles", rows(1)).to_pylist()[0]

    assert made["host"] == "lenn-bote.example"
    assert made["residue"] == 0.2


def test_edits_carry_the_id_of_their_article() -> None:
    assert edits(rows(3))["id"].to_pylist() == ["id1", "id2", "id2"]
