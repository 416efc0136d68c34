"""What a run tells at its end, as a table for people and for the Prefect artifact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TOP_RULES = 8


def rows(manifest: Mapping[str, Any], seconds: Mapping[str, float]) -> Iterator[tuple[str, str, str]]:
    """Yield what is to be told: section, label, figure. Everything in it comes from us, nothing from scraped text."""
    counts = manifest["counts"]
    yield "records", "in", f"{counts['records']:,}"
    yield "records", "kept", _share(counts["articles"], counts["records"])
    for kind, count in counts["duplicates_by_kind"].items():
        yield "records", f"copies, {kind}", _share(count, counts["records"])
    for reason, count in counts["rejected_by_reason"].items():
        yield "records", f"rejected, {reason}", _share(count, counts["records"])
    yield "words", "extracted", f"{counts['words_before']:,}"
    yield "words", "struck", _share(counts["words_before"] - counts["words_after"], counts["words_before"])
    yield "words", "in kept articles", f"{counts['words_kept']:,}"
    ranked = sorted(counts["edits_by_rule"].items(), key=lambda pair: (-pair[1], pair[0]))
    for rule, count in ranked[:_TOP_RULES]:
        yield "top rules", rule, f"{count:,}"
    for stage, spent in seconds.items():
        yield "time", stage, f"{spent:.1f} s"


def growth(manifest: Mapping[str, Any], before: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the counts of a dataset beside those it had before the run, a row each."""
    names = ("records", "articles", "duplicates", "rejected", "edits")
    return [
        {"rows": name, "now": manifest["counts"][name], "new": manifest["counts"][name] - before.get(name, 0)}
        for name in names
    ]


def _share(part: int, whole: int) -> str:
    return f"{part:,} ({part / whole:.1%})" if whole else f"{part:,}"


def table(manifest: Mapping[str, Any], seconds: Mapping[str, float]) -> Table:
    """Return the summary as a table for the terminal."""
    grid = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2))
    grid.add_column(style="dim")
    grid.add_column()
    grid.add_column(justify="right")
    last = ""
    for section, label, figure in rows(manifest, seconds):
        grid.add_row(section if section != last else "", label, figure)
        last = section
    return grid


def markdown(manifest: Mapping[str, Any], seconds: Mapping[str, float]) -> str:
    """Return the summary as a Markdown table."""
    lines = ["| | what | figure |", "| --- | --- | ---: |"]
    last = ""
    for section, label, figure in rows(manifest, seconds):
        lines.append(f"| {f'**{section}**' if section != last else ''} | {label} | {figure} |")
        last = section
    return "\n".join(lines)
