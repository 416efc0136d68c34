"""The processes of the pool: none outlives the run, and Ctrl-C is for the run alone."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time

from prefect.task_runners import ProcessPoolTaskRunner

from cleaners.lifetime import collect_seldom, end_with_parent


def pool(workers: int | None = None) -> ProcessPoolTaskRunner:
    """Return a task runner of so many processes; one a core where none is said."""
    return ProcessPoolTaskRunner(max_workers=workers, initializer=begin)


def begin() -> None:
    """Begin a worker."""
    collect_seldom()
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid is not None:
        end_with_parent(parent.pid)
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
