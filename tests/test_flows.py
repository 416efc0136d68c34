"""The main job, end to end, as the command runs it: the invariants that DESIGN states for a whole dataset."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import library
import pytest
from command import OFFLINE, run

from cleaners.model import Edit
from cleaners.spans import restore
from cleaners.strip.engine import strip_text
from cleaners.text import UNSPACED


@pytest.fixture(scope="session")
def by_library(crawl: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the dataset of the sample crawl, made by the library alone."""
    out = tmp_path_factory.mktemp("library") / "out"
    library.clean([str(crawl)], out)
    return out


def test_the_command_makes_the_same_bytes_as_the_library_alone(by_library: Path, by_command: tuple[Path, str]) -> None:
    assert library.digests(by_library) == library.digests(by_command[0])


@pytest.mark.skipif(not OFFLINE, reason="this machine allows no network namespace")
def test_the_runs_of_these_tests_reach_nothing_outside() -> None:
    code = "import socket; socket.create_connection(('192.0.2.1', 80), 2)"
    done = subprocess.run([*OFFLINE, sys.executable, "-c", code], check=False, capture_output=True, text=True)

    assert "Network is unreachable" in done.stderr


def test_the_books_balance(by_library: Path) -> None:
    counts = json.loads((by_library / "manifest.json").read_text())["counts"]
    tables = {table: len(library.rows(by_library, table)) for table in ("articles", "duplicates", "rejected")}

    assert counts["records"] == sum(tables.values()) > 80
    assert tables == {table: counts[table] for table in tables}


def test_ids_are_unique(by_library: Path) -> None:
    ids = [row["id"] for table in ("articles", "duplicates", "rejected") for row in library.rows(by_library, table)]

    assert len(set(ids)) == len(ids)


def test_every_duplicate_names_a_kept_article_it_resembles(by_library: Path) -> None:
    kept = {row["id"]: row for row in library.rows(by_library, "articles")}
    copies = library.rows(by_library, "duplicates")

    assert copies
    for copy in copies:
        canonical = kept[copy["canonical_id"]]
        if copy["kind"] in ("exact", "near"):
            assert copy["similarity"] == pytest.approx(jaccard(copy["text"], canonical["text"]))
            assert copy["similarity"] >= 0.7


def jaccard(one: str, two: str) -> float:
    """Return the exact index, counted by plain Python; characters where words are not spaced."""

    def shingles(text: str) -> set[tuple[str, ...]]:
        words = re.findall(rf"[{UNSPACED}]|[^\W{UNSPACED}]+", text.lower())
        return set(zip(*(words[start:] for start in range(5)), strict=False)) or {tuple(words)}

    first, second = shingles(one), shingles(two)
    return len(first & second) / len(first | second)


def test_the_extracted_text_can_be_rebuilt_and_clean_text_stays_as_it_is(by_library: Path) -> None:
    edits: dict[str, list[Edit]] = {}
    for row in library.rows(by_library, "edits"):
        edits.setdefault(row.pop("id"), []).append(Edit(**row))
    rows = library.rows(by_library, "articles") + library.rows(by_library, "duplicates")

    assert any(edits.values())
    for row in rows:
        before = restore(row["text"], edits.get(row["id"], []))
        assert all(before[edit.start : edit.end] == edit.before for edit in edits.get(row["id"], []))
        assert strip_text(row["text"]).text == row["text"]


def test_a_second_run_writes_nothing(crawl: Path, by_command: tuple[Path, str], copydesk: str) -> None:
    def times() -> dict[str, int]:
        return {str(path): path.stat().st_mtime_ns for path in by_command[0].rglob("*") if path.is_file()}

    before = times()
    done = run(copydesk, "clean", crawl, "-o", by_command[0])

    assert done.returncode == 0
    assert "nothing is new" in done.stderr
    assert times() == before


def test_more_inputs_later_give_what_all_inputs_at_once_give(crawl: Path, tmp_path: Path) -> None:
    inputs = sorted(str(path) for path in crawl.iterdir())
    library.clean(inputs, tmp_path / "at-once")
    for given in range(1, len(inputs) + 1):
        library.clean(inputs[:given], tmp_path / "bit-by-bit", relearn=True)

    for table in ("articles", "duplicates"):
        assert fates(tmp_path / "at-once", table) == fates(tmp_path / "bit-by-bit", table)


def fates(out: Path, table: str) -> dict[str, Any]:
    """For each row of a table what became of it."""
    return {
        row["id"]: (row["text"], row.get("canonical_id"), row.get("similarity")) for row in library.rows(out, table)
    }


