"""Prefect's runner for a pool of processes, which are forked from one that is loaded already rather than each anew."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
from multiprocessing import forkserver
from typing import TYPE_CHECKING, Any, Self

from prefect.context import SyncClientContext, refresh_global_settings_context, serialize_context
from prefect.settings import get_current_settings
from prefect.task_runners import ProcessPoolTaskRunner

from flows import workers

if TYPE_CHECKING:
    from collections.abc import Mapping


class Pool(ProcessPoolTaskRunner):
    """The runner, with another way to start its processes; they begin as ours do.

    For Prefect each task reads the settings anew and opens a client, a sixteenth of a second; here each worker does.
    """

    def __init__(self, max_workers: int | None = None) -> None:
        super().__init__(max_workers=max_workers, initializer=_begin)

    def __enter__(self) -> Self:
        ours = forkserver.get_inherited_fds() is None  # in a worker Prefect enters it too, and nothing is to be started
        if ours:
            workers.prepare()
            self._initargs = (get_current_settings().to_environment_variables(exclude_unset=True) | os.environ,)
        super().__enter__()
        if ours:
            # Prefect leaves no choice of how to start processes; none has been started yet.
            self._executor._mp_context = multiprocessing.get_context("forkserver")  # type: ignore[union-attr]  # noqa: SLF001
        return self

    def submit(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401  (Prefect's)
        """Hand out a task without the settings, which each worker has."""
        if self._cached_context is None:
            self._cached_context = serialize_context() | {"settings_context": {}}
            self._cached_env = {}
        return super().submit(*args, **options)


def _begin(settings: Mapping[str, str]) -> None:
    """Begin a worker with these settings of Prefect, as environment variables, and one client for all tasks."""
    workers.begin()
    os.environ.update(settings)
    refresh_global_settings_context()
    with contextlib.suppress(RuntimeError):  # where no server answers, the first task says so
        SyncClientContext().__enter__()
