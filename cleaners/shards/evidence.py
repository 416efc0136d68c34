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
from cleaners.pieces import partitions
from cleaners.rewording import verify as rewording
from cleaners.rewording.evidence import shared_and_not
from cleaners.shards.memory import words_of

if TYPE_CHECKING:
    from cleaners.cluster import Verdicts
    from cleaners.config import RewordingSettings
    from cleaners.shards.corpus import Corpus

REWORDED = KINDS.index("reworded")
"""The first of the kinds that are told by facts."""

_PAIRS, _BYTES = 5_000, 32 << 20
"""Reworded copies that are told about at one time, and bytes of their texts and of those they are copies of."""

_MEASURED = {"aligned": "both_wide", "facts": "facts_of_b", "machine": "machine"}
"""Field of EVIDENCE → the measure it shows."""

TOLD = pa.schema([("pair", TEXT), *(EVIDENCE.field(name) for name in (*_MEASURED, "shared", "unshared"))])
"""What is told of a copy by facts; the pair is the id of the kept article, that of the copy, and `words_of` the two."""


def evidence(
    verdicts: Verdicts, corpus: Corpus, settings: RewordingSettings, known: pa.Table
) -> tuple[pa.StructArray, pa.Table]:
    """Return a row of `EVIDENCE` for each copy, in order, and a table of `TOLD` for the next run.

    Figures of other kinds are null. `known` is the table of the last run, whose pairs are not read again.
    """
    copies = np.flatnonzero(verdicts.canonical != KEPT)
    kind = verdicts.kind[copies]
    by_facts = kind >= REWORDED
    told = copies[by_facts]
    kept = verdicts.canonical[told]
    names = (corpus.ids(rows) for rows in (kept, told))
    words = pa.array(words_of(corpus.content, kept, told)).cast(TEXT)
    pairs = pc.binary_join_element_wise(*names, words, pa.scalar(" ", TEXT))
    fresh = np.flatnonzero(pc.is_null(pc.index_in(pairs, value_set=known["pair"])))
    parts = [
        _told(kept[some], told[some], corpus, settings).add_column(0, "pair", pairs.take(pa.array(some)))
        for group in partitions(kept[fresh], told[fresh], corpus.sizes, _BYTES, _PAIRS)
        for some in [fresh[group]]
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
    kept: npt.NDArray[np.int64], copies: npt.NDArray[np.int64], corpus: Corpus, settings: RewordingSettings
) -> pa.Table:
    """Return the columns of `TOLD` but the first for some copies told by facts."""
    rows, places = np.unique(np.concatenate([kept, copies]), return_inverse=True)
    read = corpus.texts(rows)  # once: a batch of 64 texts is unpacked whole, whatever is wanted of it
    measured = rewording.verify(
        places[: len(kept)], places[len(kept) :], read.take, settings, wanted=tuple(_MEASURED.values())
    ).measures.astype(np.float64)
    of_row = dict(zip(rows.tolist(), told_of(read), strict=True))
    facts = [
        shared_and_not(of_row[left], of_row[right]) for left, right in zip(kept.tolist(), copies.tolist(), strict=True)
    ]
    columns = [
        *map(pa.array, measured.T),
        pa.array([list(each.shared) for each in facts], EVIDENCE.field("shared").type),
        pa.array([list(each.unshared) for each in facts], EVIDENCE.field("unshared").type),
    ]
    return pa.table(dict(zip(TOLD.names[1:], columns, strict=True)))
