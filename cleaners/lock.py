"""What is one process's alone while it lives: a dataset, and folders for what does not fit into memory."""

from __future__ import annotations

import contextlib
import fcntl
import os
import platform
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from cleaners.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Iterator

_HELD = "lock"


@contextlib.contextmanager
def held(folder: str) -> Iterator[None]:
    """Hold a local dataset for this process; raise RunError that names the holder where another one has it."""
    path = _path(folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        _take(file, folder)
        file.truncate(0)
        file.write(f"process {os.getpid()} on {platform.node()}")
        file.flush()
        yield


def check_free(folder: str) -> None:
    """Raise RunError if another process holds a dataset; of two that begin at once, `held` stops the second."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError), _path(folder).open(encoding="utf-8") as file:
        _take(file, folder)


@contextlib.contextmanager
def scratch(beside: Path, prefix: str) -> Iterator[Path]:
    """Give a new folder of that prefix, which goes in the end; those that killed processes left there go first.

    Each holds a file that its process keeps locked, so that nothing of one that lives is touched; those of other
    machines stay.
    """
    beside.mkdir(parents=True, exist_ok=True)
    for left in beside.glob(f"{prefix}*"):
        _sweep(left)
    folder, kept = _new(beside, prefix)
    with kept:
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Remove a folder that nobody alive holds."""
    with (
        contextlib.suppress(OSError),  # it is held, or somebody else's, or gone by now
        (folder / _HELD).open("r+", encoding="utf-8") as file,
    ):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if file.read() == platform.node():  # some file systems keep the locks of other machines from us
            shutil.rmtree(folder)


def _new(beside: Path, prefix: str) -> tuple[Path, TextIO]:
    """Return a new folder, and the open file that holds it."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=beside))
        file = (folder / _HELD).open("w", encoding="utf-8")
        with contextlib.suppress(OSError):  # a file system without locks: nobody sweeps there
            fcntl.flock(file, fcntl.LOCK_EX)
        if (folder / _HELD).exists():
            file.write(platform.node())
            file.flush()
            return folder, file
        file.close()  # it was swept before it was locked


def _path(folder: str) -> Path:
    return Path(folder, "work", "lock")


def _take(file: TextIO, folder: str) -> None:
    """Lock a file until it is closed, or its process ends."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        what = f"another run ({file.read().strip() or 'an unknown process'}) is at work on it"
        raise RunError(folder, what, "Wait for it to end, or stop it.") from None
