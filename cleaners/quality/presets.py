"""Named filters over the quality signals (`presets.toml`), with bounds of the user's own on top."""

from __future__ import annotations

import functools
import importlib.resources
import tomllib
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from cleaners.columns import TEXT, residue
from cleaners.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cleaners.config import QualitySettings

_REPEATING = (
    "duplicate_lines", "duplicate_line_characters", "duplicate_characters", "duplicate_paragraphs",
    "duplicate_paragraph_characters", *(f"top_{n}gram" for n in (2, 3, 4)),
    *(f"duplicate_{n}gram" for n in range(5, 11)),
)  # fmt: skip
_REASONS: dict[str, tuple[str, str]] = {
    "words": ("too short", "too long"),
    "sentences": ("too short", "too long"),
    "c4_sentences": ("too short", "too long"),
    "mean_word_length": ("word length", "word length"),
    "alphabetic": ("symbols", "symbols"),
    "digits": ("symbols", "symbols"),
    "symbols": ("symbols", "symbols"),
    "hashes": ("symbols", "symbols"),
    "ellipses": ("symbols", "symbols"),
    "gopher_words": ("stop words", "stop words"),
    "stop_words": ("stop words", "stop words"),
    "language_confidence": ("language", "language"),
    "residue": ("residue", "residue"),
    "javascript": ("placeholder", "placeholder"),
    "lorem_ipsum": ("placeholder", "placeholder"),
    "curly_bracket": ("placeholder", "placeholder"),
    **dict.fromkeys(("bullet_lines", "ellipsis_lines", "punctuated_lines"), ("lines", "lines")),
    **dict.fromkeys(("short_lines", "line_breaks"), ("lines", "lines")),
    **dict.fromkeys(_REPEATING, ("repetition", "repetition")),
}
"""For each column that may have bounds, why a text below or above them is rejected."""

REASONS = {
    "language": "the language is none of those asked for, or told with too little confidence",
    "lines": "too many lines begin with a bullet, trail off, are short or have no end: a list, a menu, links",
    "placeholder": "text that fills a place, or code: `lorem ipsum`, a curly bracket, JavaScript",
    "repetition": "too much of the text stands in lines, paragraphs or rows of words that stood there before",
    "residue": "too much of what was extracted was struck",
    "stop words": "too few of the commonest words of the language: no running text",
    "symbols": "too many digits or signs for the words",
    "too long": "more words or sentences than the bound",
    "too short": "fewer words or sentences than the bound",
    "word length": "the words are on average too short or too long to be a language's",
}
"""Why an article is rejected by this stage, and what each word means."""


class Bound(NamedTuple):
    """What a column of a text must lie between, asked of texts in `languages` (all, where there are none).

    On the column `language` itself: which languages a text may be in.
    """

    column: str
    least: float | None
    most: float | None
    languages: tuple[str, ...]
    preset: str


def bounds(settings: QualitySettings) -> tuple[Bound, ...]:
    """Return the bounds of the presets, the user's own in place of theirs, in the order in which they are asked.

    Raise InputError for a column that can have none, and for two that nothing lies between.

    >>> from cleaners.config import QualitySettings
    >>> [bound.column for bound in bounds(QualitySettings(preset="c4"))]
    ['c4_sentences', 'lorem_ipsum', 'curly_bracket']
    """
    own = {name: (bound.least, bound.most) for name, bound in settings.bounds.items()}
    if unknown := sorted(own.keys() - _REASONS.keys()):
        known = ", ".join(_REASONS)
        raise InputError(f"quality.bounds.{unknown[0]}", "no column that can have bounds", f"There are: {known}.")
    for name, (least, most) in own.items():
        if least is not None and most is not None and not least <= most:
            raise InputError(f"quality.bounds.{name}", f"nothing lies between {least:g} and {most:g}")
    chosen = [bound for name in settings.preset for bound in _presets()[name] if bound.column not in own]
    spoken = [Bound("language", None, None, settings.languages, "own")] if settings.languages else []
    return (*spoken, *chosen, *(Bound(name, *ends, (), "own") for name, ends in own.items()))


@functools.cache
def _presets() -> Mapping[str, tuple[Bound, ...]]:
    text = importlib.resources.files(__package__).joinpath("presets.toml").read_text(encoding="utf-8")
    return {preset: tuple(_bounds(preset, **columns)) for preset, columns in tomllib.loads(text).items()}


def _bounds(preset: str, languages: Sequence[str] = (), **columns: Mapping[str, Any]) -> Iterator[Bound]:
    """Yield the bounds of a preset, asked of texts in its languages where they have none of their own."""
    for name, ends in columns.items():
        yield Bound(name, ends.get("least"), ends.get("most"), tuple(ends.get("languages", languages)), preset)


REFUSALS = pa.schema([("reason", TEXT), ("detail", TEXT)])
"""A row for each article: why it is rejected, and on which figure; null where it is not."""


def refusals(rows: pa.Table, wanted: tuple[Bound, ...]) -> pa.Table:
    """Return REFUSALS for rows that have the columns of SIGNALS and those of CLEANED that bounds are on.

    >>> rows = pa.table({"words": [12, 80], "language": ["en", "en"]})
    >>> refusals(rows, (Bound("words", 50, None, (), "gopher"),)).to_pylist()[0]
    {'reason': 'too short', 'detail': 'gopher: words is 12, at least 50'}
    """
    reason, detail = (pa.nulls(rows.num_rows, TEXT) for _ in range(2))
    for bound in wanted:
        for fails, why, told in _failing(rows, bound):
            first = pc.and_(pc.fill_null(fails, fill_value=False), pc.is_null(reason))
            reason = pc.if_else(first, pa.scalar(why, TEXT), reason)
            detail = pc.if_else(first, told.cast(TEXT), detail)
    return pa.table([_flat(reason), _flat(detail)], REFUSALS)


def _failing(rows: pa.Table, bound: Bound) -> Iterator[tuple[pa.ChunkedArray, str, pa.ChunkedArray]]:
    """Yield for each end of a bound which rows fail, the reason, and the detail."""
    languages = pc.fill_null(rows["language"].cast(TEXT), "und")
    asked = pc.is_in(languages, value_set=pa.array(bound.languages, TEXT))
    if bound.column == "language":
        said = f", asked for: {', '.join(bound.languages)}"
        yield pc.invert(asked), "language", pc.binary_join_element_wise("language is ", _shown(languages), said, "")
        return
    values = _values(rows, bound.column)
    for side, limit in enumerate((bound.least, bound.most)):
        if limit is not None:
            fails = pc.less(values, limit) if side == 0 else pc.greater(values, limit)
            said = f", {'at most' if side else 'at least'} {limit:g}"
            told = pc.binary_join_element_wise(f"{bound.preset}: {bound.column} is ", _shown(values), said, "")
            yield pc.and_(fails, asked) if bound.languages else fails, _REASONS[bound.column][side], told


def _values(rows: pa.Table, column: str) -> pa.ChunkedArray:
    values = residue(rows) if column == "residue" else rows[column]
    return values.cast(pa.int64()) if pa.types.is_boolean(values.type) else values


def _shown(values: pa.ChunkedArray) -> pa.ChunkedArray:
    return values.cast(pa.string())


def _flat(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
