"""The records that are no articles: for each reason how many, and a few of them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from cleaners import storage
from cleaners.survey.tally import Tally, lowest, ranks

if TYPE_CHECKING:
    from collections.abc import Sequence

EXAMPLES = 5
"""Records shown for a reason."""


@dataclasses.dataclass(frozen=True, slots=True)
class Record:
    """A record that was rejected: where it stands, and what was wrong."""

    source: str
    record: int
    detail: str


@dataclasses.dataclass(frozen=True, slots=True)
class Reason:
    """A reason, the stage that gave it, how many records it met, and some of them."""

    reason: str
    stage: str
    count: int
    examples: tuple[Record, ...]


_REASONS = pa.schema([("reason", pa.large_string()), ("stage", pa.large_string()), ("count", pa.int64())])
_RECORD = [field.name for field in dataclasses.fields(Record)]


def read(paths: Sequence[str]) -> tuple[Reason, ...]:
    """Return what the rejected records in these parts tell, the commonest reason first."""
    tally = Tally(_REASONS, keys=2)
    some: pa.Table | None = None
    for path in paths:
        rows = storage.read_table(path, ["id", "reason", "stage", *_RECORD])
        tally.add(rows.append_column("count", pa.array(np.ones(rows.num_rows, np.int64))))
        rows = rows.append_column("rank", pa.array(ranks(rows["id"]), pa.uint64()))
        some = lowest(rows if some is None else pa.concat_tables([some, rows]), ["reason", "rank", "id"], EXAMPLES)
    examples = some.to_pylist() if some else []
    reasons = (
        Reason(
            **row,
            examples=tuple(
                Record(**{name: each[name] for name in _RECORD}) for each in examples if each["reason"] == row["reason"]
            ),
        )
        for row in tally.total().to_pylist()
    )
    return tuple(sorted(reasons, key=lambda each: (-each.count, each.reason, each.stage)))
