"""`copydesk explain`: everything about one record, as a story for people or as JSON."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from cleaners import storage
from cleaners.columns import COLUMNS
from cleaners.errors import NO_DATASET, InputError
from cleaners.model import RETOLD, Edit
from cleaners.shards.dataset import Dataset
from cleaners.spans import restore
from flows import terminal
from flows.terminal import Cuts, plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

    from cleaners.survey.aligned import Words
    from flows.terminal import Shown

_LABEL = 14  # width of the labels
_FATES = {"articles": "bold green", "duplicates": "bold magenta", "rejected": "bold red"}


def _rows(out: str, table: str, wanted: str) -> list[dict[str, Any]]:
    """Return the rows of a table whose id, or the user's id, is the wanted one."""
    import pyarrow.compute as pc  # noqa: PLC0415

    found = []
    for path in storage.files(storage.join(out, table), ".parquet"):
        names = ["id", "source_id"] if table != "edits" else ["id"]
        ids = storage.read_table(path, names)
        hit = pc.equal(ids["id"], wanted)
        if "source_id" in names:
            hit = pc.or_(hit, pc.fill_null(pc.equal(ids["source_id"], wanted), fill_value=False))
        if pc.any(hit).as_py():
            found += storage.read_table(path).filter(hit).to_pylist()
    return found


def explain(out: str, wanted: str, *, as_json: bool) -> Shown:
    """Return everything about one record: provenance, fate, the text with its cuts, and its copies or its canonical."""
    dataset = Dataset(out)
    out = dataset.root
    if not storage.exists(dataset.manifest):
        raise InputError(out, *NO_DATASET)
    tables = [table for table in COLUMNS if table != "edits"]
    found = [(table, row) for table in tables for row in _rows(out, table, wanted)]
    if not found:
        raise InputError(
            out, f"holds no record with the id {wanted!r}", "Ids stand in articles, duplicates and rejected."
        )
    told = [_story(out, table, row) for table, row in found]
    if as_json:
        return terminal.as_json(told)
    return [piece for story in told for piece in _drawn(story)]


def _story(out: str, table: str, row: dict[str, Any]) -> dict[str, Any]:
    """Return what is known about one row, with its edits, its copies and its canonical article."""
    story: dict[str, Any] = {"fate": table, "row": row}
    if table == "rejected":
        return story
    edits = sorted(_rows(out, "edits", row["id"]), key=lambda edit: edit["start"])
    story["edits"] = [{name: value for name, value in edit.items() if name != "id"} for edit in edits]
    if table == "duplicates":
        story["canonical"] = _rows(out, "articles", row["canonical_id"])[0]
    else:
        story["copies"] = [
            {name: copy[name] for name in ("id", "source_id", "kind", "similarity", "evidence", "source", "record")}
            for path in storage.files(storage.join(out, "duplicates"), ".parquet")
            for copy in storage.read_table(path).to_pylist()
            if copy["canonical_id"] == row["id"]
        ]
    return story


def _drawn(story: dict[str, Any]) -> list[RenderableType]:
    """Return the story of one record for people."""
    row = story["row"]
    fate = {"articles": "kept", "duplicates": "removed as a copy", "rejected": "rejected"}[story["fate"]]
    labelled = [("id", row["id"]), ("fate", fate)]
    if story["fate"] == "rejected":
        labelled += [("stage", row["stage"]), ("reason", row["reason"]), ("detail", row["detail"])]
    if story["fate"] == "duplicates":
        evidence = ", ".join(f"{name} {_figure(value)}" for name, value in _evidence(row["evidence"]))
        labelled += [
            ("copy of", row["canonical_id"]),
            (row["kind"], f"similarity {row['similarity']:.3f}  ({evidence})"),
        ]
    labelled += [("read from", f"{row['source']}, record {row['record']}")]
    for name in ("source_id", "url", "title", "author", "published", "source_name", "language", "fetched", "words"):
        if row.get(name) is not None:
            salvaged = "  (salvaged from struck lines)" if name in (row.get("salvaged") or []) else ""
            labelled.append((name, f"{row[name]}{salvaged}"))
    styles = {"fate": _FATES[story["fate"]], "title": "bold"}
    pieces: list[RenderableType] = [_line(label, value, styles.get(label, "")) for label, value in labelled]
    if story["fate"] == "rejected":
        return pieces
    for copy in story.get("copies", []):
        line = f"{copy['id']}  {copy['kind']} {copy['similarity']:.3f}  {copy['source']}, record {copy['record']}"
        pieces.append(_line("copy", line))
    edits = [Edit(**edit) for edit in story["edits"]]
    pieces += ["", Text("Its text, and what was cut", "bold underline"), Cuts(restore(row["text"], edits), edits)]
    if "canonical" in story:
        pieces += [
            "",
            Text("Beside the article that was kept", "bold underline"),
            Beside(story["canonical"], row),
        ]
    return pieces


def _line(label: str, value: object, style: str = "") -> Text:
    return Text.assemble((f"{label:<{_LABEL}}", "dim"), (plain(str(value)), style))


@dataclasses.dataclass(frozen=True, slots=True)
class Beside:
    """The kept article beside its copy, sentence by sentence, with what both have and what changed.

    Without colour what changed stands in the marks of wdiff: `[-there-]` and `{+here+}`.
    """

    kept: dict[str, Any]
    copy: dict[str, Any]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw for the terminal at hand."""
        yield self.drawn(coloured=terminal.in_colour(console))

    def drawn(self, *, coloured: bool) -> Table:
        """Return the sentences in two columns, and below what the colours or marks say."""
        from cleaners.survey import aligned  # noqa: PLC0415

        retold = self.copy["kind"] in RETOLD
        table = Table(box=None, pad_edge=False, header_style="bold", leading=1, padding=(0, 3, 0, 0))
        table.add_column(f"the article that was kept: {self.kept['id']}", ratio=1)
        table.add_column(f"its copy: {self.copy['id']}", ratio=1)
        for pair in aligned.align(self.kept["text"], self.copy["text"], shared=retold):
            if coloured:
                tone = "green" if retold else "yellow"
                table.add_row(_coloured(pair.left, tone), _coloured(pair.right, tone))
            else:
                table.add_row(
                    _marked(pair.left, "[-", "-]", retold=retold), _marked(pair.right, "{+", "+}", retold=retold)
                )
        told = "the other article has no such name or number" if retold else "only there"
        marks = "red: " if retold else "yellow: "
        told = f"{'green: both have it; ' if retold and coloured else ''}{marks if coloured else 'in marks: '}{told}"
        left_out = aligned.shortened([self.kept["text"], self.copy["text"]])
        table.caption = Text(told + ("; the end of a long text is left out" if left_out else ""))
        return table


def _coloured(words: Iterable[Words], tone: str) -> Text:
    drawn = Text()
    for each in words:
        drawn.append(plain(each.text), "red" if each.changed else tone if each.marked else None)
    return drawn


def _marked(words: Iterable[Words], begin: str, end: str, *, retold: bool) -> Text:
    drawn = Text()
    for each in words:
        told = each.changed if retold else each.marked
        drawn.append(f"{begin}{plain(each.text)}{end}" if told else plain(each.text))
    return drawn


def _evidence(evidence: Any) -> list[tuple[str, Any]]:  # noqa: ANN401  (a struct or map column)
    pairs = evidence.items() if isinstance(evidence, dict) else (evidence or [])
    return [(name, value) for name, value in pairs if value is not None]


def _figure(value: object) -> str:
    if isinstance(value, list):
        return " · ".join(value) or "none"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
