"""Cleaned part + verdicts → the four tables of the dataset, for one shard; and the swap that makes them visible.

Parts are written into `work/staged`. When all are there they are renamed into their tables, and the manifest after
them, so that who reads during a run sees the dataset of the run before, until all of it is the new one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from cleaners import storage
from cleaners.columns import COLUMNS, REJECTED, TEXT, schema, select
from cleaners.errors import RunError
from cleaners.shards.articles import cleaned_key, extracted_key
from cleaners.shards.copies import verdicts_path
from cleaners.shards.dataset import Dataset, key
from cleaners.shards.quality import beside, measured, refused, signals_key, sound
from cleaners.write import is_written, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleaners.config import Settings
    from cleaners.shards.plan import Shard


def publish_shard(dataset: Dataset, shard: Shard, settings: Settings, furniture: str | None) -> bool:
    """Stage a shard's part of each table unless they are there; tell whether there is anything to swap in."""
    verdicts = verdicts_path(dataset, shard, settings, furniture)
    verdict_note = storage.read_note(verdicts)
    if verdict_note is None:
        raise RunError(
            dataset.root, "copies were not looked for with these settings", "Run find-copies, or clean, first."
        )
    cleaned = cleaned_key(shard, settings, furniture)
    form = {table: str(schema(table)) for table in COLUMNS}
    made_from = key("published", verdict_note["key"], settings.write.model_dump(), signals_key(cleaned), form)
    if is_written({table: dataset.table(table, shard.name) for table in COLUMNS}, made_from):
        for table in COLUMNS if not storage.is_url(dataset.root) else ():
            storage.remove(dataset.staged(table, shard.name))  # of a run that was killed, and wanted something else
        return False
    if is_written({table: dataset.newest(table, shard.name) for table in COLUMNS}, made_from):
        return True
    paths = {table: dataset.staged(table, shard.name) for table in COLUMNS}
    origin = (storage.read_note(dataset.work("cleaned", cleaned)) or {})["counts"] | {"cleaned": cleaned}
    rows = storage.read_table(dataset.work("cleaned", cleaned))
    verdict = storage.read_table(verdicts)
    rows = rows.drop_columns("id")
    for field in verdict.schema:
        rows = rows.append_column(field, verdict[field.name])
    rows = beside(rows, measured(dataset, cleaned))
    refusal = refused(dataset, cleaned, settings)
    stays = sound(refusal)
    rejected = [
        storage.read_table(dataset.work("rejected", name)) for name in (extracted_key(shard, settings), cleaned)
    ]
    rejected.append(_rejected(beside(rows, refusal).filter(pc.invert(stays))))
    write(rows.filter(stays), pa.concat_tables(rejected), paths, made_from, origin, settings.write)
    return True


def _rejected(rows: pa.Table) -> pa.Table:
    """Return rows that are too poor to stay as rejections, under the ids they would have as articles."""
    stage = pa.repeat(pa.scalar("quality", TEXT), rows.num_rows)
    return select("rejected", rows.append_column("stage", stage)).cast(REJECTED)


def swap_in(dataset: Dataset, shards: Sequence[Shard], manifest: bytes) -> bool:
    """Show what is staged, all of it within moments, and the manifest last; tell whether the manifest is new.

    Parts that no shard claims go after that: who has read a manifest finds its files until there is another one.
    """
    for table in COLUMNS:
        for shard in shards:
            staged, shown = dataset.staged(table, shard.name), dataset.table(table, shard.name)
            if staged != shown and storage.exists(staged):
                storage.move(staged, shown)
    new = storage.write_bytes(dataset.manifest, manifest)
    claimed = {shard.name for shard in shards}
    for table in COLUMNS:
        for path in storage.files(storage.join(dataset.root, table), ".parquet"):
            if storage.stem(path) not in claimed and storage.read_note(path) is not None:
                storage.remove(path)
    return new
