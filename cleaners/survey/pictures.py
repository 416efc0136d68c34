"""Figures → pictures: what each one shows, and what it says in words."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from cleaners.survey import charts
from cleaners.survey.copies import EXACT
from cleaners.survey.figures import LENGTH_EDGES, LIKENESS_EDGES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from cleaners.survey.figures import Figures

REASONS = 6
"""Reasons of rejection with a stream of their own; the others share one."""

DECIDED_BY = {"near": "match", "reworded": "rewording"}
"""Kinds of copies that a threshold decides, with the section of the settings it stands in."""

TIMED = ("extract", "learn", "strip", "fingerprint", "match", "write")
"""Stages in the order of the run, for those that were timed."""


def flow(counts: Mapping[str, Any]) -> charts.Flow:
    """Return the picture of the records: kept, copies by kind, rejected by reason."""
    reasons = list(counts["rejected_by_reason"].items())
    rest = sum(count for _, count in reasons[REASONS:])
    return charts.flow(
        [
            ("kept", "", counts["articles"], "kept"),
            *((f"{kind} copies", "", count, f"kind-{kind}") for kind, count in counts["duplicates_by_kind"].items()),
            *((reason, "rejected, ", count, "rejected") for reason, count in reasons[:REASONS]),
            ("for other reasons", "rejected, ", rest, "rejected"),
        ]
    )


def dates(known: Figures) -> charts.Histogram | None:
    """Return kept articles over time, by day, month or year, whichever gives a picture one can read."""
    days, articles = known.days["day"].to_numpy(), known.days["articles"].to_numpy()
    dated = int(articles.sum())
    if not dated:
        return None
    # Single wrong dates (1970, 2099) must not squeeze all others into one bar.
    reached = np.cumsum(articles) / dated
    first, last = (int(days[np.searchsorted(reached, share)]) for share in (0.005, 0.995))
    grain = next(letters for letters, most in ((10, 62), (7, 62 * 31), (4, 10**9)) if last - first <= most)
    dates = [dt.date(1970, 1, 1) + dt.timedelta(day) for day in range(first, last + 1)]
    names = list(dict.fromkeys(date.isoformat()[:grain] for date in dates))
    counted = dict.fromkeys(names, 0)
    outside = 0
    for day, count in zip(days.tolist(), articles.tolist(), strict=True):
        name = dates[day - first].isoformat()[:grain] if first <= day <= last else ""
        if name:
            counted[name] += count
        else:
            outside += count
    undated = known.counts["articles"] - dated
    says = f"{dated:,} articles have a date, most of them between {dates[0]} and {dates[-1]}"
    says += f"; {outside:,} lie outside" if outside else ""
    says += f"; {undated:,} have none." if undated else "."
    ticks = [(place, names[place]) for place in charts.spread(len(names), 6)]
    return charts.histogram(names, list(counted.values()), ticks, says)


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
    start = int(10 * min(lowest, 0.9 if threshold is None else threshold)) * 5  # a full tenth
    labels = [f"{low:.2f} to {high:.2f}" for low, high in itertools.pairwise(LIKENESS_EDGES[start:])]
    ticks = [(place - start, f"{place / 50:.1f}") for place in range(start, 50, 5)]
    picture = charts.histogram(labels, counts[start:].tolist(), ticks, f"{counts.sum():,} {kind} copies by similarity.")
    if threshold is None:
        return Likeness(kind, picture, None, 0.0, "")
    below = {step / 10: int(counts[: step * 5].sum()) for step in range(1, 10) if step / 10 > threshold}
    stayed = ", ".join(f"{count:,} at {step:.1f}" for step, count in below.items() if count)
    moved = f"With a higher threshold some of them would have stayed: {stayed}. " if stayed else ""
    place = round(threshold * 50)
    near = int(counts[place : place + 5].sum())
    moved += f"{near:,} lie less than 0.1 above the threshold; one that is 0.1 lower might remove about as many more."
    return Likeness(kind, picture, threshold, round(100 * (threshold * 50 - start) / (50 - start), 2), moved)


def timings(seconds: Mapping[str, float]) -> Sequence[tuple[str, float]]:
    """Return the stages that were timed, in the order of the run."""
    order = [*(stage for stage in TIMED if stage in seconds), *sorted(stage for stage in seconds if stage not in TIMED)]
    return [(stage, seconds[stage]) for stage in order]
