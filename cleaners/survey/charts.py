"""Figures → shapes: the numbers an SVG picture is drawn from. The template does the drawing.

Pictures are drawn in a box that is stretched to the width of the page, so everything in them is a shape; what is to be
read stands beside them as text of its own, in pixels down and in percent across.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

FLOW_HEIGHT = 260
"""Pixels that all records together are high."""

GAP = 0.12
"""Share of a bar's place that is left free."""

SLOT = 44
"""Pixels that the label of a stream needs."""


@dataclasses.dataclass(frozen=True, slots=True)
class Stream:
    """A part of the records on its way from left to right; `top` and `height` in pixels on the right side."""

    label: str
    stage: str  # that rejected it, if one did
    count: int
    share: float
    tone: str
    path: str
    top: float
    height: float


@dataclasses.dataclass(frozen=True, slots=True)
class Flow:
    """Streams in a box 100 wide and `height` pixels high; on the left they come from a bar `depth` high at `top`."""

    streams: tuple[Stream, ...]
    height: float
    top: float
    depth: float


def flow(parts: Sequence[tuple[str, str, int, str]]) -> Flow:
    """Return the picture of a whole that falls into parts (label, stage, count, tone), from top to bottom.

    >>> picture = flow([("kept", "", 75, "kept"), ("copies", "", 25, "near")])
    >>> [(stream.label, stream.top, stream.height) for stream in picture.streams]
    [('kept', 0.0, 195.0), ('copies', 201.0, 65.0)]
    """
    parts = [part for part in parts if part[2]]
    whole = sum(count for _, _, count, _ in parts) or 1
    heights = [max(1.5, FLOW_HEIGHT * count / whole) for _, _, count, _ in parts]
    slots = [max(height, SLOT) + 6 for height in heights]
    total = sum(slots) - 6 if slots else 0.0
    left = start = max(0.0, (total - FLOW_HEIGHT) / 2)
    right, streams = 0.0, []
    for (label, stage, count, tone), height, slot in zip(parts, heights, slots, strict=True):
        depth = FLOW_HEIGHT * count / whole
        path = (
            f"M0 {left:.1f}C50 {left:.1f} 50 {right:.1f} 100 {right:.1f}V{right + height:.1f}"
            f"C50 {right + height:.1f} 50 {left + depth:.1f} 0 {left + depth:.1f}Z"
        )
        streams.append(Stream(label, stage, count, count / whole, tone, path, round(right, 1), round(height, 1)))
        left, right = left + depth, right + slot
    return Flow(tuple(streams), round(max(total, FLOW_HEIGHT), 1), round(start, 1), FLOW_HEIGHT)


@dataclasses.dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a histogram: left and width in percent across, top and height in percent down."""

    left: float
    width: float
    top: float
    height: float
    label: str
    count: int
    faint: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the axis, in percent across."""

    left: float
    label: str


@dataclasses.dataclass(frozen=True, slots=True)
class Histogram:
    """Bars over an axis, the round number its full height stands for, and what it says in one sentence."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    ceiling: int
    says: str


def histogram(
    labels: Sequence[str], counts: Sequence[int], ticks: Sequence[tuple[int, str]], says: str, *, faint: int = 0
) -> Histogram:
    """Return bars of equal width, the first `faint` pale; a tick (place, label) stands before the bar of that number.

    >>> picture = histogram(["0 to 99", "100 to 199"], [3, 9], [(1, "100")], "Most have 100 words or more.")
    >>> picture.ceiling, picture.bars[0].height, picture.ticks
    (10, 30.0, (Tick(left=50.0, label='100'),))
    """
    ceiling = ceiling_of(max(counts, default=0))
    width = 100 / max(1, len(counts))
    bars = tuple(
        Bar(
            left=round((number + GAP / 2) * width, 3),
            width=round((1 - GAP) * width, 3),
            top=round(100 - 100 * count / ceiling, 2),
            height=round(100 * count / ceiling, 2),
            label=label,
            count=count,
            faint=number < faint,
        )
        for number, (label, count) in enumerate(zip(labels, counts, strict=True))
    )
    return Histogram(bars, tuple(Tick(round(place * width, 3), label) for place, label in ticks), ceiling, says)


def ceiling_of(value: int) -> int:
    """Return the next round number: one of a few steps between two powers of ten.

    >>> [ceiling_of(value) for value in (0, 7, 9, 430, 11_900, 52_000)]
    [1, 8, 10, 500, 12000, 60000]
    """
    if value <= 1:
        return 1
    power: int = 10 ** int(math.log10(value))
    steps = (10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100)
    return next(-(-step * power // 10) for step in steps if step * power >= 10 * value)


def spread(count: int, most: int) -> list[int]:
    """Return at most so many of the numbers below `count`, evenly apart: where the ticks stand.

    >>> spread(12, 4), spread(3, 6)
    ([0, 3, 6, 9], [0, 1, 2])
    """
    step = max(1, math.ceil(count / most))
    return list(range(0, count, step))
