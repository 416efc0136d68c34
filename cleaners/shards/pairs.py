"""Inputs → a file of verified pairs, for `copydesk match`: no stripping, no dataset."""

from __future__ import annotations

import collections
import itertools
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from cleaners import storage
from cleaners.errors import InputError
from cleaners.extract.isolated import extract_all
from cleaners.model import Article
from cleaners.pairs import WANTED, all_pairs
from cleaners.read.inputs import discover, slices
from cleaners.read.readers import read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleaners.config import Settings

_BATCH = 10_000  # texts that are Python objects at one time


def write_pairs(inputs: Sequence[str], path: str, settings: Settings, kinds: Sequence[str] = WANTED) -> dict[str, Any]:
    """Write the pairs of the wanted kinds; return `articles`, `rejected`, `pairs` by kind, and `full_buckets`.

    In a full bucket each text was compared with some of the others only, so a pair in it may be missing.

    Columns: `a` and `b`, the user's ids where there are any, else ours; `kind`, `similarity`, and the evidence.
    """
    if not storage.stem(path):
        raise InputError(path or "PAIRS", "names no file", "Name a new file with -o.")
    if storage.exists(path) and storage.read_note(path) is None:
        raise InputError(path, "is there already, and is no file of pairs", "Name a new file with -o.")
    if not path.endswith(".parquet"):
        raise InputError(path, "would hold Parquet under another name", "Name a file with -o that ends in .parquet.")
    parts = [part for file in discover(inputs, settings.read) for part in slices(file, settings.read)]
    records = itertools.chain.from_iterable(read(part, settings.read) for part in parts)
    names: list[str] = []
    waiting: list[str] = []
    columns: list[pa.Array] = []
    rejected = 0
    for record in extract_all(records, settings.extract, languages=False):
        if not isinstance(record, Article):
            rejected += 1
            continue
        names.append(record.meta.source_id or record.id)
        waiting.append(record.text)
        if len(waiting) == _BATCH:
            columns.append(pa.array(waiting, pa.large_string()))
            waiting.clear()
    columns.append(pa.array(waiting, pa.large_string()))
    found = all_pairs(pa.concat_arrays(columns), settings, kinds)
    ids = pa.array(names, pa.large_string())
    table = {"a": ids.take(found["left"].combine_chunks()), "b": ids.take(found["right"].combine_chunks())}
    table |= {name: found[name] for name in found.schema.names[2:]}
    storage.write_table(path, pa.table(table), {"inputs": list(inputs)})
    by_kind = collections.Counter(found["kind"].to_pylist())
    full = int(found.schema.metadata[b"crowded"])
    return {
        "articles": len(names),
        "rejected": rejected,
        "pairs": dict(sorted(by_kind.items())),
        "full_buckets": full,
    }
