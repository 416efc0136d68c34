"""Who reads a dataset while a run is at work on it sees the one of the run before, whole, and then the new one."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import threading
from typing import TYPE_CHECKING, Any

import crash
import library
import pyarrow.parquet as pq

from cleaners import storage
from cleaners.config import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pytest


def differing(out: Path) -> set[str]:
    """Return the files that the manifest names and that are not as it says; fail if one is missing or unreadable.

    What was named by a manifest that another one has replaced meanwhile says nothing.
    """
    while (out / "manifest.json").exists():
        manifest = (out / "manifest.json").read_bytes()
        files = json.loads(manifest)["files"]
        try:
            found = {name: (out / name).read_bytes() for name in files}
            for name, content in found.items():
                assert pq.read_metadata(io.BytesIO(content)).num_rows >= 0, name
        except FileNotFoundError:
            assert (out / "manifest.json").read_bytes() != manifest
            continue
        told = {name: file["sha256"] for name, file in files.items()}
        return {name for name, content in found.items() if hashlib.sha256(content).hexdigest() != told[name]}
    return set()


@contextlib.contextmanager
def polling(out: Path) -> Iterator[list[set[str]]]:
    """Look at a dataset again and again while something goes on."""
    seen: list[set[str]] = []
    failed: list[BaseException] = []
    over = threading.Event()

    def poll() -> None:
        try:
            while not over.is_set():
                seen.append(differing(out))
                over.wait(0.01)
        except BaseException as error:  # noqa: BLE001  (raised below, where it is seen)
            failed.append(error)

    thread = threading.Thread(target=poll)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
    assert not failed, failed


def test_a_reader_that_polls_during_runs_finds_every_file_that_the_manifest_names(tmp_path: Path) -> None:
    inputs, out = crash.write_job(tmp_path / "in"), tmp_path / "out"
    with polling(out) as seen:
        library.clean([f"{inputs[0]}/0.jsonl", f"{inputs[0]}/1.jsonl"], out)
        first = library.digests(out)
        library.clean(inputs, out, relearn=True)
        library.clean([f"{inputs[0]}/0.jsonl"], out, parse({"strip": {"bylines": False}}, "here"))

    assert len(seen) > 20
    assert first.items() - library.digests(out).items()


def test_while_anything_is_being_made_all_files_are_as_the_manifest_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs, out = crash.write_job(tmp_path / "in"), tmp_path / "out"
    library.clean([f"{inputs[0]}/0.jsonl", f"{inputs[0]}/1.jsonl"], out)
    first, written = library.digests(out), []

    def watched(writing: Callable[[str], Any]) -> Callable[[str], Any]:
        def begin(path: str) -> Any:
            if not path.endswith("manifest.json"):
                written.append(path)
                assert differing(out) == set(), path
            return writing(path)

        return begin

    monkeypatch.setattr(storage, "writing", watched(storage.writing))
    library.clean(inputs, out, parse({"strip": {"bylines": False}}, "here"), relearn=True)

    assert len(written) > 20
    assert first.keys() & library.digests(out).keys()
    assert first.items() - library.digests(out).items()


def test_parts_of_settings_and_furniture_that_no_run_needs_any_more_are_dropped(tmp_path: Path) -> None:
    inputs, out = crash.write_job(tmp_path / "in"), tmp_path / "out"
    library.clean(inputs, out)
    before = parts(out)
    library.clean(inputs, out, parse({"strip": {"bylines": False}}, "here"))
    now = parts(out)

    assert {stage: len(names) for stage, names in now.items()} == {stage: len(names) for stage, names in before.items()}
    assert now["lines"] == before["lines"]
    assert now["verified"] != before["verified"]
    assert now["extracted"] == before["extracted"]
    assert not now["cleaned"] & before["cleaned"]
    assert not list((out / "work" / "staged").rglob("*.parquet"))


def test_a_run_that_adds_files_finds_the_parts_of_the_last_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inputs, out = crash.write_job(tmp_path / "in"), tmp_path / "out"
    library.clean([f"{inputs[0]}/0.jsonl", f"{inputs[0]}/1.jsonl"], out)
    made: list[str] = []
    writing = storage.writing
    monkeypatch.setattr(storage, "writing", lambda path: made.append(path) or writing(path))
    before = parts(out)
    library.clean(inputs, out)

    again = {path.split("/")[-2] for path in made if storage.stem(path) in before.get(path.split("/")[-2], ())}
    assert again == {"verdicts", "verified"}


def parts(out: Path) -> dict[str, set[str]]:
    """Return the names of the parts between the stages, by stage."""
    stages = {path.name: path for path in (out / "work").iterdir() if path.is_dir()}
    return {
        name: {part.stem for part in path.iterdir() if part.suffix in {".parquet", ".arrow"}}
        for name, path in stages.items()
        if name not in ("last", "staged")
    }
