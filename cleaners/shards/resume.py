"""What the last run's walk came to, kept in `work`: the next one compares what is new, and what that touches.

Rows are kept by part and place, since a part never changes under its name. All that were there before must still be:
where some are gone, the walk begins anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from cleaners import leaders, mapped
from cleaners.cluster import Memory

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from cleaners.cluster import Candidates
    from cleaners.shards.corpus import Corpus

    Ranked = Sequence[npt.NDArray[np.float64]]

_VERDICTS = ("canonical", "kind", "similarity")
_COUNTS = ("left_out", "compared")


def remember(
    path: str,
    corpus: Corpus,
    rows: npt.NDArray[np.int64],
    story: npt.NDArray[np.int64],
    ranked: Ranked,
    memory: Memory,
    verified: Sequence[str],
) -> None:
    """Keep what was decided on the rows that met any other, and by what they were ranked; the others are kept ones.

    `verified` are the files of the pairs that were verified for it: with others the walk means nothing.
    """
    columns: dict[str, npt.NDArray[np.generic]] = {"row": rows, "story": story[rows]}
    columns |= {name: getattr(memory.verdicts, name)[rows] for name in _VERDICTS}
    for name in _COUNTS:
        columns |= {f"{name}_{number}": counted[rows] for number, counted in enumerate(getattr(memory, name))}
    columns |= {f"ranked_{number}": by for number, by in enumerate(ranked)}
    note = {"parts": corpus.keys, "rows": np.diff(corpus.starts).tolist(), "verified": _digests(verified)}
    mapped.write(path, pa.table(columns), note)


def recall(
    path: str,
    corpus: Corpus,
    rows: npt.NDArray[np.int64],
    first: npt.NDArray[np.int64],
    story: npt.NDArray[np.int64],
    ranked: Ranked,
    verified: Sequence[str],
) -> Memory | None:
    """Return what the last run knew, by today's rows, and what has changed; None where it knew nothing of use.

    `rows` are those that met any other, ascending; `ranked` as in `Corpus.ranked`, by which a row has another place in
    the order where one of them is another number.
    """
    note = mapped.read_note(path)
    today = dict(zip(corpus.keys, range(len(corpus.keys)), strict=True))
    if note is None or any(part not in today for part in note["parts"]) or note["verified"] != _digests(verified):
        return None
    parts = np.array([today[part] for part in note["parts"]], np.int64)
    if np.diff(corpus.starts)[parts].tolist() != note["rows"]:
        return None
    before = np.cumsum([0, *note["rows"]])
    shift = corpus.starts[parts] - before[:-1]

    def now(column: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        place = np.searchsorted(before, column, "right") - 1
        return np.where(column < 0, column, column + shift[place])

    table = mapped.columns(path)
    known = {name: table[name].to_numpy() for name in table.column_names}
    row = now(known["row"])
    comparisons = len(verified)
    memory = Memory.blank(len(first), comparisons)
    there = np.isin(np.arange(len(today)), parts)
    old = np.repeat(there, np.diff(corpus.starts))
    memory.kept[:] = memory.settled[:] = old
    memory.change[~old] = leaders.TOUCHED
    memory.verdicts.canonical[row] = now(known["canonical"])
    memory.verdicts.kind[row], memory.verdicts.similarity[row] = known["kind"], known["similarity"]
    memory.kept[row] = known["canonical"] < 0
    for name in _COUNTS:
        getattr(memory, name)[:, row] = [known[f"{name}_{number}"] for number in range(comparisons)]
    stands = first[row] == row
    at = np.searchsorted(rows, row[stands])
    at[at == len(rows)] = 0
    met = rows[at] == row[stands]
    same = now(known["story"])[stands] == story[row[stands]]
    for number, by in enumerate(ranked):
        same &= known[f"ranked_{number}"][stands] == by[at]
    upset = np.concatenate([row[stands][met & ~same], first[row[~stands]]])
    memory.change[upset] |= leaders.UPSET
    memory.kept[upset] = memory.settled[upset] = False
    memory.stood[:] = memory.kept
    memory.whole[:] = memory.settled & (memory.left_out == 0)
    looked = np.where(memory.verdicts.canonical < 0, comparisons, memory.verdicts.kind)
    memory.whole[:] &= np.arange(comparisons)[:, None] < looked
    return memory


def doubt_full(memory: Memory, met: Sequence[Candidates], bucket_leaders: int) -> None:
    """Note who may not have been compared with all it met: of a full bucket some are noted, and now perhaps others."""
    for whole, each in zip(memory.whole, met, strict=True):
        full = np.bincount(each.buckets) > bucket_leaders
        if full.any():
            whole[np.repeat(each.rows, np.diff(each.offsets))[full[each.buckets]]] = False


def _digests(paths: Sequence[str]) -> list[str | None]:
    """Return what tells the content of each file of verified pairs."""
    return [(mapped.read_note(path) or {}).get("digest") for path in paths]
