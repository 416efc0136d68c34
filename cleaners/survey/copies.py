"""The copies: the largest clusters, and which pairs to show. One pass over the duplicates, a second for the members."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cleaners import storage
from cleaners.columns import VERDICT
from cleaners.survey.tally import Tally, lowest, ranks

if TYPE_CHECKING:
    from collections.abc import Sequence

CLUSTERS = 8
"""Clusters shown, the largest."""

MEMBERS = 8
"""Copies shown of a cluster."""

SAMPLED = 4
"""Pairs of a kind shown, chosen by hash; and CLOSEST more with the lowest similarity, where mistakes would be."""

CLOSEST = 2

EXACT = "exact"
"""The kind whose pairs hold no surprise; one is shown, last."""

_ORDER = {"reworded": -2, "near": -1, EXACT: 1}


@dataclasses.dataclass(frozen=True, slots=True)
class Pair:
    """A copy and the kept article it is a copy of.

    `evidence` are the figures the verdict rests on, by name; `facts` lists of facts, by name.
    """

    id: str
    canonical_id: str
    kind: str
    similarity: float
    evidence: tuple[tuple[str, float], ...]
    facts: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Member:
    """A copy in a cluster."""

    id: str
    kind: str
    similarity: float
    title: str | None
    host: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class Cluster:
    """A kept article, how many copies of it there were by kind, and some of them."""

    canonical_id: str
    kinds: tuple[tuple[str, int], ...]
    members: tuple[Member, ...]

    @property
    def copies(self) -> int:
        """All copies."""
        return sum(count for _, count in self.kinds)


@dataclasses.dataclass(frozen=True, slots=True)
class Copies:
    """Pairs to show, kind by kind, the largest clusters, and how many clusters there are of each number of copies."""

    pairs: tuple[Pair, ...]
    clusters: tuple[Cluster, ...]
    clustered: int  # kept articles that had copies


_KINDS = pa.schema([("canonical_id", pa.large_string()), ("kind", pa.large_string()), ("copies", pa.int64())])
_PAIR = pa.schema(
    [
        ("kind", pa.large_string()),
        ("rank", pa.uint64()),
        ("id", pa.large_string()),
        ("canonical_id", pa.large_string()),
        ("similarity", pa.float64()),
        ("evidence", VERDICT.field("evidence").type),
    ]
)
_MEMBER = ["id", "kind", "similarity", "title", "host"]


def read(paths: Sequence[str]) -> Copies:
    """Return what the duplicates in these parts tell."""
    tally = Tally(_KINDS, keys=2)
    sampled = closest = _PAIR.empty_table()
    for path in paths:
        rows = storage.read_table(path, ["id", "canonical_id", "kind", "similarity", "evidence"])
        tally.add(
            rows.select(["canonical_id", "kind"]).append_column("copies", pa.array(np.ones(rows.num_rows, np.int64)))
        )
        rows = rows.append_column("rank", pa.array(ranks(rows["id"]), pa.uint64())).select(_PAIR.names).cast(_PAIR)
        sampled = lowest(pa.concat_tables([sampled, rows]), ["kind", "rank", "id"], SAMPLED)
        closest = lowest(pa.concat_tables([closest, rows]), ["kind", "similarity", "rank", "id"], CLOSEST)
    by_kind = tally.total()
    sizes = by_kind.group_by("canonical_id", use_threads=False).aggregate([("copies", "sum")])
    largest = sizes.sort_by([("copies_sum", "descending"), ("canonical_id", "ascending")]).slice(0, CLUSTERS)
    leaders = largest["canonical_id"].combine_chunks()
    return Copies(_pairs(sampled, closest), _clusters(paths, leaders, by_kind), sizes.num_rows)


def _pairs(sampled: pa.Table, closest: pa.Table) -> tuple[Pair, ...]:
    """Return the pairs to show, each once, the kinds one after the other, the closest calls of a kind last."""
    once: dict[str, dict[str, Any]] = {}
    for row in [*sampled.to_pylist(), *closest.to_pylist()]:
        once.setdefault(row["id"], row)
    ranked = sorted(once.values(), key=lambda row: (_ORDER.get(row["kind"], 0), row["kind"]))
    exact = [row["id"] for row in ranked if row["kind"] == EXACT]
    return tuple(
        Pair(
            evidence=tuple((name, told) for name, told in _told(row) if isinstance(told, float)),
            facts=tuple((name, tuple(told)) for name, told in _told(row) if isinstance(told, list) and told),
            **{name: row[name] for name in ("id", "canonical_id", "kind", "similarity")},
        )
        for row in ranked
        if row["id"] not in exact[1:]
    )


def _told(row: dict[str, Any]) -> list[tuple[str, Any]]:
    return list((row["evidence"] or {}).items())


def _clusters(paths: Sequence[str], leaders: pa.Array, by_kind: pa.Table) -> tuple[Cluster, ...]:
    """Return the clusters of these kept articles, in their order."""
    schema = pa.schema([("canonical_id", pa.large_string()), ("rank", pa.uint64())])
    members: pa.Table | None = None
    for path in paths:
        rows = storage.read_table(path, ["canonical_id", *_MEMBER])
        rows = rows.filter(pc.is_in(rows["canonical_id"], leaders))
        rows = rows.append_column(schema.field("rank"), pa.array(ranks(rows["id"]), pa.uint64()))
        known = [rows] if members is None else [members, rows]
        members = lowest(pa.concat_tables(known), ["canonical_id", "rank", "id"], MEMBERS)
    if members is None:
        return ()
    counts = by_kind.filter(pc.is_in(by_kind["canonical_id"], leaders)).to_pylist()
    some = members.select(["canonical_id", *_MEMBER]).to_pylist()
    return tuple(
        Cluster(
            leader,
            tuple((row["kind"], row["copies"]) for row in counts if row["canonical_id"] == leader),
            tuple(Member(**{name: row[name] for name in _MEMBER}) for row in some if row["canonical_id"] == leader),
        )
        for leader in leaders.to_pylist()
    )
