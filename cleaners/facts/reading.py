"""The facts of one text, in order and with their places, to be read by people: evidence, `explain`, tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa

from cleaners.facts import marks, rarity, scan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from cleaners.facts.columns import Terms

FactKind: TypeAlias = Literal["name", "number", "date", "handle", "term"]

# In order of precedence: a date is written with a number, an address may be capitalised.
_KINDS: tuple[tuple[int, FactKind], ...] = (
    (marks.DATE, "date"),
    (marks.NUMBER, "number"),
    (marks.HANDLE, "handle"),
    (marks.NAME, "name"),
)
_KIND_OF: tuple[FactKind, ...] = tuple(
    next((kind for flag, kind in _KINDS if flags & flag), "term") for flags in range(256)
)
# Weight from which a word that is no name counts as a rare term: one article in 250.
_RARE = 5.5


class Fact(NamedTuple):
    """One fact: `text[start:end] == written`. Facts with the same `key` say the same: "12.9bn" and "12,9 Mrd."."""

    kind: FactKind
    written: str
    start: int
    end: int
    quoted: bool
    key: int


def facts(text: str) -> tuple[Fact, ...]:
    """Return names, numbers, dates, handles and rare terms in the order of the text, words of one name together.

    >>> found = facts("On Nov. 19 the pangolins of Ada Quill cost them 12.9bn of it, as she told @orrel.")
    >>> [(fact.kind, fact.written) for fact in found]
    ... # doctest: +NORMALIZE_WHITESPACE
    [('date', 'Nov. 19'), ('term', 'pangolins'), ('name', 'Ada Quill'), ('number', '12.9bn'), ('handle', '@orrel')]
    """
    [found] = facts_of(pa.array([text], pa.large_string()))
    return found


def facts_of(texts: pa.LargeStringArray) -> Iterator[tuple[Fact, ...]]:
    """Yield the same for each text of a column, which is read in one go."""
    for block in scan.blocks(texts):
        found = scan.terms(block)
        rare = rarity.of_terms(found.term) >= _RARE
        for number, text in enumerate(block.to_pylist()):
            rows = slice(*found.offsets[number : number + 2].tolist())
            yield tuple(_joined(text, _single(text, found, rows, rare)))


def _single(text: str, found: Terms, rows: slice, rare: NDArray[np.bool_]) -> Iterator[Fact]:
    """Yield the facts term by term."""
    told = np.flatnonzero((found.flags[rows] & marks.FACT != 0) | rare[rows] & (found.flags[rows] & marks.COMMON == 0))
    columns = [column[rows][told] for column in (found.term, found.flags, found.start, found.end)]
    if not text.isascii():
        # Terms know bytes; people and edits count code points.
        begins = np.frombuffer(text.encode("utf-8"), np.uint8) & 0xC0 != 0x80
        code_points = np.concatenate([[0], np.cumsum(begins)])
        columns[2:] = code_points[columns[2]], code_points[columns[3]]
    for key, flags, start, end in zip(*(column.tolist() for column in columns), strict=True):
        yield Fact(_KIND_OF[flags], text[start:end], start, end, bool(flags & marks.QUOTED), key)


def _joined(text: str, single: Iterator[Fact]) -> Iterator[Fact]:
    """Yield the same with the words of a name as one fact."""
    held: Fact | None = None
    for fact in single:
        if held and held.kind == fact.kind == "name" and text[held.end : fact.start] in {" ", "-", ". ", "\u00a0"}:
            key = (held.key * 31 + fact.key) % 2**32
            held = Fact("name", text[held.start : fact.end], held.start, fact.end, held.quoted, key)
            continue
        if held:
            yield held
        held = fact
    if held:
        yield held
