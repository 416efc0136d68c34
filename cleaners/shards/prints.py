"""Cleaned parts → fingerprints: signatures of shingles and of facts, and the terms that tell what a text is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cleaners import storage
from cleaners.facts.sets import Sets
from cleaners.fingerprint.columns import fingerprint
from cleaners.fingerprint.minhash import scheme
from cleaners.match.bands import bands_for
from cleaners.pairs import fact_prints
from cleaners.shards.articles import Made, cleaned_key
from cleaners.shards.dataset import Dataset, key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from cleaners.config import Settings
    from cleaners.shards.plan import Shard


def fingerprint_key(shard: Shard, settings: Settings, furniture: str | None) -> str:
    """Return the key of a shard's fingerprints."""
    return key("fingerprints", cleaned_key(shard, settings, furniture), scheme(settings.fingerprint))


def fingerprint_shard(dataset: Dataset, shard: Shard, settings: Settings, furniture: str | None) -> Made:
    """Make the fingerprints of a shard's cleaned part, row for row, unless they are there."""
    name = fingerprint_key(shard, settings, furniture)
    path = dataset.work("fingerprints", name)
    if storage.read_note(path):
        return Made(name, {})
    places = settings.fingerprint.permutations
    schema = pa.schema(
        [
            ("content", pa.binary(16)),
            ("shingles", pa.uint32()),
            ("valid", pa.bool_()),
            ("signature", pa.list_(pa.uint32(), places)),
        ]
    )
    cleaned = dataset.work("cleaned", cleaned_key(shard, settings, furniture))
    with storage.writing_part(path, schema, {"scheme": scheme(settings.fingerprint)}, rows=50_000, level=1) as part:
        for batch in storage.batches(cleaned, 10_000, ["text"]):
            prints = fingerprint(batch["text"], settings.fingerprint)
            columns = [
                pa.FixedSizeBinaryArray.from_buffers(
                    pa.binary(16), len(prints.content), [None, pa.py_buffer(np.ascontiguousarray(prints.content))]
                ),
                pa.array(prints.shingles),
                pa.array(prints.valid),
                pa.FixedSizeListArray.from_arrays(pa.array(prints.signatures.ravel()), places),
            ]
            part.add(pa.Table.from_arrays(columns, schema=schema))
    return Made(name, {})


def facts_key(cleaned: str, settings: Settings) -> str:
    """Return the key of the facts of a cleaned part."""
    return key("facts", cleaned, settings.rewording.model_dump())


def facts_shard(dataset: Dataset, shard: Shard, settings: Settings, furniture: str | None) -> Made:
    """Make signatures of facts and telling terms of a shard's cleaned part, row for row, unless they are there."""
    cleaned = cleaned_key(shard, settings, furniture)
    name = facts_key(cleaned, settings)
    path = dataset.work("facts", name)
    if storage.read_note(path):
        return Made(name, {})
    places = settings.rewording.permutations
    schema = pa.schema(
        [
            ("valid", pa.bool_()),
            ("signature", pa.list_(pa.uint32(), places)),
            ("telling", pa.large_list(pa.uint32())),
            ("originality", pa.float32()),
        ]
    )
    with storage.writing_part(path, schema, {}, rows=50_000, level=1) as part:
        for batch in storage.batches(dataset.work("cleaned", cleaned), 10_000, ["text"]):
            signed, valid, sets = fact_prints(batch["text"], settings)
            columns = [
                pa.array(valid),
                pa.FixedSizeListArray.from_arrays(pa.array(signed.ravel()), places),
                pa.LargeListArray.from_arrays(pa.array(sets.telling.offsets), pa.array(sets.telling.hashes)),
                pa.array(sets.originality),
            ]
            part.add(pa.Table.from_arrays(columns, schema=schema))
    return Made(name, {})


def scheme_of(settings: Settings) -> Any:  # noqa: ANN401
    """Return what the manifest says about signatures and bands."""
    bands = bands_for(settings.match.threshold, settings.match.recall, settings.fingerprint.permutations)
    return {"scheme": scheme(settings.fingerprint), "bands": bands.bands, "rows": bands.rows}


def telling_of(paths: Sequence[str], folder: Path | None) -> Sets:
    """Return the column `telling` of parts as one: in a file of the folder, which the caller removes, if there is one.

    About 600 bytes an article.
    """
    counts = [np.zeros(1, np.int64)]
    counts += [pc.list_value_length(storage.read_table(path, ["telling"])["telling"]).to_numpy() for path in paths]
    offsets = np.cumsum(np.concatenate(counts))
    total = int(offsets[-1])
    hashes = (
        np.memmap(folder / "telling", np.uint32, "w+", shape=total) if folder and total else np.empty(total, np.uint32)
    )
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
            yield column.flatten().to_numpy().reshape(len(column), -1)
