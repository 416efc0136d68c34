"""Why a run failed, in words that help at three in the morning; and what may pass by itself."""

from __future__ import annotations

import errno
from concurrent.futures.process import BrokenProcessPool

from cleaners.errors import CopydeskError, RunError

KEPT = "What is finished is kept; the same command goes on from there."

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
# Libraries whose own exceptions tell of the network; what is about rights or names they raise as OSError.
_NETWORK = {"aiohttp", "botocore", "aiobotocore", "urllib3", "requests", "httpx", "httpcore"}


def run_error(where: str, error: Exception) -> RunError:
    """Return what went wrong in a run as one error that says what to do.

    >>> print(run_error("output/demo", OSError(28, "No space left on device")))
    output/demo: the disk is full. Free some, then run the same command again: it goes on from what is finished.
    """
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return RunError(
            where, "the disk is full", "Free some, then run the same command again: it goes on from what is finished."
        )
    if isinstance(error, (MemoryError, BrokenProcessPool)) or _is_no_room_for_more(error):
        killed = isinstance(error, BrokenProcessPool)
        what = "a worker was killed, most likely for its memory" if killed else "memory ran out"
        return RunError(where, what, f"Fewer --workers and a smaller read.shard_mb take less. {KEPT}")
    if isinstance(error, OSError):
        return RunError(str(error.filename or where), error.strerror or str(error) or type(error).__name__, KEPT)
    return RunError(where, f"{type(error).__name__}: {error}", f"PREFECT_LOGGING_LEVEL=ERROR shows the place. {KEPT}")


def _is_no_room_for_more(error: Exception) -> bool:
    """Tell whether a process or a thread could not be started for want of memory."""
    return getattr(error, "errno", None) == errno.ENOMEM or "can't start new thread" in str(error)


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
