"""All cleaned rows of a run as one numbered column each: what matching and clustering walk over."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cleaners import mapped
from cleaners.columns import CLEANED, TEXT
from cleaners.match.exact import first_of_content, recurring, runs
from cleaners.pairs import fact_bands
from cleaners.shards.articles import cleaned_key
from cleaners.shards.prints import bands_key, facts_key, fingerprint_key, near_bands, signatures_of
from cleaners.shards.quality import refused, refusing, sound
from cleaners.storage import stem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from cleaners.config import Criterion, Settings
    from cleaners.shards.dataset import Dataset
    from cleaners.shards.plan import Shard


class Corpus:
    """All cleaned rows of a run, numbered through; texts are read when they are asked for.

    `sound` `(n,) bool` tells which stay for their quality; the others are compared with nothing, and have no split.
    `sharing` are the rows that share their content with another, `occurrence` `(n,) int64` how many of the same id
    stand before each row, `ids` the ids as they are published.

    In memory are about 75 bytes of a row, 28 of them its id and 16 the hash of its words. While copies are looked for
    there are some 100 more of numbers for each row, and for each that met another 128 of its sketch and some 30 a
    bucket, by words and by facts. A million articles were measured to take 0.9 kB each: 90 GB for a hundred million.
    Signatures and bands stay on the disk.
    """

    def __init__(self, dataset: Dataset, shards: Sequence[Shard], settings: Settings, furniture: str | None) -> None:
        self.keys = [cleaned_key(shard, settings, furniture) for shard in shards]
        self.cleaned = [dataset.columns("cleaned", name) for name in self.keys]
        self.prints = [dataset.columns("fingerprints", fingerprint_key(shard, settings, furniture)) for shard in shards]
        tables = [mapped.columns(path, [*_MARKS, "source", "record"]) for path in self.prints]
        self.starts = np.cumsum([0, *(table.num_rows for table in tables)])
        marks = pa.concat_tables(map(_encoded, tables)).unify_dictionaries().combine_chunks()
        self.rows = marks.select(["id", "published", "words", "words_before"])
        self.hosts = marks["host"].combine_chunks()
        content = pa.concat_arrays(marks["content"].chunks).buffers()[1] if len(marks) else b""
        self.content = np.frombuffer(content, "<u8")[: 2 * len(marks)].reshape(-1, 2)
        self.met_by_words = [
            dataset.columns("bands", bands_key(stem(path), near_bands(settings))) for path in self.prints
        ]
        self.sharing = _sharing(self.content)
        self.occurrence = self._occurrences(tables)
        self.ids = self._ids()
        self.sizes = marks["bytes"].to_numpy()
        self.valid = marks["valid"].to_numpy()
        self.sound = np.ones(len(marks), np.bool_)
        if refusing(settings):
            refusals = [refused(dataset, part, settings) for part in self.keys]
            self.sound = np.concatenate([self.sound[:0], *(sound(part).to_numpy() for part in refusals)])
        self.facts = [dataset.columns("facts", facts_key(part, settings)) for part in self.keys]
        met = fact_bands(settings.rewording)
        self.met_by_facts = [dataset.columns("bands", bands_key(stem(path), met)) for path in self.facts]
        self.told = pa.concat_tables([mapped.columns(path, ["valid", "telling", "originality"]) for path in self.facts])

    def first(self, order: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return for each row the best by `order` of the same content, among those that stay; itself for the others."""
        first = np.arange(len(order))
        rows = self.sharing[self.sound[self.sharing]]
        first[rows] = rows[first_of_content(self.content[rows], order[rows])]
        return first

    def signatures(self) -> Iterator[npt.NDArray[np.uint32]]:
        """Yield the signatures part by part, `(rows, permutations) uint32`."""
        return signatures_of(self.prints)

    def texts(self, rows: npt.NDArray[np.int64]) -> pa.LargeStringArray:
        """Return the texts of ascending rows, unpacking only the batches that hold some of them, each once."""
        cuts = np.searchsorted(rows, self.starts)
        taken = [
            mapped.take(path, rows[low:high] - start, ["text"])["text"].combine_chunks()
            for path, start, (low, high) in zip(self.cleaned, self.starts, itertools.pairwise(cuts), strict=False)
            if low < high
        ]
        return pa.concat_arrays(taken) if taken else pa.array([], pa.large_string())

    def _occurrences(self, tables: Sequence[pa.Table]) -> npt.NDArray[np.int64]:
        """Return how many rows of the same id stand before each: by content, then by source and record.

        Identical records have one id. So have those that differ in language only, and these may be stripped otherwise.
        """
        occurrence = np.zeros(len(self.content), np.int64)
        same = _of_one_id(self.rows["id"].combine_chunks())
        rows = self._named(same, tables)
        ids, sources = (_numbered(rows[name]) for name in ("id", "source"))
        order = np.lexsort([rows["record"].to_numpy(), sources, *self.content[same].T, ids])
        begins = np.flatnonzero(runs(ids[order])[0])
        lengths = np.diff([*begins, len(ids)])
        occurrence[same[order]] = np.arange(len(ids)) - np.repeat(begins, lengths)
        return occurrence

    def _named(self, rows: npt.NDArray[np.int64], tables: Sequence[pa.Table]) -> pa.Table:
        """Return id, source and record of some ascending rows; of all rows they would take more than all the rest."""
        cuts = np.searchsorted(rows, self.starts)
        parts = [CLEANED.empty_table().select(["id", "source", "record"])]
        for table, start, (low, high) in zip(tables, self.starts, itertools.pairwise(cuts), strict=False):
            if low < high:
                parts.append(table.select(["id", "source", "record"]).take(pa.array(rows[low:high] - start)))
        return pa.concat_tables(parts)

    def _ids(self) -> pa.Array:
        """Return the ids as they are published: those of further records of the same id end in -2, -3, and so on."""
        ids = self.rows["id"].combine_chunks()
        again = np.flatnonzero(self.occurrence)
        if not len(again):
            return ids
        numbers = pc.cast(pa.array(self.occurrence[again] + 1), pa.large_string())
        others = pc.binary_join_element_wise(ids.take(pa.array(again)), numbers, pa.scalar("-", TEXT))
        return pc.replace_with_mask(ids, pa.array(self.occurrence > 0), others)

    def order_of_copies(self, rows: npt.NDArray[np.int64], criteria: Sequence[Criterion]) -> npt.NDArray[np.int64]:
        """Return the place of each of some rows among near copies, 0 is the best; the others come after them.

        The id makes the order total. So the same copy stays on every run.
        """
        keys = [pa.array(self._speaks_against(name)[rows]) for name in criteria]
        columns = [*keys, self.rows["id"].take(pa.array(rows)), pa.array(self.occurrence[rows])]
        table = pa.Table.from_arrays(columns, names=[*criteria, "id", "occurrence"])
        order = pc.sort_indices(table, sort_keys=[(name, "ascending") for name in table.column_names])
        places = len(rows) + np.arange(len(self.occurrence))
        places[rows[order.to_numpy()]] = np.arange(len(rows))
        return places

    def ranked(
        self, rows: npt.NDArray[np.int64], story: npt.NDArray[np.int64], criteria: Sequence[Criterion]
    ) -> list[npt.NDArray[np.float64]]:
        """Return for each criterion what is best of it in the story of each of some rows: `(rows,) float64`, less is.

        `story` `(n,) int64` is the best article of the same story as each.
        """
        found = []
        for name in criteria:
            key = self._speaks_against(name)
            best = key.copy()
            np.minimum.at(best, story, key)
            found.append(best[story[rows]])
        return found

    @staticmethod
    def rank(
        rows: npt.NDArray[np.int64],
        story: npt.NDArray[np.int64],
        order: npt.NDArray[np.int64],
        ranked: Sequence[npt.NDArray[np.float64]],
    ) -> npt.NDArray[np.int64]:
        """Return the place of each of some rows in the order of preference, 0 is the best: `(n,) int64`.

        The other rows have none that means something. `order` `(n,) int64` is that of copies. See `ClusterSettings`.
        """
        rank = np.full(len(order), len(order), np.int64)
        of_story = len(rank) * order[story[rows]] + order[rows]
        rank[rows[np.lexsort([of_story, *reversed(ranked)])]] = np.arange(len(rows))
        return rank

    def _speaks_against(self, criterion: Criterion) -> npt.NDArray[np.float64]:
        """Return what a criterion says of each row, the less the better: `(n,) float64`."""
        if criterion == "published":
            key = pc.fill_null(self.rows["published"].cast(pa.int64()), np.iinfo(np.int64).max)
        elif criterion == "originality":
            key = pc.negate(self.told["originality"])
        elif criterion == "completeness":
            key = pc.negate(self.rows["words"].cast(pa.int64()))
        else:
            key = pc.subtract(self.rows["words_before"], self.rows["words"])
        numbers: npt.NDArray[np.float64] = key.to_numpy().astype(np.float64)
        return numbers


