"""Figures → pictures: what each one shows, and what it says in words."""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from cleaners.survey import charts
from cleaners.survey.copies import EXACT
from cleaners.survey.figures import LENGTH_EDGES, LIKENESS_EDGES, RESIDUE_EDGES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from cleaners.survey.figures import Figures
    from cleaners.survey.refusals import Reason

REASONS = 6
"""Reasons of rejection with a stream of their own; the others share one."""

DECIDED_BY = {
    "near": ("match", "threshold"),
    "reworded": ("rewording", "threshold"),
    "overlap": ("rewording", "overlap"),
    "translated": ("rewording", "overlap"),
}
"""Kinds of copies that a threshold decides, with section and name of its setting."""

_BELOW = 0.3  # how far below the threshold kept articles that come close are shown; there few are compared

BARS = 62
"""Bars of the dates at most: two months of days, five years of months."""


def flow(counts: Mapping[str, Any], refusals: Sequence[Reason]) -> charts.Flow:
    """Return the picture of the records: kept, copies by kind, rejected by stage and reason."""
    kinds = counts["duplicates_by_kind"].items()
    rest = refusals[REASONS:] if len(refusals) > REASONS + 1 else ()
    return charts.flow(
        [
            ("kept", "", counts["articles"], "kept"),
            *((f"{kind} {_copies(count)}", "", count, f"kind-{kind}") for kind, count in kinds),
            *((each.reason, each.stage, each.count, "rejected") for each in refusals[: len(refusals) - len(rest)]),
            ("for other reasons", "", sum(each.count for each in rest), "rejected"),
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
    ends = days[np.searchsorted(reached, [0.01, 0.99])]
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
    thresholds = {kind: settings.get(section, {}).get(name) for kind, (section, name) in DECIDED_BY.items()}
    return [
        _likeness(kind, counts, known.closest.get(kind), thresholds.get(kind))
        for kind, counts in known.likeness.items()
        if kind != EXACT
    ]


def _likeness(
    kind: str, counts: NDArray[np.int64], closest: NDArray[np.int64] | None, threshold: float | None
) -> Likeness:
    """Return the copies of a kind by similarity, and before them, pale, the kept articles that come close."""
    close = np.zeros(50, np.int64) if closest is None else closest.copy()
    close[: max(0, round(50 * ((threshold or 0) - _BELOW)))] = 0
    lowest = int(np.flatnonzero(counts + close)[0]) / 50
    start = int(10 * min(lowest, threshold or 0.9, 0.9)) * 5  # a full tenth
    labels = [f"{low:.2f} to {high:.2f}" for low, high in itertools.pairwise(LIKENESS_EDGES[start:])]
    ticks = [(place - start, f"{place / 50:.1f}") for place in range(start, 50, 5)]
    said = f"{counts.sum():,} {kind} {_copies(int(counts.sum()))} by similarity"
    said += f"; pale: {close.sum():,} kept articles that resemble a kept one." if close.any() else "."
    pale = round((threshold or 0) * 50) - start
    picture = charts.histogram(labels, (counts + close)[start:].tolist(), ticks, said, faint=max(0, pale))
    if threshold is None:
        return Likeness(kind, picture, None, 0.0, "")
    mark = round(100 * (threshold * 50 - start) / (50 - start), 2)
    return Likeness(kind, picture, threshold, mark, _moved(counts, close, threshold, told=closest is not None))


def _moved(counts: NDArray[np.int64], close: NDArray[np.int64], threshold: float, *, told: bool) -> str:
    """Return what another threshold would have meant."""
    tenths = [step / 10 for step in range(1, 10)]
    stayed = ", ".join(
        f"{count:,} at {step:.1f}"
        for step in tenths
        if step > threshold and (count := int(counts[: round(step * 50)].sum()))
    )
    moved = f"A higher threshold would have kept some of the copies: {stayed}. " if stayed else ""
    if not told:
        return moved
    gone = ", ".join(
        f"{count:,} at {step:.1f}"
        for step in reversed(tenths)
        if threshold - 0.15 < step < threshold - 0.001 and (count := int(close[round(step * 50) :].sum()))
    )
    removed = f"at least {gone}" if gone else "none of those that were compared"
    return f"{moved}A lower one would have removed kept articles: {removed}. The further below, the fewer are compared."


def residue(known: Figures) -> charts.Histogram:
    """Return kept articles by the share of their words that was struck."""
    edges = RESIDUE_EDGES.tolist()
    labels = ["nothing", *(f"{low:.0%} to {high:.0%}" for low, high in itertools.pairwise(edges))]
    counts = known.residue.tolist()
    most = sum(counts[edges.index(0.5) + 1 :])
    cut = sum(counts[1:])
    says = f"{cut:,} kept articles had something struck; {most:,} lost half of their words or more."
    ticks = [
        (0, "nothing"),
        *((place + 1, f"{edge:.0%}") for place, edge in enumerate(edges) if edge in {0.05, 0.2, 0.5}),
    ]
    return charts.histogram(labels, counts, ticks, says)
