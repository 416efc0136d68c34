"""What is left in `work` when a run has ended well: what the next one can use, and nothing of runs before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleaners import storage
from cleaners.columns import COLUMNS
from cleaners.pairs import fact_bands
from cleaners.shards import memory
from cleaners.shards.articles import cleaned_key, extracted_key, lines_key, stripped_key
from cleaners.shards.copies import verdicts_key
from cleaners.shards.prints import bands_key, facts_key, fingerprint_key, near_bands
from cleaners.shards.quality import signals_key
from cleaners.shards.sift import index_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleaners.config import Settings
    from cleaners.shards.dataset import Dataset
    from cleaners.shards.plan import Shard


def tidy(dataset: Dataset, shards: Sequence[Shard], settings: Settings, furniture: str | None) -> None:
    """Remove what `unclaimed` names: nothing of what was forgotten, pruned or changed stays behind."""
    for path in unclaimed(dataset, shards, settings, furniture):
        storage.remove(path)


def unclaimed(dataset: Dataset, shards: Sequence[Shard], settings: Settings, furniture: str | None) -> list[str]:
    """Return every part between the stages that none of these shards claims with these settings."""
    extracted = {extracted_key(shard, settings) for shard in shards}
    cleaned = {cleaned_key(shard, settings, furniture) for shard in shards}
    stripped = {stripped_key(shard, settings, furniture) for shard in shards}
    prints = {fingerprint_key(shard, settings, furniture) for shard in shards}
    facts = {facts_key(name, settings) for name in cleaned}
    claimed = {
        "extracted": extracted,
        "cleaned": cleaned | stripped,
        "rejected": extracted | cleaned | stripped,
        "lines": {lines_key(shard, settings) for shard in shards},
        "fingerprints": prints,
        "bands": {bands_key(name, near_bands(settings)) for name in prints}
        | {bands_key(name, fact_bands(settings.rewording)) for name in facts},
        "facts": facts,
        "signals": {signals_key(name) for name in cleaned},
        "verdicts": {verdicts_key(settings)},
        "verified": set(memory.keys(settings, furniture).values()),
        "contamination": {index_key(settings)} if settings.decontaminate.files else set(),
        **{f"staged/{table}": set[str]() for table in COLUMNS},
    }
    return [
        path
        for stage, names in claimed.items()
        for suffix in (".parquet", ".arrow")
        for path in storage.files(storage.join(dataset.root, "work", stage), suffix)
        if storage.stem(path) not in names
    ]
