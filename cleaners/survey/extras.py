"""The columns of the articles that no other section tells about: how their values are spread, from a sample.

Whatever columns a dataset has come out by themselves, with the meaning that stands in their Arrow field metadata:
numbers as a histogram, words and lists by their commonest values, yes and no by their share, structs field by field.
"""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cleaners import storage
from cleaners.survey import charts
from cleaners.survey.plain import percent
from cleaners.survey.tally import ranks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

SAMPLE = 20_000
"""Articles that are looked at, chosen by hash: enough for a picture of any column."""

COLUMNS = 60
"""Columns shown."""

VALUES = 6
"""Values of a column of words that are named."""

MANY = 200
"""Different values from which none of them is named."""

LETTERS = 60
"""Code points of such a value that are shown."""

BINS = 24

ELSEWHERE = frozenset(
    {"id", "source_id", "text", "title", "url", "host", "language", "author", "published", "source_name", "source"}
    | {"record", "fetched", "words", "residue"}
)
"""Columns that have a section of their own, or whose values are all different."""


@dataclasses.dataclass(frozen=True, slots=True)
class Value:
    """A value and the share of the articles that have it."""

    name: str
    share: float


@dataclasses.dataclass(frozen=True, slots=True)
class Extra:
    """One column: what it means, the share of articles that have it, and its spread: a picture, or values."""

    name: str
    means: str
    filled: float
    picture: charts.Histogram | None
    values: tuple[Value, ...]
    distinct: int  # values in the sample; 0 where there is a picture

    @property
    def named(self) -> bool:
        """Whether values can stand for the others."""
        return self.distinct <= MANY and bool(self.values or not self.distinct)

    @property
    def spread(self) -> str:
        """The spread in words."""
        if self.picture:
            return self.picture.says
        if not self.named:
            return f"{self.distinct:,} different values"
        named = ", ".join(f"{value.name} {percent(value.share)}" for value in self.values) or "none"
        return named + (f" and {self.distinct - len(self.values):,} more" if self.distinct > len(self.values) else "")


@dataclasses.dataclass(frozen=True, slots=True)
class Extras:
    """The columns, and how many articles the shares are of."""

    sample: int
    columns: tuple[Extra, ...]

    @property
    def filled(self) -> list[Extra]:
        """The columns that some article has."""
        return [column for column in self.columns if column.filled]

    @property
    def unfilled(self) -> list[str]:
        """The names of the others."""
        return [column.name for column in self.columns if not column.filled]


def read(paths: Sequence[str]) -> Extras:
    """Return what the further columns of the articles in these parts tell."""
    sample: pa.Table | None = None
    for path in paths:
        names = [name for name in storage.schema(path).names if name not in ELSEWHERE]
        rows = storage.read_table(path, ["id", *names])
        rows = rows.append_column("", pa.array(ranks(rows["id"]), pa.uint64()))
        known = rows if sample is None else pa.concat_tables([sample, rows], promote_options="default")
        sample = known.sort_by([("", "ascending"), ("id", "ascending")]).slice(0, SAMPLE)
    if sample is None or not sample.num_rows:
        return Extras(0, ())
    columns = (each for field in sample.schema if field.name not in {"", "id"} for each in _told(sample, field))
    return Extras(sample.num_rows, tuple(itertools.islice(columns, COLUMNS)))


def _told(sample: pa.Table, field: pa.Field) -> Iterator[Extra]:
    means = (field.metadata or {}).get(b"means", b"").decode()
    yield from _column(field.name, means, sample[field.name].combine_chunks())


def _column(name: str, means: str, column: pa.Array) -> Iterator[Extra]:
    """Yield the column, or, of a struct, each of its fields."""
    kind = column.type
    if pa.types.is_struct(kind):
        for number in range(kind.num_fields):
            yield from _column(f"{name}.{kind.field(number).name}", means if number == 0 else "", column.field(number))
        return
    if pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
    filled = 1 - column.null_count / len(column)
    values = column.drop_null()
    if pa.types.is_floating(kind) or (pa.types.is_integer(kind) and pc.count_distinct(values).as_py() > VALUES):
        numbers = values.cast(pa.float64()).to_numpy()
        numbers = numbers[np.isfinite(numbers)]
        if len(numbers) and numbers.min() == numbers.max():
            yield Extra(name, means, filled, None, (Value(figure(float(numbers[0])), filled),), 1)
            return
        yield Extra(name, means, filled, _histogram(numbers), (), 0)
        return
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        filled = pc.sum(pc.greater(pc.list_value_length(values), 0)).as_py() or 0
        filled /= len(column)
        values = values.flatten()
    if pa.types.is_nested(values.type):
        yield Extra(name, means, filled, None, (), 0)
        return
    counted = pc.value_counts(values.cast(pa.large_string()))
    ranked = sorted(counted.to_pylist(), key=lambda each: (-each["counts"], each["values"]))
    telling = ranked[:VALUES] if len(ranked) <= VALUES or 2 * len(ranked) < len(values) else []
    shown = tuple(Value(each["values"][:LETTERS], each["counts"] / len(column)) for each in telling)
    yield Extra(name, means, filled, None, shown, len(ranked))


def _histogram(numbers: NDArray[np.float64]) -> charts.Histogram | None:
    """Return the spread of numbers; what is far out stands in the outermost bars."""
    if not len(numbers):
        return None
    low, middle, high = np.quantile(numbers, [0.01, 0.5, 0.99])
    low = 0.0 if 0 <= low < 0.3 * high else low
    high = 1.0 if 0.5 < high <= 1 and low >= 0 else high
    edges = np.linspace(low, max(high, low + 1e-9), BINS + 1)
    counts = np.histogram(np.clip(numbers, edges[0], edges[-1]), edges)[0]
    labels = [f"{figure(left)} to {figure(right)}" for left, right in itertools.pairwise(edges)]
    ticks = [(0, figure(edges[0])), (BINS // 2, figure(edges[BINS // 2]))]
    says = (
        f"The middle value is {figure(middle)}; one in a hundred is above {figure(float(np.quantile(numbers, 0.99)))}."
    )
    return charts.histogram(labels, counts.astype(int).tolist(), ticks, says)


def figure(number: float) -> str:
    """Return a number with as many digits as say something.

    >>> figure(0.0312), figure(1234.5), figure(3.0), figure(0.0)
    ('0.031', '1,234', '3', '0')
    """
    return f"{number:,.0f}" if abs(number) >= 100 or number == int(number) else f"{number:.2g}"
