"""Cleaned parts → fingerprints → verdict parts: which articles stay, and of which kept one each other is a copy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cleaners import storage
from cleaners.cluster import KEPT, Comparison, Verdicts, Verified, cluster
from cleaners.columns import VERDICT
from cleaners.fingerprint.columns import fingerprint
from cleaners.fingerprint.minhash import scheme
from cleaners.match.bands import bands_for, least_agreement
from cleaners.match.candidates import candidates
from cleaners.match.exact import first_of_content
from cleaners.match.verify import verify
from cleaners.shards.articles import Made, cleaned_key
from cleaners.shards.dataset import Dataset, key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cleaners.config import Settings
    from cleaners.shards.plan import Shard

_RANKED = [
    ("words", "descending"),
    ("struck", "ascending"),
    ("published", "ascending"),
    ("id", "ascending"),
    ("occurrence", "ascending"),
]
"""The order of preference among copies: the most complete, then the one with least residue, then the earliest (unknown
last), then the least id. The last two make it total, so that the same copy stays on every run."""

_KNOWN = pa.schema([("left", pa.large_string()), ("right", pa.large_string()), ("similarity", pa.float64())])


def fingerprint_key(shard: Shard, settings: Settings, furniture: str | None) -> str:
    """Return the key of a shard's fingerprints."""
    return key("fingerprints", cleaned_key(shard, settings, furniture), scheme(settings.fingerprint))


def fingerprint_shard(dataset: Dataset, shard: Shard, settings: Settings, furniture: str | None) -> Made:
    """Make the fingerprints of a shard's cleaned part, row for row, unless they are there."""
    name = fingerprint_key(shard, settings, furniture)
    path = dataset.work("fingerprints", name)
    if storage.read_note(path):
        return Made(name, {})
    places = settings.fingerprint.permutations
    schema = pa.schema(
        [
            ("content", pa.binary(16)),
            ("shingles", pa.uint32()),
            ("valid", pa.bool_()),
            ("signature", pa.list_(pa.uint32(), places)),
        ]
    )
    cleaned = dataset.work("cleaned", cleaned_key(shard, settings, furniture))
    with storage.writing_part(path, schema, {"scheme": scheme(settings.fingerprint)}, rows=50_000, level=1) as part:
        for batch in storage.batches(cleaned, 10_000, ["text"]):
            prints = fingerprint(batch["text"], settings.fingerprint)
            columns = [
                pa.FixedSizeBinaryArray.from_buffers(
                    pa.binary(16), len(prints.content), [None, pa.py_buffer(np.ascontiguousarray(prints.content))]
                ),
                pa.array(prints.shingles),
                pa.array(prints.valid),
                pa.FixedSizeListArray.from_arrays(pa.array(prints.signatures.ravel()), places),
            ]
            part.add(pa.Table.from_arrays(columns, schema=schema))
    return Made(name, {})


