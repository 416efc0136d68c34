"""The last finished run and this one → what changed between them: added, removed, with another canonical or split."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from cleaners import storage
from cleaners.columns import TEXT
from cleaners.shards.dataset import Dataset, key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cleaners.shards.plan import Shard

_MOST = 100_000
"""Ids of a kind that the manifest lists, the least ones; the count is always whole."""

_FATES = pa.schema([("id", TEXT), ("canonical_id", TEXT), ("split", TEXT)])


def note_last(dataset: Dataset) -> None:
    """Keep what the last finished run decided, before this one touches the tables; what is kept already stays.

    Where a part of that run is missing or is another by now, nothing is kept: the next manifest then lists no changes.
    """
    last = _last(dataset)
    if not last or storage.read_note(_path(dataset, last)) is not None:
        return
    for path, file in dataset.read_manifest()["files"].items():
        note = storage.read_note(storage.join(dataset.root, path))
        if note is None or note["key"] != file["key"]:
            return
    for path in storage.files(storage.join(dataset.root, "work", "last")):
        storage.remove(path)
    storage.write_table(_path(dataset, last), _fates(_published(dataset)), {}, rows=100_000)


def since_last(dataset: Dataset, shards: Iterable[Shard]) -> dict[str, Any]:
    """Return what changed since the last finished run, given the shards of this one.

    `since` is the digest of its manifest, null for a first run, which lists no ids. `added` are articles that are kept
    now and were not, `removed` those that were kept and are not, `canonical_changed` copies whose canonical is another
    one than before, `split_changed` articles that are in another split: each with its count and the ids.
    """
    last = _last(dataset)
    parts = [
        (table, path)
        for table in ("articles", "duplicates")
        for shard in shards
        for path in dataset.parts(table, shard.name, newest=True)
    ]
    now = _fates(parts)
    if not last or storage.read_note(_path(dataset, last)) is None:
        kept = int(pc.sum(pc.is_null(now["canonical_id"])).as_py() or 0)
        nothing = {"count": 0, "ids": []}
        kinds = ("removed", "canonical_changed", "split_changed")
        return {"since": None, "added": {"count": kept, "ids": []}, **dict.fromkeys(kinds, nothing)}
    before = storage.read_table(_path(dataset, last))
    kept, kept_before = (table.filter(pc.is_null(table["canonical_id"]))["id"] for table in (now, before))
    return {
        "since": last,
        "added": _listed(_without(kept, kept_before)),
        "removed": _listed(_without(kept_before, kept)),
        "canonical_changed": _listed(_with_another("canonical_id", now, before)),
        "split_changed": _listed(_with_another("split", now, before)),
    }


def _with_another(column: str, now: pa.Table, before: pa.Table) -> pa.ChunkedArray:
    """Return the ids of those that have another value in a column than they had, and had one."""
    rows = now.filter(pc.is_valid(now[column])).combine_chunks()
    place = pc.index_in(rows["id"], value_set=before["id"].combine_chunks())
    was = before[column].take(place)
    other = pc.and_(pc.is_valid(was), pc.not_equal(was, rows[column]))
    return rows["id"].filter(pc.fill_null(other, fill_value=False))


def _without(ids: pa.ChunkedArray, others: pa.ChunkedArray) -> pa.ChunkedArray:
    return ids.filter(pc.invert(pc.is_in(ids, value_set=others.combine_chunks())))


def _listed(ids: pa.ChunkedArray) -> dict[str, Any]:
    return {"count": len(ids), "ids": sorted(ids.to_pylist())[:_MOST]}


def _last(dataset: Dataset) -> str | None:
    """Return the digest of the manifest of the last finished run; None where there is none."""
    if not dataset.read_manifest():
        return None
    return hashlib.sha256(storage.read_bytes(dataset.manifest)).hexdigest()


def _path(dataset: Dataset, last: str) -> str:
    return dataset.work("last", key("last", _FATES.names, last))


def _published(dataset: Dataset) -> list[tuple[str, str]]:
    """Return table and path of each part with articles or duplicates that the manifest names."""
    files = [(path.partition("/")[0], storage.join(dataset.root, path)) for path in dataset.read_manifest()["files"]]
    return [(table, path) for table, path in files if table in ("articles", "duplicates")]


def _fates(parts: Iterable[tuple[str, str]]) -> pa.Table:
    """Return the id of each article and duplicate in these parts, and the canonical of each duplicate."""
    tables = [_FATES.empty_table()]
    for table, path in parts:
        own, other = ("split", "canonical_id") if table == "articles" else ("canonical_id", "split")
        rows = storage.read_table(path, ["id", own])
        rows = rows.append_column(other, pa.nulls(rows.num_rows, TEXT))
        tables.append(rows.select(_FATES.names).cast(_FATES))
    return pa.concat_tables(tables)
