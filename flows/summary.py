"""What a run tells at its end, as a table for people and for the Prefect artifact."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from cleaners import storage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.console import Console, ConsoleOptions, RenderResult

_TOP_RULES = 8
_BAR = 24  # characters of a whole bar
_EIGHTHS = " ▏▎▍▌▋▊▉"


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One figure: its section, what it counts, the figure, its share of the section's whole, and its colour."""

    section: str
    label: str
    figure: str
    share: float | None = None
    tone: str = "bright_black"


def rows(manifest: Mapping[str, Any], seconds: Mapping[str, float]) -> Iterator[Row]:
    """Yield what is to be told. Everything in it comes from us, nothing from scraped text."""
    counts = manifest["counts"]
    read, extracted = counts["records"], counts["words_before"]

    def part(section: str, label: str, count: int, whole: int, tone: str) -> Row:
        return Row(section, label, f"{count:,}", count / whole if whole else None, tone)

    yield Row("records", "in", f"{read:,}")
    yield part("records", "kept", counts["articles"], read, "green")
    for kind, count in counts["duplicates_by_kind"].items():
        yield part("records", f"copies, {kind}", count, read, "magenta")
    for reason, count in counts["rejected_by_reason"].items():
        yield part("records", f"rejected, {reason}", count, read, "bright_black")
    yield Row("words", "extracted", f"{extracted:,}")
    yield part("words", "in kept articles", counts["words_kept"], extracted, "green")
    yield part("words", "in copies", counts["words_after"] - counts["words_kept"], extracted, "magenta")
    yield part("words", "struck", extracted - counts["words_after"], extracted, "red")
    edits = counts["edits_by_rule"]
    for rule, count in sorted(edits.items(), key=lambda pair: (-pair[1], pair[0]))[:_TOP_RULES]:
        yield part("top rules", rule, count, sum(edits.values()), "red")
    spent = sum(seconds.values())
    for stage, each in seconds.items():
        yield Row("time", stage, f"{each:,.1f} s", each / spent if spent else None)


def growth(manifest: Mapping[str, Any], before: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the counts of a dataset beside those it had before the run, a row each."""
    names = ("records", "articles", "duplicates", "rejected", "edits")
    return [
        {"rows": name, "now": manifest["counts"][name], "new": manifest["counts"][name] - before.get(name, 0)}
        for name in names
    ]


@dataclasses.dataclass(frozen=True, slots=True)
class Summary:
    """The figures of a run as rich draws them: with bars where there is colour, as a plain table elsewhere."""

    manifest: Mapping[str, Any]
    seconds: Mapping[str, float]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw for the terminal at hand."""
        yield self.table(bars=console.color_system is not None and not console.no_color)

    def table(self, *, bars: bool) -> Table:
        """Return the table."""
        grid = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
        grid.add_column(style="bold")
        grid.add_column()
        grid.add_column(justify="right")
        grid.add_column(justify="right", style="dim")
        if bars:
            grid.add_column(no_wrap=True)
        last = ""
        for row in rows(self.manifest, self.seconds):
            if last not in {"", row.section}:
                grid.add_row()
            share = "" if row.share is None else _percent(row.share)
            drawn = [Text(_bar(row.share), row.tone)] if bars else []
            grid.add_row(row.section if row.section != last else "", row.label, row.figure, share, *drawn)
            last = row.section
        return grid


def _percent(share: float) -> str:
    """Return a share to a tenth; what is there is never nothing.

    >>> _percent(0.5), _percent(0.0002), _percent(0.0)
    ('50.0%', '<0.1%', '0.0%')
    """
    return "<0.1%" if 0 < share < 0.0005 else f"{share:.1%}"


def _bar(share: float | None) -> str:
    """Return a bar to an eighth of a character; a share that is not nothing shows.

    >>> _bar(0.5), _bar(0.00001), _bar(None)
    ('████████████', '▏', '')
    """
    eighths = 0 if not share else max(1, round(8 * _BAR * share))
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()


def markdown(manifest: Mapping[str, Any], seconds: Mapping[str, float]) -> str:
    """Return the summary as a Markdown table."""
    lines = ["| | what | figure | share |", "| --- | --- | ---: | ---: |"]
    last = ""
    for row in rows(manifest, seconds):
        section = "" if row.section == last else f"**{row.section}**"
        share = "" if row.share is None else _percent(row.share)
        lines.append(f"| {section} | {row.label} | {row.figure} | {share} |")
        last = row.section
    return "\n".join(lines)


def example(root: str, manifest: Mapping[str, Any]) -> str:
    """Return the id of an article to ask about: of a copy in other words if the first copies have one, else of any."""
    for table, columns in (("duplicates", ["id", "kind"]), ("articles", ["id"])):
        held = [path for path, file in manifest["files"].items() if path.startswith(f"{table}/") and file["rows"]]
        if held:
            rows = storage.read_table(storage.join(root, min(held)), columns).to_pylist()
            return str(next((row for row in rows if row.get("kind") == "reworded"), rows[0])["id"])
    return "ID"
