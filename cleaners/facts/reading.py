"""The facts of one text, in order and with their places, to be read by people: evidence, `explain`, tests."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Literal, TypeAlias

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
# Weight from which a word that is no name counts as a rare term: one article in 250.
_RARE = 5.5


@dataclasses.dataclass(frozen=True, slots=True)
class Fact:
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
    found = scan.terms(pa.array([text], pa.large_string()))
    rare = rarity.of_terms(found.term) >= _RARE
    return tuple(_joined(text, _single(text, found, rare)))


def _single(text: str, found: Terms, rare: NDArray[np.bool_]) -> Iterator[Fact]:
    """Yield the facts term by term."""
    # Terms know bytes; people and edits count code points.
    starts = np.frombuffer(text.encode("utf-8"), np.uint8)
    code_points = np.concatenate([[0], np.cumsum((starts & 0xC0) != 0x80)])
    rows = zip(found.term, found.flags, code_points[found.start], code_points[found.end], rare, strict=True)
    for key, flags, start, end, telling in rows:
        kind: FactKind | None = next((name for flag, name in _KINDS if flags & flag), None)
        if kind is None and telling and not flags & marks.COMMON:
            kind = "term"
        if kind:
            yield Fact(kind, text[start:end], int(start), int(end), bool(flags & marks.QUOTED), int(key))


def _joined(text: str, single: Iterator[Fact]) -> Iterator[Fact]:
    """Yield the same with the words of a name as one fact."""
    held: Fact | None = None
    for fact in single:
        if held and held.kind == fact.kind == "name" and text[held.end : fact.start] in {" ", "-", ". ", "\u00a0"}:
            key = (held.key * 31 + fact.key) % 2**32
            held = dataclasses.replace(held, written=text[held.start : fact.end], end=fact.end, key=key)
            continue
        if held:
            yield held
        held = fact
    if held:
        yield held
