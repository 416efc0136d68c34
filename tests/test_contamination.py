"""Decontamination: what holds an item of an evaluation set is rejected with the evidence, and never silently missed."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import library
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from invented import BRUCKE, DAM, FERRY, LOOPED

from cleaners.config import Settings, WriteSettings, parse
from cleaners.contamination import trial
from cleaners.contamination.items import items, pinned
from cleaners.errors import InputError, RunError
from cleaners.shards import sift
from cleaners.shingles.sets import shingle_sets

ITEM = {"question": "How many people were on board when the ferry ran aground?", "context": FERRY, "label": 140}
SHORT = "Which harbour office of Orlec told reporters about the ferry?"
ARTICLES = {"ferry": FERRY, "looped": LOOPED, "dam": DAM, "brücke": BRUCKE}


def settings_of(*files: Path, **more: Any) -> Settings:
    chosen = {"files": list(map(str, files)), **more}
    return parse({"decontaminate": chosen, "furniture": {"learn": False}}, "test")


def lay(path: Path, records: list[Any]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


@pytest.fixture
def inputs(tmp_path: Path) -> list[str]:
    return [str(lay(tmp_path / "in.jsonl", [{"id": name, "text": text} for name, text in ARTICLES.items()]))]


def rejected(out: Path) -> dict[str, str]:
    rows = library.rows(out, "rejected")
    assert {(row["stage"], row["reason"]) for row in rows} <= {("decontaminate", "contaminated")}
    return {row["source_id"]: row["detail"].partition("/quiz")[2] for row in rows}


def kept(out: Path) -> set[str]:
    return {row["source_id"] for table in ("articles", "duplicates") for row in library.rows(out, table)}


def test_an_article_that_holds_an_item_is_rejected_with_the_evidence(inputs: list[str], tmp_path: Path) -> None:
    quiz = lay(tmp_path / "quiz.jsonl", [{"question": "Who?"}, ITEM])
    manifest = library.clean(inputs, tmp_path / "out", settings_of(quiz))
    found = rejected(tmp_path / "out")

    assert found.keys() == {"ferry", "looped"}
    assert (
        found["ferry"]
        == '.jsonl, item 2: 13 words, "the ferry to tessin island ran aground on monday with 140 people on"'
    )
    assert found["looped"].startswith(".jsonl, item 2: reworded, similarity ")
    assert kept(tmp_path / "out") == {"dam", "brücke"}
    assert manifest["counts"]["duplicates"] == 0
    assert manifest["counts"]["words_before"] == manifest["counts"]["words_after"] == manifest["counts"]["words_kept"]
    [told] = manifest["evaluation_sets"].values()
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "quiz.jsonl | 2 | 1 | 0 |" in card
    assert "2 were rejected as `contaminated`" in card
    assert told | {"sha256": ""} == {"sha256": "", "items": 2, "too_short": 1, "not_in_other_words": 1}


@pytest.mark.parametrize(("words", "hit"), [(7, set()), (8, {"dam"}), (12, {"dam"})])
def test_an_item_of_few_words_must_stand_there_whole(
    words: int, hit: set[str], inputs: list[str], tmp_path: Path
) -> None:
    item = " ".join(DAM.replace(",", "").split()[:words])
    quiz = lay(tmp_path / "quiz.jsonl", [item, SHORT])
    library.clean(inputs, tmp_path / "out", settings_of(quiz))

    assert rejected(tmp_path / "out").keys() == hit


def test_fields_that_no_record_has_are_told_with_those_there_are(inputs: list[str], tmp_path: Path) -> None:
    quiz = lay(tmp_path / "quiz.jsonl", [ITEM, ITEM | {"hint": 3}])
    with pytest.raises(InputError, match=r"no text in the fields answer, label.* question, context, label, hint\."):
        library.clean(inputs, tmp_path / "out", settings_of(quiz, fields=["answer", "label"]))


def test_only_the_named_fields_make_an_item(inputs: list[str], tmp_path: Path) -> None:
    quiz = lay(tmp_path / "quiz.jsonl", [ITEM | {"question": DAM}])
    library.clean(inputs, tmp_path / "out", settings_of(quiz, fields=["question"]))

    assert rejected(tmp_path / "out").keys() == {"dam"}


def test_a_set_that_changes_is_looked_for_anew_and_texts_are_not_stripped_again(
    inputs: list[str], tmp_path: Path
) -> None:
    quiz, out = lay(tmp_path / "quiz.jsonl", [DAM]), tmp_path / "out"
    library.clean(inputs, out, settings_of(quiz))
    parts = {path: path.stat().st_mtime_ns for path in (out / "work" / "cleaned").iterdir()}
    lay(quiz, [BRUCKE])
    library.clean(inputs, out, settings_of(quiz))

    assert rejected(out).keys() == {"brücke"}
    after = {path: path.stat().st_mtime_ns for path in (out / "work" / "cleaned").iterdir()}
    assert (len(parts), len(after), len(parts.items() & after.items())) == (2, 2, 1)


def test_articles_whose_inputs_are_gone_are_looked_at_too(inputs: list[str], tmp_path: Path) -> None:
    out = tmp_path / "out"
    library.clean(inputs, out, settings_of())
    Path(inputs[0]).unlink()
    shutil.rmtree(out / "work")
    library.clean([], out, settings_of(lay(tmp_path / "quiz.jsonl", [DAM])))

    assert rejected(out).keys() == {"dam"}
    assert kept(out) == ARTICLES.keys() - {"dam"}


def test_what_was_nothing_but_residue_stays_on_the_books_of_a_restored_dataset(
    inputs: list[str], tmp_path: Path
) -> None:
    out, bare = tmp_path / "out", lay(tmp_path / "bare.jsonl", [{"id": "bare", "text": "Share on Facebook\nPrint"}])
    before = library.clean([*inputs, str(bare)], out, settings_of())
    shutil.rmtree(out / "work")
    library.clean([], out, settings_of().model_copy(update={"write": WriteSettings(compression_level=9)}))
    after = library.clean([], out, settings_of(lay(tmp_path / "quiz.jsonl", [DAM])))

    assert before["counts"]["rejected_by_reason"] == {"only residue": 1}
    assert after["counts"]["rejected_by_reason"] == {"contaminated": 1, "only residue": 1}


def test_sets_that_are_gone_stand_in_the_way_of_nothing_but_new_articles(inputs: list[str], tmp_path: Path) -> None:
    out, quiz = tmp_path / "out", lay(tmp_path / "quiz.jsonl", [DAM])
    settings = pinned(settings_of(quiz))
    library.clean(inputs, out, settings)
    before = library.digests(out)
    quiz.unlink()
    Path(inputs[0]).unlink()
    shutil.rmtree(out / "work")
    library.clean([], out, settings)

    assert library.digests(out) == before
    with pytest.raises(InputError, match="cannot be read"):
        library.clean([str(lay(tmp_path / "new.jsonl", [{"text": LOOPED}]))], out, settings)


def test_a_run_that_misses_what_was_planted_fails(
    inputs: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiz = lay(tmp_path / "quiz.jsonl", [ITEM])
    look = sift.look
    monkeypatch.setattr(sift, "look", lambda *_: [])
    with pytest.raises(RunError, match="planted word for word was not found"):
        library.clean(inputs, tmp_path / "out", settings_of(quiz))
    monkeypatch.setattr(sift, "look", lambda *given: [hit for hit in look(*given) if hit.words])
    with pytest.raises(RunError, match="planted in other words was not found"):
        library.clean(inputs, tmp_path / "out", settings_of(quiz))

    assert not (tmp_path / "out" / "articles").exists()


@pytest.mark.parametrize(
    "item",
    [
        "如果一个长方形的长是十二厘米,宽是七厘米,那么它的面积是多少平方厘米?请给出计算过程,然后比较它和一个边长为九厘米的正方形的面积。",
        "x" * 5_000 + " and eight more words than that stand here",
    ],
    ids=["without spaces", "late"],
)
def test_no_set_fails_for_what_its_items_are_like(item: str, inputs: list[str], tmp_path: Path) -> None:
    manifest = library.clean(inputs, tmp_path / "out", settings_of(lay(tmp_path / "quiz.jsonl", [item])))

    assert manifest["counts"]["rejected"] == 0


def test_what_is_planted_shares_no_run_of_words_with_its_item() -> None:
    shared = [shingle_sets(pa.array([text], pa.large_string()), 5).hashes for text in (trial.OWN.text, trial.RETOLD)]

    assert not set(shared[0].tolist()) & set(shared[1].tolist())


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("gone.jsonl", None, "cannot be read"),
        ("empty.jsonl", b"\n", "without items"),
        ("empty.txt", b"", "without items"),
        ("broken.jsonl", b'"fine and long enough for anybody to see here"\n{"a": ', r"broken.jsonl:2: is no JSON"),
        ("short.txt", b"Who was it?\n\nAnd when?", "no item of 8 words or more"),
        ("cut.parquet", b"PAR1 and no more", "broken Parquet"),
        ("other.parquet", b"text", "is no Parquet"),
        ("latin.txt", "Brücke".encode("latin-1"), "no text in UTF-8"),
        ("cut.jsonl.gz", gzip.compress(b'"a"')[:-9], "cannot be unpacked"),
    ],
)
def test_a_set_that_cannot_be_looked_for_is_refused(
    name: str, content: bytes | None, problem: str, inputs: list[str], tmp_path: Path
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=problem):
        library.clean(inputs, tmp_path / "out", settings_of(path))


def test_every_kind_of_file_gives_the_same_items(tmp_path: Path) -> None:
    texts = [DAM, FERRY]
    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts).encode()
    (tmp_path / "a.jsonl").write_bytes(lines)
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(lines))
    (tmp_path / "c.json").write_text(json.dumps([{"text": text} for text in texts]), encoding="utf-8")
    (tmp_path / "d.txt").write_text("\n\n".join(texts), encoding="utf-8")
    (tmp_path / "e.data").write_bytes(lines)
    pq.write_table(pa.table({"text": texts}), tmp_path / "f.parquet")
    frames = [zstandard.compress(line) for line in lines.splitlines(keepends=True)]
    (tmp_path / "g.jsonl.zst").write_bytes(b"".join(frames))
    for path in sorted(tmp_path.iterdir()):
        settings = pinned(settings_of(path)).decontaminate
        found = list(items(str(path), (), settings.sums[str(path)]))

        assert [(item.record, item.text) for item in found] == [(1, DAM), (2, FERRY)], path.name
