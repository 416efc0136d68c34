"""The parts of README.md that are made from the code: `make docs` writes them, `make test` checks them."""

from __future__ import annotations

import ast
import inspect
import itertools
from pathlib import Path
from typing import TYPE_CHECKING

import typer.main
from typer.testing import CliRunner

from cleaners.columns import COLUMNS
from cleaners.config import Settings
from cleaners.extract.isolated import REASONS as UNEXTRACTED
from cleaners.quality.presets import REASONS as POOR
from cleaners.read.readers import READERS
from cleaners.read.records import REASONS
from cleaners.rulebook import CATEGORIES
from cleaners.shards.cleaning import REASONS as UNCLEAN
from flows.cli import app

if TYPE_CHECKING:
    import pydantic


def _table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '¦') for cell in line)} |" for line in lines)


def columns(table: str, without: str = "") -> str:
    """Return the columns of one table of the dataset, save those it shares with another."""
    known = COLUMNS.get(without, ())
    rows = [[f"`{column.name}`", f"`{column.type}`", column.means] for column in COLUMNS[table] if column not in known]
    return _table(["column", "type", "meaning"], rows)


def readers() -> str:
    """Return the kinds of input; what no reader reads is counted as rejected, and not listed."""
    told = {kind: inspect.cleandoc(reader.__doc__ or "").split("\n")[0] for kind, reader in READERS.items()}
    rows = [[f"`{kind}`", does.removeprefix("Yield ")] for kind, does in told.items() if "no input" not in does]
    return _table(["kind", "what is read"], rows)


def reasons() -> str:
    """Return why records are rejected, by stage."""
    stages = {"read": REASONS, "extract": UNEXTRACTED, "strip": UNCLEAN, "quality": POOR}
    rows = [[f"`{reason}`", stage, meaning] for stage, why in stages.items() for reason, meaning in why.items()]
    return _table(["reason", "stage", "meaning"], rows)


def demo() -> str:
    """Return what `make demo` printed when this page was last made; a test compares its counts with a real run."""
    return f"```text\n{(Path(__file__).parent / 'demo.txt').read_text(encoding='utf-8').rstrip()}\n```"


def peers() -> str:
    """Return the table that `bench_peers.py --write` made last."""
    return (Path(__file__).parent / "benchmarks" / "peers.md").read_text(encoding="utf-8").rstrip()


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
