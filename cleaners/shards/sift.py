"""Stripped part → cleaned part without the articles that hold an item of an evaluation set; these are rejected."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cleaners import mapped, storage
from cleaners.columns import CLEANED
from cleaners.contamination.index import Index, build
from cleaners.contamination.look import look
from cleaners.contamination.trial import OWN, check, planted
from cleaners.model import Rejected, Source
from cleaners.rewording import verify as rewording
from cleaners.shards.articles import cleaned_key, rejected_rows, stripped_key
from cleaners.shards.dataset import Dataset, key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cleaners.config import Settings
    from cleaners.contamination.look import Hit
    from cleaners.shards.plan import Shard

REASONS = {"contaminated": "the text holds an item of an evaluation set; the detail names file and item"}
"""Why a record is rejected by this stage, and what each word means."""

_BATCH = 2_000  # texts that are looked at, at one time


def unsifted(dataset: Dataset, shards: Sequence[Shard], settings: Settings, furniture: str | None) -> list[Shard]:
    """Return the shards that are still to be looked at; none where no evaluation set is named."""
    if not settings.decontaminate.files:
        return []
    names = {shard: cleaned_key(shard, settings, furniture) for shard in shards}
    return [shard for shard, name in names.items() if mapped.read_note(dataset.columns("cleaned", name)) is None]


def told_of_sets(dataset: Dataset, settings: Settings) -> dict[str, Any]:
    """Return what the manifest says of the evaluation sets: what the last one said, if these are the same.

    A takedown then needs none of their files.
    """
    if not settings.decontaminate.files:
        return {}
    last = dataset.read_manifest()
    if _deciding(settings).items() <= last.get("settings", {}).items():
        known: dict[str, Any] = last["evaluation_sets"]
        return known
    return index_sets(dataset, settings)


def index_sets(dataset: Dataset, settings: Settings) -> dict[str, Any]:
    """Make the index of the evaluation sets unless it is there; return what the manifest says of them."""
    told: dict[str, Any] = build(_index_path(dataset, settings), settings)["files"]
    sums = settings.decontaminate.sums
    return {path: {"sha256": sums[path], **counts} for path, counts in told.items()}


def index_key(settings: Settings) -> str:
    """Return the key of the index of the evaluation sets."""
    return key("contamination", _deciding(settings), rewording.version(), OWN)


def _deciding(settings: Settings) -> dict[str, Any]:
    """Return the settings that decide on the index."""
    return settings.model_dump(mode="json", include={"decontaminate", "rewording", "fingerprint"})


def _index_path(dataset: Dataset, settings: Settings) -> str:
    return dataset.work("contamination", index_key(settings))


def sift_shard(dataset: Dataset, shard: Shard, settings: Settings, furniture: str | None) -> int:
    """Make the cleaned part of a shard from its stripped part, unless it is there; return how many were rejected.

    Raise RunError where items that were planted among the texts are not found.
    """
    name, stripped = (of(shard, settings, furniture) for of in (cleaned_key, stripped_key))
    path, source = (dataset.columns("cleaned", part) for part in (name, stripped))
    if note := mapped.read_note(path):
        return int(note["counts"].get("contaminated", 0))
    index = Index(_index_path(dataset, settings))
    trial = planted(index)
    tests = pa.array([*trial.verbatim, *trial.reworded], pa.large_string())
    counts = dict((mapped.read_note(source) or {})["counts"])
    rejected: list[Rejected] = []
    note = {}
    with mapped.packing(path, CLEANED, note) as part:
        for rows, test in _batches(source, tests):
            n = rows.num_rows
            texts = rows["text"].combine_chunks() if n else pa.array([], pa.large_string())
            hits = look(pa.concat_arrays([texts, test]), index, settings)
            if len(test):
                check(dataset.root, trial, hits, n)
            hits = [hit for hit in hits if hit.row < n]
            clean = np.ones(n, np.bool_)
            clean[[hit.row for hit in hits]] = False
            gone = rows.filter(pa.array(~clean))
            for column, count in (("words_before", "words_before"), ("words", "words_after")):
                counts[count] -= pc.sum(gone[column]).as_py() or 0
            rejected += map(
                _contaminated, gone.select(["id", "source_id", "url", "source", "record"]).to_pylist(), hits
            )
            part.add(rows.filter(pa.array(clean)))
        note["counts"] = counts | {"contaminated": len(rejected)}
        refused = [storage.read_table(dataset.work("rejected", stripped)), rejected_rows(rejected)]
        storage.write_table(dataset.work("rejected", name), pa.concat_tables(refused), {})
    return len(rejected)


def _batches(source: str, tests: pa.Array) -> Iterator[tuple[pa.Table, pa.Array]]:
    """Yield the rows of a part, and beside the first ones what is planted; once even where there are none."""
    walk = (pa.Table.from_batches([batch]) for batch in mapped.batches(source, _BATCH))
    yield next(walk, CLEANED.empty_table()), tests
    yield from zip(walk, itertools.repeat(tests.slice(0, 0)))


def _contaminated(row: dict[str, Any], hit: Hit) -> Rejected:
    """Return what stands for an article that holds an item of an evaluation set."""
    source = Source(row["source"], row["record"])
    return Rejected(row["id"], source, row["source_id"], "decontaminate", "contaminated", hit.detail, row["url"])
