"""Rows → the four tables of a dataset, each part complete or absent, with bytes that depend on the rows alone."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from cleaners import storage
from cleaners.columns import COLUMNS, repeating, select

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cleaners.config import Settings, WriteSettings


def write(
    rows: pa.Table,
    rejected: pa.Table,
    paths: Mapping[str, str],
    key: str,
    origin: Mapping[str, Any],
    settings: Settings,
) -> None:
    """Write one shard's parts of each table; `paths` names the file of each table.

    `rows` are cleaned rows with their verdicts: `words`, `canonical_id`, `kind`, `similarity`, `evidence` and `split`
    beside the columns of CLEANED. A row without a kind is an article, every other one a duplicate. Each part carries in
    its note the `key` of what it was made from, its rows and counts, and `origin`: what the stages before counted.

    The articles of a split have a file of their own, `train-` and the name; what is larger than `write.part_mb` goes on
    in further files. The part of `rejected` is written last, and its note names all `parts`.
    """
    copy = pc.is_valid(rows["kind"])
    articles = select("articles", rows.filter(pc.invert(copy)))
    note = {"key": key, "origin": dict(origin)}
    parts = {
        "articles": [
            part
            for place, split in enumerate(settings.split.shares)
            for mine in [articles.filter(pc.equal(articles["split"], split))]
            if mine.num_rows or place == 0
            for part in _write("articles", mine, _prefixed(paths["articles"], split), note, settings.write)
        ],
        "duplicates": _write(
            "duplicates", select("duplicates", rows.filter(copy)), paths["duplicates"], note, settings.write
        ),
        "edits": _write("edits", select("edits", edits(rows)), paths["edits"], note, settings.write),
    }
    parts = {table: [posixpath.basename(path) for path in written] for table, written in parts.items()}
    table = select("rejected", rejected)
    note |= {"rows": table.num_rows, "counts": _counts(table, *_COUNTED["rejected"]), "parts": parts}
    shape = settings.write.row_group_rows, settings.write.compression_level
    storage.write_table(paths["rejected"], table, note, rows=shape[0], level=shape[1])


def _prefixed(path: str, split: str) -> str:
    """Return the path of a part that holds one split."""
    folder, name = posixpath.split(path)
    return posixpath.join(folder, f"{split}-{name}")


def _write(name: str, table: pa.Table, path: str, origin: Mapping[str, Any], settings: WriteSettings) -> list[str]:
    """Write rows as one part, or as several where it becomes too large; return their paths."""
    paths: list[str] = []
    start, group = 0, settings.row_group_rows
    while not paths or start < table.num_rows:
        paths.append(path if not paths else f"{path.removesuffix('.parquet')}-{len(paths) + 1}.parquet")
        note, first = dict(origin), start
        with storage.writing_part(
            paths[-1],
            table.schema,
            note,
            rows=group,
            level=settings.compression_level,
            repeating=repeating(name),
        ) as part:
            while start < table.num_rows and part.bytes < settings.part_mb << 20:
                part.add(table.slice(start, group))
                start += group
            mine = table.slice(first, start - first)
            note |= {"rows": mine.num_rows, "counts": _counts(mine, *_COUNTED[name])}
    return paths


def parts_of(path: str) -> dict[str, list[str]] | None:
    """Return the names of all parts of a shard, by table, as the note of its part of `rejected` at `path` tells."""
    note = storage.read_note(path)
    if note is None:
        return None
    name = posixpath.basename(path)
    return {**{table: [name] for table in COLUMNS}, **note.get("parts", {})}


_COUNTED = {
    "articles": (["language", "split"], "words"),
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


def is_written(place: Callable[[str, str], str], shard: str, key: str) -> bool:
    """Tell whether all parts of a shard are there and were made from this key; `place` gives a part's path."""
    parts = parts_of(place("rejected", shard)) or {}
    paths = [place(table, storage.stem(name)) for table, names in parts.items() for name in names]
    return bool(paths) and all((storage.read_note(path) or {}).get("key") == key for path in paths)


def edits(rows: pa.Table) -> pa.Table:
    """Return one row for each edit of each row, with the article's id, in the order of the rows."""
    nested = rows["edits"].combine_chunks()
    flat = pc.list_flatten(nested)
    parents = pc.list_parent_indices(nested)
    columns = {"id": rows["id"].combine_chunks().take(parents)}
    columns |= {field.name: pc.struct_field(flat, field.name) for field in nested.type.value_type}
    return pa.table(columns)
