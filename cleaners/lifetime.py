"""How a process of ours begins and ends: quickly, and with the one that started it."""

from __future__ import annotations

import atexit
import ctypes
import gc
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def collect_seldom() -> None:
    """Let the garbage collector look after 200,000 new objects rather than 700, and not once more at the end.

    Imports, and numba at its first kernel, make objects by the hundred thousand, and none of them is garbage: a third
    of the time that a command needs to start and end went into looking at them.
    """
    gc.set_threshold(200_000, 30, 30)
    atexit.register(gc.freeze)


def end_with_parent(parent: int) -> None:
    """Let the kernel kill this process when `parent` dies, even by kill -9; at once if it is dead already.

    Only Linux can do this; elsewhere a process notices when it next hears of its parent.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
