"""Figures → pictures: what each one shows, and what it says in words."""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from cleaners.survey import charts
from cleaners.survey.copies import EXACT
from cleaners.survey.figures import LENGTH_EDGES, LIKENESS_EDGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from cleaners.survey.figures import Figures

REASONS = 6
"""Reasons of rejection with a stream of their own; the others share one."""

DECIDED_BY = {"near": "match", "reworded": "rewording"}
"""Kinds of copies that a threshold decides, with the section of the settings it stands in."""

BARS = 62
"""Bars of the dates at most: two months of days, five years of months."""


def flow(counts: Mapping[str, Any]) -> charts.Flow:
    """Return the picture of the records: kept, copies by kind, rejected by reason."""
    kinds, reasons = (list(counts[name].items()) for name in ("duplicates_by_kind", "rejected_by_reason"))
    rest = sum(count for _, count in reasons[REASONS:])
    return charts.flow(
        [
            ("kept", "", counts["articles"], "kept"),
            *((f"{kind} {_copies(count)}", "", count, f"kind-{kind}") for kind, count in kinds),
            *((reason, "rejected, ", count, "rejected") for reason, count in reasons[:REASONS]),
            ("for other reasons", "rejected, ", rest, "rejected"),
        ]
    )


def _copies(count: int) -> str:
    return "copy" if count == 1 else "copies"


def dates(known: Figures) -> charts.Histogram | None:
    """Return kept articles over time, by day, month or years, whichever gives a picture one can read."""
    days, articles = known.days["day"].to_numpy(), known.days["articles"].to_numpy()
    dated = int(articles.sum())
    if not dated:
        return None
    # Single wrong dates (1970, 2099) must not squeeze all others into one bar.
    reached = np.cumsum(articles) / dated
    ends = days[np.searchsorted(reached, [0.005, 0.995])]
    inside = (days >= ends[0]) & (days <= ends[1])
    unit = next(unit for unit, most in (("D", BARS), ("M", 31 * BARS), ("Y", 2**40)) if ends[1] - ends[0] < most)
    bins = days[inside].astype("datetime64[D]").astype(f"datetime64[{unit}]")
    axis = np.arange(bins[0], bins[-1] + 1)
    wide = -(-len(axis) // BARS)  # years in a bar, where there are very many
    counts = np.bincount((bins - bins[0]).astype(np.int64) // wide, articles[inside], -(-len(axis) // wide))
    names = [str(date) for date in axis[::wide]]
    undated, outside = known.counts["articles"] - dated, dated - int(articles[inside].sum())
    first, last = ends.astype("datetime64[D]")
    says = f"{dated:,} articles have a date, most of them between {first} and {last}"
    says += f"; {outside:,} lie outside" if outside else ""
    says += f"; {undated:,} without a date." if undated else "."
    ticks = [(place, names[place]) for place in charts.spread(len(names), 6)]
    return charts.histogram(names, counts.astype(int).tolist(), ticks, says)


def lengths(known: Figures) -> charts.Histogram:
    """Return kept articles by their words."""
    edges = LENGTH_EDGES.tolist()
    labels = [f"{low:,} to {high - 1:,}" for low, high in itertools.pairwise(edges)]
    labels[-1] = f"{edges[-2]:,} or more"
    counts = known.lengths.tolist()
    half = next((place for place in range(len(counts)) if 2 * sum(counts[: place + 1]) >= sum(counts)), 0)
    ticks = [
        (place, f"{edge:,}") for place, edge in enumerate(edges) if edge in {25, 50, 100, 200, 400, 800, 1600, 3200}
    ]
    says = f"The middle article has {labels[half]} words. Each bar is about 1.4 times as wide as the one before."
    return charts.histogram(labels, counts, ticks, says)


@dataclasses.dataclass(frozen=True, slots=True)
class Likeness:
    """Copies of one kind by similarity, and where the threshold stands, in percent across."""

    kind: str
    picture: charts.Histogram
    threshold: float | None
    mark: float
    moved: str  # what another threshold would have meant


def likeness(known: Figures) -> list[Likeness]:
    """Return a picture for each kind whose copies are not all equally alike."""
    settings = known.manifest["settings"]
    thresholds = {kind: settings.get(section, {}).get("threshold") for kind, section in DECIDED_BY.items()}
    return [_likeness(kind, counts, thresholds.get(kind)) for kind, counts in known.likeness.items() if kind != EXACT]


def _likeness(kind: str, counts: NDArray[np.int64], threshold: float | None) -> Likeness:
    lowest = int(np.flatnonzero(counts)[0]) / 50
    start = int(10 * min(lowest, threshold or 0.9, 0.9)) * 5  # a full tenth
    labels = [f"{low:.2f} to {high:.2f}" for low, high in itertools.pairwise(LIKENESS_EDGES[start:])]
    ticks = [(place - start, f"{place / 50:.1f}") for place in range(start, 50, 5)]
    picture = charts.histogram(
        labels, counts[start:].tolist(), ticks, f"{counts.sum():,} {kind} {_copies(int(counts.sum()))} by similarity."
    )
    if threshold is None:
        return Likeness(kind, picture, None, 0.0, "")
    below = {step / 10: int(counts[: step * 5].sum()) for step in range(1, 10) if step / 10 > threshold}
    stayed = ", ".join(f"{count:,} at {step:.1f}" for step, count in below.items() if count)
    moved = f"With a higher threshold some of them would have stayed: {stayed}. " if stayed else ""
    place = round(threshold * 50)
    near = int(counts[place : place + 5].sum())
    moved += f"{near:,} lie less than 0.1 above the threshold; one that is 0.1 lower might remove about as many more."
    return Likeness(kind, picture, threshold, round(100 * (threshold * 50 - start) / (50 - start), 2), moved)
