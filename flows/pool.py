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


_settings: dict[str, str] = {}
"""Prefect's as they are when a runner is entered, as environment variables: what each worker begins with."""


class Pool(ProcessPoolTaskRunner):
    """The runner, with another way to start its processes; they begin as ours do.

    For Prefect each task reads the settings anew and opens a client, a sixteenth of a second; here each worker does.
    Prefect has no public way to either, as of 3.8: where it calls these things by other names, it does as it would.
    """

    def __init__(self, max_workers: int | None = None) -> None:
        super().__init__(max_workers=max_workers, initializer=_begin, initargs=(_settings,))

    def __enter__(self) -> Self:
        ours = forkserver.get_inherited_fds() is None  # in a worker Prefect enters it too, and nothing is to be started
        if ours:
            workers.prepare()
            _settings.clear()
            _settings.update(get_current_settings().to_environment_variables(exclude_unset=True) | os.environ)
        super().__enter__()
        if ours:
            # None has been started yet.
            executor: Any = getattr(self, "_executor", None)
            if hasattr(executor, "_mp_context"):
                executor._mp_context = multiprocessing.get_context("forkserver")  # noqa: SLF001
        return self

    def submit(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401  (Prefect's)
        """Hand out a task without the settings, which each worker has."""
        if getattr(self, "_cached_context", self) is None and hasattr(self, "_cached_env"):
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
