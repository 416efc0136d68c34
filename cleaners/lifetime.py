"""How a process of ours begins and ends, and how much it may hold: quickly, with its parent, and within its memory."""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import os
import resource
import signal
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def collect_seldom() -> None:
    """Let the garbage collector look after 500,000 new objects rather than 700, and not once more at the end.

    Imports, and numba at its first kernel, make objects by the hundred thousand, and none of them is garbage: a third
    of the time that a command needs to start and end went into looking at them.
    """
    gc.set_threshold(500_000, 30, 30)
    atexit.register(gc.freeze)


def multiply_alone() -> None:
    """Let numpy begin no threads for matrices, in this process and those it starts; to be called before numpy is there.

    Each of them spins for want of work, a twentieth of a second in each process, and here nothing multiplies matrices.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


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
