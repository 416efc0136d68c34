"""Takedown: tombstones in OUT that keep articles out for good, by id, URL or host.

`OUT/forgotten.json` only grows. A shard remembers how many of its tombstones it was made with, as a part of its name: a
tombstone that hits nothing in a shard leaves the shard as it is, and a new shard is made with all of them.
"""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

from cleaners import storage
from cleaners.columns import host_of
from cleaners.model import Article, Rejected

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from cleaners.model import Source
    from cleaners.shards.dataset import Dataset
    from cleaners.shards.plan import Shard


WITH_TEXT = ("strip", "decontaminate", "quality")
"""Stages that reject what has a text by then."""


@dataclasses.dataclass(frozen=True, slots=True)
class Tombstones:
    """What is to be forgotten: ids (ours or the input's), URLs in one spelling, hosts with all below them."""

    ids: frozenset[str]
    urls: frozenset[str]
    hosts: frozenset[str]

    @classmethod
    def of(cls, entries: Iterable[dict[str, str]]) -> Tombstones:
        """Return the tombstones of `{"id": …}`, `{"url": …}` and `{"host": …}`.

        >>> Tombstones.of([{"url": "http://www.tide.example/a/#top"}]).hit("1", None, "https://tide.example/a")
        True
        """
        by = {kind: frozenset(entry[kind] for entry in entries if kind in entry) for kind in ("id", "url", "host")}
        hosts = frozenset(host.lower().removeprefix("www.") for host in by["host"])
        ids = frozenset(_without_number(name) for name in by["id"])
        return cls(ids, frozenset(_spelled(url) for url in by["url"]), hosts)

    def hit(self, name: str, source_id: str | None, url: str | None) -> bool:
        """Tell whether a record is to be forgotten."""
        if _without_number(name) in self.ids or source_id in self.ids:
            return True
        if url is None or not (self.urls or self.hosts):
            return False
        host = host_of(url) or ""
        return _spelled(url) in self.urls or any(host == one or host.endswith(f".{one}") for one in self.hosts)

    def applied(self, record: Article | Rejected) -> Article | Rejected:
        """Return the record, or where it is to be forgotten the rejection that stands for it and tells nothing more."""
        if isinstance(record, Article) and self.hit(record.id, record.meta.source_id, record.meta.url):
            return forgotten(record.id, record.source)
        return record


def forgotten(name: str, source: Source) -> Rejected:
    """Return what stands for a record that is forgotten, so that the books still balance."""
    return Rejected(name, source, None, "read", "forgotten", "")


def _without_number(name: str) -> str:
    """Return an id of ours without what tells identical records apart: who forgets one means all of them."""
    base, _, number = name.rpartition("-")
    return base if base and number.isdecimal() and len(base) == 20 else name


def _spelled(url: str) -> str:
    """Return a URL without what makes no other page of it: scheme, www, fragment, final slash."""
    return url.partition("#")[0].partition("://")[2].removeprefix("www.").rstrip("/") or url


def entries_of(dataset: Dataset) -> list[dict[str, str]]:
    """Return the tombstones of a dataset, oldest first."""
    if not storage.exists(dataset.forgotten):
        return []
    entries: list[dict[str, str]] = json.loads(storage.read_bytes(dataset.forgotten))
    return entries


def of_shard(dataset: Dataset, shard: Shard) -> Tombstones:
    """Return the tombstones that a shard is made with."""
    return Tombstones.of(entries_of(dataset)[: shard.tombstones])


def bury(dataset: Dataset, asked: Sequence[dict[str, str]]) -> None:
    """Add tombstones to a dataset: from here on every run, whoever starts it, does what they ask (see `pending`)."""
    entries = entries_of(dataset)
    entries += [entry for entry in asked if entry not in entries]
    storage.write_bytes(dataset.forgotten, (json.dumps(entries, indent=1) + "\n").encode())


def pending(dataset: Dataset, shards: Iterable[Shard]) -> list[Shard]:
    """Return the shards, with all tombstones where those that the last finished run did not know hit something.

    A takedown that was stopped on its way is so done by the next run.
    """
    entries = entries_of(dataset)
    newer = entries[dataset.read_manifest().get("tombstones", 0) :]
    stones = Tombstones.of(newer)
    return [
        dataclasses.replace(shard, tombstones=len(entries))
        if newer and shard.tombstones < len(entries) and any(found(dataset, shard.name, stones))
        else shard
        for shard in shards
    ]


def found(dataset: Dataset, shard: str, stones: Tombstones) -> Iterable[dict[str, Any]]:
    """Yield what is published of a shard and to be forgotten: articles, duplicates, and rejected texts."""
    names = ["id", "source_id", "url"]
    for table, columns in {"articles": names, "duplicates": names, "rejected": [*names, "stage"]}.items():
        for row in _rows(dataset, table, shard, columns):
            if is_meant(row, stones):
                yield {"table": table, "id": row["id"], "host": host_of(row["url"]) if row["url"] else None}


def is_meant(row: dict[str, Any], stones: Tombstones) -> bool:
    """Tell whether a row is to be forgotten: of rejected ones, those that had a text, which other settings bring back.

    A text that was rejected by its quality has the id it would have as an article; the others have one of their own.
    """
    stage = row.get("stage", "quality")
    name = row["id"] if stage == "quality" else ""
    return stage in WITH_TEXT and stones.hit(name, row["source_id"], row["url"])


def _rows(dataset: Dataset, table: str, shard: str, columns: list[str]) -> Iterator[dict[str, Any]]:
    """Yield some columns of the rows that a shard has in a published table; none where it is new."""
    for path in dataset.parts(table, shard):
        for batch in storage.batches(path, 10_000, columns):
            yield from batch.to_pylist()


def copies_of(dataset: Dataset, shards: Sequence[Shard], gone: set[str]) -> dict[tuple[str, int], str]:
    """Return the ids, by source and record, of the duplicates whose kept article is one of these ids."""
    names = ["id", "canonical_id", "source", "record"]
    return {
        (row["source"], row["record"]): row["id"]
        for shard in shards
        for row in _rows(dataset, "duplicates", shard.name, names)
        if row["canonical_id"] in gone
    }


def kept_of(dataset: Dataset, shards: Sequence[Shard], records: Container[tuple[str, int]]) -> list[str]:
    """Return the ids of those of these records that are articles now."""
    return [
        row["id"]
        for shard in shards
        for row in _rows(dataset, "articles", shard.name, ["id", "source", "record"])
        if (row["source"], row["record"]) in records
    ]
