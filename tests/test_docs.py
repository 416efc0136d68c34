"""README, help texts and settings are the real ones."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import library
import pytest
import typer.main
from command import run
from readme import BRIEF, COPY, STAGES, meanings

from cleaners.config import Settings
from cleaners.extract.parse import _FATAL
from cleaners.model import Edit
from cleaners.spans import restore
from flows.cli import app

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]
SETTINGS = [
    (f"{name}.{key}", meaning)
    for name, section in Settings.model_fields.items()
    for key, meaning in meanings(section.annotation).items()  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("setting", "meaning"), SETTINGS, ids=lambda value: str(value)[:30])
def test_every_setting_says_what_it_is(setting: str, meaning: str) -> None:
    assert len(meaning.split()) >= 5, f"{setting} needs a docstring: unit, reason for the default, effect"


def _leaves(command: typer.core.TyperCommand) -> list[typer.core.TyperCommand]:
    return list(getattr(command, "commands", {"": command}).values())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_an_example(name: str) -> None:
    command = COMMANDS[name]

    assert command.help
    for leaf in _leaves(command):
        assert "Example: copydesk" in (leaf.epilog or ""), f"{name} {leaf.name} shows no example"


def test_every_command_stands_in_the_readme() -> None:
    assert [name for name in COMMANDS if f"copydesk {name}" not in README] == []


def test_the_readme_links_to_headings_and_files_that_exist() -> None:
    headings = {
        re.sub(r"[^a-z0-9 -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in README.splitlines()
        if line.startswith("#")
    }
    links = re.findall(r"\]\(([^)]+)\)", README)

    assert [link for link in links if link.startswith("#") and link[1:] not in headings] == []
    assert [link for link in links if not link.startswith(("#", "http")) and not (ROOT / link).exists()] == []


def test_nothing_names_a_package_index_or_a_path_of_a_machine() -> None:
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8")

    assert re.findall(r"(?m)^(?!#)(?![A-Za-z0-9._-]+==[A-Za-z0-9.+!-]+$).+$", pins) == []


def test_what_the_project_needs_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pinned = {
        line.partition("==")[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text().splitlines()
    }
    needed = {re.split(r"[<>=\[]", entry)[0].strip().lower() for entry in project["dependencies"]}

    assert needed - pinned == set()


def test_the_readme_shows_what_the_demo_prints(by_command: tuple[Path, str]) -> None:
    out, printed = by_command
    shown = (HERE / "demo.txt").read_text(encoding="utf-8")

    assert _timeless(shown) == _timeless(printed.replace(str(out), "output/demo"))


def _timeless(printed: str) -> list[str]:
    """Return the lines with the seconds of the stages left out."""
    return [re.sub(r" +[\d.]+ s +[\d.]+%$", "", line).rstrip() for line in printed.strip().splitlines()]


def test_the_readme_shows_what_explain_prints(by_command: tuple[Path, str], copydesk: str) -> None:
    out, _ = by_command
    told = run(copydesk, "explain", out, COPY).stdout.partition("\n\nBeside the article that was kept")[0]
    lines = [line.rstrip().replace(f"{ROOT}/", "") for line in told.splitlines()]

    assert (HERE / "explained.txt").read_text(encoding="utf-8").splitlines() == lines


def test_the_text_that_is_stripped_in_the_readme_is_one_of_the_demo(by_command: tuple[Path, str]) -> None:
    out, _ = by_command
    edits: dict[str, list[Edit]] = {}
    for row in sorted(library.rows(out, "edits"), key=lambda row: row["start"]):
        edits.setdefault(row.pop("id"), []).append(Edit(**row))
    extracted = {restore(row["text"], edits.get(row["id"], [])) for row in library.rows(out, "articles")}

    assert BRIEF.read_text(encoding="utf-8").removesuffix("\n") in extracted


def test_the_examples_of_the_commands_name_what_the_demo_holds(by_command: tuple[Path, str]) -> None:
    out, _ = by_command
    known = {row["id"] for table in ("articles", "duplicates") for row in library.rows(out, table)}
    examples = [leaf.epilog or "" for command in COMMANDS.values() for leaf in _leaves(command)]
    named = [name for example in examples for name in re.findall(r"\b[0-9a-f]{16,}\b", example)]
    files = [name for example in examples for name in re.findall(r"tests/\S+", example)]

    assert {COPY} == set(named)
    assert set(named) <= known
    assert [name for name in files if not (ROOT / name).exists()] == []


@pytest.mark.parametrize(
    "package",
    sorted(path.parent for of in ("cleaners", "flows") for path in (ROOT / of).rglob("__init__.py")),
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_every_module_stands_on_the_map_of_its_package(package: Path) -> None:
    """A line of a map: the name, two spaces or more, what it is for."""
    text = ast.get_docstring(ast.parse((package / "__init__.py").read_text(encoding="utf-8"))) or ""
    listed = re.findall(r"(?m)^ *(\w+) {2,}\S", text)
    files = {path.stem for path in package.glob("*.py")} | {path.parent.name for path in package.glob("*/__init__.py")}

    assert sorted(listed) == sorted(files - {"__init__"})


RAISERS = {"RecordError", "Flaw", "Gap", "BrokenStreamError"}
"""What is given the reason why a record is rejected, first of all."""


def _rejections(path: Path) -> Iterator[tuple[str, str]]:
    """Yield stage and reason wherever a module names a reason for a rejection."""
    name = str(path.relative_to(ROOT / "cleaners"))
    of_module = {"read": "read", "extract": "extract", "shards/cleaning": "strip", "shards/sift": "decontaminate"}
    stage = next((stage for start, stage in of_module.items() if name.startswith(start)), "")
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call):
            called = getattr(call.func, "id", getattr(call.func, "attr", ""))
            words = [each.value if isinstance(each, ast.Constant) else None for each in call.args]
            if called in RAISERS and words and isinstance(words[0], str):
                yield stage, words[0]
            if called == "Rejected" and isinstance(words[3], str) and isinstance(words[4], str):
                yield words[3], words[4]


def test_every_reason_for_a_rejection_stands_in_the_readme() -> None:
    named = {each for path in (ROOT / "cleaners").rglob("*.py") for each in _rejections(path)}
    anywhere = {reason for stage, reason in named if not stage}  # `cleaners.errors.on_record`, for any stage

    assert anywhere == {"crash"}
    assert set(_FATAL.values()) <= STAGES["extract"].keys()
    assert [(stage, reason) for stage, reason in sorted(named) if stage and reason not in STAGES[stage]] == []
    assert all(f"| `{reason}` | {stage} |" in README for stage, why in STAGES.items() for reason in why)
    assert {("strip", "only residue"), ("decontaminate", "contaminated"), ("extract", "timeout")} <= named


def test_all_benchmarks_run_in_one_go_but_for_those_that_want_sets_by_name() -> None:
    benchmarks = {path.stem.removeprefix("bench_") for path in (HERE / "benchmarks").glob("bench_*.py")}
    listed = ast.parse((HERE / "benchmarks" / "run.py").read_text(encoding="utf-8"))
    [small] = [node.value for node in listed.body if isinstance(node, ast.Assign) and node.targets[0].id == "SMALL"]

    assert set(ast.literal_eval(small)) == benchmarks - {"sieve"}


def test_every_script_that_the_readme_names_is_there() -> None:
    scripts = {name for name in re.findall(r"\b(?:\w+/)*\w+\.py\b", README) if re.match(r"bench_|check_|train_", name)}

    assert [name for name in sorted(scripts) if not (HERE / "benchmarks" / name).exists()] == []
    assert "bench_facts.py" in scripts
