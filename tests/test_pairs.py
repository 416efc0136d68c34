"""Pairs for those who want pairs only: the wanted kinds, the limits, and nothing computed that nobody asked for."""

from __future__ import annotations

import itertools
import json
import random
import re
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from stories import ORIGINAL, REWORDED, UPDATE
from typer.testing import CliRunner

from cleaners.config import Settings, parse
from cleaners.errors import InputError
from cleaners.pairs import PAIRS, WANTED, _reworded, all_meetings, all_pairs, fact_prints, match_texts
from cleaners.pieces import Pieces
from flows.cli import app

DRAW = random.Random(4)  # noqa: S311  # a fixed seed, for invented texts
REPORT = DRAW.choices([f"w{number}" for number in range(900)], k=200)
TEXTS = {
    "report": " ".join(REPORT),
    "again": " ".join(REPORT).upper(),
    "edited": " ".join(["changed" if at in (9, 99, 180) else word for at, word in enumerate(REPORT)]),
    "brief": " ".join(REPORT[:120]),
    "other": "Hens came home to Orrel on Monday, all twelve of them, and nobody knew from where.",
}


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    path = tmp_path / "articles.jsonl"
    rows = [json.dumps({"id": name, "text": text}) for name, text in TEXTS.items()]
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def pairs(articles: Path, *options: str) -> dict[tuple[str, str], str]:
    """Return the kind of each pair that the command found."""
    out = articles.with_name("pairs.parquet")
    result = CliRunner().invoke(app, ["match", str(articles), "-o", str(out), *options], catch_exceptions=False)
    assert result.exit_code == 0
    return {(row["a"], row["b"]): row["kind"] for row in pq.read_table(out).to_pylist()}


@pytest.mark.parametrize(("texts", "strides", "least"), [(100_000, (1, 2), 10), (100_001, (1,), 13)])
def test_of_fewer_texts_more_pairs_meet(texts: int, strides: tuple[int, ...], least: int) -> None:
    bands, agreement = all_meetings(Settings().rewording, texts)

    assert agreement == least
    assert {frozenset(band) for band in bands.places(128).tolist()} == {
        frozenset([place, (place + further) % 128]) for place in range(128) for further in strides
    }


def test_how_many_texts_there_are_decides_how_widely_is_looked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr("cleaners.pairs.all_meetings", lambda s, n: asked.append(n) or all_meetings(s, n))
    match_texts([("a", ORIGINAL), ("b", REWORDED), ("c", TEXTS["other"])])

    assert asked == [3]


def test_an_overlap_counts_only_where_a_dataset_would_have_met_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [("original", ORIGINAL), ("reworded", REWORDED), ("update", UPDATE)]
    found = {(pair.a, pair.b): pair.kind for pair in match_texts(texts)}
    monkeypatch.setattr("cleaners.match.candidates.Meetings.agreeing", lambda _, left, *__: np.zeros(len(left), bool))
    fewer = {(pair.a, pair.b): pair.kind for pair in match_texts(texts)}

    assert found["original", "update"] == "overlap"
    assert fewer == {pair: kind for pair, kind in found.items() if kind == "reworded"} != {}


def test_near_and_overlap_are_found_with_their_evidence(articles: Path) -> None:
    found = pairs(articles, "--kinds", "near,overlap")
    rows = pq.read_table(articles.with_name("pairs.parquet")).to_pylist()

    assert found["report", "again"] == "exact"
    assert found["report", "edited"] == "near"
    assert found["report", "brief"] == "overlap"
    assert all(row["jaccard"] == row["similarity"] for row in rows if row["kind"] == "near")
    assert all(row["right_in_left"] == 1.0 for row in rows if (row["a"], row["b"]) == ("report", "brief"))


def test_limits_are_options(articles: Path) -> None:
    assert pairs(articles, "--near", "0.99", "--kinds", "near") == {("report", "again"): "exact"}
    assert ("edited", "brief") in pairs(articles, "--overlap", "0.7", "--kinds", "overlap")
    assert ("edited", "brief") not in pairs(articles, "--overlap", "0.99", "--kinds", "overlap")


def test_what_no_wanted_kind_needs_is_not_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("facts were compared")

    monkeypatch.setattr("cleaners.pairs._reworded", refuse)
    found = match_texts(TEXTS.items(), kinds=["near"])

    assert {match.kind for match in found} == {"exact", "near"}
    with pytest.raises(AssertionError, match="facts"):
        match_texts(TEXTS.items())


