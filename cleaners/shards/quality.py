"""Cleaned part → the quality signals of its rows, and which of them are too poor to stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from cleaners import mapped, storage
from cleaners.columns import SIGNALS
from cleaners.errors import RecordError, on_record
from cleaners.quality.presets import REFUSALS, bounds, refusals
from cleaners.quality.signals import VERSION, signals
from cleaners.shards.articles import Made, cleaned_key
from cleaners.shards.dataset import Dataset, key

if TYPE_CHECKING:
    from cleaners.config import Settings
    from cleaners.shards.plan import Shard

_BATCH = 2000  # texts that are measured at one time
_TEXTS = ["text", "language", "page_types"]
_BOUNDED = ["words", "words_before", "language", "language_confidence"]


def signals_key(cleaned: str) -> str:
    """Return the key of the signals of a cleaned part. It does not depend on presets: those only compare."""
    return key("signals", cleaned, VERSION, str(SIGNALS))


def refusing(settings: Settings) -> list[object]:
    """Return what decides on refusals beside the signals: part of the key of all that comes after. Empty: nothing."""
    return [bound._asdict() for bound in bounds(settings.quality)]


def measure_shard(dataset: Dataset, shard: Shard, settings: Settings, furniture: str | None) -> Made:
    """Make the signals of a shard's cleaned part, row for row, unless they are there.

    An article on which the code fails keeps its place, its signals null; `faults` of the counts has what was wrong.
    """
    cleaned = cleaned_key(shard, settings, furniture)
    name = signals_key(cleaned)
    path = dataset.work("signals", name)
    note = storage.read_note(path)
    if note is None:
        note = {"faults": []}
        with storage.writing_part(path, SIGNALS, note, rows=50_000, level=1) as part:
            for batch in mapped.batches(dataset.columns("cleaned", cleaned), _BATCH, _TEXTS):
                part.add(_signals(pa.table(batch), note["faults"]))
    return Made(name, {"faults": note.get("faults", [])})


def _signals(rows: pa.Table, faults: list[str]) -> pa.Table:
    """Return the signals of rows; nulls, and a line more among the faults, for each row that the code fails on."""
    try:
        with on_record():
            return signals(rows)
    except RecordError as error:
        if rows.num_rows > 1:
            return pa.concat_tables([_signals(rows.slice(row, 1), faults) for row in range(rows.num_rows)])
        faults.append(error.detail)
        return pa.table([pa.nulls(1, field.type) for field in SIGNALS], SIGNALS)


def measured(dataset: Dataset, cleaned: str) -> pa.Table:
    """Return the signals of a cleaned part, a row for each of its rows."""
    return storage.read_table(dataset.work("signals", signals_key(cleaned)))


def refused(dataset: Dataset, cleaned: str, settings: Settings) -> pa.Table:
    """Return for each row of a cleaned part why it is rejected (REFUSALS); null where it is not."""
    rows = mapped.columns(dataset.columns("cleaned", cleaned), _BOUNDED)
    wanted = bounds(settings.quality)
    if not wanted:
        return pa.table([pa.nulls(rows.num_rows, field.type) for field in REFUSALS], REFUSALS)
    return refusals(beside(rows, measured(dataset, cleaned)), wanted)


def beside(rows: pa.Table, more: pa.Table) -> pa.Table:
    """Return two tables of as many rows as one."""
    for field in more.schema:
        rows = rows.append_column(field, more[field.name])
    return rows


def sound(refusal: pa.Table) -> pa.ChunkedArray:
    """Return which rows stay."""
    return pc.is_null(refusal["reason"])