def test_the_work_folder_can_be_deleted_at_the_cost_of_time_alone(
    crawl: Path, by_library: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    shutil.copytree(by_library, out)
    shutil.rmtree(out / "work")
    library.clean([str(crawl)], out)

    assert library.digests(out) == library.digests(by_library)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["clean", "no/such/file", "-o", "{tmp}/out"], "no/such/file"),
        (["clean", "{tmp}/table.csv", "-o", "{tmp}/out"], "text"),
        (["clean", "{tmp}/page.html", "-o", "{tmp}/foreign"], "foreign"),
        (["clean", "{tmp}/page.html", "-o", "{tmp}/out", "--config", "{tmp}/wrong.toml"], "threshold"),
        (["clean", "{tmp}/page.html", "-o", "{tmp}/out", "--config", "{tmp}/no.toml"], "TOML: No such file"),
        (["clean", "{tmp}/page.html", "-o", "{tmp}/out", "--split", "train=0.9"], "split.shares: they must be above 0"),
        (["clean", "{tmp}/page.html", "-o", "{tmp}/out", "--split-by", "published"], "Name the splits too"),
        (["clean", "{tmp}/page.html", "-o", "{tmp}/out", "--quality", "gophr"], "quality.preset: input should be"),
        (["clean", "{tmp}/page.html", "-o", ""], "OUT: names no folder"),
        (["match", "{tmp}/page.html", "-o", ""], "PAIRS: names no file"),
        (["match", "{tmp}/page.html", "-o", "{tmp}/pairs.csv"], "ends in .parquet"),
        (["strip", "{tmp}/no-such-text"], "no-such-text"),
        (["strip", "{tmp}/page.html", "--lang", "english"], "ISO 639-1"),
        (["forget", "{tmp}", "--id", "some-id"], "no finished dataset"),
        (["verify", "{tmp}"], "Make one: copydesk clean"),
        (["export", "{tmp}", "--format", "txt"], "no finished dataset"),
        (["explain", "{tmp}", "some-id"], "no finished dataset"),
        (["rules", "show", "no-such-rule"], "no rule"),
    ],
)
def test_a_wrong_call_gets_one_line_and_exit_code_2_and_touches_nothing(
    arguments: list[str], told: str, copydesk: str, tmp_path: Path
) -> None:
    (tmp_path / "table.csv").write_text("a,b\n1,2\n3,4\n")
    (tmp_path / "page.html").write_text("<p>Something happened in the town, the mayor said.</p>")
    (tmp_path / "wrong.toml").write_text("[match]\ntreshold = 0.8\n")
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "thesis.docx").write_text("not ours")
    before = sorted(tmp_path.rglob("*"))
    done = run(copydesk, *(argument.format(tmp=tmp_path) for argument in arguments))

    assert done.returncode == 2
    assert told in done.stderr
    assert done.stderr.startswith("copydesk: ")
    assert done.stderr.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_nobody_is_told_that_the_command_was_used() -> None:
    switches = {"DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "RAY_USAGE_STATS_ENABLED": "0"}
    script = (
        "import json, os; from flows import environment; environment.prepare(); print(json.dumps(dict(os.environ)))"
    )
    bare = {name: value for name, value in os.environ.items() if name not in switches}
    known = json.loads(subprocess.check_output([sys.executable, "-c", script], env=bare))

    assert {name: known[name] for name in switches} == switches


def test_a_run_loads_what_its_workers_need_in_the_workers_alone() -> None:
    heavy = "{'numba', 'trafilatura', 'jinja2', 'fastapi'}"
    code = f"import sys; from flows import cli, launch, corpus; print(sorted({heavy} & sys.modules.keys()))"
    light = subprocess.check_output([sys.executable, "-c", code], text=True)
    code = (
        "import inspect, sys; from flows import environment; environment.prepare(); import flows.nursery; "
        "tasks = [each for each in vars(sys.modules['flows.tasks']).values() if hasattr(each, 'submit')]; "
        "names = [inspect.getclosurevars(each.fn).nonlocals['function'].split(':') for each in tasks]; "
        "print(len(names), *(hasattr(sys.modules[f'cleaners.shards.{where}'], name) for where, name in names))"
    )
    loaded = subprocess.check_output([sys.executable, "-c", code], text=True)

    assert light == "[]\n"
    assert loaded == f"11{' True' * 11}\n"


def test_strip_works_without_prefect(copydesk: str) -> None:
    code = "import sys; from flows import cli, show; assert 'prefect' not in sys.modules"
    subprocess.run([str(Path(copydesk).with_name("python")), "-c", code], check=True)
    done = subprocess.run(
        [copydesk, "strip", "--json"],
        input="The bridge reopened on Monday.\n\nShare on Facebook\n",
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)

    assert told["text"] == "The bridge reopened on Monday."
    assert told["edits"][0]["category"] == "share_widget"


def test_the_summary_tells_what_came_of_the_run(by_command: tuple[Path, str]) -> None:
    counts = json.loads((by_command[0] / "manifest.json").read_text())["counts"]

    assert f"{counts['records']:,}" in by_command[1]
    assert "report.html" in by_command[1]


def test_explain_tells_whose_copy_an_article_is(by_command: tuple[Path, str], copydesk: str) -> None:
    copy = library.rows(by_command[0], "duplicates")[0]
    told = run(copydesk, "explain", by_command[0], copy["id"]).stdout

    assert copy["canonical_id"] in told
    assert copy["kind"] in told
