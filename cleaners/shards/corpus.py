"""All cleaned rows of a run as one numbered column each: what matching and clustering walk over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cleaners import storage
from cleaners.columns import TEXT
from cleaners.match.exact import first_of_content
from cleaners.shards.articles import cleaned_key
from cleaners.shards.prints import facts_key, fingerprint_key, signatures_of
from cleaners.shards.quality import refused, sound

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from cleaners.config import Settings
    from cleaners.shards.dataset import Dataset
    from cleaners.shards.plan import Shard

_RANKED = [
    ("size", "descending", "at_end"),
    ("published", "ascending", "at_end"),
    ("originality", "descending", "at_end"),
    ("words", "descending", "at_end"),
    ("struck", "ascending", "at_end"),
    ("id", "ascending", "at_end"),
    ("occurrence", "ascending", "at_end"),
]
"""The order of preference among copies: a whole article before a part of it (`size` is 1 for 2 words and more, 2 for 4,
3 for 8, and so on), then the original: the earliest (unknown last), then what looks most like one by its own signs;
then the most complete, the one with least residue, the least id. The last two make it total, so that the same copy
stays on every run."""


class Corpus:
    """All cleaned rows of a run, numbered through; texts are read when they are asked for.

    `sound` `(n,) bool` tells which stay for their quality; the others are compared with nothing.
    """

    def __init__(self, dataset: Dataset, shards: Sequence[Shard], settings: Settings, furniture: str | None) -> None:
        self.keys = [cleaned_key(shard, settings, furniture) for shard in shards]
        self.cleaned = [dataset.work("cleaned", name) for name in self.keys]
        self.prints = [dataset.work("fingerprints", fingerprint_key(shard, settings, furniture)) for shard in shards]
        names = ["id", "source", "record", "url", "published", "words", "words_before"]
        tables = [storage.read_table(path, names) for path in self.cleaned]
        self.starts = np.cumsum([0, *(table.num_rows for table in tables)])
        self.rows = pa.concat_tables(tables).combine_chunks()
        marks = pa.concat_tables([storage.read_table(path, ["content", "shingles", "valid"]) for path in self.prints])
        content = b"".join(chunk.buffers()[1].to_pybytes()[: 16 * len(chunk)] for chunk in _whole(marks["content"]))
        self.content = np.frombuffer(content, "<u8").reshape(-1, 2)
        self.shingles = marks["shingles"].to_numpy()
        self.valid = marks["valid"].to_numpy()
        refusals = [refused(dataset, part, settings) for part in self.keys]
        self.sound = (
            np.concatenate([sound(part).to_numpy() for part in refusals]) if refusals else np.zeros(0, np.bool_)
        )
        self.facts = [dataset.work("facts", facts_key(part, settings)) for part in self.keys]
        self.originality = pa.concat_tables([storage.read_table(path, ["originality"]) for path in self.facts])[
            "originality"
        ]

    def first(self, rank: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return for each row the best ranked row of the same content, among those that stay; itself for the others."""
        first = np.arange(len(rank))
        rows = np.flatnonzero(self.sound)
        first[rows] = rows[first_of_content(self.content[rows], rank[rows])]
        return first

    def signatures(self) -> Iterator[npt.NDArray[np.uint32]]:
        """Yield the signatures part by part, `(rows, permutations) uint32`."""
        return signatures_of(self.prints)

    def texts(self, rows: npt.NDArray[np.int64]) -> pa.LargeStringArray:
        """Return the texts of ascending rows, reading only the row groups that hold some of them, each once."""
        taken = []
        for number, path in enumerate(self.cleaned):
            low, high = np.searchsorted(rows, self.starts[number : number + 2])
            if low == high:
                continue
            part = storage.groups(path)
            ends = np.cumsum([part.metadata.row_group(group).num_rows for group in range(part.num_row_groups)])
            wanted = rows[low:high] - self.starts[number]
            of_group = np.searchsorted(ends, wanted, "right")
            for group in np.unique(of_group).tolist():
                begin = ends[group - 1] if group else 0
                places = pa.array(wanted[of_group == group] - begin)
                taken.append(part.read_row_group(group, ["text"])["text"].take(places).combine_chunks())
        return pa.concat_arrays(taken) if taken else pa.array([], pa.large_string())

    def occurrences(self, first: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return how many identical records stand before each row: identical ones have one id, and are told apart so.

        Only rows that share their content with another can share an id. They are counted in order of source and record.
        """
        occurrence = np.zeros(len(first), np.int64)
        shared = np.flatnonzero(np.isin(first, first[first != np.arange(len(first))]))
        rows = self.rows.take(pa.array(shared))
        order = pc.sort_indices(rows, sort_keys=[(name, "ascending") for name in ("id", "source", "record")]).to_numpy()
        ids = np.asarray(rows["id"].to_pylist(), object)[order]
        begins = np.flatnonzero(np.concatenate([[True], ids[1:] != ids[:-1]])[: len(ids)])
        lengths = np.diff([*begins, len(ids)])
        occurrence[shared[order]] = np.arange(len(ids)) - np.repeat(begins, lengths)
        return occurrence

    def ids(self, occurrence: npt.NDArray[np.int64]) -> pa.Array:
        """Return the ids as they are published: those of further identical records end in -2, -3, and so on."""
        ids = self.rows["id"].combine_chunks()
        again = occurrence > 0
        if not again.any():
            return ids
        numbers = pc.cast(pa.array(occurrence + 1), pa.large_string())
        return pc.if_else(pa.array(again), pc.binary_join_element_wise(ids, numbers, pa.scalar("-", TEXT)), ids)

    def rank(self, occurrence: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the place of each row in the order of preference: 0 is the best."""
        keys = self.rows.append_column("struck", pc.subtract(self.rows["words_before"], self.rows["words"]))
        sizes = np.log2(np.maximum(self.rows["words"].to_numpy(), 1)).astype(np.int64)
        keys = keys.append_column("size", pa.array(sizes)).append_column("originality", self.originality)
        keys = keys.append_column("occurrence", pa.array(occurrence))
        order = pc.sort_indices(keys, sort_keys=_RANKED).to_numpy()
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        return rank


def _whole(column: pa.ChunkedArray) -> list[pa.Array]:
    """Return the chunks of a column, each with buffers that begin at its first row."""
    return [pa.concat_arrays([chunk]) if chunk.offset else chunk for chunk in column.chunks]
