"""The dataset itself → the cleaned part of a shard, where `work` was deleted: its inputs may be gone by then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from cleaners import mapped, storage
from cleaners.columns import CLEANED, COLUMNS, EDIT, REJECTED, TEXT
from cleaners.model import Edit, Source
from cleaners.shards import forget
from cleaners.shards.articles import cleaned_key, extracted_key, rejected_rows, stripped_key
from cleaners.shards.plan import Shard, known_shards
from cleaners.spans import restore
from cleaners.text import word_count

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cleaners.config import Settings
    from cleaners.shards.dataset import Dataset


def is_lost(dataset: Dataset, shard: Shard, settings: Settings) -> bool:
    """Tell whether only the dataset itself still holds what a shard was made of: an input is gone, and so is `work`."""
    if shard.is_there:
        return False
    if storage.read_note(dataset.work("extracted", extracted_key(shard, settings))):
        return False
    return storage.exists(dataset.table("rejected", _published_in(dataset, shard).name))


def is_published(dataset: Dataset, shard: Shard, settings: Settings, furniture: str | None) -> bool:
    """Tell whether what is published of a shard was read and stripped with these settings, rules and libraries."""
    note = storage.read_note(dataset.table("rejected", shard.name))
    return note is not None and note["origin"]["cleaned"] == cleaned_key(shard, settings, furniture)


def restore_shard(
    dataset: Dataset, shard: Shard, settings: Settings, furniture: str | None, *, as_it_is: bool = False
) -> bool:
    """Make the cleaned part of a shard from what was published of it; False where that was made in another way.

    So it is where some of it was rejected for its quality: the texts of those are gone, and other bounds may want them.
    `as_it_is`: then too, since there is nothing else to make it from. True also where the part is there already. The
    rows are those of the first time, in the same order, without those that have been forgotten since.
    """
    cleaned, extracted = cleaned_key(shard, settings, furniture), extracted_key(shard, settings)
    if mapped.read_note(dataset.columns("cleaned", cleaned)):
        return True
    whole = _published_in(dataset, shard)
    published = {table: dataset.parts(table, whole.name) for table in COLUMNS}
    notes = [storage.read_note(path) for paths in published.values() for path in paths]
    made_from = {note["origin"]["cleaned"] if note else None for note in notes}
    same = made_from == {cleaned_key(whole, settings, furniture)}
    if None in made_from or not notes or not (same or as_it_is):
        return False
    refused = _in_form(storage.read_table(dataset.table("rejected", whole.name)), REJECTED)
    if not as_it_is and pc.any(pc.equal(refused["stage"], "quality")).as_py():
        return False
    if not same:  # made in another way, so that evaluation sets may be new to it
        cleaned = stripped_key(shard, settings, furniture)
    sources = {part.path for part in shard.slices}
    edits: dict[str, list[dict[str, Any]]] = {}
    for edit in _rows(published["edits"]):
        edits.setdefault(edit["id"], []).append({field.name: edit[field.name] for field in EDIT})
    rows = [row for table in ("articles", "duplicates") for row in _rows(published[table]) if row["source"] in sources]
    stones = forget.of_shard(dataset, shard)
    refused = refused.filter(pc.is_in(refused["source"], pa.array(sorted(sources), TEXT)))
    buried = [row for row in [*rows, *refused.to_pylist()] if forget.is_meant(row, stones)]
    rows = [row for row in rows if row not in buried] if buried else rows
    order = {part.path: number for number, part in reversed(list(enumerate(shard.slices)))}
    rows.sort(key=lambda row: (order.get(row["source"], -1), row["source"], row["record"]))
    for row in rows:
        row["edits"] = edits.get(row["id"], [])
        row["words_before"] = word_count(restore(row["text"], [Edit(**edit) for edit in row["edits"]]))
        row["id"] = row["id"].partition("-")[0]  # what tells identical records apart is given anew
    table = pa.Table.from_pylist([{name: row.get(name) for name in CLEANED.names} for row in rows], CLEANED)
    refused = refused.filter(pc.invert(pc.is_in(refused["id"], pa.array([row["id"] for row in buried], TEXT))))
    stand_ins = [forget.forgotten(row["id"].partition("-")[0], Source(row["source"], row["record"])) for row in buried]
    refused = pa.concat_tables([refused, rejected_rows(stand_ins)])
    later = pc.is_in(refused["stage"], pa.array(forget.WITH_TEXT, TEXT))  # not again rejected if extracted again
    storage.write_table(dataset.work("rejected", extracted), refused.filter(pc.invert(later)), {})
    storage.write_table(dataset.work("rejected", cleaned), refused.filter(later), {})
    counts = {
        "records": len(rows) + refused.num_rows,
        "words_before": sum(row["words_before"] for row in rows),
        "words_after": sum(row["words"] for row in rows),
    }
    if whole == shard:  # what was rejected as nothing but residue had words too
        counts |= {name: count for name, count in notes[0]["origin"].items() if isinstance(count, int)}  # type: ignore[index]
    with mapped.packing(dataset.columns("cleaned", cleaned), CLEANED, {"counts": counts}) as part:
        part.add(table)
    return True


def _in_form(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return a table with the columns of a schema; those an older version did not write are null."""
    for field in schema:
        if field.name not in table.schema.names:
            table = table.append_column(field, pa.nulls(table.num_rows, field.type))
    return table.select(schema.names).cast(schema)


def _rows(paths: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield the rows of parts."""
    for path in paths:
        yield from storage.read_table(path).to_pylist()


def _published_in(dataset: Dataset, shard: Shard) -> Shard:
    """Return the shard under whose name this one was published: itself, or the one it is a rest of."""
    parts = set(shard.slices)
    return next((known for known in known_shards(dataset) if parts <= set(known.slices)), shard)
