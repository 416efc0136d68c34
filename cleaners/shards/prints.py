"""Cleaned parts → fingerprints: signatures of shingles, and of facts once it is known how rare each term is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from cleaners import storage
from cleaners.facts import rarity, sets
from cleaners.fingerprint.columns import fingerprint
from cleaners.fingerprint.minhash import scheme
from cleaners.match.bands import bands_for, least_agreement, least_recall
from cleaners.pairs import fact_bands, fact_signatures
from cleaners.shards.articles import Made, cleaned_key
from cleaners.shards.dataset import Dataset, key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy.typing as npt

    from cleaners.config import Settings
    from cleaners.shards.plan import Shard


def fingerprint_key(shard: Shard, settings: Settings, furniture: str | None) -> str:
    """Return the key of a shard's fingerprints."""
    return key("fingerprints", "packed", cleaned_key(shard, settings, furniture), scheme(settings.fingerprint))


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
            ("signature", pa.binary(4 * places)),
        ]
    )
    cleaned = dataset.work("cleaned", cleaned_key(shard, settings, furniture))
    terms = rarity.empty()
    with storage.writing_part(path, schema, {"scheme": scheme(settings.fingerprint)}, rows=50_000, level=1) as part:
        for batch in storage.batches(cleaned, 10_000, ["text"]):
            prints = fingerprint(batch["text"], settings.fingerprint)
            columns = [
                _packed(prints.content),
                pa.array(prints.shingles),
                pa.array(prints.valid),
                _packed(prints.signatures),
            ]
            part.add(pa.Table.from_arrays(columns, schema=schema))
            terms += sets.learn(batch["text"])
        _write_terms(dataset.work("terms", terms_key(shard, settings, furniture)), terms)
    return Made(name, {})


def terms_key(shard: Shard, settings: Settings, furniture: str | None) -> str:
    """Return the key of the counts of a shard's terms."""
    return key("terms", cleaned_key(shard, settings, furniture))


def learn_rarity(dataset: Dataset, shards: Sequence[Shard], settings: Settings, furniture: str | None) -> str:
    """Add up the terms of all shards, unless that is done; return the key of the sum."""
    names = [terms_key(shard, settings, furniture) for shard in shards]
    name = key("rarity", names)
    if not storage.read_note(dataset.work("rarity", name)):
        total = sum((_read_terms(dataset.work("terms", part)) for part in names), rarity.empty())
        _write_terms(dataset.work("rarity", name), total)
    return name


def read_rarity(dataset: Dataset, name: str) -> npt.NDArray[np.float32]:
    """Return the weights of terms that follow from their sum over all shards."""
    return rarity.weights(_read_terms(dataset.work("rarity", name)))


def _write_terms(path: str, terms: rarity.Rarity) -> None:
    storage.write_table(path, pa.table({"count": terms.counts}), {"articles": terms.articles}, rows=1 << 21, level=1)


def _read_terms(path: str) -> rarity.Rarity:
    note = storage.read_note(path) or {}
    return rarity.Rarity(note["articles"], storage.read_table(path)["count"].to_numpy())


def facts_key(cleaned: str, settings: Settings, rarity_key: str) -> str:
    """Return the key of the fact signatures of a cleaned part."""
    return key("facts", "packed", cleaned, settings.rewording.model_dump(), rarity_key)


def facts_shard(dataset: Dataset, shard: Shard, settings: Settings, furniture: str | None, rarity_key: str) -> Made:
    """Make the signatures of the facts of a shard's cleaned part, row for row, unless they are there."""
    cleaned = cleaned_key(shard, settings, furniture)
    name = facts_key(cleaned, settings, rarity_key)
    path = dataset.work("facts", name)
    if storage.read_note(path) is not None:
        return Made(name, {})
    weights = read_rarity(dataset, rarity_key)
    schema = pa.schema([("valid", pa.bool_()), ("signature", pa.binary(4 * settings.rewording.permutations))])
    with storage.writing_part(path, schema, {}, rows=50_000, level=1) as part:
        for batch in storage.batches(dataset.work("cleaned", cleaned), 10_000, ["text"]):
            signed, valid = fact_signatures(batch["text"], weights, settings)
            part.add(pa.Table.from_arrays([pa.array(valid), _packed(signed)], schema=schema))
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
