"""How a process of ours begins and ends: quickly, and with the one that started it."""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def begin_quickly() -> None:
    """Let the garbage collector look after 50,000 new objects rather than 700, so that a process starts a fifth faster.

    Imports, and numba at its first kernel, make objects by the hundred thousand, and none of them is garbage.
    """
    gc.set_threshold(50_000, 20, 20)


def end_with_parent(parent: int) -> None:
    """Let the kernel kill this process when `parent` dies, even by kill -9; at once if it is dead already.

    Only Linux can do this; elsewhere a process notices when it next hears of its parent.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
