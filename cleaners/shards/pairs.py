"""All pairs of articles that are the same in any way: a column of texts, or inputs, → verified pairs. No dataset."""

from __future__ import annotations

import collections
import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from cleaners import storage
from cleaners.extract.isolated import extract_all
from cleaners.facts import rarity, sets
from cleaners.fingerprint.columns import fingerprint
from cleaners.fingerprint.minhash import signatures
from cleaners.match.bands import Bands
from cleaners.match.candidates import candidates
from cleaners.match.pairs import match, pairs
from cleaners.model import Article
from cleaners.read.inputs import discover, slices
from cleaners.read.readers import read
from cleaners.rewording.verify import KINDS, NOTHING, verify

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from cleaners.config import FingerprintSettings, RewordingSettings, Settings

_BATCH = 10_000  # texts that are Python objects at one time

PAIRS = pa.schema(
    [
        ("left", pa.int64()),
        ("right", pa.int64()),
        ("kind", pa.large_string()),
        ("similarity", pa.float64()),
        ("jaccard", pa.float64()),
        ("left_in_right", pa.float64()),
        ("right_in_left", pa.float64()),
        ("reworded", pa.float64()),
        ("overlap", pa.float64()),
    ]
)
"""A pair of rows, left < right, and the evidence: shares of word shingles, scores of the rewording verifier; null where
that way of comparing did not bring the two together."""


def all_pairs(texts: pa.LargeStringArray, settings: Settings) -> pa.Table:
    """Return every verified pair of a column of texts, sorted by row: a table of `PAIRS`.

    Where two texts are alike in two ways the stronger kind is named: exact or near before reworded before overlap.
    Identical texts are each paired with the first of them.
    """
    prints = fingerprint(texts, settings.fingerprint)
    shingled = match(texts.take, prints, settings.match, shingle_words=settings.fingerprint.shingle_words)
    told = _reworded(texts, settings)
    both = shingled.join(told, ["left", "right"], join_type="full outer").to_pylist()
    rows = [_named(row) for row in both]
    rows.sort(key=lambda row: (row["left"], row["right"]))
    return pa.Table.from_pylist(rows, PAIRS)


def _named(row: dict[str, Any]) -> dict[str, Any]:
    """Return a joined row with the stronger of its two kinds."""
    told = row.pop("told")
    score = row.pop("score")
    if row["kind"] is None or (row["kind"] == "overlap" and told in ("reworded", "translated")):
        row["kind"], row["similarity"] = told, score
    return row


def _reworded(texts: pa.LargeStringArray, settings: Settings) -> pa.Table:
    """Return left, right, told (the kind), score, and the scores `reworded` and `overlap` of each pair that is one."""
    weights = rarity.weights(sets.learn(texts))
    signed, valid = fact_signatures(texts, weights, settings)
    met = candidates(signed, valid, fact_bands(settings.rewording), memory_mb=settings.match.memory_mb)
    left, right = pairs(met, round(settings.rewording.least_agreement * settings.rewording.permutations))
    found = verify(left, right, texts.take, weights, settings.rewording)
    some = np.flatnonzero(found.kind != NOTHING)
    kinds = pa.array(KINDS, pa.large_string()).take(pa.array(found.kind[some]))
    columns = [left[some], right[some], kinds, found.similarity[some], found.reworded[some], found.overlap[some]]
    return pa.table(dict(zip(("left", "right", "told", "score", "reworded", "overlap"), columns, strict=True)))


def fact_signatures(
    texts: pa.LargeStringArray, weights: npt.NDArray[np.float32], settings: Settings
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.bool_]]:
    """Return the signatures of the facts of each text, `(n, permutations) uint32`, and whether there are enough."""
    found = sets.fact_sets(texts, weights, settings.rewording)
    signed = signatures(found.offsets, found.hashes, fact_scheme(settings))
    return signed, np.diff(found.offsets) >= settings.rewording.least_facts


def fact_scheme(settings: Settings) -> FingerprintSettings:
    """Return what signatures of facts are made with."""
    wanted = {"permutations": settings.rewording.permutations, "seed": settings.rewording.seed}
    return settings.fingerprint.model_copy(update=wanted)


def fact_bands(settings: RewordingSettings) -> Bands:
    """Return the bands of signatures of facts."""
    return Bands(settings.bands, settings.permutations // settings.bands)


def write_pairs(inputs: Sequence[str], path: str, settings: Settings) -> dict[str, Any]:
    """Write the pairs of articles that are the same; return `articles`, `rejected` and `pairs` by kind.

    Columns: `a` and `b`, the user's ids where there are any, else ours; `kind`, `similarity`, and the evidence.
    """
    parts = [part for file in discover(inputs, settings.read) for part in slices(file, settings.read)]
    records = itertools.chain.from_iterable(read(part, settings.read) for part in parts)
    names: list[str] = []
    waiting: list[str] = []
    columns: list[pa.Array] = []
    rejected = 0
    for record in extract_all(records, settings.extract):
        if not isinstance(record, Article):
            rejected += 1
            continue
        names.append(record.meta.source_id or record.id)
        waiting.append(record.text)
        if len(waiting) == _BATCH:
            columns.append(pa.array(waiting, pa.large_string()))
            waiting.clear()
    columns.append(pa.array(waiting, pa.large_string()))
    found = all_pairs(pa.concat_arrays(columns), settings)
    ids = pa.array(names, pa.large_string())
    table = {"a": ids.take(found["left"].combine_chunks()), "b": ids.take(found["right"].combine_chunks())}
    table |= {name: found[name] for name in found.schema.names[2:]}
    storage.write_table(path, pa.table(table), {"inputs": list(inputs)})
    kinds = collections.Counter(found["kind"].to_pylist())
    return {"articles": len(names), "rejected": rejected, "pairs": dict(sorted(kinds.items()))}
