"""The parts of README.md that are made from the code: `make docs` writes them, `make test` checks them."""

from __future__ import annotations

import ast
import inspect
import itertools
from pathlib import Path
from typing import TYPE_CHECKING

import typer.main
from typer.testing import CliRunner

from cleaners.columns import COLUMNS, EVIDENCE, MEANS
from cleaners.config import Settings
from cleaners.extract.isolated import REASONS as UNEXTRACTED
from cleaners.quality.presets import REASONS as POOR
from cleaners.read import kinds
from cleaners.read.readers import READERS
from cleaners.read.records import REASONS
from cleaners.rulebook import CATEGORIES
from cleaners.shards.cleaning import REASONS as UNCLEAN
from cleaners.shards.sift import REASONS as KNOWN
from flows.cli import app

if TYPE_CHECKING:
    import pydantic

HERE = Path(__file__).parent
BRIEF = HERE / "data" / "brief.txt"
"""The text of one article of the sample crawl, as it was extracted."""
COPY = "e04001fa2a0a92df216e"
"""The id of a reworded copy in the sample crawl."""
STAGES = {"read": REASONS, "extract": UNEXTRACTED, "strip": UNCLEAN, "decontaminate": KNOWN, "quality": POOR}
"""Why a record is rejected, by stage."""
_WIDE = 132  # characters of a line that is shown


def _table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '¦') for cell in line)} |" for line in lines)


def columns(table: str, without: str = "") -> str:
    """Return the columns of one table of the dataset, save those it shares with another."""
    known = COLUMNS.get(without, ())
    rows = [[f"`{column.name}`", f"`{column.type}`", column.means] for column in COLUMNS[table] if column not in known]
    return _table(["column", "type", "meaning"], rows)


def evidence() -> str:
    """Return what the fields of the evidence on a copy mean."""
    return _table(["field", "meaning"], [[f"`{field.name}`", MEANS[field.name]] for field in EVIDENCE])


def readers() -> str:
    """Return the kinds of input by reader; what no reader reads is counted as rejected, and not listed."""
    rows = []
    for reader in dict.fromkeys(READERS.values()):
        kinds_of = [kind for kind, each in READERS.items() if each is reader and kind not in kinds.NOT_READ]
        names = [name for name, kind in (kinds._TEXTS | kinds._BINARIES).items() if kind in kinds_of]
        does = inspect.cleandoc(reader.__doc__ or "").split("\n")[0].removeprefix("Yield ")
        if names:
            rows.append([", ".join(f"`{kind}`" for kind in kinds_of), " ".join(f"`{name}`" for name in names), does])
    return _table(["kind", "names", "what is read"], rows)


def reasons() -> str:
    """Return why records are rejected, by stage."""
    rows = [[f"`{reason}`", stage, meaning] for stage, why in STAGES.items() for reason, meaning in why.items()]
    return _table(["reason", "stage", "meaning"], rows)


def demo() -> str:
    """Return what `make demo` printed when this page was last made; a test compares its counts with a real run."""
    return f"```text\n{(HERE / 'demo.txt').read_text(encoding='utf-8').rstrip()}\n```"


def diff() -> str:
    """Return what `copydesk strip --diff` prints of a text of the sample crawl."""
    result = CliRunner().invoke(app, ["strip", "--diff", str(BRIEF)], prog_name="copydesk")
    return _shown(result.output.splitlines())


def explained() -> str:
    """Return how what `copydesk explain` prints of a copy begins; a test compares it with a real run."""
    of_it, text = (HERE / "explained.txt").read_text(encoding="utf-8").rstrip().split("\n\n")
    return _shown(
        [*of_it.splitlines()[:5], "", *text.splitlines()[:10], "…", "", "Beside the article that was kept", "…"]
    )


def _shown(lines: list[str]) -> str:
    cut = [line if len(line) <= _WIDE else f"{line[: _WIDE - 2].rstrip()} …" for line in lines]
    return "\n".join(["```text", *cut, "```"])


def peers() -> str:
    """Return the table that `bench_peers.py --write` made last."""
    return (HERE / "benchmarks" / "peers.md").read_text(encoding="utf-8").rstrip()


def settings() -> str:
    """Return all settings with their defaults."""
    rows = []
    for name, section in Settings.model_fields.items():
        for key, meaning in meanings(section.annotation).items():  # type: ignore[arg-type]
            default = section.annotation.model_fields[key].get_default(call_default_factory=True)  # type: ignore[union-attr]
            rows.append([f"`{name}.{key}`", f"`{default!r}`", meaning])
    return _table(["setting", "default", "meaning"], rows)


def meanings(section: type[pydantic.BaseModel]) -> dict[str, str]:
    """Return what stands under each setting of a section.

    Read from its source, and not by pydantic: that would read it in each process that has settings.
    """
    [defined] = ast.parse(inspect.getsource(section)).body
    told = {
        field.target.id: " ".join(below.value.value.split())
        for field, below in itertools.pairwise(defined.body)
        if isinstance(field, ast.AnnAssign) and isinstance(below, ast.Expr)
    }
    return {key: told.get(key, "") for key in section.model_fields}


def categories() -> str:
    """Return the kinds of residue, and the switch of those that a corpus may want either way."""
    rows = [
        [f"`{row.name}`", row.removes, f"`strip.{row.setting}`" if row.setting else ""] for row in CATEGORIES.values()
    ]
    return _table(["category", "what goes", "switch"], rows)


def commands() -> str:
    """Return each command with what it does."""
    group = typer.main.get_command(app)
    rows = []
    for name, command in sorted(group.commands.items()):  # type: ignore[attr-defined]
        rows.append([f"`copydesk {name}`", inspect.cleandoc(command.help or "").split("\n")[0]])
    return _table(["command", "does"], rows)


def help_of(*names: str) -> str:
    """Return the help text of a command."""
    result = CliRunner().invoke(
        app, [*names, "--help"], prog_name="copydesk", env={"COLUMNS": "100", "TERMINAL_WIDTH": "100"}
    )
    return f"```text\n{result.output.strip()}\n```"
