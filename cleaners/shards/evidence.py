"""Verdicts → the evidence column: scores, and for reworded copies the facts by which a person can check them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cleaners.cluster import KEPT
from cleaners.columns import EVIDENCE
from cleaners.rewording import verify as rewording
from cleaners.rewording.columns import MEASURES
from cleaners.rewording.evidence import compare

if TYPE_CHECKING:
    from cleaners.cluster import Verdicts
    from cleaners.config import RewordingSettings
    from cleaners.match.verify import TextSource

REWORDED = 2
"""The kind of reworded copies in `Verdicts.kind`: the second comparison."""

_PAIRS = 5_000  # pairs whose texts are in memory at one time


def evidence(verdicts: Verdicts, texts: TextSource, settings: RewordingSettings) -> pa.StructArray:
    """Return a row of `EVIDENCE` for each article, null where it is kept; figures of other kinds are null."""
    copy = verdicts.canonical != KEPT
    told = np.flatnonzero(copy & (verdicts.kind == REWORDED))
    parts = [_told(verdicts, some, texts, settings) for some in np.split(told, range(_PAIRS, len(told), _PAIRS))]
    table = pa.concat_tables(parts)
    place = np.full(len(copy), -1, np.int64)
    place[told] = np.arange(len(told))
    rows = table.combine_chunks().take(pa.array(place, mask=place < 0))
    columns = [
        pa.array(verdicts.similarity, mask=~(copy & (verdicts.kind < REWORDED))),
        pa.array(verdicts.similarity, mask=place < 0),
        *(rows[name].combine_chunks() for name in table.schema.names),
    ]
    return pa.StructArray.from_arrays(columns, fields=list(EVIDENCE), mask=pa.array(~copy))


def _told(
    verdicts: Verdicts, copies: npt.NDArray[np.int64], texts: TextSource, settings: RewordingSettings
) -> pa.Table:
    """Return aligned, facts, shared and unshared of some reworded copies."""
    kept = verdicts.canonical[copies]
    measured = rewording.verify(kept, copies, texts, settings).measures
    rows = np.unique(np.concatenate([kept, copies]))
    written = dict(zip(rows.tolist(), texts(rows).to_pylist(), strict=True))
    facts = [compare(written[left], written[right]) for left, right in zip(kept.tolist(), copies.tolist(), strict=True)]
    columns = [
        pa.array(measured[:, MEASURES.index("both_wide")].astype(np.float64)),
        pa.array(measured[:, MEASURES.index("facts_of_b")].astype(np.float64)),
        pa.array([list(each.shared) for each in facts], EVIDENCE.field("shared").type),
        pa.array([list(each.unshared) for each in facts], EVIDENCE.field("unshared").type),
    ]
    return pa.table(dict(zip(["aligned", "facts", "shared", "unshared"], columns, strict=True)))
