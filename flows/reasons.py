"""Why a run failed, in words that help at three in the morning; and what may pass by itself."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING

from cleaners.errors import CopydeskError, RunError, is_for_memory

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SERVED = "COPYDESK_SERVED"
"""Set in the environment while the server that `PREFECT_API_URL` names is ours (see `flows.server`)."""

KEPT = "What is finished is kept; the same command goes on from there."

_LEFT = {
    "clean": KEPT,
    "forget": KEPT,
    "match": "No pairs were written; the same command begins anew.",
    "export": "Nothing of it is kept; the same command begins anew.",
    "schedule": "Nothing is scheduled.",
}

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
_PASSING = {
    errno.EIO,
    errno.EAGAIN,
    errno.EBUSY,
    errno.ESTALE,
    errno.ETIMEDOUT,
    errno.ECONNRESET,
    errno.ECONNREFUSED,
    errno.ECONNABORTED,
    errno.EHOSTUNREACH,
    errno.ENETUNREACH,
    errno.ENETDOWN,
    errno.EPIPE,
}
_UNREACHED = "Failed to reach API at"  # Prefect's words
_SILENT = "no Prefect server answers there"
_LEAST_MB = 256  # the server has 200 when it answers
_ENOUGH_MB = 2048  # a worker of the default `extract.max_memory_mb`, with some to match in
_LIMITS = {"-d": resource.RLIMIT_DATA, "-v": resource.RLIMIT_AS}
# Libraries whose own exceptions tell of the network; what is about rights or names they raise as OSError.
_NETWORK = {"aiohttp", "botocore", "aiobotocore", "urllib3", "requests", "httpx", "httpcore"}


def left(call: Sequence[str]) -> str:
    """Return what is left of a command, called with these arguments, that ends before it is done; "" for nothing.

    >>> left(["match", "a.jsonl", "-o", "pairs.parquet"]), left(["verify", "output/demo"])
    ('No pairs were written; the same command begins anew.', '')
    """
    command = next((word for word in call if not word.startswith("-")), "")
    return "Nothing was written." if "--dry-run" in call else _LEFT.get(command, "")


def run_error(where: str, error: Exception, kept: str = KEPT) -> RunError:
    """Return what went wrong in a run as one error that says what to do; `kept` is what is left of it.

    >>> print(run_error("output/demo", OSError(28, "No space left on device")))
    output/demo: the disk is full. Free some, then run the same command again: it goes on from what is finished.
    """
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return RunError(
            where, "the disk is full", "Free some, then run the same command again: it goes on from what is finished."
        )
    if isinstance(error, BrokenProcessPool) or is_for_memory(error):
        killed = isinstance(error, BrokenProcessPool)
        what = "a worker was killed, most likely for its memory" if killed else "memory ran out"
        return RunError(where, what, f"{more_memory()} {kept}".rstrip())
    if _is_of_server(error):
        if SERVED in os.environ and (limit := _limit()) and limit[0] < _ENOUGH_MB:
            return RunError(where, "memory ran out for Prefect's server", f"{more_memory()} {kept}".rstrip())
        url = str(error).partition(_UNREACHED)[2].strip() or os.environ.get("PREFECT_API_URL", "")
        return RunError(url, _SILENT, f"Start it, or unset PREFECT_API_URL. {kept}".rstrip())
    if isinstance(error, OSError):
        return RunError(str(error.filename or where), error.strerror or str(error) or type(error).__name__, kept)
    advice = f"PREFECT_LOGGING_LEVEL=ERROR shows the place. {kept}".rstrip()
    return RunError(where, f"{type(error).__name__}: {error}", advice)


def _is_of_server(error: Exception) -> bool:
    """Tell whether Prefect's server cannot be reached: only Prefect's client speaks through httpx."""
    return _UNREACHED in str(error) or type(error).__module__.partition(".")[0] in {"httpx", "httpcore"}


def is_silence(error: RunError) -> bool:
    """Tell whether a run failed because Prefect's server does not answer, and will not hear of its end either."""
    return error.what == _SILENT


@contextlib.contextmanager
def told(where: str) -> Iterator[None]:
    """Raise what goes wrong in the block as one error that says what to do."""
    try:
        yield
    except CopydeskError:
        raise
    except Exception as error:
        raise run_error(where, error) from error


def check_memory() -> None:
    """Raise RunError where a process may not have what the command and its server take before any article."""
    if (limit := _limit()) and limit[0] < _LEAST_MB:
        raise RunError("", "there is too little memory to begin", more_memory())


def more_memory() -> str:
    """Return what helps a run that has too little memory."""
    if limit := _limit():
        megabytes, option = limit
        return f"There are {megabytes:,} MB for a process (ulimit {option}); give it {_ENOUGH_MB:,} or more."
    return "Fewer --workers and a smaller read.shard_mb take less."


def _limit() -> tuple[int, str] | None:
    """Return the megabytes that a process may have here, and the option of ulimit that says so, if any does."""
    sizes = [(resource.getrlimit(which)[0], option) for option, which in _LIMITS.items()]
    finite = [(size >> 20, option) for size, option in sizes if size != resource.RLIM_INFINITY]
    return min(finite, default=None)


def may_pass(error: BaseException | None) -> bool:
    """Tell whether trying again later can help: the storage or the network failed, not we and not the input.

    >>> may_pass(TimeoutError()), may_pass(OSError(errno.EIO, "")), may_pass(OSError(errno.ENOSPC, ""))
    (True, True, False)
    """
    if error is None or isinstance(error, CopydeskError):
        return False
    if isinstance(error, (ConnectionError, TimeoutError)):
        return True
    if isinstance(error, OSError):
        return error.errno in _PASSING
    return type(error).__module__.partition(".")[0] in _NETWORK