class Corpus:
    """All cleaned rows of a run, numbered through; texts are read when they are asked for."""

    def __init__(self, dataset: Dataset, shards: Sequence[Shard], settings: Settings, furniture: str | None) -> None:
        self.cleaned = [dataset.work("cleaned", cleaned_key(shard, settings, furniture)) for shard in shards]
        self.prints = [dataset.work("fingerprints", fingerprint_key(shard, settings, furniture)) for shard in shards]
        names = ["id", "source", "record", "published", "words", "words_before"]
        tables = [storage.read_table(path, names) for path in self.cleaned]
        self.starts = np.cumsum([0, *(table.num_rows for table in tables)])
        self.rows = pa.concat_tables(tables).combine_chunks()
        marks = pa.concat_tables([storage.read_table(path, ["content", "shingles", "valid"]) for path in self.prints])
        content = b"".join(chunk.buffers()[1].to_pybytes()[: 16 * len(chunk)] for chunk in _whole(marks["content"]))
        self.content = np.frombuffer(content, "<u8").reshape(-1, 2)
        self.shingles = marks["shingles"].to_numpy()
        self.valid = marks["valid"].to_numpy()

    def signatures(self) -> Iterator[npt.NDArray[np.uint32]]:
        """Yield the signatures part by part, `(rows, permutations) uint32`."""
        for path in self.prints:
            for batch in storage.batches(path, 50_000, ["signature"]):
                column = batch["signature"]
                yield column.flatten().to_numpy().reshape(len(column), -1)

    def texts(self, rows: npt.NDArray[np.int64]) -> pa.LargeStringArray:
        """Return the texts of ascending rows, reading each part that holds some of them once."""
        taken = []
        for number, path in enumerate(self.cleaned):
            low, high = np.searchsorted(rows, self.starts[number : number + 2])
            if low == high:
                continue
            wanted, at = rows[low:high] - self.starts[number], 0
            for batch in storage.batches(path, 10_000, ["text"]):
                first, last = np.searchsorted(wanted, [at, at + batch.num_rows])
                if first < last:
                    taken.append(batch["text"].take(pa.array(wanted[first:last] - at)))
                at += batch.num_rows
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
        return pc.if_else(pa.array(again), pc.binary_join_element_wise(ids, numbers, "-"), ids)

    def rank(self, occurrence: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the place of each row in the order of preference: 0 is the best."""
        keys = self.rows.append_column("struck", pc.subtract(self.rows["words_before"], self.rows["words"]))
        keys = keys.append_column("occurrence", pa.array(occurrence))
        order = pc.sort_indices(keys, sort_keys=_RANKED, null_placement="at_end").to_numpy()
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        return rank


def _whole(column: pa.ChunkedArray) -> list[pa.Array]:
    """Return the chunks of a column, each with buffers that begin at its first row."""
    return [pa.concat_arrays([chunk]) if chunk.offset else chunk for chunk in column.chunks]


def match_corpus(
    dataset: Dataset, shards: Sequence[Shard], settings: Settings, furniture: str | None
) -> dict[str, Any]:
    """Find the copies among all cleaned rows and write a verdict part for each shard; return what was counted.

    What was verified is kept in `work`, so that a run that adds articles verifies only pairs with something new.
    """
    corpus = Corpus(dataset, shards, settings, furniture)
    n = len(corpus.content)
    occurrence = corpus.occurrences(first_of_content(corpus.content, np.arange(n)))
    rank = corpus.rank(occurrence)
    ids = corpus.ids(occurrence)
    first = first_of_content(corpus.content, rank)
    match, places = settings.match, settings.fingerprint.permutations
    bands = bands_for(match.threshold, match.recall, places)
    scratch = _scratch(dataset)
    met = candidates(
        corpus.signatures(), corpus.valid & (first == np.arange(n)), bands, memory_mb=match.memory_mb, folder=scratch
    )
    least = least_agreement(match.threshold, places, match.deviations)
    near = Comparison("near", met, match.threshold, least, round(match.threshold * places))

    def jaccard(left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        words = settings.fingerprint.shingle_words
        found = verify(left, right, corpus.texts, corpus.shingles, shingle_words=words, memory_mb=match.memory_mb)
        return found.jaccard

    memory = dataset.work("verified", key("verified", _texts_key(settings, furniture)))
    known = [_recall(memory, ids, met.rows)]
    verdicts, verified, crowded = cluster(rank, first, [near], [jaccard], settings.cluster, known)
    _remember(memory, ids, verified[0])
    _write_verdicts(dataset, corpus, ids, verdicts)
    return {
        "candidates": len(met.rows),
        "verified": len(verified[0].left),
        "bands": bands.bands,
        "rows": bands.rows,
        "crowded": int(crowded.sum()),
    }


def _texts_key(settings: Settings, furniture: str | None) -> list[Any]:
    """Return whatever decides on the text of an article and on how two texts are compared."""
    from cleaners.shards.articles import load_rulebook  # noqa: PLC0415

    stages = settings.model_dump(mode="json", include={"extract", "strip", "fingerprint"})
    return [stages, load_rulebook(settings).version, furniture]


def _scratch(dataset: Dataset) -> Path | None:
    """Return a local folder for what does not fit into memory; none where OUT is remote."""
    if storage.is_url(dataset.root):
        return None
    folder = Path(dataset.scratch)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _recall(path: str, ids: pa.Array, rows: npt.NDArray[np.int64]) -> Verified:
    """Return the pairs verified by earlier runs, as rows of this one; those whose articles are gone stay out."""
    if not storage.read_note(path):
        return Verified(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    known = storage.read_table(path)
    present = ids.take(pa.array(rows))
    left, right = (pc.index_in(known[name], value_set=present) for name in ("left", "right"))
    both = pc.and_(pc.is_valid(left), pc.is_valid(right))
    columns = [column.filter(both).to_numpy() for column in (left, right, known["similarity"])]
    return Verified(rows[columns[0]], rows[columns[1]], columns[2])


def _remember(path: str, ids: pa.Array, verified: Verified) -> None:
    """Keep the verified pairs by id."""
    columns = [ids.take(pa.array(verified.left)), ids.take(pa.array(verified.right)), pa.array(verified.similarity)]
    storage.write_table(path, pa.Table.from_arrays(columns, schema=_KNOWN), {"pairs": len(verified.left)}, rows=100_000)


def verdicts_path(dataset: Dataset, shard: Shard, settings: Settings, furniture: str | None) -> str:
    """Return the path of a shard's verdicts. Unlike other parts they depend on all shards, so each run writes them."""
    return dataset.work("verdicts", cleaned_key(shard, settings, furniture))


def _write_verdicts(dataset: Dataset, corpus: Corpus, ids: pa.Array, verdicts: Verdicts) -> None:
    """Write one verdict part for each shard, with a note that changes exactly when a verdict in it does."""
    copy = verdicts.canonical != KEPT
    kinds = pa.array(["exact", "near"], pa.large_string())
    similarity = pa.array(verdicts.similarity, mask=~copy)
    columns = [
        ids,
        ids.take(pa.array(verdicts.canonical, mask=~copy)),
        kinds.take(pa.array(verdicts.kind, mask=~copy)),
        similarity,
        pa.StructArray.from_arrays([similarity], fields=list(VERDICT.field("evidence").type), mask=pa.array(~copy)),
    ]
    table = pa.Table.from_arrays(columns, schema=VERDICT)
    for number, path in enumerate(corpus.cleaned):
        start, end = corpus.starts[number : number + 2]
        part = table.slice(start, end - start).combine_chunks()
        note = {"key": key("verdicts", path_key := Path(path).stem, _digest(part))}
        storage.write_table(dataset.work("verdicts", path_key), part, note, rows=100_000)


def _digest(table: pa.Table) -> str:
    """Return a hash of the rows of a table."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return key(sink.getvalue().to_pybytes().hex())


def scheme_of(settings: Settings) -> Any:  # noqa: ANN401
    """Return what the manifest says about signatures and bands."""
    bands = bands_for(settings.match.threshold, settings.match.recall, settings.fingerprint.permutations)
    return {"scheme": scheme(settings.fingerprint), "bands": bands.bands, "rows": bands.rows}
