"""Cleaned parts → fingerprints: signatures of shingles and of facts, and the terms that tell what a text is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cleaners import storage
from cleaners.columns import CLEANED, TEXT, host_of
from cleaners.facts import rarity
from cleaners.facts.sets import Sets
from cleaners.fingerprint.columns import fingerprint
from cleaners.fingerprint.minhash import scheme
from cleaners.match.bands import bands_for, least_agreement, least_recall
from cleaners.pairs import fact_bands, fact_prints, fact_scheme
from cleaners.shards.articles import Made, cleaned_key
from cleaners.shards.dataset import Dataset, key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

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
"""What the whole corpus is asked for of each row; beside the fingerprints, because the row groups of cleaned parts are
small, for texts to be found in, and take ten times as long to read through."""


def fingerprint_key(shard: Shard, settings: Settings, furniture: str | None) -> str:
    """Return the key of a shard's fingerprints."""
    return key("fingerprints", "with rows", cleaned_key(shard, settings, furniture), scheme(settings.fingerprint))


def fingerprint_shard(dataset: Dataset, shard: Shard, settings: Settings, furniture: str | None) -> Made:
    """Make the fingerprints of a shard's cleaned part, row for row, unless they are there and of this scheme."""
    name = fingerprint_key(shard, settings, furniture)
    path = dataset.work("fingerprints", name)
    note = {"scheme": scheme(settings.fingerprint)}
    if storage.read_note(path) == note:
        return Made(name, {})
    places = settings.fingerprint.permutations
    schema = pa.schema(
        [
            *ROWS,
            ("content", pa.binary(16)),
            ("shingles", pa.uint32()),
            ("valid", pa.bool_()),
            ("signature", pa.binary(4 * places)),
        ]
    )
    cleaned = dataset.work("cleaned", cleaned_key(shard, settings, furniture))
    hashes = ("content", "signature")
    with storage.writing_part(path, schema, note, rows=50_000, level=1, hashes=hashes) as part:
        for batch in storage.batches(
            cleaned, 10_000, ["text", "url", *(name for name in ROWS.names if name != "host")]
        ):
            prints = fingerprint(batch["text"], settings.fingerprint)
            hosts = pa.array(map(host_of, batch["url"].to_pylist()), TEXT)
            columns = [
                *(batch[field.name].cast(field.type) if field.name != "host" else hosts for field in ROWS),
                _packed(prints.content),
                pa.array(prints.shingles),
                pa.array(prints.valid),
                _packed(prints.signatures),
            ]
            part.add(pa.Table.from_arrays(columns, schema=schema))
    return Made(name, {})


def facts_key(cleaned: str, settings: Settings) -> str:
    """Return the key of the facts of a cleaned part."""
    made_with = settings.rewording.model_dump(include={"rare_weight", "fact_weight", "least_facts"})
    return key("facts", cleaned, made_with, rarity.version(), scheme(fact_scheme(settings)))


def facts_shard(dataset: Dataset, shard: Shard, settings: Settings, furniture: str | None) -> Made:
    """Make signatures of facts and telling terms of a shard's cleaned part, row for row, unless they are there."""
    cleaned = cleaned_key(shard, settings, furniture)
    name = facts_key(cleaned, settings)
    path = dataset.work("facts", name)
    note = {"scheme": scheme(fact_scheme(settings))}
    if storage.read_note(path) == note:
        return Made(name, {})
    schema = pa.schema(
        [
            ("valid", pa.bool_()),
            ("signature", pa.binary(4 * settings.rewording.permutations)),
            ("telling", pa.large_list(pa.uint32())),
            ("originality", pa.float32()),
        ]
    )
    hashes = ("signature", "telling")
    with storage.writing_part(path, schema, note, rows=50_000, level=1, hashes=hashes) as part:
        for batch in storage.batches(dataset.work("cleaned", cleaned), 10_000, ["text"]):
            signed, valid, sets = fact_prints(batch["text"], settings)
            columns = [
                pa.array(valid),
                _packed(signed),
                pa.LargeListArray.from_arrays(pa.array(sets.telling.offsets), pa.array(sets.telling.hashes)),
                pa.array(sets.originality),
            ]
            part.add(pa.Table.from_arrays(columns, schema=schema))
    return Made(name, {})


def scheme_of(settings: Settings) -> Any:  # noqa: ANN401
    """Return what the manifest says about signatures and bands, and about what they find by the formula.

    `least_recall` is, for pairs of a Jaccard similarity, the least share that is found.
    """
    match, places = settings.match, settings.fingerprint.permutations
    bands = bands_for(match.threshold, match.recall, places)
    agreement = least_agreement(match.threshold, places, match.deviations)
    marks = [round(min(1.0, match.threshold + step), 4) for step in (0, 0.05, 0.1)]
    recall = {str(mark): round(least_recall(mark, bands, places, agreement), 4) for mark in marks}
    return {
        "scheme": scheme(settings.fingerprint),
        "bands": bands.bands,
        "rows": bands.rows,
        "least_agreement": agreement,
        "least_recall": recall,
        "facts": fact_bands(settings.rewording)._asdict(),
    }


def telling_of(paths: Sequence[str], folder: Path | None) -> Sets:
    """Return the column `telling` of parts as one: in a file of the folder, if there is one, gone with the mapping.

    About 600 bytes an article.
    """
    counts = [np.zeros(1, np.int64)]
    counts += [pc.list_value_length(storage.read_table(path, ["telling"])["telling"]).to_numpy() for path in paths]
    offsets = np.cumsum(np.concatenate(counts))
    total = int(offsets[-1])
    if folder and total:
        hashes: npt.NDArray[np.uint32] = np.memmap(folder / "telling", np.uint32, "w+", shape=total)
        (folder / "telling").unlink()
    else:
        hashes = np.empty(total, np.uint32)
    at = 0
    for path in paths:
        for batch in storage.batches(path, 50_000, ["telling"]):
            values = batch["telling"].flatten().to_numpy()
            hashes[at : at + len(values)] = values
            at += len(values)
    return Sets(offsets, np.asarray(hashes))


def signatures_of(paths: Iterable[str]) -> Iterator[npt.NDArray[np.uint32]]:
    """Yield the column `signature` of parts, batch by batch."""
    for path in paths:
        for batch in storage.batches(path, 50_000, ["signature"]):
            column = batch["signature"]
            places = column.type.byte_width // 4
            values = np.frombuffer(column.buffers()[1], "<u4").reshape(-1, places)
            yield values[column.offset : column.offset + len(column)]


def _packed(rows: npt.NDArray[np.generic]) -> pa.FixedSizeBinaryArray:
    """Return the rows of an array as values of one width: a list of numbers takes Parquet ten times as long to read."""
    kind = pa.binary(rows.shape[1] * rows.itemsize)
    return pa.FixedSizeBinaryArray.from_buffers(kind, len(rows), [None, pa.py_buffer(np.ascontiguousarray(rows))])
