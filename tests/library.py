"""The main job by the library alone, one shard after the other: what the flows must not differ from."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from cleaners.columns import COLUMNS
from cleaners.config import Settings
from cleaners.contamination.items import pinned
from cleaners.shards import articles, copies, finish, guard, plan, prints, publish, quality, sift
from cleaners.shards.dataset import Dataset, furniture_version
from cleaners.shards.restore import is_lost, restore_shard
from cleaners.shards.tidy import tidy


def clean(
    inputs: list[str],
    out: Path,
    settings: Settings | None = None,
    *,
    relearn: bool = False,
    accept: bool = False,
    prune: bool = False,
) -> dict[str, Any]:
    """Make a dataset of the inputs; return its manifest."""
    settings = pinned(settings or Settings())
    dataset = Dataset(str(out))
    dataset.check_ours()
    shards = plan.plan(dataset, inputs, settings.read, prune=prune)
    plan.save(dataset, shards)
    furniture = furniture_version(dataset, settings)
    learn = settings.furniture.learn and (relearn or not furniture or not Path(dataset.manifest).exists())
    lost = [shard for shard in shards if is_lost(dataset, shard, settings)]
    there = [shard for shard in shards if shard not in lost]
    missing = [shard for shard in there if learn or not restore_shard(dataset, shard, settings, furniture)]
    for shard in missing:
        articles.extract_shard(dataset, shard, settings)
    if learn:
        counts = [articles.count_shard(dataset, shard, settings) for shard in there]
        articles.learn_furniture(dataset, counts, settings)
        furniture = furniture_version(dataset, settings)
    for shard in missing:
        articles.strip_shard(dataset, shard, settings, furniture)
    for shard in lost:
        restore_shard(dataset, shard, settings, furniture, as_it_is=True)
    for shard in sift.unsifted(dataset, shards, settings, furniture):
        sift.index_sets(dataset, settings)
        sift.sift_shard(dataset, shard, settings, furniture)
    for shard in shards:
        quality.measure_shard(dataset, shard, settings, furniture)
    for shard in shards:
        prints.fingerprint_shard(dataset, shard, settings, furniture)
    for shard in shards:
        prints.facts_shard(dataset, shard, settings, furniture)
    copies.match_corpus(dataset, shards, settings, furniture)
    guard.check(dataset, accept=accept)
    for shard in shards:
        publish.publish_shard(dataset, shard, settings, furniture)
    manifest, _ = finish.finish(dataset, shards, settings, furniture)
    finish.tell(dataset, {})
    tidy(dataset, shards, settings, furniture)
    return manifest


def rows(out: Path, table: str) -> list[dict[str, Any]]:
    """Return all rows of a table of a dataset."""
    return [row for path in sorted((out / table).glob("*.parquet")) for row in pq.read_table(path).to_pylist()]


def digests(out: Path) -> dict[str, str]:
    """Return the digest of each data file, by path in the dataset."""
    paths = [path for table in COLUMNS for path in (out / table).glob("*.parquet")]
    paths += [out / "manifest.json", out / "README.md"]
    return {str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(paths)}
