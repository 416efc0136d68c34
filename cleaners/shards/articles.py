"""Shard → extracted part → cleaned part: read, extract and strip, from file to file."""

from __future__ import annotations

import collections
import dataclasses
import functools
import importlib.metadata
import itertools
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pyarrow as pa

from cleaners import mapped, storage
from cleaners.columns import CLEANED, EXTRACTED, REJECTED, host_of
from cleaners.extract.isolated import extract_all
from cleaners.furniture.counting import COUNTS, count
from cleaners.furniture.keys import keys_of
from cleaners.furniture.learning import FURNITURE, learn, version_of
from cleaners.furniture.table import Furniture
from cleaners.model import Article, Mark, Meta, Rejected, Source
from cleaners.read.readers import read
from cleaners.rewording import verify as rewording
from cleaners.rulebook import load
from cleaners.shards import forget
from cleaners.shards.cleaning import Cleaned, check_faults, clean, only_residue
from cleaners.shards.dataset import Dataset, key
from cleaners.strip import wording

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cleaners.config import Settings
    from cleaners.rulebook import Rulebook
    from cleaners.shards.plan import Shard

# Libraries whose version can change what a stage makes of a record.
_EXTRACTING = ("trafilatura", "htmldate", "justext", "lxml", "charset-normalizer", "py3langid")
_STRIPPING = ("ftfy",)
_BATCH = 1000  # rows that are Python objects at one time
_BATCH_LENGTH = 2_000_000  # code points of text after which fewer are
_COUNTED = 10_000  # texts whose lines are in memory at one time
_COUNTS = 10_000  # rows of counts, or of furniture, in a row group: what is read to look at a small range of keys
_SURROGATE = re.compile("[\ud800-\udfff]")
_Record = TypeVar("_Record", Article, Article | Rejected)
_META = [field.name for field in dataclasses.fields(Meta)]


@dataclasses.dataclass(frozen=True, slots=True)
class Made:
    """A part that is there: its key, and what was counted when it was made."""

    key: str
    counts: dict[str, Any]


@functools.cache
def _versions(libraries: tuple[str, ...]) -> dict[str, str]:
    return {name: importlib.metadata.version(name) for name in libraries}


def extracted_key(shard: Shard, settings: Settings) -> str:
    """Return the key of a shard's extracted part."""
    reading = settings.read.model_dump(exclude={"shard_mb"})
    form = str(EXTRACTED)
    return key("extracted", shard.name, reading, settings.extract.model_dump(), _versions(_EXTRACTING), form)


def extract_shard(dataset: Dataset, shard: Shard, settings: Settings) -> Made:
    """Make the extracted part of a shard, and its rejections beside it, unless they are there."""
    name = extracted_key(shard, settings)
    path = dataset.work("extracted", name)
    if note := storage.read_note(path):
        return Made(name, note["counts"])
    counts = collections.Counter(records=0)
    rejected: list[Rejected] = []
    note = {}
    with storage.writing_part(path, EXTRACTED, note, rows=settings.write.row_group_rows, level=1) as part:
        records = itertools.chain.from_iterable(read(piece, settings.read) for piece in shard.slices)
        stones = forget.of_shard(dataset, shard)
        for batch in _batched(map(stones.applied, extract_all(records, settings.extract))):
            articles = [record for record in batch if isinstance(record, Article)]
            rejected += [record for record in batch if isinstance(record, Rejected)]
            counts["records"] += len(batch)
            part.add(extracted_rows(articles))
        check_faults(dataset.root, "extract", rejected, counts["records"])
        note["counts"] = dict(counts)
        storage.write_table(dataset.work("rejected", name), rejected_rows(rejected), {})
    return Made(name, dict(counts))


def lines_key(shard: Shard, settings: Settings) -> str:
    """Return the key of the line counts of a shard."""
    return key("lines", extracted_key(shard, settings), settings.furniture.model_dump())


def count_shard(dataset: Dataset, shard: Shard, settings: Settings) -> str:
    """Count the lines of a shard's extracted part, unless they are counted; return the key of the counts."""
    name = lines_key(shard, settings)
    path = dataset.work("lines", name)
    if storage.read_note(path) is None:
        with storage.writing_part(path, COUNTS, {}, rows=_COUNTS, level=1) as part:
            for texts, hosts in _texts(dataset, extracted_key(shard, settings)):
                part.add(count(pa.chunked_array([texts]), pa.chunked_array([hosts]), settings.furniture))
    return name


