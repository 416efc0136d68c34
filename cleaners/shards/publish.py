"""Cleaned part + verdicts → the four tables of the dataset, for one shard; and the swap that makes them visible.

Parts are written into `work/staged`. When all are there they are renamed into their tables, and the manifest after
them, so that who reads during a run sees the dataset of the run before, until all of it is the new one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from cleaners import mapped, storage
from cleaners.columns import COLUMNS, REJECTED, TEXT, schema, select
from cleaners.errors import RunError
from cleaners.shards.articles import cleaned_key, extracted_key
from cleaners.shards.copies import key_of_verdicts, verdicts_path, with_verdicts
from cleaners.shards.dataset import Dataset, key
from cleaners.shards.quality import beside, measured, refused, signals_key, sound
from cleaners.write import is_written, parts_of, write

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from cleaners.config import Settings
    from cleaners.shards.plan import Shard


def publish_shard(dataset: Dataset, shard: Shard, settings: Settings, furniture: str | None) -> bool:
    """Stage a shard's part of each table unless they are there; tell whether there is anything to swap in."""
    verdicts, cleaned = verdicts_path(dataset, settings), cleaned_key(shard, settings, furniture)
    told = key_of_verdicts(verdicts, cleaned)
    if told is None:
        raise RunError(
            dataset.root, "copies were not looked for with these settings", "Run find-copies, or clean, first."
        )
    shape = [settings.write.model_dump(), list(settings.split.shares), {table: str(schema(table)) for table in COLUMNS}]
    made_from = key("published", told, signals_key(cleaned), shape)
    if is_written(dataset.table, shard.name, made_from):
        _drop_staged(dataset, shard)
        return False
    if is_written(dataset.newest, shard.name, made_from):
        return True
    paths = {table: dataset.staged(table, shard.name) for table in COLUMNS}
    origin = (mapped.read_note(dataset.columns("cleaned", cleaned)) or {})["counts"] | {"cleaned": cleaned}
    rows = with_verdicts(mapped.columns(dataset.columns("cleaned", cleaned)), verdicts, cleaned)
    rows = beside(rows, measured(dataset, cleaned))
    refusal = refused(dataset, cleaned, settings)
    stays = sound(refusal)
    rejected = [
        storage.read_table(dataset.work("rejected", name)) for name in (extracted_key(shard, settings), cleaned)
    ]
    rejected.append(_rejected(beside(rows, refusal).filter(pc.invert(stays))))
    write(rows.filter(stays), pa.concat_tables(rejected), paths, made_from, origin, settings)
    return True


def _rejected(rows: pa.Table) -> pa.Table:
    """Return rows that are too poor to stay as rejections, under the ids they would have as articles."""
    stage = pa.repeat(pa.scalar("quality", TEXT), rows.num_rows)
    return select("rejected", rows.append_column("stage", stage)).cast(REJECTED)


def _drop_staged(dataset: Dataset, shard: Shard) -> None:
    """Remove what a run that was killed, and wanted something else, has staged of a shard."""
    if storage.is_url(dataset.root):
        return
    for place in (dataset.staged, dataset.table):
        for table, names in (parts_of(place("rejected", shard.name)) or {}).items():
            for name in names:
                storage.remove(dataset.staged(table, storage.stem(name)))


def swap_in(dataset: Dataset, shards: Sequence[Shard], manifest: bytes, files: Container[str]) -> bool:
    """Show what is staged, all of it within moments, and the manifest last; tell whether the manifest is new.

    Parts that are not among the `files` of the manifest go after that: who has read a manifest finds its files until
    there is another one.
    """
    for shard in shards:
        named = parts_of(dataset.newest("rejected", shard.name)) or {}
        for table in sorted(named, key="rejected".__eq__):  # last, because it names the others
            for name in named[table]:
                stem = storage.stem(name)
                staged, shown = dataset.staged(table, stem), dataset.table(table, stem)
                if staged != shown and storage.exists(staged):
                    storage.move(staged, shown)
    new = storage.write_bytes(dataset.manifest, manifest)
    for table in COLUMNS:
        for path in storage.files(storage.join(dataset.root, table), ".parquet"):
            named_so = f"{table}/{storage.stem(path)}.parquet"
            if named_so not in files and storage.read_note(path) is not None:
                storage.remove(path)
    return new
