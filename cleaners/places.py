"""Where what costs time to make again is kept between runs, and what stands in for a terminal that is closed."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import tempfile
from pathlib import Path

_LAST_COMPILED = "leaders.py"  # the walk at the end of matching: its kernel is the last that a first run compiles


def cache() -> tuple[Path, bool]:
    """Return a folder for what costs time to make again, and whether it stays.

    It is the user's own and nobody else may write to it, since what lies there is loaded as code. Where their home has
    no such place, as in a container that runs for some number, it is a temporary one.
    """
    for known in (os.environ.get("XDG_CACHE_HOME"), os.path.expanduser("~/.cache")):  # noqa: PTH111  (never raises)
        if known and Path(known).is_absolute() and _is_ours(place := Path(known, "copydesk")):
            return place, True
    place = Path(tempfile.gettempdir(), f"copydesk-{os.getuid()}")
    if not _is_ours(place):
        place = Path(tempfile.mkdtemp(prefix="copydesk-"))
    return place, False


def _is_ours(folder: Path) -> bool:
    """Make a folder if it is not there; tell whether we may write to it and nobody else, and put it where it is."""
    try:
        with contextlib.suppress(FileExistsError):  # whatever it is
            folder.mkdir(mode=0o700, parents=True)
        # A link, as to a larger disk, may be somebody else's too.
        link, there = folder.lstat(), folder.stat()
    except OSError:
        return False
    ours = {link.st_uid, there.st_uid} == {os.getuid()} and not there.st_mode & 0o022
    return ours and stat.S_ISDIR(there.st_mode) and os.access(folder, os.W_OK)


def keep_kernels() -> None:
    """Name numba a folder of ours for compiled kernels where that of the code may not be written to.

    Its own choice would be one in the cache of the user, whoever else may write there.
    """
    if "NUMBA_CACHE_DIR" not in os.environ and not os.access(Path(__file__).parent, os.W_OK):
        os.environ["NUMBA_CACHE_DIR"] = str(cache()[0] / "kernels")


def has_kernels() -> bool:
    """Tell whether what numba compiled from this code lies where it will look for it; if not, the next run compiles."""
    keep_kernels()
    code = Path(__file__).with_name(_LAST_COMPILED)
    if named := os.environ.get("NUMBA_CACHE_DIR"):
        place = Path(named)
    elif os.access(code.parent, os.W_OK):
        place = code.parent / "__pycache__"
    else:
        place = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "numba")  # noqa: PTH111
    kept = place.rglob(f"{code.stem}.*.py{sys.version_info[0]}{sys.version_info[1]}.nbi") if place.is_dir() else ()
    return any(each.stat().st_mtime >= code.stat().st_mtime for each in kept)


def fill_closed() -> None:
    """Let standard input, output and errors be /dev/null where they are closed, so that no file takes their numbers."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)
    os.close(number)
    for name, number, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115  (for good)
