"""Prefect's runner for a pool of processes, which are forked from one that is loaded already rather than each anew."""

from __future__ import annotations

import multiprocessing
from multiprocessing import forkserver
from typing import Self

from prefect.task_runners import ProcessPoolTaskRunner

from flows import workers


class Pool(ProcessPoolTaskRunner):
    """The runner, with another way to start its processes; they begin as ours do."""

    def __init__(self, max_workers: int | None = None) -> None:
        super().__init__(max_workers=max_workers, initializer=workers.begin)

    def __enter__(self) -> Self:
        ours = forkserver.get_inherited_fds() is None  # in a worker Prefect enters it too, and nothing is to be started
        if ours:
            workers.prepare()
        super().__enter__()
        if ours:
            # Prefect leaves no choice of how to start processes; none has been started yet.
            self._executor._mp_context = multiprocessing.get_context("forkserver")  # type: ignore[union-attr]  # noqa: SLF001
        return self
