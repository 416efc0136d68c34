"""A job that is killed at a chosen write, fsync or rename, as a power cut would: half of what was to be written is.

The job runs by the library in a fork, so that each try costs no start. `python tests/crash.py FOLDER STEP` adds files
to a dataset in FOLDER and is killed again and again, each time STEP operations later, until one try survives. With
`anew` behind it, each try begins with an empty OUT and is finished after the kill. It prints how often it was killed,
and fails if anything differs from a job left alone.
"""

from __future__ import annotations

import io
import itertools
import json
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

import library
import pyarrow.parquet as pq

from cleaners import storage
from cleaners.columns import COLUMNS
from cleaners.shards.dataset import Dataset

sys.path.insert(0, str(Path(__file__).parent / "data"))

import factory


def write_job(folder: Path) -> list[str]:
    """Write 200 texts in four files that make two shards, some of them copies; return what to name to the run."""
    folder.mkdir(parents=True)
    for number in range(4):
        rows = [
            {"id": f"{number}-{row}", "url": f"https://a{row % 5}.example/{row}", "text": _text(number * 40 + row)}
            for row in range(50)
        ]
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / f"{number}.jsonl").write_text(lines, encoding="utf-8")
    return [str(folder)]


def _text(number: int) -> str:
    return "\n\n".join([*factory.report(number, 40), "Share on Facebook", *factory.report(number + 1000, 40)])


class Saboteur:
    """Kills its process at operation number `at` on the way to the disk."""

    def __init__(self, at: int) -> None:
        self.left = at

    def strike(self) -> bool:
        """Count an operation; tell whether this is the one."""
        self.left -= 1
        return self.left == 0

    def take_over(self) -> None:
        """Stand between the process and its files."""
        for name in ("fsync", "replace", "unlink"):
            setattr(os, name, self.before(getattr(os, name)))
        opened, saboteur = Path.open, self

        class Torn(io.FileIO):
            def write(self, content: Any) -> int:
                if saboteur.strike():
                    super().write(memoryview(content)[: len(content) // 2])
                    _die()
                return super().write(content)

        def opening(path: Path, mode: str = "r", *more: Any, **named: Any) -> Any:
            if mode == "wb" and path.name.startswith(storage.TEMPORARY):
                return Torn(path, "wb")
            return opened(path, mode, *more, **named)

        Path.open = opening  # type: ignore[assignment,method-assign]

    def before(self, operation: Any) -> Any:
        """Return the operation, with death before it if it is the one."""

        def struck(*arguments: Any, **named: Any) -> Any:
            if self.strike():
                _die()
            return operation(*arguments, **named)

        return struck


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def survives(inputs: list[str], out: Path, at: int) -> bool:
    """Run the job in a fork that is killed at operation `at`; tell whether it was over before."""
    child = os.fork()
    if child == 0:
        Saboteur(at).take_over()
        with Dataset(str(out)).held():
            library.clean(inputs, out)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if status not in (0, signal.SIGKILL):
        raise SystemExit(f"the job failed by itself when killed at {at}: {status}")
    return status == 0


def check_visible(out: Path) -> None:
    """Fail if a file is visible and not whole, or the manifest names one that is not there."""
    for path in out.rglob("*.parquet"):
        if not path.name.startswith(storage.TEMPORARY):
            pq.ParquetFile(path).read()
    manifest = out / "manifest.json"
    if manifest.exists():
        for name in json.loads(manifest.read_text(encoding="utf-8"))["files"]:
            pq.ParquetFile(out / name).read()
    listed = [name for table in COLUMNS for name in storage.files(str(out / table))]
    assert all(name.endswith(".parquet") for name in listed)


def main(folder: Path, step: int, *, anew: bool) -> None:
    """Kill the job until it survives, and compare."""
    inputs = write_job(folder / "in")
    first = [f"{inputs[0]}/0.jsonl", f"{inputs[0]}/1.jsonl"]
    alone, out = folder / "alone", folder / "out"
    library.clean(inputs if anew else first, alone)
    if not anew:
        shutil.copytree(alone, out)
        library.clean(inputs, alone)
    expected = library.digests(alone)
    for kills in itertools.count():
        over = survives(inputs, out, 1 + step * kills)
        check_visible(out)
        if anew and not over:
            with Dataset(str(out)).held():
                library.clean(inputs, out)
        if anew or over:
            assert library.digests(out) == expected, f"kill {kills}: not the bytes of a job left alone"
            assert not list(out.rglob(f"{storage.TEMPORARY}*")), "what was left half written is still there"
        if over:
            print(f"killed {kills} times")
            return
        if anew:
            shutil.rmtree(out)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), anew=sys.argv[3:] == ["anew"])