@pytest.mark.parametrize("extra", [[], ["e1", "e2"]])
def test_identical_copies_are_paired_with_the_first_by_words(extra: list[str]) -> None:
    cut = " ".join(ORIGINAL.split()[:-6])
    texts = {"a": ORIGINAL, "b": ORIGINAL, "c": ORIGINAL.upper(), **dict.fromkeys(extra, cut)}
    found = {(pair.a, pair.b): pair.kind for pair in match_texts(texts.items())}

    assert found == {("a", "b"): "exact", ("a", "c"): "exact"} | (
        {("a", "e1"): "near", ("e1", "e2"): "exact"} if extra else {}
    )


def test_every_identical_copy_is_paired_by_facts() -> None:
    texts = {"a": ORIGINAL, "b": REWORDED, "c": ORIGINAL, "d": REWORDED}
    found = {(pair.a, pair.b): pair.kind for pair in match_texts(texts.items())}

    again = dict.fromkeys([("a", "b"), ("a", "d"), ("b", "c"), ("c", "d")], "reworded")
    assert found == {("a", "c"): "exact", ("b", "d"): "exact"} | again


@pytest.fixture(scope="module")
def of_all_kinds() -> dict[str, str]:
    """Return texts of which one keeps two sentences of three of another: shingles say overlap, facts say reworded."""
    sentences = re.split(r"(?<=[.])\s+", ORIGINAL)
    parts = {
        f"{step} but {left_out}": " ".join(each for at, each in enumerate(sentences) if at % step != left_out)
        for step in (3, 4, 5)
        for left_out in range(step)
    }
    return {"original": ORIGINAL, "again": REWORDED, **parts}


def test_more_kinds_give_more_pairs(of_all_kinds: dict[str, str]) -> None:
    def found(*kinds: str) -> dict[tuple[str, str], str]:
        return {(pair.a, pair.b): pair.kind for pair in match_texts(of_all_kinds.items(), kinds=kinds)}

    every = found(*WANTED)
    pairs = {kinds: found(*kinds) for count in (1, 2, 3) for kinds in itertools.combinations(WANTED, count)}

    assert {"near", "overlap", "reworded"} <= {*every.values()}
    assert any(every[pair] == "reworded" for pair in pairs["overlap",])
    for kinds, some in pairs.items():
        assert {*some.values()} <= {*kinds}
        assert some.items() <= {(pair, kind) for pair, kind in every.items() if kind in kinds} | (
            {(pair, "overlap") for pair, kind in every.items() if kind == "reworded" and "reworded" not in kinds}
        )
        assert all(some.keys() <= more.keys() for wanted, more in pairs.items() if {*kinds} <= {*wanted})


def test_a_kind_that_is_none_is_a_wrong_call(articles: Path) -> None:
    with pytest.raises(InputError, match="there is no 'rewritten'"):
        pairs(articles, "--kinds", "near,rewritten")
    for kinds, wrong in ((["near", "rewritten"], "rewritten"), ("near", "near")):
        with pytest.raises(ValueError, match=f"kinds are some of .* not '{wrong}'"):
            match_texts(TEXTS.items(), kinds=kinds)


def test_where_there_are_no_texts_there_are_no_pairs() -> None:
    nothing = all_pairs(Pieces([], [].__getitem__), Settings())

    assert nothing.num_rows == 0
    assert nothing.schema == PAIRS
    assert match_texts([]) == []


def test_a_crowd_that_was_compared_in_part_is_told(tmp_path: Path) -> None:
    path, config = tmp_path / "crowd.jsonl", tmp_path / "copydesk.toml"
    rows = [json.dumps({"id": str(number), "text": f"{TEXTS['report']} edition {number}"}) for number in range(40)]
    path.write_text("\n".join(rows), encoding="utf-8")
    config.write_text("[match]\nbucket_pairs = 10\n", encoding="utf-8")
    call = ["match", str(path), "-o", str(tmp_path / "p.parquet"), "--config", str(config), "--kinds", "near"]

    assert "buckets were full" in CliRunner().invoke(app, call).output


def test_buckets_of_facts_have_room_for_five_times_as_many() -> None:
    texts = pa.array([f"{ORIGINAL} Edition {number}." for number in range(60)], pa.large_string())
    for bucket_pairs, full in ((10, True), (12, False)):
        settings = parse({"match": {"bucket_pairs": bucket_pairs}}, "test")
        told = _reworded(Pieces.of(texts), np.arange(60), settings, None)

        assert (int(told.schema.metadata[b"crowded"]) > 0) == full


