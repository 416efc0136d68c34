"""Verdicts → the evidence column: scores, and for copies told by facts those by which a person can check them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cleaners.cluster import KEPT
from cleaners.columns import EVIDENCE, TEXT
from cleaners.facts.reading import told_of
from cleaners.model import KINDS
from cleaners.rewording import verify as rewording
from cleaners.rewording.columns import MEASURES
from cleaners.rewording.evidence import shared_and_not

if TYPE_CHECKING:
    from cleaners.cluster import Verdicts
    from cleaners.config import RewordingSettings
    from cleaners.pieces import TextSource
    from cleaners.shards.corpus import Ids

REWORDED = KINDS.index("reworded")
"""The first of the kinds that are told by facts."""

_PAIRS = 5_000  # pairs whose texts are in memory at one time


TOLD = pa.schema([("pair", TEXT), *(EVIDENCE.field(name) for name in ("aligned", "facts", "shared", "unshared"))])
"""What is told of a copy by facts; the pair is the id of the kept article, a space, and that of the copy."""


def evidence(
    verdicts: Verdicts, ids: Ids, texts: TextSource, settings: RewordingSettings, known: pa.Table
) -> tuple[pa.StructArray, pa.Table]:
    """Return a row of `EVIDENCE` for each copy, in order, and a table of `TOLD` for the next run.

    Figures of other kinds are null. `known` is the table of the last run, whose pairs are not read again.
    """
    copies = np.flatnonzero(verdicts.canonical != KEPT)
    kind = verdicts.kind[copies]
    by_facts = kind >= REWORDED
    told = copies[by_facts]
    names = (ids(rows) for rows in (verdicts.canonical[told], told))
    pairs = pc.binary_join_element_wise(*names, pa.scalar(" ", TEXT))
    fresh = np.flatnonzero(pc.is_null(pc.index_in(pairs, value_set=known["pair"])))
    parts = [
        _told(verdicts, told[some], texts, settings).add_column(0, "pair", pairs.take(pa.array(some)))
        for some in np.split(fresh, range(_PAIRS, len(fresh), _PAIRS))
    ]
    pool = pa.concat_tables([known, *(part.cast(TOLD) for part in parts)])
    table = pool.take(pc.index_in(pairs, value_set=pool["pair"])).combine_chunks()
    rows = table.take(pa.array(np.cumsum(by_facts) - 1, mask=~by_facts))
    similarity = verdicts.similarity[copies]
    columns = [
        pa.array(similarity, mask=by_facts),
        pa.array(similarity, mask=kind != REWORDED),
        pa.array(similarity, mask=kind <= REWORDED),
        *(rows[name].combine_chunks() for name in TOLD.names[1:]),
    ]
    return pa.StructArray.from_arrays(columns, fields=list(EVIDENCE)), table


def _told(
    verdicts: Verdicts, copies: npt.NDArray[np.int64], texts: TextSource, settings: RewordingSettings
) -> pa.Table:
    """Return aligned, facts, shared and unshared of some copies told by facts."""
    kept = verdicts.canonical[copies]
    rows = np.unique(np.concatenate([kept, copies]))
    read = texts(rows)  # once: row groups are read whole, whatever is wanted of them
    measured = rewording.verify(
        kept, copies, lambda wanted: read.take(pa.array(np.searchsorted(rows, wanted))), settings
    ).measures
    of_row = dict(zip(rows.tolist(), told_of(read), strict=True))
    facts = [
        shared_and_not(of_row[left], of_row[right]) for left, right in zip(kept.tolist(), copies.tolist(), strict=True)
    ]
    columns = [
        pa.array(measured[:, MEASURES.index("both_wide")].astype(np.float64)),
        pa.array(measured[:, MEASURES.index("facts_of_b")].astype(np.float64)),
        pa.array([list(each.shared) for each in facts], EVIDENCE.field("shared").type),
        pa.array([list(each.unshared) for each in facts], EVIDENCE.field("unshared").type),
    ]
    return pa.table(dict(zip(["aligned", "facts", "shared", "unshared"], columns, strict=True)))
