"""What the small commands print: each function returns text, or pieces that rich draws for the terminal at hand."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from cleaners import rulebook, storage
from cleaners.columns import COLUMNS
from cleaners.config import chosen
from cleaners.errors import InputError, RunError
from cleaners.model import Edit
from cleaners.spans import restore
from cleaners.strip.engine import explain as explain_lines
from cleaners.strip.engine import strip_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cleaners.rulebook import Rule
    from cleaners.strip.decide import Evidence
    from cleaners.survey.aligned import Words

_LABEL = 14  # width of the labels in what explain prints


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str) + "\n"


def plain(text: str) -> str:
    r"""Return scraped text without what could steer a terminal: control characters become signs one can see.

    >>> plain("a\x1b[31mb\u202e")
    'a␛[31mb\ufffd'
    """
    return text.translate(_VISIBLE)


# C0 and C1 controls but line break and tab, and the overrides that turn the order of what follows around.
_VISIBLE: dict[int, str] = {number: chr(0x2400 + number) for number in range(0x20) if number not in (9, 10)}
_VISIBLE |= dict.fromkeys([0x7F, *range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)], "\ufffd")


def diff(before: str, edits: Iterable[Edit]) -> Text:
    """Return a text with what was cut struck through in red, what was put there in green, and the rule behind it."""
    drawn, at = Text(), 0
    for edit in edits:
        drawn.append(plain(before[at : edit.start]))
        drawn.append(plain(edit.before.rstrip("\n")), "red strike")
        drawn.append(plain(edit.after), "green")
        if edit.before.strip():
            drawn.append(f" ‹{edit.rule}›", "cyan")
        drawn.append(edit.before[len(edit.before.rstrip("\n")) :])
        at = edit.end
    return drawn.append(plain(before[at:]))


def strip(
    text: str,
    language: str | None,
    host: str | None,
    rules: Sequence[Path],
    *,
    form: str,
    mask: str = "",
) -> str | Text:
    """Return the clean text, the cuts drawn into the text (`diff`), or `{"text", "edits"}` (`json`)."""
    kinds = [kind.strip() for kind in mask.split(",")] if mask else []
    settings = chosen(None, {"strip": {"mask": kinds}}).strip
    book = rulebook.load(rules) if rules else None
    stripped = strip_text(text, language=language, host=host, rulebook=book, settings=settings)
    if form == "json":
        return _json({"text": stripped.text, "edits": [dataclasses.asdict(edit) for edit in stripped.edits]})
    if form == "diff":
        return diff(text, stripped.edits)
    return stripped.text + ("\n" if stripped.text else "")


def match(
    inputs: Sequence[str], out: str, config: str | None, limits: Mapping[str, float], kinds: str, *, as_json: bool
) -> str:
    """Write the pairs file; return how many pairs of each kind are in it. `limits` are match settings."""
    from cleaners.config import Settings, load  # noqa: PLC0415
    from cleaners.pairs import WANTED  # noqa: PLC0415
    from cleaners.shards.pairs import write_pairs  # noqa: PLC0415

    wanted = [kind.strip() for kind in kinds.split(",")] if kinds else list(WANTED)
    if unknown := [kind for kind in wanted if kind not in ("exact", *WANTED)]:
        raise InputError("--kinds", f"there is no {unknown[0]!r}", f"There are: {', '.join(WANTED)}.")
    settings = load(Path(config)) if config else Settings()
    settings = settings.model_copy(update={"match": settings.match.model_copy(update=limits)})
    counts = write_pairs(inputs, out, settings, wanted)
    if as_json:
        return _json(counts)
    told = ", ".join(f"{count:,} {kind}" for kind, count in counts["pairs"].items()) or "no pairs"
    full = counts["full_buckets"]
    bound = f"{full:,} buckets were full: each text there was compared with some of the others only\n" if full else ""
    refused = f"({counts['rejected']:,} records were no articles)"
    return f"{out}: {told} among {counts['articles']:,} articles {refused}\n{bound}"


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


def explain(out: str, wanted: str, *, as_json: bool) -> str | list[Text | Table | str]:
    """Return everything about one record: provenance, fate, the text with its cuts, and its copies or its canonical."""
    if not storage.exists(storage.join(out, "manifest.json")):
        raise InputError(
            out, "is no finished dataset: it has no manifest.json", "Make one: copydesk clean INPUT... -o OUT."
        )
    tables = [table for table in COLUMNS if table != "edits"]
    found = [(table, row) for table in tables for row in _rows(out, table, wanted)]
    if not found:
        raise InputError(
            out, f"holds no record with the id {wanted!r}", "Ids stand in articles, duplicates and rejected."
        )
    told = [_story(out, table, row) for table, row in found]
    if as_json:
        return _json(told)
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


def _drawn(story: dict[str, Any]) -> list[Text | Table | str]:
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
    pieces: list[Text | Table | str] = [
        Text(f"{label:<{_LABEL}}", "bold").append(plain(str(value)), "default") for label, value in labelled
    ]
    if story["fate"] == "rejected":
        return pieces
    for copy in story.get("copies", []):
        line = f"{copy['id']}  {copy['kind']} {copy['similarity']:.3f}  {copy['source']}, record {copy['record']}"
        pieces.append(Text(f"{'copy':<{_LABEL}}", "bold").append(plain(line), "default"))
    edits = [Edit(**edit) for edit in story["edits"]]
    pieces += ["", diff(restore(row["text"], edits), edits)]
    if "canonical" in story:
        pieces += ["", _side_by_side(story["canonical"], row)]
    return pieces


def _side_by_side(kept: dict[str, Any], copy: dict[str, Any]) -> Table:
    """Return the kept article beside its copy, sentence by sentence, with what both have and what changed."""
    from cleaners.survey import aligned  # noqa: PLC0415

    retold = copy["kind"] == "reworded"
    table = Table(box=None, pad_edge=False, header_style="bold", row_styles=["", "on grey11"])
    table.add_column(f"the article that was kept: {kept['id']}", ratio=1)
    table.add_column(f"its copy: {copy['id']}", ratio=1)
    for pair in aligned.align(kept["text"], copy["text"], shared=retold):
        table.add_row(*(_stretches(side, "green" if retold else "yellow") for side in (pair.left, pair.right)))
    told = "green: both have it; red: the other article has no such name or number" if retold else "yellow: only there"
    left_out = "; the end of a long text is left out" if aligned.shortened([kept["text"], copy["text"]]) else ""
    table.caption = told + left_out
    return table


def _stretches(words: Iterable[Words], marked: str) -> Text:
    drawn = Text()
    for each in words:
        drawn.append(plain(each.text), "red" if each.changed else marked if each.marked else None)
    return drawn


def _evidence(evidence: Any) -> list[tuple[str, Any]]:  # noqa: ANN401  (a struct or map column)
    pairs = evidence.items() if isinstance(evidence, dict) else (evidence or [])
    return [(name, value) for name, value in pairs if value is not None]


def _figure(value: object) -> str:
    if isinstance(value, list):
        return " · ".join(value) or "none"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def report(out: str) -> str:
    """Write report and card anew; return where they are."""
    from cleaners import card  # noqa: PLC0415
    from cleaners import report as html  # noqa: PLC0415

    if not storage.exists(storage.join(out, "manifest.json")):
        raise InputError(
            out, "is no finished dataset: it has no manifest.json", "Make one: copydesk clean INPUT... -o OUT."
        )
    return f"{html.write(out)}\n{card.write(out)}\n"


def verify(out: str) -> str:
    """Return that all is as it was written; RunError that names what is not."""
    from cleaners.shards import verify as library  # noqa: PLC0415
    from cleaners.shards.dataset import Dataset  # noqa: PLC0415

    dataset = Dataset(out)
    if wrong := list(library.verify(dataset)):
        listed = "\n".join(f"  {plain(sentence)}" for sentence in wrong)
        advice = "remove the files named and run clean again, it makes them anew"
        raise RunError(out, f"not as it was written ({advice}):\n{listed}")
    looked_at = library.files(dataset)
    return f"{out}: {looked_at['files']:,} files with {looked_at['rows']:,} rows are as they were written\n"


def rules(category: str | None, language: str | None, *, as_json: bool) -> str | Table:
    """Return the rulebook, one rule a row."""
    if category is not None and category not in rulebook.CATEGORIES:
        raise InputError("--category", f"there is no {category!r}", f"There are: {', '.join(rulebook.CATEGORIES)}.")
    book = rulebook.builtin()
    chosen = [
        rule
        for rule in book.rules
        if (category is None or rule.category == category)
        and (language is None or language in rule.languages or "*" in rule.languages)
    ]
    if as_json:
        return _json([dataclasses.asdict(rule) for rule in chosen])
    table = Table(box=None, pad_edge=False, header_style="bold", title_justify="left")
    for name in ("rule", "category", "where", "languages", "for example"):
        table.add_column(name, no_wrap=True, overflow="ellipsis")
    for rule in chosen:
        example = Text(plain(rule.hits[0].replace("\n", " ⏎ ")))
        table.add_row(rule.id, rule.category, rule.where, " ".join(rule.languages), example)
    table.caption = f"{len(chosen)} of {len(book.rules)} rules, rulebook {book.version}"
    table.caption_justify = "left"
    return table


def rule(name: str, *, as_json: bool) -> str:
    """Return one rule whole."""
    found = next((rule for rule in rulebook.builtin().rules if rule.id == name), None)
    if found is None:
        raise InputError(name, "no rule has this id", "List them: copydesk rules.")
    return _json(dataclasses.asdict(found)) if as_json else _told(found)


def _told(found: Rule) -> str:
    lines = []
    for field in dataclasses.fields(found):
        value = getattr(found, field.name)
        if isinstance(value, tuple):
            lines.append(f"{field.name}:")
            lines += [f"    {plain(entry)}" for entry in value] or ["    (none)"]
        elif value != "":
            lines.append(f"{field.name}: {plain(str(value))}")
    return "\n".join(lines) + "\n"


def check(files: Sequence[Path]) -> str:
    """Check rule files of the user's; return what was found, or raise InputError with every problem."""
    from cleaners.strip.trial import check_rules  # noqa: PLC0415

    costs = check_rules(files)
    slowest = max(costs, key=lambda name: (costs[name], name))
    said = "1 rule, its hits and misses" if len(costs) == 1 else f"{len(costs)} rules, all hits and misses"
    return (
        f"{', '.join(map(str, files))}: {said} as they say, no pattern can run long; "
        f"the slowest, {slowest}, takes {costs[slowest]:.2f} s for a megabyte of its own hits\n"
    )


