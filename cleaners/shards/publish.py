"""Cleaned part + verdicts → the four tables of the dataset, for one shard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from cleaners import storage
from cleaners.columns import COLUMNS
from cleaners.shards.dataset import Dataset, key
from cleaners.text import word_count
from cleaners.write import is_written, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleaners.config import Settings


def publish_shard(
    dataset: Dataset, shard: str, cleaned: str, verdicts: str, rejected: Sequence[str], settings: Settings
) -> dict[str, Any]:
    """Write the shard's part of each table, unless they are there; return path, rows and key of each part.

    `cleaned`, `verdicts` and `rejected` are keys of parts in `work`.
    """
    paths = {table: dataset.table(table, shard) for table in COLUMNS}
    made_from = key("published", cleaned, verdicts, settings.write.model_dump())
    if not is_written(paths, made_from):
        rows = storage.read_table(dataset.work("cleaned", cleaned))
        verdict = storage.read_table(dataset.work("verdicts", verdicts))
        for name in verdict.schema.names:
            rows = rows.drop_columns(name) if name in rows.schema.names else rows
            rows = rows.append_column(verdict.schema.field(name), verdict[name])
        words = pa.array([word_count(text) for text in rows["text"].to_pylist()], pa.int64())
        rows = rows.append_column("words", words)
        refused = pa.concat_tables(storage.read_table(dataset.work("rejected", name)) for name in rejected)
        write(rows, refused, paths, made_from, settings.write)
    return {table: (storage.read_note(path) or {})["rows"] for table, path in paths.items()}