def _numbered(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """Return the place of each value among the distinct ones, in their order: quick where there are few of them."""
    found = column.combine_chunks().dictionary_encode()
    place = np.empty(len(found.dictionary), np.int64)
    place[pc.sort_indices(found.dictionary).to_numpy()] = np.arange(len(place))
    numbers: npt.NDArray[np.int64] = place[found.indices.to_numpy()]
    return numbers


def _sharing(content: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """Return the rows that share their content with another, ascending: hardly any, in most corpora."""
    first = first_of_content(content, np.arange(len(content)))
    copies = np.flatnonzero(first != np.arange(len(first)))
    return np.unique(np.concatenate([copies, first[copies]]))


_ID = np.dtype([("first", "<u8"), ("then", "<u8"), ("last", "<u4")])
"""The 20 hex digits of an id."""


def _of_one_id(ids: pa.LargeStringArray) -> npt.NDArray[np.int64]:
    """Return the rows that share the first 64 bits of their id with another, ascending; an id has 20 hex digits.

    >>> _of_one_id(pa.array(["0123456789abcdef0123", "f" * 20, "0123456789abcdef0123"], pa.large_string())).tolist()
    [0, 2]
    """
    digits = np.frombuffer(ids.buffers()[2] if len(ids) else b"", _ID)[ids.offset :][: len(ids)]
    mixed = digits["first"] * np.uint64(0x9E3779B97F4A7C15) ^ digits["then"]  # half of the bits of a digit say nothing
    rows = recurring((mixed >> np.uint64(32)).astype(np.uint32), np.ones(len(ids), np.uint8))
    rows = rows[np.argsort(mixed[rows])]
    return np.sort(rows[runs(mixed[rows])[1]])


_MARKS = ["id", "published", "words", "words_before", "host", "content", "bytes", "valid"]


def _encoded(table: pa.Table) -> pa.Table:
    """Return of a part what is kept in memory of each row."""
    table = table.select(_MARKS)
    return table.set_column(table.schema.get_field_index("host"), "host", table["host"].dictionary_encode())