def test_pieces_and_files_change_nothing(tmp_path: Path) -> None:
    names = ["Quill", "Finch", "Moss", "Teal", "Wren", "Rook"]
    told = "{0} of Orrel lost {1} hens on {2} May, said {3}; {4} came back to {0} by {5} June. {6}"
    kinds = [*names, *reversed(names)]
    texts = [
        told.format(name, at + 12, at + 3, kinds[-at - 1], at + 2, at + 9, "Rain. " * at)
        for at, name in enumerate(kinds)
    ]
    many = [f"w{at}" for at in range(4000)]  # two megabytes of keys and sketches
    told_again = [ORIGINAL, REWORDED]
    column = pa.array([*TEXTS.values(), *texts, "", *TEXTS.values(), *texts, *told_again, *many], pa.large_string())
    whole = all_pairs(Pieces.of(column), Settings())

    settings = Settings()
    settings = settings.model_copy(update={"match": settings.match.model_copy(update={"memory_mb": 1})})
    pieces = Pieces([7, 0, 1, len(column) - 8], [column[:7], column[7:7], column[7:8], column[8:]].__getitem__)
    found = all_pairs(pieces, settings, folder=tmp_path)

    assert found.equals(whole)
    assert {"exact", "near", "reworded"} <= set(whole["kind"].to_pylist())
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == [
        "keys", "keys", "sketch", "sketch", "telling",
    ]  # fmt: skip


def test_pairs_looked_at_in_turns_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = Pieces.of(
        pa.array([ORIGINAL, REWORDED, *(f"{REWORDED} Edition {at}." for at in range(9))], pa.large_string())
    )
    whole = all_pairs(texts, Settings())
    monkeypatch.setattr("cleaners.pairs._AT_ONCE", 7)

    assert whole["kind"].to_pylist().count("reworded") > 7
    assert all_pairs(texts, Settings()).equals(whole)


def test_no_pair_is_an_object() -> None:
    """What is found is joined and named as columns: Python's dictionaries would take a kilobyte and more a pair."""
    texts = Pieces.of(pa.array([f"{TEXTS['report']} edition {at}" for at in range(700)], pa.large_string()))
    all_pairs(Pieces.of(texts.take(np.arange(9))), Settings(), ["near"])
    tracemalloc.start()
    try:
        found = all_pairs(texts, Settings(), ["near"]).num_rows
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert found > 100_000
    assert peak < 400 * found


def test_nothing_is_left_beside_the_pairs(articles: Path) -> None:
    pairs(articles)
    assert sorted(path.name for path in articles.parent.iterdir()) == ["articles.jsonl", "pairs.parquet"]


_HOLD = """
import sys, time
from pathlib import Path
from cleaners import lock, storage
with lock.scratch(Path(sys.argv[1]), f"{storage.TEMPORARY}match-") as folder:
    (folder / "texts").write_text("scraped")
    print(folder, flush=True)
    time.sleep(300)
"""


def test_what_a_killed_run_left_beside_the_pairs_goes_and_what_a_living_one_has_stays(articles: Path) -> None:
    held = []
    for _ in range(2):
        command = [sys.executable, "-c", _HOLD, str(articles.parent)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holding:
            assert holding.stdout is not None
            held.append(Path(holding.stdout.readline().strip()))
            if len(held) == 2:
                assert [folder.is_dir() for folder in held] == [False, True]  # it has swept the other one's

                pairs(articles)

                assert (held[1] / "texts").read_text() == "scraped"
            holding.kill()
        assert held[-1].is_dir()
    pairs(articles)

    assert sorted(path.name for path in articles.parent.iterdir()) == ["articles.jsonl", "pairs.parquet"]


def test_an_input_of_many_batches_gives_the_pairs_of_one(articles: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = pairs(articles)
    monkeypatch.setattr("cleaners.shards.pairs._BATCH", 1)
    assert pairs(articles) == whole


def test_a_text_too_short_to_be_called_anything_meets_nobody() -> None:
    story = "Ada Quill of Orrel lost 12 hens and 3 geese on 4 May, said Ben Finch of Amble; Moss, Teal and Wren saw it"
    short, long = f"{story}.", f"{story}, and so did the mayor of Quern on Sunday."
    _, valid, sets = fact_prints(pa.array([short, long], pa.large_string()), Settings())

    assert sets.words[0] < Settings().rewording.least_words <= sets.words[1]
    assert valid.tolist() == [False, True]