def _texts(dataset: Dataset, extracted: str) -> Iterator[tuple[pa.Array, pa.Array]]:
    """Yield the texts of an extracted part and their hosts, some thousands at a time."""
    for batch in storage.batches(dataset.work("extracted", extracted), _COUNTED, ["url", "text"]):
        hosts = [host_of(url) for url in batch["url"].to_pylist()]
        yield batch["text"], pa.array(hosts, pa.large_string())


def learn_furniture(dataset: Dataset, counts: Sequence[str], settings: Settings) -> None:
    """Learn the furniture of the corpus from the line counts of its shards, and keep it in OUT."""
    parts = [storage.source(dataset.work("lines", name)) for name in counts]
    note: dict[str, Any] = {}
    with storage.writing_part(
        dataset.furniture, FURNITURE, note, rows=_COUNTS, level=settings.write.compression_level
    ) as part:

        def kept() -> Iterator[pa.Table]:
            for table in learn(parts, settings.furniture):
                part.add(table)
                yield table

        note["version"] = version_of(kept())


def _furniture_for(dataset: Dataset, extracted: str) -> Furniture:
    """Return what was learned about the lines and sites of an extracted part: little, however much was learned."""
    sites: set[str] = set()
    lines = np.zeros(0, np.uint64)
    for texts, hosts in _texts(dataset, extracted):
        sites.update(host for host in hosts.to_pylist() if host)
        lines = np.union1d(lines, keys_of(texts))
    return Furniture.load(storage.source(dataset.furniture), sites, lines)


def stripped_key(shard: Shard, settings: Settings, furniture: str | None) -> str:
    """Return the key of a shard's stripped part; `furniture` is the version of what was learned."""
    made_with = [settings.strip.model_dump(), *stripped_with(settings), str(CLEANED)]
    return key("cleaned", extracted_key(shard, settings), made_with, furniture)


def cleaned_key(shard: Shard, settings: Settings, furniture: str | None) -> str:
    """Return the key of a shard's cleaned part: the stripped one, or that without what is contaminated."""
    stripped = stripped_key(shard, settings, furniture)
    if not settings.decontaminate.files:
        return stripped
    made_with = settings.model_dump(mode="json", include={"decontaminate", "rewording"})
    return key("sifted", stripped, made_with, rewording.version())


def stripped_with(settings: Settings) -> list[Any]:
    """Return the versions of what decides, beside settings and furniture, on what stripping makes of a text."""
    return [load_rulebook(settings).version, wording.version(), _versions(_STRIPPING)]


def load_rulebook(settings: Settings) -> Rulebook:
    """Return the built-in rules and those that the settings name."""
    return load([Path(path) for path in settings.strip.rules])


def strip_shard(dataset: Dataset, shard: Shard, settings: Settings, version: str | None) -> Made:
    """Make the stripped part of a shard from its extracted part, unless it is there; `version` is the furniture's.

    What cannot be cleaned (see `cleaners.shards.cleaning`), or was nothing but residue, is rejected; its row goes to
    the part's own rejections. Raise RunError where the code fails on every text.
    """
    name = stripped_key(shard, settings, version)
    extracted = extracted_key(shard, settings)
    path = dataset.columns("cleaned", name)
    if note := mapped.read_note(path):
        return Made(name, note["counts"])
    rulebook = load_rulebook(settings)
    furniture = _furniture_for(dataset, extracted) if version else None
    counts = collections.Counter(words_before=0, words_after=0)
    rejected: list[Rejected] = []
    articles = 0
    note = {}
    with mapped.packing(path, CLEANED, note) as part:
        rows = storage.batches(dataset.work("extracted", extracted), _BATCH)
        for batch in _batched(itertools.chain.from_iterable(map(articles_of, rows))):
            kept = []
            for article in batch:
                made = clean(article, rulebook, settings, furniture)
                if isinstance(made, Rejected):
                    rejected.append(made)
                    continue
                counts["words_before"] += made.before
                counts["words_after"] += made.after
                if made.article.text:
                    kept.append(made)
                else:
                    rejected.append(only_residue(article))
            part.add(_cleaned_rows(kept))
            articles += len(batch)
        check_faults(dataset.root, "strip", rejected, articles)
        counts["records"] = (storage.read_note(dataset.work("extracted", extracted)) or {})["counts"]["records"]
        note["counts"] = dict(counts)
        storage.write_table(dataset.work("rejected", name), rejected_rows(rejected), {})
    return Made(name, note["counts"])


