"""Records of one body, URL and source id have one id; where they were stripped otherwise, their texts differ."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import library
import numpy as np
import pytest

from cleaners.config import parse
from cleaners.shards import forget
from cleaners.shards.dataset import Dataset
from cleaners.shards.verify import verify

MASKED = {"furniture": {"learn": False}, "strip": {"mask": ["phone"]}}
SETTINGS = parse(MASKED, "test")
BY_WORDS = parse({**MASKED, "rewording": {"least_facts": 10_000}}, "test")

OFFICES = ("harbour", "school", "dairy", "library", "brewery", "ferry", "museum", "orchard")
CALLS = " ".join(
    f"Im {office} hing Telefon 030 231251{n:02} und {n} Lampen brannten." for n, office in enumerate(OFFICES)
)
"""Where this is German the numbers are masked; otherwise nobody can tell that these are telephone numbers."""


def write(folder: Path, name: str, *rows: dict[str, str]) -> str:
    path = folder / f"{name}.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def calls(language: str, text: str = CALLS) -> dict[str, str]:
    return {"id": "calls", "text": text, "language": language}


def shown(out: Path) -> list[Any]:
    """Return what a dataset says, whatever the files its records came from."""
    articles = [(row["id"], row["text"], row["split"]) for row in library.rows(out, "articles")]
    names = ("id", "canonical_id", "kind", "similarity", "text")
    duplicates = [(*(row[name] for name in names), str(row["evidence"])) for row in library.rows(out, "duplicates")]
    return sorted(articles) + sorted(duplicates)


def test_two_texts_of_one_id_are_told_apart_and_both_are_restored(tmp_path: Path) -> None:
    files = [write(tmp_path, name, calls(name)) for name in ("de", "en")]
    library.clean(files, tmp_path / "out", BY_WORDS)
    articles = library.rows(tmp_path / "out", "articles")
    base, second = sorted(row["id"] for row in articles)

    assert second == f"{base}-2"
    assert len({row["text"] for row in articles}) == 2
    assert {edit["id"] for edit in library.rows(tmp_path / "out", "edits")} < {base, second}
    assert list(verify(Dataset(str(tmp_path / "out")))) == []


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
def test_which_of_two_texts_is_which_does_not_depend_on_the_names_of_their_files(
    names: tuple[str, str], tmp_path: Path
) -> None:
    for at, (out, order) in enumerate([("one", names), ("other", names[::-1])]):
        folder = tmp_path / str(at)
        folder.mkdir()
        files = [write(folder, name, calls(language)) for name, language in zip(order, ("de", "en"), strict=True)]
        library.clean(files, tmp_path / out, BY_WORDS)

    assert shown(tmp_path / "one") == shown(tmp_path / "other")


DEEDS = ("lost three lamps", "sold four boats", "painted five doors", "repaired six roofs")
REPORT = " ".join(f"The {office} of Tessin {deed} on Monday." for deed in DEEDS for office in OFFICES)
TOLD = REPORT + " " + CALLS
"""The text with masked numbers is a near copy of the other one."""


@pytest.mark.parametrize("languages", [("de", "en"), ("en", "de")])
@pytest.mark.parametrize("kept", [0, 1])
def test_what_was_verified_of_one_text_is_not_believed_of_another_of_the_same_id(
    languages: tuple[str, str], kept: int, tmp_path: Path
) -> None:
    other = write(tmp_path, "other", {"id": "o", "text": TOLD + " It was late."})
    first, second = (write(tmp_path, f"{n}", calls(name, TOLD)) for n, name in enumerate(languages))
    library.clean([first, other], tmp_path / "grown", SETTINGS)
    now = [*[first][:kept], second, other]
    if first not in now:
        Path(first).unlink()
    library.clean(now, tmp_path / "grown", SETTINGS, prune=True)
    library.clean(now, tmp_path / "at_once", SETTINGS)

    assert shown(tmp_path / "grown") == shown(tmp_path / "at_once")
    assert list(verify(Dataset(str(tmp_path / "grown")))) == []


@pytest.mark.parametrize("languages", [("de", "en"), ("en", "de")])
def test_a_text_of_the_test_split_stays_there_whichever_number_it_has(
    languages: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = parse({**BY_WORDS.model_dump(mode="json"), "split": {"shares": {"train": 0.001, "test": 0.999}}}, "test")
    first, second = (write(tmp_path, f"{n}", calls(name)) for n, name in enumerate(languages))
    library.clean([first], tmp_path / "out", settings)
    [before] = library.rows(tmp_path / "out", "articles")
    monkeypatch.setattr("cleaners.splits.by_hash", lambda seeds, *_: np.zeros(len(seeds), np.int8))
    library.clean([first, second], tmp_path / "out", settings)
    after = {row["text"]: row["split"] for row in library.rows(tmp_path / "out", "articles")}

    assert before["split"] == "test"
    assert len(after) == 2
    assert after[before["text"]] == "test"


def test_who_forgets_one_text_of_an_id_forgets_all(tmp_path: Path) -> None:
    files = [write(tmp_path, name, calls(name)) for name in ("de", "en")]
    out = tmp_path / "out"
    library.clean(files, out, BY_WORDS)
    forget.bury(Dataset(str(out)), [{"id": sorted(row["id"] for row in library.rows(out, "articles"))[1]}])
    manifest = library.clean(files, out, BY_WORDS)

    assert library.rows(out, "articles") == library.rows(out, "edits") == []
    assert manifest["counts"]["rejected_by_reason"] == {"forgotten": 2}
    assert list(verify(Dataset(str(out)))) == []
