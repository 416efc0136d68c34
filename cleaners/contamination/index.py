"""Items of evaluation sets → an index in columns, group by group: made once a run, read by every shard.

Of an item of `decontaminate.ngram_words` words or more, every run of so many words counts; of a shorter one all of its
words, if they are `decontaminate.least_words` at least. GPT-3 (Brown et al. 2020, appendix C) took runs of 13 words,
and never fewer than 8; datatrove takes 12.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cleaners import storage
from cleaners.contamination.items import Item, items
from cleaners.contamination.trial import OWN
from cleaners.errors import InputError
from cleaners.facts.sets import Sets
from cleaners.pairs import fact_prints
from cleaners.shingles.sets import shingle_sets
from cleaners.shingles.words import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from cleaners.config import Settings

_GROUP = 2_000  # items in a row group: what is held at one time where there are many
_HELD = 16  # groups that are held for good; more are read again for each batch of texts
_FILTER = 24  # bits of a hash that are looked up before the hash itself is

TEXT = pa.large_string()


class Group(NamedTuple):
    """Some items, ready to be looked for."""

    files: list[str]
    records: list[int]
    texts: pa.LargeStringArray
    words: npt.NDArray[np.int64]  # (n,) of each item
    sizes: npt.NDArray[np.int64]  # (n,) words in its n-grams, 0: too short to be looked for
    grams: dict[
        int, tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]
    ]  # by size: hashes, ascending, and their items
    likely: npt.NDArray[np.bool_]  # (2 ** _FILTER,) whether any hash ends in these bits
    signatures: npt.NDArray[np.uint32]  # (n, permutations) of facts
    valid: npt.NDArray[np.bool_]  # (n,) whether it has facts enough to be known in other words
    telling: Sets


def build(path: str, settings: Settings) -> dict[str, Any]:
    """Write the index of the evaluation sets to `path` unless it is there; return what the manifest says of them.

    Raise InputError for a file that cannot be read, or of which no item is long enough to be looked for.
    """
    if note := storage.read_note(path):
        return note
    chosen = settings.decontaminate
    schema = pa.schema(
        [
            ("file", TEXT),
            ("record", pa.int64()),
            ("text", TEXT),
            ("words", pa.int64()),
            ("size", pa.int64()),
            ("grams", pa.large_list(pa.uint64())),
            ("valid", pa.bool_()),
            ("signature", pa.binary(4 * settings.rewording.permutations)),
            ("telling", pa.large_list(pa.uint32())),
        ]
    )
    note = {"files": {}}
    with storage.writing_part(path, schema, note, rows=_GROUP, level=1) as part:
        for file in chosen.files:
            told = dict.fromkeys(("items", "too_short", "not_in_other_words"), 0)
            walk = items(file, chosen.fields, chosen.sums[file])
            while some := list(itertools.islice(walk, _GROUP)):
                table = _columns(some, settings, schema)
                part.add(table)
                told["items"] += len(some)
                told["too_short"] += pc.sum(pc.equal(table["size"], 0)).as_py()
                told["not_in_other_words"] += pc.sum(pc.invert(table["valid"])).as_py()
            if told["items"] == told["too_short"]:
                what = f"has no item of {chosen.least_words} words or more, so nothing in it can be looked for"
                raise InputError(file, what, "Leave it out, or lower decontaminate.least_words.")
            note["files"][file] = told
        part.add(_columns([OWN], settings, schema))
    return note


def _columns(some: list[Item], settings: Settings, schema: pa.Schema) -> pa.Table:
    chosen = settings.decontaminate
    texts = pa.array([item.text for item in some], TEXT)
    counts = words(texts)[1]
    sizes = np.where(counts < chosen.least_words, 0, np.minimum(counts, chosen.ngram_words))
    grams: list[npt.NDArray[np.uint64]] = [np.zeros(0, np.uint64)] * len(some)
    for size in np.unique(sizes[sizes > 0]).tolist():
        rows = np.flatnonzero(sizes == size)
        sets = shingle_sets(texts.take(pa.array(rows)), size)
        for row, start, end in zip(rows.tolist(), sets.offsets, sets.offsets[1:], strict=False):
            grams[row] = sets.hashes[start:end]
    signed, valid, facts = fact_prints(texts, settings)
    valid &= counts >= settings.rewording.least_words
    offsets = np.concatenate([[0], np.cumsum([len(each) for each in grams])]).astype(np.int64)
    columns = [
        pa.array([item.file for item in some], TEXT),
        pa.array([item.record for item in some], pa.int64()),
        texts,
        pa.array(counts),
        pa.array(sizes, pa.int64()),
        pa.LargeListArray.from_arrays(pa.array(offsets), pa.array(np.concatenate(grams))),
        pa.array(valid),
        pa.array([row.tobytes() for row in signed], schema.field("signature").type),
        pa.LargeListArray.from_arrays(pa.array(facts.telling.offsets), pa.array(facts.telling.hashes)),
    ]
    return pa.Table.from_arrays(columns, schema=schema)


class Index:
    """The groups of an index; they stay in memory where they are few."""

    def __init__(self, path: str) -> None:
        self._part = storage.groups(path)
        self._count = self._part.num_row_groups
        self._held = [self._group(number) for number in range(self._count)] if self._count <= _HELD else []

    def groups(self) -> Iterator[Group]:
        """Yield the groups, in the order of the items."""
        yield from self._held or (self._group(number) for number in range(self._count))

    def _group(self, number: int) -> Group:
        table = self._part.read_row_group(number).combine_chunks()
        sizes = table["size"].to_numpy()
        lists = table["grams"].combine_chunks()
        hashes = lists.flatten().to_numpy()
        item = np.repeat(np.arange(len(sizes)), pc.list_value_length(lists).to_numpy())
        grams = {}
        likely = np.zeros(1 << _FILTER, np.bool_)
        likely[hashes & np.uint64(len(likely) - 1)] = True
        for size in np.unique(sizes[sizes > 0]).tolist():
            mine = np.flatnonzero(sizes[item] == size)
            # Equal hashes of several items: the first item is named.
            order = mine[np.lexsort((item[mine], hashes[mine]))]
            grams[size] = hashes[order], item[order]
        telling = table["telling"].combine_chunks()
        lengths = np.concatenate([[0], pc.list_value_length(telling).to_numpy()])
        permutations = table.schema.field("signature").type.byte_width // 4
        return Group(
            table["file"].to_pylist(),
            table["record"].to_pylist(),
            table["text"].combine_chunks(),
            table["words"].to_numpy(),
            sizes,
            grams,
            likely,
            np.frombuffer(b"".join(table["signature"].to_pylist()), "<u4").reshape(-1, permutations),
            table["valid"].to_numpy(),
            Sets(np.cumsum(lengths).astype(np.int64), telling.flatten().to_numpy()),
        )
