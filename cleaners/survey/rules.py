"""What each rule did: one pass over the edits."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cleaners import storage
from cleaners.rulebook import CATEGORIES
from cleaners.survey.tally import Tally, lowest, ranks

if TYPE_CHECKING:
    from collections.abc import Sequence

EXAMPLES = 4
"""Different cuts shown for a rule."""

_CANDIDATES = 12
"""Cuts kept for a rule until the end, so that EXAMPLES different ones are among them."""

EXAMPLE_LETTERS = 240
"""Code points of an example; a cut that is longer is shown in part."""

ARTICLES = 12
"""Texts remembered for each category, from which the gallery chooses."""


@dataclasses.dataclass(frozen=True, slots=True)
class RuleFigures:
    """What one rule, or one kind of evidence, did: edits, texts they are in, code points that went, some of the cuts.

    `categories` are those of its edits, the commonest first: evidence such as furniture has none of its own.
    """

    rule: str
    edits: int
    texts: int
    letters: int
    categories: tuple[str, ...]
    examples: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class CategoryFigures:
    """What was done about one kind of residue, and the ids of some texts that show it."""

    category: str
    edits: int
    texts: int
    letters: int
    shown: tuple[str, ...]

    @property
    def setting(self) -> str | None:
        """Name of the switch in the settings where a corpus may want this kind either way."""
        known = CATEGORIES.get(self.category)
        return known.setting if known else None


@dataclasses.dataclass(frozen=True, slots=True)
class Cuts:
    """What all rules did, and about which kinds of residue; those with most edits first."""

    rules: tuple[RuleFigures, ...]
    categories: tuple[CategoryFigures, ...]

    @property
    def residue(self) -> tuple[CategoryFigures, ...]:
        """The kinds that go whatever the settings say, and repairs."""
        return tuple(each for each in self.categories if each.setting is None)

    @property
    def policy(self) -> tuple[CategoryFigures, ...]:
        """The kinds that the settings switch."""
        return tuple(each for each in self.categories if each.setting is not None)


_SUMS = [("edits", pa.int64()), ("texts", pa.int64()), ("letters", pa.int64())]
_EXAMPLES = pa.schema([("rule", pa.large_string()), ("rank", pa.uint64()), ("before", pa.large_string())])
_SHOWN = pa.schema([("category", pa.large_string()), ("rank", pa.uint64()), ("id", pa.large_string())])


def read(paths: Sequence[str]) -> Cuts:
    """Return what the edits in these parts tell."""
    tallies = {by: Tally(pa.schema([(by, pa.large_string()), *_SUMS]), keys=1) for by in ("rule", "category")}
    both = Tally(
        pa.schema([("rule", pa.large_string()), ("category", pa.large_string()), ("edits", pa.int64())]), keys=2
    )
    examples, shown = _EXAMPLES.empty_table(), _SHOWN.empty_table()
    for path in paths:
        edits = storage.read_table(path, ["id", "before", "after", "rule", "category"])
        edits = edits.append_column("rank", pa.array(ranks(edits["id"]), pa.uint64()))
        for by, tally in tallies.items():
            tally.add(_summed(edits, by))
        both.add(edits.select(["rule", "category"]).append_column("edits", pa.array(np.ones(edits.num_rows, np.int64))))
        visible = edits.filter(pc.match_substring_regex(edits["before"], r"\S"))
        cuts = pc.utf8_slice_codeunits(visible["before"], 0, EXAMPLE_LETTERS)
        visible = visible.set_column(visible.schema.get_field_index("before"), "before", cuts)
        examples = _more(examples, visible, ["rule", "rank", "before"], _CANDIDATES)
        shown = _more(shown, visible, ["category", "rank", "id"], ARTICLES)
    categories = _lists(both.total().sort_by([("edits", "descending"), ("category", "ascending")]), "rule", "category")
    cut, seen = _lists(examples, "rule", "before"), _lists(shown, "category", "id")
    rules, kinds = (tally.total().to_pylist() for tally in tallies.values())
    return Cuts(
        tuple(
            RuleFigures(**row, categories=tuple(categories[row["rule"]]), examples=_different(cut.get(row["rule"], [])))
            for row in sorted(rules, key=lambda row: (-row["edits"], row["rule"]))
        ),
        tuple(
            CategoryFigures(**row, shown=tuple(seen.get(row["category"], [])))
            for row in sorted(kinds, key=lambda row: (-row["edits"], row["category"]))
        ),
    )


def _summed(edits: pa.Table, by: str) -> pa.Table:
    """Return edits, texts and code points that went, for each value of a column."""
    letters = pc.subtract(pc.utf8_length(edits["before"]), pc.utf8_length(edits["after"]))
    table = pa.table({by: edits[by], "rank": edits["rank"], "letters": letters}).group_by(by, use_threads=False)
    table = table.aggregate([("letters", "count"), ("rank", "count_distinct"), ("letters", "sum")])
    table = table.select([by, "letters_count", "rank_count_distinct", "letters_sum"])
    return table.rename_columns([by, *(name for name, _ in _SUMS)])


def _more(known: pa.Table, edits: pa.Table, by: list[str], limit: int) -> pa.Table:
    """Return the lowest rows of those known and of distinct edits."""
    rows = edits.select(by).cast(known.schema).group_by(by, use_threads=False).aggregate([])
    return lowest(pa.concat_tables([known, rows]), by, limit)


def _lists(table: pa.Table, by: str, of: str) -> dict[str, list[str]]:
    """Return the values of one column for each value of another, in the order of the rows."""
    lists: dict[str, list[str]] = {}
    for key, value in zip(table[by].to_pylist(), table[of].to_pylist(), strict=True):
        lists.setdefault(key, []).append(value)
    return lists


def _different(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the first few texts that differ in more than case, digits and white space.

    >>> _different(["Share 3", "SHARE 4 ", "Tweet"])
    ('Share 3', 'Tweet')
    """
    seen: dict[str, str] = {}
    for text in texts:
        letters = "".join(character for character in text.casefold() if character.isalpha())
        seen.setdefault(letters or text.strip(), text.strip())
    return tuple(seen.values())[:EXAMPLES]
