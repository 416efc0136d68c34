"""The processes of the pool: none outlives the run, and Ctrl-C is for the run alone."""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import signal

from prefect.task_runners import ProcessPoolTaskRunner

from cleaners.lifetime import collect_seldom, end_with_parent


def pool(workers: int | None = None) -> ProcessPoolTaskRunner:
    """Return a task runner of so many processes; one a core where none is said."""
    return ProcessPoolTaskRunner(max_workers=workers, initializer=begin)


def begin() -> None:
    """Begin a worker.

    Numba loads SciPy's OpenBLAS when it first needs a kernel, and that library tries for ever where memory has run out
    by then: so it is loaded now.
    """
    collect_seldom()
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid is not None:
        end_with_parent(parent.pid)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(ImportError):
        importlib.import_module("scipy.linalg.cython_blas")


def stop() -> None:
    """End the workers of this process at once, whatever they are at: what they have not finished is not visible."""
    for worker in multiprocessing.active_children():
        worker.kill()
