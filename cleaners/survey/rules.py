"""What each rule did: one pass over the edits."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from cleaners import storage
from cleaners.survey.tally import Tally, lowest, ranks

if TYPE_CHECKING:
    from collections.abc import Sequence

EXAMPLES = 4
"""Different cuts shown for a rule."""

_CANDIDATES = 12
"""Cuts kept for a rule until the end, so that EXAMPLES different ones are among them."""

_EXAMPLE_LETTERS = 240
"""Code points of an example; a cut that is longer is shown in part."""

ARTICLES = 12
"""Articles remembered for each category, from which the gallery chooses."""

REPAIR = "repair"
"""The category of changes that are no cuts: mojibake and white space."""


@dataclasses.dataclass(frozen=True, slots=True)
class RuleFigures:
    """What one rule did: edits, texts they are in, code points that went, and a few of the cuts."""

    rule: str
    category: str
    edits: int
    texts: int
    letters: int
    examples: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Cuts:
    """What all rules did, most edits first, and for each category the ids of texts that show it."""

    rules: tuple[RuleFigures, ...]
    categories: tuple[tuple[str, int, int], ...]  # category, edits, code points that went
    shown: dict[str, tuple[str, ...]]


_RULES = pa.schema(
    [(name, pa.large_string()) for name in ("rule", "category")]
    + [(name, pa.int64()) for name in ("edits", "texts", "letters")]
)
_EXAMPLES = pa.schema([("rule", pa.large_string()), ("rank", pa.uint64()), ("before", pa.large_string())])
_SHOWN = pa.schema([("category", pa.large_string()), ("rank", pa.uint64()), ("id", pa.large_string())])


def read(paths: Sequence[str]) -> Cuts:
    """Return what the edits in these parts tell."""
    tally = Tally(_RULES, keys=2)
    examples, shown = _EXAMPLES.empty_table(), _SHOWN.empty_table()
    for path in paths:
        edits = storage.read_table(path, ["id", "before", "after", "rule", "category"])
        tally.add(_by_rule(edits))
        rank = pa.array(ranks(edits["id"]), pa.uint64())
        edits = edits.append_column("rank", rank)
        visible = edits.filter(pc.match_substring_regex(edits["before"], r"\S"))
        texts = visible.set_column(
            visible.schema.get_field_index("before"),
            "before",
            pc.utf8_slice_codeunits(visible["before"], 0, _EXAMPLE_LETTERS),
        )
        examples = lowest(
            pa.concat_tables([examples, _first(texts, _EXAMPLES)]), ["rule", "rank", "before"], _CANDIDATES
        )
        struck = visible.filter(pc.not_equal(visible["category"], REPAIR))
        shown = lowest(pa.concat_tables([shown, _first(struck, _SHOWN)]), ["category", "rank", "id"], ARTICLES)
    by_rule: dict[str, list[str]] = {}
    for row in examples.to_pylist():
        by_rule.setdefault(row["rule"], []).append(row["before"].strip())
    rules = sorted(
        (RuleFigures(**row, examples=_different(by_rule.get(row["rule"], []))) for row in tally.total().to_pylist()),
        key=lambda each: (-each.edits, each.rule, each.category),
    )
    by_category: dict[str, list[str]] = {}
    for row in shown.to_pylist():
        by_category.setdefault(row["category"], []).append(row["id"])
    return Cuts(tuple(rules), _categories(rules), {name: tuple(ids) for name, ids in by_category.items()})


def _by_rule(edits: pa.Table) -> pa.Table:
    letters = pc.subtract(pc.utf8_length(edits["before"]), pc.utf8_length(edits["after"]))
    table = pa.table({"rule": edits["rule"], "category": edits["category"], "id": edits["id"], "letters": letters})
    grouped = table.group_by(["rule", "category"], use_threads=False)
    grouped = grouped.aggregate([("letters", "count"), ("id", "count_distinct"), ("letters", "sum")])
    return grouped.select(["rule", "category", "letters_count", "id_count_distinct", "letters_sum"]).rename_columns(
        _RULES.names
    )


def _first(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return distinct rows of a table in a schema."""
    table = table.select(schema.names).cast(schema)
    return table.group_by(schema.names, use_threads=False).aggregate([])


def _different(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the first few texts that differ in more than case, digits and white space."""
    seen: dict[str, str] = {}
    for text in texts:
        letters = "".join(character for character in text.casefold() if character.isalpha())
        seen.setdefault(letters or text, text)
    return tuple(seen.values())[:EXAMPLES]


def _categories(rules: Sequence[RuleFigures]) -> tuple[tuple[str, int, int], ...]:
    totals: dict[str, list[int]] = {}
    for each in rules:
        total = totals.setdefault(each.category, [0, 0])
        total[0] += each.edits
        total[1] += each.letters
    ranked = sorted(totals.items(), key=lambda pair: (-pair[1][0], pair[0]))
    return tuple((name, edits, letters) for name, (edits, letters) in ranked)
