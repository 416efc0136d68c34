"""What the command shows: colours on a terminal, plain and whole text in a pipe, one JSON document for machines."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented import lay, rows
from rich.console import Console

from cleaners.rulebook import CATEGORIES
from cleaners.spans import restore
from cleaners.strip.engine import strip_text
from cleaners.visible import FAMILIES
from flows import progress, summary, terminal
from flows.cli import app
from flows.explain import Beside
from flows.terminal import TONES, Cuts

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = "The bridge reopened on Monday.\n\nShare on Facebook\n\nDonâ€™t cross it at night, the mayor said.\n"
RULE = """
[[rule]]
id = "mine"
category = "share_widget"
languages = ["en"]
where = "line"
pattern = ["harbour whistle over"]
why = "The desk of the Tide ends each page with it."
source = "invented"
hits = ["Harbour whistle over"]
misses = ["The harbour whistle was heard all over the town."]
"""


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small dataset; its tables are whole, its manifest is only as whole as the report needs."""
    return Path(lay(str(tmp_path_factory.mktemp("terminal") / "out"), rows()))


@pytest.fixture(scope="module")
def run(copydesk: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a function that runs the command in a pipe, beside a text, a rule file and a table."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "text.txt").write_text(TEXT, encoding="utf-8")
    (folder / "mine.toml").write_text(RULE, encoding="utf-8")
    (folder / "in.jsonl").write_text(json.dumps({"id": "a", "text": TEXT * 3}) + "\n", encoding="utf-8")

    def started(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [copydesk, *map(str, arguments)],
            check=False,
            capture_output=True,
            text=True,
            cwd=folder,
            env={**os.environ, **environment},
            timeout=300,
        )

    return started


JSON = [
    ("strip text.txt", 0),
    ("match in.jsonl -o pairs.parquet", 0),
    ("clean in.jsonl -o out --dry-run", 0),
    ("clean in.jsonl -o out", 0),
    ("clean in.jsonl -o out", 0),  # with nothing new
    ("verify out", 0),
    ("report out", 0),
    ("explain out a", 0),
    ("export out --format txt", 0),
    ("forget out --id a", 0),
    ("rules --learned out", 0),
    ("rules", 0),
    ("rules list --lang de", 0),
    ("rules show related-heading", 0),
    ("rules try text.txt", 0),
    ("rules check mine.toml", 0),
]
WRONG = [
    ("strip nowhere.txt", 2),
    ("strip --nonsense", 2),
    ("match nowhere.jsonl -o pairs.parquet", 2),
    ("clean nowhere.jsonl -o other", 2),
    ("schedule in.jsonl -o out --cron never", 2),
    ("verify nowhere", 2),
    ("report nowhere", 2),
    ("explain nowhere a", 2),
    ("export nowhere --format txt", 2),
    ("forget nowhere --id a", 2),
    ("rules show no-such-rule", 2),
    ("rules check text.txt", 2),
    ("rules --learned nowhere", 2),
    ("clean", 2),
]


def test_every_command_answers_machines_with_one_document(run) -> None:
    for call, code in JSON:
        done = run(*call.split(), "--json")

        assert done.returncode == code, (call, done.stderr)
        assert "error" not in json.loads(done.stdout), call


def test_what_failed_is_a_document_too_with_the_same_exit_code(run) -> None:
    for call, code in WRONG:
        done = run(*call.split(), "--json")
        told = json.loads(done.stdout)["error"]

        assert (done.returncode, told["exit_code"]) == (code, code), call
        assert told["message"]
        assert told["message"].split("'")[0].strip(".") in done.stderr, call


def test_the_list_above_has_every_command() -> None:
    import typer.main  # noqa: PLC0415

    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    named = {call.split()[0] for call, _ in JSON}

    assert set(commands) - named == {"schedule"}  # which test_schedule serves
    for command in commands.values():
        for leaf in getattr(command, "commands", {"": command}).values():
            assert "--json" in [name for parameter in leaf.params for name in parameter.opts], leaf.name


def test_a_dataset_that_is_not_whole_is_told_so_as_json(run, dataset) -> None:
    done = run("verify", dataset, "--json")

    assert done.returncode == 1
    assert json.loads(done.stdout)["wrong"]


def test_a_pipe_gets_no_colours_no_wraps_and_nothing_cut_off(run, dataset) -> None:
    copy = next(row for row in rows() if row["kind"] == "reworded")
    for call in (
        ["strip", "--diff", "text.txt"],
        ["explain", dataset, copy["id"]],
        ["rules"],
        ["rules", "try", "text.txt"],
    ):
        told = run(*call, COLUMNS="40").stdout

        assert "\x1b" not in told
        assert "…" not in re.sub(r"“.*?”", "", told) or call == ["rules"]
    assert max(map(len, run("explain", dataset, copy["id"], COLUMNS="40").stdout.splitlines())) > 100


def test_without_colour_the_cuts_stand_in_marks(run) -> None:
    for environment in ({}, {"FORCE_COLOR": "1", "NO_COLOR": "1"}):
        told = run("strip", "--diff", "text.txt", **environment).stdout

        assert "[-Share on Facebook-]" in told
        assert "[-Donâ€™t-]" in told
        assert "{+Don't+}" in told or "{+Don’t+}" in told
        assert not re.search("\x1b\\[[0-9;]*3[0-7]m", told)  # no colour


@pytest.mark.parametrize(("kind", "told"), [("near", "only there"), ("reworded", "has no such name or number")])
def test_without_colour_what_a_copy_changed_stands_in_marks(kind: str, told: str) -> None:
    kept = {"id": "a", "text": "The dam at Vell broke. Nobody was hurt."}
    beside = Beside(kept, {"id": "b", "kind": kind, "text": "The dam at Orlec broke. Nobody was hurt."})

    def shown(**how: Any) -> str:
        console = Console(width=120, file=io.StringIO(), **how)
        console.print(beside)
        return console.file.getvalue()  # type: ignore[attr-defined]

    assert "[-Vell-]" in shown()
    assert "{+Orlec+}" in shown()
    assert f"in marks: the other article {told}" in shown() or f"in marks: {told}" in shown()
    assert "[-" not in shown(force_terminal=True, color_system="standard", no_color=False)
    assert ("yellow: only there" in shown(force_terminal=True, color_system="standard")) == (kind == "near")


def test_on_a_terminal_the_cuts_have_the_colour_of_their_family(run) -> None:
    told = run("strip", "--diff", "text.txt", FORCE_COLOR="1", TERM="xterm-256color", NO_COLOR="").stdout

    assert re.search("\x1b\\[[0-9;]*34m", told.partition("Share on Facebook")[0].rpartition("\n")[2])
    assert "[-" not in told
    assert "1 share widget" in told


def test_every_family_has_a_colour_on_the_terminal() -> None:
    assert set(TONES) == {*FAMILIES, "other"}
    assert {name for name in CATEGORIES if not any(name in members for members in FAMILIES.values())} == set()


@given(st.text(alphabet='aB. \n(é—\x1b"', max_size=80))
def test_marks_lose_nothing_of_the_text(kept: str) -> None:
    text = f"{kept}\n\nShare on Facebook\n\nThe bridge over the Lenn reopened on Monday, the town said."
    stripped = strip_text(text)
    drawn = Cuts(text, stripped.edits).drawn(coloured=False).plain

    assert restore(stripped.text, stripped.edits) == text
    assert "\x1b" not in drawn
    for edit in stripped.edits:
        drawn = drawn.replace(f" ‹{edit.rule}›", "").replace(f"{{+{terminal.plain(edit.after)}+}}", "")
    assert drawn.replace("[-", "").replace("-]", "") == terminal.plain(text)


@pytest.mark.parametrize(
    ("shell", "says"), [("bash", "complete -o default"), ("zsh", "#compdef copydesk"), ("fish", "complete")]
)
def test_the_shell_completes_commands(run, shell: str, says: str) -> None:
    assert says in run("--show-completion", shell, _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1").stdout

    asked = {"COMP_WORDS": "copydesk sch", "COMP_CWORD": "1"}
    asked |= {"_TYPER_COMPLETE_ARGS": "copydesk sch", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    assert "schedule" in run(_COPYDESK_COMPLETE=f"complete_{shell}", **asked).stdout


@pytest.mark.parametrize("name", ["", "clean", "rules"])
def test_options_are_completed_too(run, name: str) -> None:
    words = f"copydesk {name} --".replace("  ", " ")
    count = str(len(words.split()) - 1)
    told = run(_COPYDESK_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=count).stdout.split()

    assert ("--json" if name else "--version") in told


def test_where_nobody_watches_a_stage_tells_its_rate_and_the_time_left(capsys, monkeypatch) -> None:
    now = iter([0.0, 40.0, 41.0, 80.0, 80.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(now))
    with progress.Lines().stage("strip", [4_000_000, 1_000_000, 3_000_000]) as step:
        for number in range(3):
            step(number)

    assert capsys.readouterr().err.splitlines() == [
        "strip: 1 of 3, 100.0 kB/s, 40 s left",
        "strip: 3 of 3 in 1 min 20 s, 100.0 kB/s",
    ]


def test_a_stage_that_failed_tells_how_much_of_it_and_no_rate(capsys, monkeypatch) -> None:
    now = iter([0.0, 0.1, 0.2])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(now))
    with progress.Lines().stage("strip", [4_000_000, 1_000_000, 3_000_000]) as step:
        step(1)

    assert capsys.readouterr().err == "strip: 1 of 3 in 0 s, 2 failed\n"

    monkeypatch.undo()
    bars = progress.Bars()
    drawn = io.StringIO()
    bars._console = Console(file=drawn, force_terminal=True, width=100, color_system=None)
    with bars.stage("strip", [4_000_000, 4_000_000]) as step:
        step(1)

    assert re.search(r"1 of 2 \S+ 1 failed\s*$", re.sub("\x1b\\S*", "", drawn.getvalue()))


def test_a_bar_shows_the_rate_and_stages_without_work_end() -> None:
    bars = progress.Bars()
    drawn = io.StringIO()
    bars._console = Console(file=drawn, force_terminal=True, width=100, color_system=None)
    with bars.stage("strip", [4_000_000, 4_000_000]) as step:
        step(1)
        step(0)
    with bars.stage("learn", []):
        pass

    assert re.search(r"2 of 2 \S+ [\d,.]+ MB/s", drawn.getvalue())
    assert re.search(r"0 of 0 [\d:]+\s*$", re.sub("\x1b\\S*", "", drawn.getvalue()))  # no rate of nothing


def test_the_shares_of_the_summary_add_up() -> None:
    counts = {"records": 8, "articles": 4, "duplicates_by_kind": {"near": 2}, "rejected_by_reason": {"empty": 2}}
    counts |= {"words_before": 100, "words_after": 80, "words_kept": 50, "edits_by_rule": {"a": 3, "b": 1}}
    told = list(summary.rows({"counts": counts}, {"strip": 3.0, "match": 1.0}))

    for section in {row.section for row in told}:
        assert sum(row.share or 0 for row in told if row.section == section) == pytest.approx(1)
    assert [len(line.split("|")) for line in summary.markdown({"counts": counts}, {}).splitlines()] == [6] * 12


def test_the_summary_has_bars_where_there_is_colour_alone(dataset) -> None:
    manifest = json.loads((dataset / "manifest.json").read_text())
    for system, bars in ((None, False), ("standard", True)):
        drawn = io.StringIO()
        console = Console(file=drawn, force_terminal=bars, color_system=system, width=120)
        console.print(summary.Summary(manifest, {}))

        assert ("█" in drawn.getvalue()) is bars
