"""A fault of the code on one record: the run goes on without that record, and somebody sees it."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

import library
import pytest

from cleaners import report, storage
from cleaners.columns import SIGNALS
from cleaners.config import parse
from cleaners.errors import RecordError, RunError, on_record
from cleaners.extract import page
from cleaners.shards import cleaning, quality
from cleaners.survey import alerts, figures, rules

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pyarrow as pa

MARK = "Orlec"


@pytest.fixture
def inputs(tmp_path: Path) -> list[str]:
    """Return a file of three articles, one of which names Orlec."""
    towns = (MARK, "Vell", "Tessin")
    told = "The bridge at {0} reopened on Monday, said the council of {0}."
    rows = [{"id": town, "text": told.format(town)} for town in towns]
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return [str(path)]


def failing(function: Callable[..., Any], error: Exception, *, always: bool = False) -> Callable[..., Any]:
    """Return a function that raises an error where it gets a text that names Orlec."""

    def odd(first: Any, *more: Any, **named: Any) -> Any:
        if always or MARK in getattr(first, "text", first):
            raise error
        return function(first, *more, **named)

    return odd


@pytest.mark.parametrize(
    ("stage", "module", "name", "place"),
    [("strip", cleaning, "strip", "cleaners.shards.cleaning"), ("extract", page, "identify", "cleaners.extract.page")],
)
def test_a_record_on_which_the_code_fails_is_rejected_with_the_place_and_the_run_goes_on(
    stage: str, module: Any, name: str, place: str, inputs: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = failing(getattr(module, name), ValueError("an <x object at 0x7f3a>\n\x1bis odd"))
    monkeypatch.setattr(module, name, odd)
    out = tmp_path / "out"
    counts = library.clean(inputs, out)["counts"]
    [row] = library.rows(out, "rejected")

    assert (counts["records"], counts["articles"]) == (3, 2)
    assert (row["source_id"], row["stage"], row["reason"]) == (MARK, stage, "crash")
    kind, _, words = row["detail"].partition(": ")
    assert kind.rpartition(":")[0] == f"ValueError in {place}"
    assert kind.rpartition(":")[2].isdecimal()
    assert words == "an <x object> is odd"  # the same in each process

    [alert] = alerts.read(figures.read(str(out)), rules.read([]))
    assert alert.named == (("crash", "1 of 3 records"),)
    assert "Records on which the software failed" in report.render(str(out))


@pytest.mark.parametrize(
    "error",
    [MemoryError(), RuntimeError("can't start new thread"), OSError(5, ""), ImportError("no module")],
)
def test_what_no_record_is_to_blame_for_stops_the_run(
    error: Exception, inputs: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cleaning, "strip", failing(cleaning.strip, error))
    with pytest.raises(type(error)):
        library.clean(inputs, tmp_path / "out")


def test_a_fault_on_every_record_of_many_stops_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "in.jsonl"
    lines = [json.dumps({"text": f"The ferry ran aground on {day} May with {day} on board."}) for day in range(20)]
    path.write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr(cleaning, "strip", failing(cleaning.strip, KeyError("odd"), always=True))
    with pytest.raises(RunError, match=r"strip failed on all 20 records of a shard \(KeyError in cleaners\.shards\."):
        library.clean([str(path)], tmp_path / "out")

    path.write_text("\n".join(lines[:19]), encoding="utf-8")

    assert library.clean([str(path)], tmp_path / "few")["counts"]["rejected_by_reason"] == {"crash": 19}


def test_a_fault_on_every_page_of_very_many_stops_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "in.jsonl"
    told = "The ferry ran aground on {0} May with {0} on board."
    monkeypatch.setattr(page, "identify", failing(page.identify, KeyError("odd"), always=True))
    for count in (199, 200):
        path.write_text("\n".join(json.dumps({"text": told.format(day)}) for day in range(count)), encoding="utf-8")
        stopped = pytest.raises(RunError, match="extract failed on all 200 records") if count == 200 else None
        with stopped or contextlib.nullcontext():
            library.clean([str(path)], tmp_path / "out")


def test_an_article_that_cannot_be_measured_is_kept_without_its_signals(
    inputs: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.clean(inputs, tmp_path / "whole")
    measured = quality.signals

    def odd(rows: pa.Table) -> pa.Table:
        if any(MARK in text for text in rows["text"].to_pylist()):
            raise ZeroDivisionError("division by zero")
        return measured(rows)

    monkeypatch.setattr(quality, "signals", odd)
    out = tmp_path / "out"
    library.clean(inputs, out, parse({"quality": {"bounds": {"words": {"least": 1}, "digits": {"most": 0.5}}}}, ""))
    whole = {row["id"]: row for row in library.rows(tmp_path / "whole", "articles")}
    for row in library.rows(out, "articles"):
        failed = row["source_id"] == MARK

        assert row == whole[row["id"]] | (dict.fromkeys(SIGNALS.names) if failed else {})
    [note] = [storage.read_note(str(path)) for path in out.glob("work/signals/*.parquet")]

    assert len(library.rows(out, "articles")) == 3
    assert note is not None
    assert len(note["faults"]) == 1
    assert note["faults"][0].startswith("ZeroDivisionError in cleaners.shards.quality:")


def test_what_was_raised_on_purpose_stays_what_it_is() -> None:
    with pytest.raises(RecordError, match=r"^memory: too much$"), on_record():
        raise RecordError("memory", "too much")


def test_who_watches_a_run_and_who_reads_its_log_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import prefect.logging  # noqa: PLC0415  (it is set up by what is tested)

    from flows import corpus  # noqa: PLC0415

    said: list[str] = []
    logged: list[str] = []

    class Log:
        def warning(self, sentence: str) -> None:
            logged.append(sentence)

    class Watching:
        def say(self, sentence: str) -> None:
            said.append(sentence)

    monkeypatch.setattr(prefect.logging, "get_run_logger", Log)
    token = corpus.listener.set(Watching())  # type: ignore[arg-type]
    with contextlib.ExitStack() as stack:
        stack.callback(corpus.listener.reset, token)
        corpus._tell_faults({"counts": {"rejected_by_reason": {"empty": 9}}})

        assert said == []

        corpus._tell_faults({"counts": {"rejected_by_reason": {"crash": 1}}})

    assert said == logged
    assert said[0].startswith("the software failed on 1 record, rejected as `crash`")
