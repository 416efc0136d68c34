"""What the small commands print: each function returns text, or pieces that rich draws for the terminal at hand."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from cleaners import rulebook, storage
from cleaners.config import load
from cleaners.errors import NO_DATASET, InputError
from cleaners.shards.dataset import Dataset
from cleaners.strip.engine import explain as explain_lines
from cleaners.strip.engine import strip_text
from flows import terminal
from flows.terminal import Cuts, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cleaners.rulebook import Rule
    from cleaners.strip.decide import Evidence


def strip(
    text: str,
    language: str | None,
    host: str | None,
    rules: Sequence[Path],
    *,
    form: str,
    mask: str = "",
) -> str | Cuts:
    """Return the clean text, the cuts drawn into the text (`diff`), or `{"text", "edits"}` (`json`)."""
    if language and not re.fullmatch(r"[A-Za-z]{2,3}(-\w+)?", language):
        raise InputError(f"--lang {language}", "is no code of a language", "Write it as in ISO 639-1: en, de, zh.")
    kinds = [kind.strip() for kind in mask.split(",")] if mask else []
    settings = load(None, {"strip": {"mask": kinds}}).strip
    book = rulebook.load(rules) if rules else None
    stripped = strip_text(text, language=language, host=host, rulebook=book, settings=settings)
    if form == "json":
        return terminal.as_json({"text": stripped.text, "edits": [dataclasses.asdict(edit) for edit in stripped.edits]})
    if form == "diff":
        return Cuts(text, stripped.edits)
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
        return terminal.as_json(counts)
    told = ", ".join(f"{count:,} {kind}" for kind, count in counts["pairs"].items()) or "no pairs"
    full = counts["full_buckets"]
    bound = f"{full:,} buckets were full: each text there was compared with some of the others only\n" if full else ""
    articles = "1 article" if counts["articles"] == 1 else f"{counts['articles']:,} articles"
    return f"{out}: {told} among {articles}; records that were none: {counts['rejected']:,}\n{bound}"


def report(out: str, *, as_json: bool) -> str:
    """Write report and card anew; return where they are."""
    from cleaners import card  # noqa: PLC0415
    from cleaners import report as html  # noqa: PLC0415

    dataset = Dataset(out)
    if not storage.exists(dataset.manifest):
        raise InputError(out, *NO_DATASET)
    written = {"report": html.write(dataset.root), "card": card.write(dataset.root)}
    return terminal.as_json(written) if as_json else "".join(f"{path}\n" for path in written.values())


def verify(out: str) -> dict[str, Any]:
    """Return how many `files` and `rows` were read, and what is `wrong` with them: no sentence if all is well."""
    from cleaners.shards import verify as library  # noqa: PLC0415

    dataset = Dataset(out)
    wrong = [plain(sentence) for sentence in library.verify(dataset)]
    return {"out": out, **({} if wrong else library.files(dataset)), "wrong": wrong}


def export(out: str, kind: str, folder: str | None, split: str | None, part_mb: int, *, as_json: bool) -> str:
    """Write the articles in another format; return what was written."""
    from cleaners.export import export as library  # noqa: PLC0415  (others need no tar files)

    told = library(Dataset(out).root, kind, folder, split, part_mb)
    if as_json:
        return terminal.as_json(told)
    lines = [f"{file['name']:40} {file['articles']:>10,} articles {file['bytes']:>15,} bytes" for file in told["files"]]
    return "\n".join([*lines, f"{told['folder']}: {told['articles']:,} articles", ""])


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
        return terminal.as_json([dataclasses.asdict(rule) for rule in chosen])
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
    return terminal.as_json(dataclasses.asdict(found)) if as_json else _told(found)


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


def check(files: Sequence[Path], *, as_json: bool) -> str:
    """Check rule files of the user's; return what was found, or raise InputError with every problem."""
    from cleaners.strip.trial import check_rules  # noqa: PLC0415

    costs = check_rules(files)
    if as_json:
        return terminal.as_json({"files": list(map(str, files)), "seconds_per_megabyte": costs})
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
        return terminal.as_json(
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
    path = Dataset(out).furniture
    if not storage.exists(path):
        raise InputError(out, "has no learned furniture", "It is learned by: copydesk clean INPUT... -o OUT.")
    order = [("articles", "descending"), ("host", "ascending"), ("line", "ascending")]
    found = storage.read_table(path).sort_by(order)
    if as_json:
        return terminal.as_json(found.to_pylist())
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
