"""Texts + index → which texts hold an item of an evaluation set: some of its words in a row, or all of it reworded."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from cleaners.facts.sets import Sets
from cleaners.match.candidates import band_keys
from cleaners.pairs import fact_bands, fact_prints
from cleaners.rewording import glance
from cleaners.rewording import verify as rewording
from cleaners.rewording.measures import LEAST_SHARED
from cleaners.shingles.sets import shingle_sets
from cleaners.shingles.words import words

if TYPE_CHECKING:
    import numpy.typing as npt

    from cleaners.config import Settings
    from cleaners.contamination.index import Group, Index
    from cleaners.facts.sets import FactSets

    Rows = npt.NDArray[np.int64]

_AT_ONCE = 100_000  # pairs whose signatures are compared at one time


class Hit(NamedTuple):
    """A text that holds an item: the item's file and record, and the words in a row, or else the similarity."""

    row: int
    file: str
    record: int
    words: str
    similarity: float

    @property
    def detail(self) -> str:
        """What is written beside the article.

        >>> Hit(0, "quiz.jsonl", 7, "who was it", 1.0).detail
        'quiz.jsonl, item 7: 3 words, "who was it"'
        >>> Hit(0, "quiz.jsonl", 7, "", 0.912).detail
        'quiz.jsonl, item 7: reworded, similarity 0.91'
        """
        what = (
            f'{self.words.count(" ") + 1} words, "{self.words}"'
            if self.words
            else f"reworded, similarity {self.similarity:.2f}"
        )
        return f"{self.file}, item {self.record}: {what}"


def look(texts: pa.LargeStringArray, index: Index, settings: Settings) -> list[Hit]:
    """Return one hit for each text that holds an item, in order: the first item, those word for word before others."""
    found: dict[int, Hit] = {}
    told = fact_prints(texts, settings)
    hashed: dict[int, tuple[Rows, npt.NDArray[np.uint64]]] = {}
    for group in index.groups():
        for size in group.grams:
            if size not in hashed:
                sets = shingle_sets(texts, size)
                hashed[size] = np.repeat(np.arange(len(texts)), np.diff(sets.offsets)), sets.hashes
            for hit in _in_a_row(texts, *hashed[size], group, size):
                known = found.get(hit.row)
                if known is None or not known.words:
                    found[hit.row] = hit
        for hit in _reworded(texts, *told, group, settings):
            found.setdefault(hit.row, hit)
    return [found[row] for row in sorted(found)]


def _in_a_row(
    texts: pa.LargeStringArray, rows: Rows, hashes: npt.NDArray[np.uint64], group: Group, size: int
) -> list[Hit]:
    """Return the first hit of each text by so many words in a row, read again word by word."""
    known, item = group.grams[size]
    likely = np.flatnonzero(group.likely[hashes & np.uint64(len(group.likely) - 1)])
    at = np.minimum(np.searchsorted(known, hashes[likely]), len(known) - 1)
    same = known[at] == hashes[likely]
    rows, at = rows[likely[same]], at[same]
    first = np.unique(rows, return_index=True)[1]
    hits = []
    for row, place in zip(rows[first].tolist(), item[at[first]].tolist(), strict=True):
        shared = _shared(texts[row].as_py(), group.texts[place].as_py(), size)
        if shared:
            hits.append(Hit(row, group.files[place], group.records[place], shared, 1.0))
    return hits


def _shared(text: str, item: str, size: int) -> str:
    """Return the first so many words of a text that stand in the item in a row, "" where none do."""
    one, other = (joined.split(" ") for joined in words(pa.array([text, item], pa.large_string()))[0].to_pylist())
    known = {tuple(other[at : at + size]) for at in range(len(other) - size + 1)}
    runs = (tuple(one[at : at + size]) for at in range(len(one) - size + 1))
    return " ".join(next((run for run in runs if run in known), ()))


def _reworded(
    texts: pa.LargeStringArray,
    signatures: npt.NDArray[np.uint32],
    valid: npt.NDArray[np.bool_],
    sets: FactSets,
    group: Group,
    settings: Settings,
) -> list[Hit]:
    """Return the first hit of each text that tells an item again in other words."""
    told = settings.rewording.model_copy(update={"threshold": settings.decontaminate.threshold})
    left, right = _met(signatures, valid, group, settings)
    both = Sets(
        np.concatenate([sets.telling.offsets, sets.telling.offsets[-1] + group.telling.offsets[1:]]),
        np.concatenate([sets.telling.hashes, group.telling.hashes]),
    )
    beside = len(texts) + right
    likely = glance.shared(both, left, beside) >= LEAST_SHARED
    left, right, beside = left[likely], right[likely], beside[likely]
    column = pa.concat_arrays([texts, group.texts])
    found = rewording.verify(left, beside, column.take, told)
    copies = np.flatnonzero(found.kind == rewording.KINDS.index("reworded"))
    order = copies[np.lexsort((right[copies], -found.similarity[copies], left[copies]))]
    first = order[np.unique(left[order], return_index=True)[1]]
    return [
        Hit(int(left[at]), group.files[right[at]], group.records[right[at]], "", float(found.similarity[at]))
        for at in first.tolist()
    ]


def _met(
    signatures: npt.NDArray[np.uint32], valid: npt.NDArray[np.bool_], group: Group, settings: Settings
) -> tuple[Rows, Rows]:
    """Return text and item of each pair whose facts met in a band and agree in enough places."""
    bands = fact_bands(settings.rewording)
    rows, items = np.flatnonzero(valid), np.flatnonzero(group.valid)
    packed = [np.zeros(0, np.int64)]
    for mine, theirs in zip(band_keys(signatures[rows], bands), band_keys(group.signatures[items], bands), strict=True):
        order = np.argsort(theirs, kind="stable")
        begin, end = (np.searchsorted(theirs[order], mine, side) for side in ("left", "right"))
        lengths = end - begin
        text = np.repeat(np.arange(len(rows)), lengths)
        place = np.arange(len(text)) - np.repeat(np.cumsum(lengths) - lengths, lengths) + np.repeat(begin, lengths)
        packed.append(np.unique(rows[text] << 32 | items[order][place]))
    pairs = np.unique(np.concatenate(packed))
    left, right = pairs >> 32, pairs & 0xFFFFFFFF
    least = settings.rewording.least_places
    agreeing = [np.zeros(0, np.bool_)]
    for start in range(0, len(pairs), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        agreeing.append((signatures[left[some]] == group.signatures[right[some]]).sum(axis=1) >= least)
    enough = np.concatenate(agreeing)
    return left[enough], right[enough]
