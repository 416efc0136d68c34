"""How long a process may live and how much it may hold: it ends with the one that started it, and within its memory."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def end_with_parent(parent: int) -> None:
    """Let the kernel kill this process when `parent` dies, even by kill -9; at once if it is dead already.

    Only Linux can do this; elsewhere a process notices when it next hears of its parent.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def limit_memory(megabytes: int) -> tuple[int, int]:
    """Let this process have no more than so much data of its own; return the limits there were."""
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    size = megabytes * 2**20
    resource.setrlimit(resource.RLIMIT_DATA, (size if hard == resource.RLIM_INFINITY else min(size, hard), hard))
    return soft, hard


@contextlib.contextmanager
def within(megabytes: int) -> Iterator[None]:
    """Raise MemoryError in the block where it would take more than so much.

    Only in a process that does one thing at a time: threads share what they take, and a cluster has limits of its own.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = limit_memory(megabytes)
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)
