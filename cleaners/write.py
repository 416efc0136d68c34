"""Rows → the four tables of a dataset, each part complete or absent, with bytes that depend on the rows alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from cleaners import storage
from cleaners.columns import COLUMNS, select

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cleaners.config import WriteSettings


def write(
    rows: pa.Table,
    rejected: pa.Table,
    paths: Mapping[str, str],
    key: str,
    origin: Mapping[str, Any],
    settings: WriteSettings,
) -> None:
    """Write one shard's part of each table; `paths` names the file of each table.

    `rows` are cleaned rows with their verdicts: `words`, `canonical_id`, `kind`, `similarity` and `evidence` beside the
    columns of CLEANED. A row without a kind is an article, every other one a duplicate. Each part carries in its
    note the `key` of what it was made from, its rows and counts, and `origin`: what the stages before counted.
    """
    copy = pc.is_valid(rows["kind"])
    tables = {
        "articles": select("articles", rows.filter(pc.invert(copy))),
        "duplicates": select("duplicates", rows.filter(copy)),
        "edits": select("edits", edits(rows)),
        "rejected": select("rejected", rejected),
    }
    for name, table in tables.items():
        note = {"key": key, "rows": table.num_rows, "origin": dict(origin), "counts": _counts(table, *_COUNTED[name])}
        storage.write_table(paths[name], table, note, rows=settings.row_group_rows, level=settings.compression_level)


_COUNTED = {
    "articles": (["language"], "words"),
    "duplicates": (["kind"], "words"),
    "edits": (["rule", "category"], None),
    "rejected": (["reason"], None),
}
"""For each table, the columns whose values are counted in the part's note, and the one that is summed."""


def _counts(table: pa.Table, counted: Sequence[str], summed: str | None) -> dict[str, Any]:
    """Return the rows for each value of some columns and the sum of another."""
    counts: dict[str, Any] = {summed: pc.sum(table[summed]).as_py() or 0} if summed else {}
    for name in counted:
        values = pc.value_counts(table[name].combine_chunks()).to_pylist()
        counts[name] = dict(sorted((entry["values"] or "", entry["counts"]) for entry in values))
    return counts


def is_written(paths: Mapping[str, str], key: str) -> bool:
    """Tell whether all parts of a shard are there and were made from this key."""
    return all((storage.read_note(paths[name]) or {}).get("key") == key for name in COLUMNS)


def edits(rows: pa.Table) -> pa.Table:
    """Return one row for each edit of each row, with the article's id, in the order of the rows."""
    nested = rows["edits"].combine_chunks()
    flat = pc.list_flatten(nested)
    parents = pc.list_parent_indices(nested)
    columns = {"id": rows["id"].combine_chunks().take(parents)}
    columns |= {field.name: pc.struct_field(flat, field.name) for field in nested.type.value_type}
    return pa.table(columns)