def _batched(records: Iterable[_Record]) -> Iterator[list[_Record]]:
    """Cut an iterable into lists that fit into memory, however long the texts."""
    batch: list[_Record] = []
    length = 0
    for record in records:
        batch.append(record)
        length += len(record.text) if isinstance(record, Article) else 0
        if len(batch) == _BATCH or length >= _BATCH_LENGTH:
            yield batch
            batch, length = [], 0
    if batch:
        yield batch


def extracted_rows(articles: Sequence[Article]) -> pa.Table:
    """Return articles as rows of EXTRACTED."""
    texts = [article.text for article in articles]
    marks = [[int(mark) for mark in article.marks] for article in articles]
    return _table(EXTRACTED, articles, text=texts, marks=marks)


def _cleaned_rows(kept: Sequence[Cleaned]) -> pa.Table:
    """Return clean articles as rows of CLEANED."""
    cleans = [made.article for made in kept]
    return _table(
        CLEANED,
        [dataclasses.replace(clean.article, meta=clean.meta) for clean in cleans],
        text=[clean.text for clean in cleans],
        words=[made.after for made in kept],
        words_before=[made.before for made in kept],
        edits=[[dataclasses.asdict(edit) for edit in clean.edits] for clean in cleans],
        salvaged=[list(clean.salvaged) for clean in cleans],
    )


def rejected_rows(rejected: Sequence[Rejected]) -> pa.Table:
    """Return rejections as rows of the `rejected` table. Their ids tell identical records apart."""
    rows: dict[str, list[Any]] = {
        "id": [key(row.id, row.source.path, row.source.record) for row in rejected],
        "source_id": [row.source_id for row in rejected],
        "url": [row.url for row in rejected],
        "source": [row.source.path for row in rejected],
        "record": [row.source.record for row in rejected],
        "stage": [row.stage for row in rejected],
        "reason": [row.reason for row in rejected],
        "detail": [row.detail for row in rejected],
    }
    return _columns(REJECTED, rows)


def _table(schema: pa.Schema, articles: Sequence[Article], **more: list[Any]) -> pa.Table:
    rows: dict[str, list[Any]] = {name: [getattr(article.meta, name) for article in articles] for name in _META}
    rows["id"] = [article.id for article in articles]
    rows["source"] = [article.source.path for article in articles]
    rows["record"] = [article.source.record for article in articles]
    rows["extractor"] = [article.extractor for article in articles]
    return _columns(schema, {**rows, **more})


def _columns(schema: pa.Schema, rows: dict[str, list[Any]]) -> pa.Table:
    """Return columns as a table. One lone surrogate in a title would stop the write, so strings are made valid."""
    arrays = []
    for field in schema:
        values = rows[field.name]
        try:
            arrays.append(pa.array(values, field.type))
        except UnicodeEncodeError:
            arrays.append(pa.array(_valid(values), field.type))
    return pa.Table.from_arrays(arrays, schema=schema)


def _valid(value: Any) -> Any:  # noqa: ANN401  (whatever nests in a column)
    """Return the value with every lone surrogate in its strings replaced by U+FFFD."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {name: _valid(inner) for name, inner in value.items()}
    return [_valid(inner) for inner in value] if isinstance(value, list) else value


def _frozen(value: Any) -> Any:  # noqa: ANN401  (any cell)
    return tuple(value) if isinstance(value, list) else value


def articles_of(batch: pa.RecordBatch) -> Iterator[Article]:
    """Return the rows of EXTRACTED as articles."""
    columns = {name: batch[name].to_pylist() for name in batch.schema.names}
    for number in range(batch.num_rows):
        row = {name: values[number] for name, values in columns.items()}
        yield Article(
            row["id"],
            Source(row["source"], row["record"]),
            row["text"],
            Meta(**{name: _frozen(row[name]) for name in _META}),
            row["extractor"],
            tuple(Mark(mark) for mark in row["marks"]),
        )
