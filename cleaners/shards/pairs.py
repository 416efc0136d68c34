"""Inputs → a file of verified pairs, for `copydesk match`: no stripping, no dataset."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from cleaners import lock, storage
from cleaners.errors import InputError
from cleaners.extract.isolated import extract_all
from cleaners.model import Article
from cleaners.pairs import WANTED, all_pairs
from cleaners.pieces import Pieces
from cleaners.read.inputs import discover, slices
from cleaners.read.readers import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cleaners.config import Settings
    from cleaners.read.inputs import Slice

_TEXTS = pa.schema([("text", pa.large_string())])
_BATCH = 4_000_000  # characters that are Python objects at one time, and then are worked on at one time


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
    storage.check_writable(path if storage.is_url(path) else str(Path(path).parent))
    parts = [part for file in discover(inputs, settings.read) for part in slices(file, settings.read)]
    remote = storage.is_url(path)
    # Beside a local file, since that is where there is room.
    beside = Path(tempfile.gettempdir() if remote else path).absolute()
    with lock.scratch(beside if remote else beside.parent, f"{storage.TEMPORARY}match-") as folder:
        ids, rejected, lengths = _put_down(parts, folder / "texts", settings)
        with pa.OSFile(str(folder / "texts")) as file, pa.ipc.open_file(file) as stored:
            texts = Pieces(lengths, lambda at: stored.get_batch(at)["text"])
            found = all_pairs(texts, settings, kinds, folder)
        table = {"a": ids.take(found["left"].combine_chunks()), "b": ids.take(found["right"].combine_chunks())}
        table |= {name: found[name] for name in found.schema.names[2:]}
        written = path if remote else str(folder / "pairs.parquet")
        storage.write_table(written, pa.table(table), {"inputs": list(inputs)})
        if not remote:
            storage.move(written, path)
    by_kind = {row["values"]: row["counts"] for row in found["kind"].value_counts().to_pylist()}
    full = int(found.schema.metadata[b"crowded"])
    return {
        "articles": len(ids),
        "rejected": rejected,
        "pairs": dict(sorted(by_kind.items())),
        "full_buckets": full,
    }


def _put_down(parts: Iterable[Slice], path: Path, settings: Settings) -> tuple[pa.LargeStringArray, int, list[int]]:
    """Write the text of each article to an Arrow file.

    Return the id of each, how many records were no articles, and how many texts there are in each batch of the file.
    """
    records = itertools.chain.from_iterable(read(part, settings.read) for part in parts)
    ids: list[pa.LargeStringArray] = []
    names: list[str] = []
    waiting: list[str] = []
    length = rejected = 0
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, _TEXTS) as out:

        def write() -> None:
            out.write_batch(pa.record_batch([pa.array(waiting, pa.large_string())], schema=_TEXTS))
            ids.append(pa.array(names, pa.large_string()))
            names.clear()
            waiting.clear()

        for record in extract_all(records, settings.extract, languages=False):
            if not isinstance(record, Article):
                rejected += 1
                continue
            names.append(record.meta.source_id or record.id)
            waiting.append(record.text)
            length += len(record.text)
            if length >= _BATCH:
                write()
                length = 0
        write()
    return pa.concat_arrays(ids), rejected, list(map(len, ids))
