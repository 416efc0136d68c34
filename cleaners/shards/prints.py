"""Cleaned parts → fingerprints: signatures of shingles and of facts, and the terms that tell what a text is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from cleaners import mapped
from cleaners.columns import CLEANED, TEXT, host_of
from cleaners.facts import rarity
from cleaners.fingerprint.columns import fingerprint
from cleaners.fingerprint.minhash import scheme
from cleaners.match.bands import Bands, bands_for, least_agreement, least_recall
from cleaners.pairs import fact_bands, fact_prints, fact_scheme
from cleaners.shards import bands
from cleaners.shards.articles import Made, cleaned_key
from cleaners.shards.dataset import Dataset, key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy.typing as npt

    from cleaners.config import Settings
    from cleaners.shards.plan import Shard


ROWS = pa.schema(
    [
        *(CLEANED.field(name) for name in ("id", "source", "record", "published")),
        ("host", TEXT),
        ("words", pa.int32()),
        ("words_before", pa.int32()),
    ]
)
"""What the whole corpus is asked for of each row; beside the fingerprints, because cleaned parts are packed, and cut
small for texts to be found in."""


def fingerprint_key(shard: Shard, settings: Settings, furniture: str | None) -> str:
    """Return the key of a shard's fingerprints."""
    return key("fingerprints", "bytes", cleaned_key(shard, settings, furniture), scheme(settings.fingerprint))


def fingerprint_shard(dataset: Dataset, shard: Shard, settings: Settings, furniture: str | None) -> Made:
    """Make the fingerprints of a shard's cleaned part, row for row, unless they are there and of this scheme."""
    name = fingerprint_key(shard, settings, furniture)
    path = dataset.columns("fingerprints", name)
    note = {"scheme": scheme(settings.fingerprint)}
    if mapped.read_note(path) != note:
        cleaned = dataset.columns("cleaned", cleaned_key(shard, settings, furniture))
        _write_fingerprints(path, cleaned, settings, note)
    _cut(dataset, name, path, near_bands(settings))
    return Made(name, {})


def _write_fingerprints(path: str, cleaned: str, settings: Settings, note: dict[str, Any]) -> None:
    places = settings.fingerprint.permutations
    schema = pa.schema(
        [
            *ROWS,
            ("content", pa.binary(16)),
            ("bytes", pa.uint32()),
            ("valid", pa.bool_()),
            ("signature", pa.binary(4 * places)),
        ]
    )
    with mapped.writing(path, schema, note) as part:
        for batch in mapped.batches(cleaned, 10_000, ["text", "url", *(name for name in ROWS.names if name != "host")]):
            prints = fingerprint(batch["text"], settings.fingerprint)
            hosts = pa.array(map(host_of, batch["url"].to_pylist()), TEXT)
            columns = [
                *(batch[field.name].cast(field.type) if field.name != "host" else hosts for field in ROWS),
                _packed(prints.content),
                pa.array(prints.sizes),
                pa.array(prints.valid),
                _packed(prints.signatures),
            ]
            part.write_table(pa.Table.from_arrays(columns, schema=schema))


def _cut(dataset: Dataset, part: str, path: str, into: Bands) -> None:
    """Write what is compared of the signatures of a part of fingerprints or facts, unless it is there."""
    compared = dataset.columns("bands", bands_key(part, into))
    if mapped.read_note(compared) is None:
        bands.write(compared, signatures_of([path]), into)


def near_bands(settings: Settings) -> Bands:
    """Return the bands that near copies meet in."""
    return bands_for(settings.match.threshold, settings.match.recall, settings.fingerprint.permutations)


def bands_key(part: str, bands: Bands) -> str:
    """Return the key of what is compared of a part of fingerprints or facts."""
    return key("bands", part, bands)


def facts_key(cleaned: str, settings: Settings) -> str:
    """Return the key of the facts of a cleaned part."""
    made_with = settings.rewording.model_dump(include={"rare_weight", "fact_weight", "least_facts", "least_words"})
    return key("facts", "mapped", cleaned, made_with, rarity.version(), scheme(fact_scheme(settings)))


def facts_shard(dataset: Dataset, shard: Shard, settings: Settings, furniture: str | None) -> Made:
    """Make signatures of facts and telling terms of a shard's cleaned part, row for row, unless they are there."""
    cleaned = cleaned_key(shard, settings, furniture)
    name = facts_key(cleaned, settings)
    path = dataset.columns("facts", name)
    note = {"scheme": scheme(fact_scheme(settings))}
    if mapped.read_note(path) != note:
        _write_facts(path, dataset.columns("cleaned", cleaned), settings, note)
    _cut(dataset, name, path, fact_bands(settings.rewording))
    return Made(name, {})


def _write_facts(path: str, cleaned: str, settings: Settings, note: dict[str, Any]) -> None:
    schema = pa.schema(
        [
            ("valid", pa.bool_()),
            ("signature", pa.binary(4 * settings.rewording.permutations)),
            ("telling", pa.large_list(pa.uint32())),
            ("originality", pa.float32()),
        ]
    )
    with mapped.writing(path, schema, note) as part:
        for batch in mapped.batches(cleaned, 10_000, ["text"]):
            signed, valid, sets = fact_prints(batch["text"], settings)
            terms = pa.LargeListArray.from_arrays(pa.array(sets.telling.offsets), pa.array(sets.telling.hashes))
            columns = [pa.array(valid), _packed(signed), terms, pa.array(sets.originality)]
            part.write_table(pa.Table.from_arrays(columns, schema=schema))


def scheme_of(settings: Settings) -> Any:  # noqa: ANN401
    """Return what the manifest says about signatures and bands, and about what they find by the formula.

    `least_recall` is, for pairs of a Jaccard similarity, the least share that is found.
    """
    match, places = settings.match, settings.fingerprint.permutations
    cut = near_bands(settings)
    agreement = least_agreement(match.threshold, places, match.deviations)
    marks = [round(min(1.0, match.threshold + step), 4) for step in (0, 0.05, 0.1)]
    recall = {str(mark): round(least_recall(mark, cut, places, agreement), 4) for mark in marks}
    return {
        "scheme": scheme(settings.fingerprint),
        "bands": cut.bands,
        "rows": cut.rows,
        "least_agreement": agreement,
        "least_recall": recall,
        "facts": fact_bands(settings.rewording)._asdict(),
    }


def signatures_of(paths: Iterable[str]) -> Iterator[npt.NDArray[np.uint32]]:
    """Yield the column `signature` of mapped parts, batch by batch."""
    for path in paths:
        for column in mapped.columns(path, ["signature"])["signature"].chunks:
            places = column.type.byte_width // 4
            values = np.frombuffer(column.buffers()[1], "<u4").reshape(-1, places)
            yield values[column.offset : column.offset + len(column)]


def _packed(rows: npt.NDArray[np.generic]) -> pa.FixedSizeBinaryArray:
    """Return the rows of an array as values of one width: a list of numbers takes Parquet ten times as long to read."""
    kind = pa.binary(rows.shape[1] * rows.itemsize)
    return pa.FixedSizeBinaryArray.from_buffers(kind, len(rows), [None, pa.py_buffer(np.ascontiguousarray(rows))])
