"""README, help texts and settings are the real ones."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import typer.main
from readme import meanings

from cleaners.config import Settings
from flows.cli import app

ROOT = Path(__file__).resolve().parent.parent
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


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_an_example(name: str) -> None:
    command = COMMANDS[name]

    assert command.help
    for leaf in getattr(command, "commands", {"": command}).values():
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