def evidence(text: str, host: str | None, *, as_json: bool) -> str | Table:
    """Return for each line of a text what was decided and what spoke for it."""
    told = [
        (line, [(_spoken(piece), round(piece.points, 2)) for piece in line.evidence])
        for line in explain_lines(text, host=host)
    ]
    if as_json:
        return _json(
            [{"text": x.text, "struck": x.struck, "evidence": reasons, "spans": x.spans} for x, reasons in told]
        )
    table = Table(box=None, pad_edge=False, header_style="bold", show_header=False)
    for line, reasons in told:
        verdict = (
            Text("struck", "red") if line.struck else Text("cut", "yellow") if line.spans else Text("kept", "green")
        )
        speaks = [f"{name} {points:+.1f}" for name, points in reasons] + [f"⟦{span.strip()}⟧" for span in line.spans]
        table.add_row(verdict, Text(plain(line.text)), Text(plain(", ".join(speaks)), "cyan"))
    return table


def _spoken(piece: Evidence) -> str:
    """Return what a piece of evidence is called: the rule's id, or its name with the words that speak."""
    if piece.rule:
        return piece.rule.id
    return f"{piece.name} ({'; '.join(piece.words)})" if piece.words else piece.name


_LEARNED = ("host", "hosts", "articles", "share", "head", "tail", "belief", "opening", "example")
_MOST = 100  # rows that people are shown; piped and as JSON all come


def learned(out: str, *, as_json: bool, piped: bool) -> str | Table:
    """Return the furniture learned in a dataset, what stands in most articles first; values parted by tabs if piped."""
    path = storage.join(out, "furniture.parquet")
    if not storage.exists(path):
        raise InputError(out, "has no learned furniture", "It is learned by: copydesk clean INPUT... -o OUT.")
    order = [("articles", "descending"), ("host", "ascending"), ("line", "ascending")]
    found = storage.read_table(path).sort_by(order)
    if as_json:
        return _json(found.to_pylist())
    rows = [[plain(_cell(row[name])) for name in _LEARNED] for row in (found if piped else found[:_MOST]).to_pylist()]
    if piped:
        return "".join("\t".join(" ".join(cell.split()) for cell in row) + "\n" for row in [list(_LEARNED), *rows])
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in _LEARNED:
        table.add_column(name, justify="left" if name in ("host", "opening", "example") else "right")
    for row in rows:
        table.add_row(*map(Text, row))
    table.caption = f"{len(rows)} of {len(found)} learned lines; piped, or with --json, all of them"
    table.caption_justify = "left"
    return table


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return "" if value is None else f"{value:.2f}" if isinstance(value, float) else str(value)
