"""The processes of the pool: loaded beside the command, none outlives the run, and Ctrl-C is for the run alone."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import threading
import time
from multiprocessing import forkserver

from cleaners.lifetime import end_with_parent
from flows import environment


def prepare() -> None:
    """Start loading what a worker needs, in a process of its own that workers are forked from (`flows.nursery`)."""
    environment.prepare()
    multiprocessing.set_forkserver_preload(["flows.nursery"])
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        with environment.alike(
            **{environment.PARENT: str(os.getpid())}
        ):  # both it and the tracker of semaphores begin as `python -c`
            forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def begin() -> None:
    """Begin a worker."""
    nursery = importlib.import_module("flows.nursery")  # it is loaded already, unless that failed
    if os.getpid() != nursery.PROCESS:
        end_with_parent(nursery.PROCESS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def stop(patience: float = 0) -> None:
    """End the processes that this one started, whatever they are at: what they have not finished is not visible.

    With patience they have so many seconds to tell Prefect of it.
    """
    running = multiprocessing.active_children()
    end = time.monotonic() + patience
    for one in running if patience else ():
        one.terminate()
    for one in running:
        one.join(max(0.0, end - time.monotonic()))
        one.kill()


def follow_parent() -> None:
    """Let this process end when the one that started it does: a run of a schedule that was killed."""
    parent = multiprocessing.parent_process()

    def wait() -> None:
        parent.join()  # type: ignore[union-attr]
        os._exit(1)

    if parent is not None:
        threading.Thread(target=wait, daemon=True).start()
