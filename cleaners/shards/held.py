"""What was published in a split to test on → the split below which its rows may not fall, whatever has gone since."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cleaners import storage
from cleaners.columns import TEXT

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from cleaners.config import Settings
    from cleaners.shards.dataset import Dataset

_BATCH = 50_000  # rows of `duplicates` that are looked at at one time


def held_out(dataset: Dataset, ids: pa.Array, settings: Settings) -> npt.NDArray[np.int8]:
    """Return for each row the place of the split it was published in, as itself or as a copy; `(n,) int8`.

    `ids` are those the rows came with: which of the same id was published without a number may be another one now.

    It is 0 for what was trained on or is new, and for all where the last run was asked for other splits. Who is in a
    split because of another article stays there when that one is forgotten, filtered or replaced. A run that was
    stopped while it showed its parts finds some of them here: they have these splits, and no others.
    """
    floor = np.zeros(len(ids), np.int8)
    last = dataset.read_manifest().get("settings", {}).get("split")
    if json.dumps(last) != json.dumps(settings.split.model_dump(mode="json")):  # as written: their order decides too
        return floor
    for place, name in enumerate(settings.split.shares):
        if place and len(held := _articles(dataset, name)):
            held = pa.concat_arrays([held, *_copies(dataset, held)])
            floor[pc.is_in(ids, value_set=pc.utf8_slice_codeunits(held, 0, 20)).to_numpy(zero_copy_only=False)] = place
    return floor


def _articles(dataset: Dataset, split: str) -> pa.Array:
    """Return the ids of the articles in a split."""
    parts = [
        storage.read_table(path, ["id"])["id"].combine_chunks()
        for path in _parts(dataset, "articles")
        if storage.stem(path).partition("-")[0] == split
    ]
    return pa.concat_arrays([pa.array([], TEXT), *parts])


def _copies(dataset: Dataset, held: pa.Array) -> Iterator[pa.Array]:
    """Yield the ids of the copies of these articles."""
    for path in _parts(dataset, "duplicates"):
        for rows in storage.batches(path, _BATCH, ["id", "canonical_id"]):
            yield rows["id"].filter(pc.is_in(rows["canonical_id"], value_set=held))


def _parts(dataset: Dataset, table: str) -> list[str]:
    return [path for path in storage.files(storage.join(dataset.root, table), ".parquet") if storage.read_note(path)]
