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

    from cleaners.survey.figures import Figures

REASONS = 6
"""Reasons of rejection with a stream of their own; the others share one."""

TIMED = ("extract", "learn", "strip", "fingerprint", "match", "write")
"""Stages in the order of the run, for those that were timed."""


def flow(counts: Mapping[str, Any]) -> charts.Flow:
    """Return the picture of the records: kept, copies by kind, rejected by reason."""
    reasons = list(counts["rejected_by_reason"].items())
    rest = sum(count for _, count in reasons[REASONS:])
    return charts.flow(
        [
            ("kept", counts["articles"], "kept"),
            *((f"{kind} copies", count, f"kind-{kind}") for kind, count in counts["duplicates_by_kind"].items()),
            *((f"rejected: {reason}", count, "rejected") for reason, count in reasons[:REASONS]),
            ("rejected for other reasons", rest, "rejected"),
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
    """Copies of one kind by similarity; `barred` tells how many would have stayed under higher thresholds."""

    kind: str
    picture: charts.Histogram
    threshold: float | None
    mark: float
    barred: tuple[tuple[float, int], ...]


def likeness(known: Figures) -> list[Likeness]:
    """Return the pictures of every kind whose copies are not all equally alike."""
    pictures = []
    for kind, counts in known.likeness.items():
        if kind == EXACT:
            continue
        threshold = known.manifest["settings"]["match"].get("threshold") if kind == "near" else None
        start = int(np.flatnonzero(counts)[0])
        if threshold is not None:
            start = min(start, int(threshold * 50 + 1e-9))
        start -= start % 5
        edges = LIKENESS_EDGES[start:]
        shown = counts[start:].tolist()
        labels = [f"{low:.2f} to {high:.2f}" for low, high in itertools.pairwise(edges)]
        ticks = [(place, f"{edges[place]:.1f}") for place in range(0, len(edges), 5)]
        total = int(counts.sum())
        says = f"{total:,} {kind} copies by similarity."
        steps = [place for place in range(5, 50, 5) if counts[:place].sum() > 0]
        barred = tuple((place / 50, int(counts[:place].sum())) for place in steps)
        mark = 100 * ((threshold or 0) * 50 - start) / (50 - start)
        picture = charts.histogram(labels, shown, ticks, says)
        pictures.append(Likeness(kind, picture, threshold, round(mark, 2), barred))
    return pictures


def timings(seconds: Mapping[str, float]) -> Sequence[tuple[str, float]]:
    """Return the stages that were timed, in the order of the run."""
    order = [*(stage for stage in TIMED if stage in seconds), *sorted(stage for stage in seconds if stage not in TIMED)]
    return [(stage, seconds[stage]) for stage in order]
