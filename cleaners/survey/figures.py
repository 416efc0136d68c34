"""Counts of a finished dataset: its manifest, and one pass over the columns that are no texts."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cleaners import storage
from cleaners.errors import NO_DATASET, InputError
from cleaners.survey.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

LENGTH_EDGES = np.array([0, 25, 35, 50, 70, 100, 140, 200, 280, 400, 560, 800, 1120, 1600, 2240, 3200, 6400, 2**62])
"""Words at which a new bar of the lengths begins: half octaves, because lengths spread over three orders."""

RESIDUE_EDGES = np.array([0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.000001])
"""Shares of an article at which a new bar of the residue begins; articles without a cut are counted apart."""

LIKENESS_EDGES = np.arange(51) / 50
"""Similarities at which a new bar begins; exact copies are counted apart."""


@dataclasses.dataclass(frozen=True, slots=True)
class Group:
    """What became of the articles that share a language or a host.

    `words` are those of the kept articles, `struck` the words cut from these, `touched` how many of them had a cut.
    """

    name: str
    articles: int
    copies: int
    words: int
    struck: int
    touched: int

    @property
    def total(self) -> int:
        """Articles and copies."""
        return self.articles + self.copies


@dataclasses.dataclass(frozen=True, slots=True)
class Figures:
    """All counts. `languages` and `hosts` are tables of `Group` columns, those with most articles and copies first.

    `days` counts kept articles by day: columns `day` int32 (days since 1970) and `articles`. `lengths` (17,) int64
    counts them by words, see LENGTH_EDGES; `residue` (15,) int64 by the share that was struck, first those without
    a cut, then by RESIDUE_EDGES. `likeness` (50,) int64 counts the copies of a kind by similarity; `closest` (50,)
    int64 the kept articles by similarity with the one they resemble most, where that is below the kind's threshold.
    """

    manifest: dict[str, Any]
    timings: dict[str, float]
    languages: pa.Table
    hosts: pa.Table
    homeless: int  # articles and copies without a host
    days: pa.Table
    lengths: NDArray[np.int64]
    residue: NDArray[np.int64]
    likeness: dict[str, NDArray[np.int64]]
    closest: dict[str, NDArray[np.int64]]

    @property
    def counts(self) -> dict[str, Any]:
        """The books of the run."""
        counts: dict[str, Any] = self.manifest["counts"]
        return counts


def groups(table: pa.Table, limit: int) -> list[Group]:
    """Return the first rows of a table of groups."""
    return [Group(**row) for row in table.slice(0, limit).to_pylist()]


def parts(root: str, manifest: dict[str, Any], table: str) -> list[str]:
    """Return the paths of a table's parts, as the manifest names them."""
    return [storage.join(root, path) for path in sorted(manifest["files"]) if path.startswith(f"{table}/")]


def read(root: str) -> Figures:
    """Return the figures of the dataset in a folder; InputError where there is none."""
    path = storage.join(root, "manifest.json")
    if not storage.exists(path):
        raise InputError(root, *NO_DATASET)
    manifest = json.loads(storage.read_bytes(path))
    timings = _note(root, "timings.json")
    closest = _note(root, "outcome.json").get("closest", {})
    tallies = {by: Tally(_GROUPS, keys=1) for by in ("language", "host")}
    days = Tally(_DAYS, keys=1)
    lengths = np.zeros(len(LENGTH_EDGES) - 1, np.int64)
    residue = np.zeros(len(RESIDUE_EDGES), np.int64)
    likeness: dict[str, NDArray[np.int64]] = {}
    for articles in _columns(parts(root, manifest, "articles"), "language", "host", "published", "words", "residue"):
        lengths += np.histogram(articles["words"].to_numpy(), LENGTH_EDGES)[0]
        struck = articles["residue"].to_numpy()
        residue += np.append((struck <= 0).sum(), np.histogram(struck[struck > 0], RESIDUE_EDGES)[0])
        days.add(_by_day(articles))
        for name, tally in tallies.items():
            tally.add(_outcome(articles, name, copies=False))
    for copies in _columns(
        parts(root, manifest, "duplicates"), "language", "host", "kind", "similarity", "words", "residue"
    ):
        for name, tally in tallies.items():
            tally.add(_outcome(copies, name, copies=True))
        kinds, similarity = np.array(copies["kind"].to_pylist()), copies["similarity"].to_numpy()
        for kind in np.unique(kinds):
            counts = np.histogram(similarity[kinds == kind], LIKENESS_EDGES)[0]
            likeness[str(kind)] = likeness.get(str(kind), 0) + counts
    by_language, by_host = (_largest_first(tally.total()) for tally in tallies.values())
    return Figures(
        manifest=manifest,
        timings=timings,
        languages=by_language,
        hosts=by_host.filter(pc.not_equal(by_host["name"], "")),
        homeless=sum(group.total for group in groups(by_host.filter(pc.equal(by_host["name"], "")), 1)),
        days=days.total(),
        lengths=lengths,
        residue=residue,
        likeness=dict(sorted(likeness.items())),
        closest={kind: np.array(counts, np.int64) for kind, counts in closest.items()},
    )


def _note(root: str, name: str) -> dict[str, Any]:
    """Return what the run left in `work`; nothing where that was deleted."""
    path = storage.join(root, "work", name)
    note: dict[str, Any] = json.loads(storage.read_bytes(path)) if storage.exists(path) else {}
    return note


_GROUPS = pa.schema([(field.name, pa.int64()) for field in dataclasses.fields(Group)]).set(
    0, pa.field("name", pa.large_string())
)
_DAYS = pa.schema([("day", pa.int32()), ("articles", pa.int64())])


def _columns(paths: Sequence[str], *columns: str) -> Iterator[pa.Table]:
    """Walk the parts of a table, some columns of one part at a time."""
    for path in paths:
        yield storage.read_table(path, columns)


def _largest_first(table: pa.Table) -> pa.Table:
    total = pc.add(table["articles"], table["copies"])
    order = [("total", "descending"), ("articles", "descending"), ("name", "ascending")]
    return table.append_column("total", total).sort_by(order).drop_columns("total")


def _outcome(rows: pa.Table, by: str, *, copies: bool) -> pa.Table:
    """Return one row for each article or copy, with what the groups sum."""
    words, residue = rows["words"].to_numpy(), rows["residue"].to_numpy()
    # residue = struck / (struck + words), rounded to four digits when it was written.
    struck = np.rint(words * residue / np.maximum(1 - residue, 1e-4)).astype(np.int64)
    one, none = np.ones(len(words), np.int64), np.zeros(len(words), np.int64)
    values = [none, one, none, none, none] if copies else [one, none, words, struck, (residue > 0).astype(np.int64)]
    names = pc.fill_null(rows[by].cast(pa.large_string()), "")
    return pa.table([names, *map(pa.array, values)], schema=_GROUPS)


def _by_day(articles: pa.Table) -> pa.Table:
    published = articles["published"].drop_null()
    days = published.cast(pa.timestamp("s", "UTC"), safe=False).cast(pa.int64()).to_numpy() // 86400
    return pa.table({"day": pa.array(days.astype(np.int32)), "articles": pa.array(np.ones(len(days), np.int64))})
