"""All cleaned rows of a run as one numbered column each: what matching and clustering walk over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cleaners import mapped
from cleaners.columns import TEXT
from cleaners.match.exact import ANY, Recurring, first_of_content, runs
from cleaners.pairs import fact_bands
from cleaners.pieces import cut
from cleaners.shards.articles import cleaned_key
from cleaners.shards.prints import ROWS, bands_key, facts_key, fingerprint_key, near_bands, signatures_of
from cleaners.shards.quality import refused, refusing, sound
from cleaners.storage import stem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy.typing as npt

    from cleaners.config import Criterion, Settings
    from cleaners.shards.dataset import Dataset
    from cleaners.shards.plan import Shard

    Ids = Callable[[npt.NDArray[np.int64]], pa.LargeStringArray]


class Corpus:
    """All cleaned rows of a run, numbered through; texts are read when they are asked for.

    `sound` `(n,) bool` tells which stay for their quality; the others are compared with nothing, and have no split.
    `sharing` are the rows that share their content with another, `occurrence` `(n,) int64` how many of the same id
    stand before each row.

    In memory are about 60 bytes of a row, 28 of them its id and 16 the hash of its words. While copies are looked for
    there are some 90 more of numbers for each row, and for each that met another 128 of its sketch and some 30 a
    bucket, by words and by facts. A million articles were measured to take 1.1 kB each: 110 GB for a hundred million.
    The rest stays on the disk.
    """

    def __init__(self, dataset: Dataset, shards: Sequence[Shard], settings: Settings, furniture: str | None) -> None:
        self.keys = [cleaned_key(shard, settings, furniture) for shard in shards]
        self.cleaned = [dataset.columns("cleaned", name) for name in self.keys]
        self.prints = [dataset.columns("fingerprints", fingerprint_key(shard, settings, furniture)) for shard in shards]
        self.marks = mapped.Parts(self.prints, [*ROWS.names, "content", "bytes", "valid"])
        self.starts = self.marks.starts
        content = self.marks["content"].combine_chunks().buffers()[1]
        self.content = np.frombuffer(content or b"", "<u8")[: 2 * self.starts[-1]].reshape(-1, 2)
        self.met_by_words = [
            dataset.columns("bands", bands_key(stem(path), near_bands(settings))) for path in self.prints
        ]
        self.sharing = _sharing(self.content)
        self._ids = self.marks["id"].combine_chunks()
        self.occurrence = self._occurrences()
        self.sizes = self.marks["bytes"].to_numpy()
        self.valid = self.marks["valid"].to_numpy()
        self.sound = np.ones(len(self.content), np.bool_)
        if refusing(settings):
            refusals = [refused(dataset, part, settings) for part in self.keys]
            self.sound = np.concatenate([self.sound[:0], *(sound(part).to_numpy() for part in refusals)])
        self.facts = [dataset.columns("facts", facts_key(part, settings)) for part in self.keys]
        met = fact_bands(settings.rewording)
        self.met_by_facts = [dataset.columns("bands", bands_key(stem(path), met)) for path in self.facts]
        self.told = mapped.Parts(self.facts, ["valid", "telling", "originality"])

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
        taken = [mapped.take(self.cleaned[at], some, ["text"])["text"] for at, some in cut(rows, self.starts)]
        return pa.chunked_array([chunk for column in taken for chunk in column.chunks], TEXT).combine_chunks()

    def _occurrences(self) -> npt.NDArray[np.int64]:
        """Return how many rows of the same id stand before each: by content, then by source and record.

        Identical records have one id. So have those that differ in language only, and these may be stripped otherwise.
        """
        occurrence = np.zeros(len(self.content), np.int64)
        same = _of_one_id(self._ids)
        rows = self.marks.take(same, ["id", "source", "record"])
        ids, sources = (_numbered(rows[name]) for name in ("id", "source"))
        order = np.lexsort([rows["record"].to_numpy(), sources, *self.content[same].T, ids])
        begins = np.flatnonzero(runs(ids[order])[0])
        lengths = np.diff([*begins, len(ids)])
        occurrence[same[order]] = np.arange(len(ids)) - np.repeat(begins, lengths)
        return occurrence

    def ids(self, rows: npt.NDArray[np.int64]) -> pa.LargeStringArray:
        """Return the ids of some rows as they are published: further ones of the same id end in -2, and so on."""
        ids, before = self._ids.take(pa.array(rows)), self.occurrence[rows]
        again = pa.array(before > 0)
        numbers = pc.cast(pa.array(before[before > 0] + 1), TEXT)
        return pc.replace_with_mask(
            ids, again, pc.binary_join_element_wise(ids.filter(again), numbers, pa.scalar("-", TEXT))
        )

    def order_of_copies(self, rows: npt.NDArray[np.int64], criteria: Sequence[Criterion]) -> npt.NDArray[np.int64]:
        """Return the place of each of some ascending rows among near copies, 0 is the best; the others come after them.

        The id makes the order total. So the same copy stays on every run.
        """
        keys = [pa.array(key) for key in self._speak_against(criteria, rows)]
        columns = [*keys, self._ids.take(pa.array(rows)), pa.array(self.occurrence[rows])]
        table = pa.Table.from_arrays(columns, names=[*criteria, "id", "occurrence"])
        order = pc.sort_indices(table, sort_keys=[(name, "ascending") for name in table.column_names])
        places = len(rows) + np.arange(len(self.occurrence))
        places[rows[order.to_numpy()]] = np.arange(len(rows))
        return places

    def ranked(
        self, rows: npt.NDArray[np.int64], story: npt.NDArray[np.int64], criteria: Sequence[Criterion]
    ) -> list[npt.NDArray[np.float64]]:
        """Return for each criterion what is best of it in the story of each of some rows: `(rows,) float64`, less is.

        `story` `(n,) int64` is the best article of the same story as each. The rows are those that met any other,
        ascending: with those that share their content with another they are all that share a story.
        """
        place = np.full(len(story), -1)
        place[rows] = place[self.sharing] = 0
        members = np.flatnonzero(place == 0)
        place[members] = np.arange(len(members))
        of_story = place[story[members]]
        found = []
        for key in self._speak_against(criteria, members):
            best = key.copy()
            np.minimum.at(best, of_story, key)
            found.append(best[of_story[place[rows]]])
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

    def _speak_against(
        self, criteria: Sequence[Criterion], rows: npt.NDArray[np.int64]
    ) -> Iterator[npt.NDArray[np.float64]]:
        """Yield what each criterion says of each of some ascending rows, the less the better: `(rows,) float64`."""
        marks = self.marks.take(rows, ["published", "words", "words_before"])
        for criterion in criteria:
            if criterion == "published":
                key = pc.fill_null(marks["published"].cast(pa.int64()), np.iinfo(np.int64).max)
            elif criterion == "originality":
                key = pc.negate(self.told.take(rows, ["originality"])["originality"])
            elif criterion == "completeness":
                key = pc.negate(marks["words"].cast(pa.int64()))
            else:
                key = pc.subtract(marks["words_before"], marks["words"])
            yield key.to_numpy().astype(np.float64)


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
    shares = np.zeros(len(first), np.bool_)
    shares[copies] = shares[first[copies]] = True
    return np.flatnonzero(shares)


_ID = np.dtype([("first", "<u8"), ("then", "<u8"), ("last", "<u4")])
"""The 20 hex digits of an id."""


def _of_one_id(ids: pa.LargeStringArray) -> npt.NDArray[np.int64]:
    """Return the rows that share the first 64 bits of their id with another, ascending; an id has 20 hex digits.

    >>> _of_one_id(pa.array(["0123456789abcdef0123", "f" * 20, "0123456789abcdef0123"], pa.large_string())).tolist()
    [0, 2]
    """
    digits = np.frombuffer(ids.buffers()[2] if len(ids) else b"", _ID)[ids.offset :][: len(ids)]
    mixed = digits["first"] * np.uint64(0x9E3779B97F4A7C15) ^ digits["then"]  # half of the bits of a digit say nothing
    rows, _ = Recurring(np.full(len(ids), ANY, np.uint8))([(mixed >> np.uint64(32)).astype(np.uint32)])
    rows = rows[np.argsort(mixed[rows])]
    return np.sort(rows[runs(mixed[rows])[1]])
