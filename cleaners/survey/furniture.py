"""The furniture that was learned: host by host, the lines that stand in most of its articles."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cleaners import storage
from cleaners.survey.tally import lowest

if TYPE_CHECKING:
    from collections.abc import Iterator

HOSTS = 12
"""Hosts shown, those with the most furniture in their articles."""

LINES = 8
"""Lines shown of a host."""

_COLUMNS = ("host", "articles", "share", "example")


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """The beginning of a line, how many articles of the host it stands in, and their share."""

    example: str
    articles: int
    share: float


@dataclasses.dataclass(frozen=True, slots=True)
class Site:
    """The furniture of a host, None for all hosts together: how many lines there are, and the commonest."""

    host: str | None
    learned: int
    lines: tuple[Line, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Learned:
    """All that was learned: lines, hosts (all together count as none), and some of the hosts."""

    lines: int
    hosts: int
    sites: tuple[Site, ...]


def read(root: str) -> Learned | None:
    """Return what the furniture of a dataset tells; None where none was learned."""
    path = storage.join(root, "furniture.parquet")
    if not storage.exists(path):
        return None
    table = storage.read_table(path, _COLUMNS)
    if not table.num_rows:
        return Learned(0, 0, ())
    named = table.set_column(0, "host", pc.fill_null(table["host"], ""))
    by_host = named.group_by("host", use_threads=False).aggregate([("articles", "sum"), ("articles", "count")])
    largest = by_host.sort_by([("articles_sum", "descending"), ("host", "ascending")]).slice(0, HOSTS)
    return Learned(table.num_rows, pc.sum(pc.not_equal(by_host["host"], "")).as_py(), tuple(_sites(named, largest)))


def _sites(named: pa.Table, largest: pa.Table) -> Iterator[Site]:
    chosen = named.filter(pc.is_in(named["host"], largest["host"].combine_chunks()))
    last_first = pa.array(-np.asarray(chosen["articles"]), pa.int64())
    chosen = lowest(chosen.append_column("order", last_first), ["host", "order", "example"], LINES).to_pylist()
    for host, learned in zip(largest["host"].to_pylist(), largest["articles_count"].to_pylist(), strict=True):
        lines = (Line(row["example"] or "", row["articles"], row["share"]) for row in chosen if row["host"] == host)
        yield Site(host or None, learned, tuple(lines))
