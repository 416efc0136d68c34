"""What the last run's walk came to, kept in `work`: the next one compares what is new, and what that touches.

Rows are kept by part and place, since a part never changes under its name. All that were there before must still be:
where some are gone, the walk begins anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cleaners import leaders, mapped
from cleaners.cluster import Memory
from cleaners.match.exact import ANY, APART, NEW

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cleaners.shards.corpus import Corpus
    from cleaners.turns import Candidates

    Ranked = Sequence[npt.NDArray[np.float64]]

_VERDICTS = ("canonical", "kind", "similarity")
_COUNTS = ("left_out", "compared", "reach")


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


class Last(NamedTuple):
    """What the last run left of its walk, by today's rows.

    novelty  (n,) uint8, for each row what is known of its meetings: see `cleaners.match.exact`
    row      (known,) int64, those that met any other
    known    what is known of each of these, by name: (known,)
    """

    novelty: npt.NDArray[np.uint8]
    row: npt.NDArray[np.int64]
    known: dict[str, npt.NDArray[Any]]


def find(path: str, corpus: Corpus, verified: Sequence[str]) -> Last | None:
    """Return what the last run left; None where it is of no use."""
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
    known |= {name: now(known[name]) for name in ("row", "canonical", "story")}
    old = np.repeat(np.isin(np.arange(len(today)), parts), np.diff(corpus.starts))
    novelty = np.where(old, np.uint8(APART), np.uint8(NEW))
    novelty[known["row"]] = ANY
    return Last(novelty, known.pop("row"), known)


def recall(
    last: Last, rows: npt.NDArray[np.int64], first: npt.NDArray[np.int64], story: npt.NDArray[np.int64], ranked: Ranked
) -> Memory:
    """Return what the last run knew, and what has changed.

    `rows` are those that met any other, ascending; `ranked` as in `Corpus.ranked`, by which a row has another place in
    the order where one of them is another number.
    """
    comparisons = sum(name.startswith("reach_") for name in last.known)
    memory = Memory.blank(len(first), comparisons)
    memory.kept[:] = memory.settled[:] = last.novelty != NEW
    memory.change[last.novelty == NEW] = leaders.TOUCHED
    met = np.zeros(len(first), np.bool_)
    met[rows] = True
    still = met[last.row]
    gone = last.row[~still & (last.known["canonical"] < 0)]
    known = {name: column[still] for name, column in last.known.items()}
    row = last.row[still]
    memory.verdicts.canonical[row] = known["canonical"]
    memory.verdicts.kind[row], memory.verdicts.similarity[row] = known["kind"], known["similarity"]
    memory.kept[row] = known["canonical"] < 0
    for name in _COUNTS:
        getattr(memory, name)[:, row] = [known[f"{name}_{number}"] for number in range(comparisons)]
    at = np.searchsorted(rows, row)
    same = known["story"] == story[row]
    for number, by in enumerate(ranked):
        same &= known[f"ranked_{number}"] == by[at]
    upset = np.concatenate([row[~same], gone, first[gone]])
    memory.change[upset] |= leaders.UPSET
    memory.kept[upset] = memory.settled[upset] = False
    memory.stood[:] = memory.kept
    looked = np.where(memory.verdicts.canonical < 0, comparisons, memory.verdicts.kind)
    looked[~memory.settled] = 0
    memory.reached[:] = np.where(np.arange(comparisons)[:, None] < looked, memory.reach, 0)
    return memory


def unsettle(memory: Memory, first: npt.NDArray[np.int64], keys: Iterable[npt.NDArray[np.uint32]]) -> None:
    """Look again at all who met one whose place a better identical copy took, where they may not meet that one.

    `keys` are those of all rows in each band of facts, `(n,) uint32`: they may differ where the words are the same.
    """
    gone = np.flatnonzero(memory.change & leaders.UPSET)
    gone = gone[first[gone] != gone]
    for band in keys if len(gone) else ():
        left = band[gone][band[gone] != band[first[gone]]]
        if len(left):
            met = np.isin(band, left)
            memory.settled[met] = False
            memory.reached[:, met] = 0  # of a bucket that is smaller now nobody knows whether it was left out


def doubt_full(memory: Memory, met: Sequence[Candidates], bucket_leaders: int) -> None:
    """Forget how far members of full buckets were compared: of their first kept articles some may be others now."""
    for reached, each in zip(memory.reached, met, strict=True):
        full = np.bincount(each.buckets) > bucket_leaders
        if full.any():
            reached[np.repeat(each.rows, np.diff(each.offsets))[full[each.buckets]]] = 0


def _digests(paths: Sequence[str]) -> list[str | None]:
    """Return what tells the content of each file of verified pairs."""
    return [(mapped.read_note(path) or {}).get("digest") for path in paths]
