"""One run at a time on a dataset: a lock on a file in `work` that names who has it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from cleaners.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Iterator


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
