"""What options of `copydesk clean` come to: which hold on for the next run, and which are wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import library
import pytest
from command import run
from test_splits import words
from typer.testing import CliRunner

from cleaners.config import load
from cleaners.errors import InputError
from flows import environment, held, options
from flows.cli import app

if TYPE_CHECKING:
    from pathlib import Path

SPLIT = {"train": 0.5, "test": 0.5}


def known(**sections: Any) -> dict[str, Any]:
    """Return the settings of the last run as its manifest has them."""
    found: dict[str, Any] = json.loads(json.dumps(load(None, sections).model_dump(mode="json")))
    return found


def test_what_options_said_holds_until_an_option_or_the_file_says_otherwise(tmp_path: Path) -> None:
    (tmp_path / "quiz.txt").write_text("Which ferry ran aground off Orrel on a Monday in the fog of the year?")
    (tmp_path / "copydesk.toml").write_text("[split]\nseed = 2\n[match]\nthreshold = 0.8\n")
    files = [str(tmp_path / "quiz.txt")]
    before = known(
        split={"shares": SPLIT, "by": "published"},
        quality={"preset": "gopher"},
        decontaminate={"files": files, "sums": {files[0]: "of another content"}},
        match={"threshold": 0.9},
    )
    again = options.settings(None, None, before)
    by_file = options.settings(str(tmp_path / "copydesk.toml"), None, before)
    one = options.settings(None, options.given(split__by="cluster"), before)
    ended = {"split__shares": {"train": 1.0}, "quality__preset": "none", "decontaminate__files": ["none"]}
    free = options.settings(None, options.given(**ended), before)

    assert (list(again.split.shares.items()), again.split.by) == (list(SPLIT.items()), "published")
    assert (again.quality.preset, again.decontaminate.files) == (("gopher",), tuple(files))
    assert again.decontaminate.sums[files[0]] not in ("", "of another content")
    assert again.match.threshold == 0.7
    assert (by_file.split.shares, by_file.split.seed, by_file.match.threshold) == ({"train": 1.0}, 2, 0.8)
    assert by_file.quality.preset == ("gopher",)
    assert (one.split.shares, one.split.by) == (SPLIT, "cluster")
    assert (free.split.shares, free.split.by) == ({"train": 1.0}, "cluster")
    assert (free.quality.preset, free.decontaminate.files) == ((), ())


def test_the_order_of_the_splits_holds_too() -> None:
    turned = known(split={"shares": {"test": 0.5, "train": 0.5}})

    assert list(options.settings(None, None, turned).split.shares) == ["test", "train"]


def test_an_evaluation_set_that_is_gone_is_told_of_with_the_way_out(tmp_path: Path) -> None:
    before = known(decontaminate={"files": [str(tmp_path / "quiz.txt")]})
    with pytest.raises(InputError, match=r"quiz\.txt: .*was made without articles.*--decontaminate none"):
        options.settings(None, None, before)


def test_a_run_says_which_settings_hold_on_and_which_are_others() -> None:
    before = known(split={"shares": SPLIT}, quality={"preset": "c4"}, match={"threshold": 0.9})
    given = options.given(quality__preset="gopher")
    found = options.settings(None, given, before)

    kept, changed = held.told(found, load(None, given), before)

    assert kept == (
        'as before, since nothing else was said: split.shares = {"train": 0.5, "test": 0.5}; --split train=1 ends it'
    )
    assert changed == (
        "other settings than the last run's, so what they decide is made anew: quality.preset was "
        '["c4"], is ["gopher"]; match.threshold was 0.9, is 0.7'
    )
    assert held.told(load(None), load(None), {}) == []
    assert held.told(load(None), load(None), known()) == []


def test_the_next_run_without_split_keeps_the_splits(copydesk: str, tmp_path: Path) -> None:
    for night in range(2):
        lines = [json.dumps({"id": f"{night} {n}", "text": words(20 * night + n, 90)}) for n in range(20)]
        (tmp_path / f"{night}.jsonl").write_text("\n".join(lines))
    out = tmp_path / "out"
    first = run(copydesk, "clean", tmp_path / "0.jsonl", "-o", out, "--split", "train=0.5,test=0.5", "--workers", 1)
    before = {row["id"]: row["split"] for row in library.rows(out, "articles")}
    tried = run(copydesk, "clean", tmp_path / "1.jsonl", "-o", out, "--dry-run")
    second = run(copydesk, "clean", tmp_path / "1.jsonl", "-o", out, "--workers", 1)
    after = {row["id"]: row["split"] for row in library.rows(out, "articles")}
    third = run(copydesk, "clean", tmp_path / "0.jsonl", "-o", out, "--split", "train=1", "--workers", 1)
    kept, ended = "as before, since nothing else was said: split.shares = ", "split.shares was "

    assert first.returncode == second.returncode == third.returncode == 0, second.stderr
    assert set(before.values()) == {"train", "test"}
    assert before.items() <= after.items()
    assert len(after) == 40
    assert [kept in said for said in (first.stderr, tried.stdout, second.stderr, third.stderr)] == [
        False,
        True,
        True,
        False,
    ]
    assert [ended in said for said in (second.stderr, third.stderr)] == [False, True]
    assert {row["split"] for row in library.rows(out, "articles")} == {"train"}


@pytest.mark.parametrize(
    ("options", "advice"),
    [
        (["--dask-address", "tcp://127.0.0.1:1"], "--dask-address tcp://127.0.0.1:1.*processes.*Say --runner dask too"),
        (["--ray-address", "ray://10.0.0.5:1"], "--ray-address.*processes.*Say --runner ray too"),
        (["--ray-address", "ray://10.0.0.5:1", "--runner", "dask"], "--ray-address.*dask does not use"),
        (["--dask-address", "", "--dry-run"], "--dask-address.*processes does not use"),
    ],
)
def test_an_address_without_its_runner_is_a_wrong_call(options: list[str], advice: str, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"text": "The ferry ran aground off Orrel."}\n')
    done = CliRunner().invoke(app, ["clean", str(tmp_path / "in.jsonl"), "-o", str(tmp_path / "out"), *options])

    with pytest.raises(InputError, match=advice):
        raise done.exception or AssertionError(done.output)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("RUNNER", "Dask", "There are: processes, dask, ray"),
        ("WORKERS", "four", "Name one from 1"),
        ("ADDRESS", "tcp://a:1", "dask or ray"),
    ],
)
def test_a_runner_that_a_deployment_cannot_mean_is_refused(
    name: str, value: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"COPYDESK_{name}", value)
    with pytest.raises(InputError, match=f"COPYDESK_{name}={value}.*{told}"):
        environment.runner()
