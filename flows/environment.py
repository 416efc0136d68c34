"""Prefect's own settings, made before Prefect is imported: quiet, embedded, and nothing leaves the machine."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cleaners import places
from cleaners.errors import InputError
from cleaners.lifetime import multiply_alone

if TYPE_CHECKING:
    from collections.abc import Iterator

RUNNERS = ("processes", "dask", "ray")

_DEFAULTS = {
    "DO_NOT_TRACK": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    # A first start on a machine makes the database: 11 to 13 s where two cores are free, more where they are not.
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "300",
    "PREFECT_CLI_PROMPT": "false",
    # Arrow's allocator would take a gigabyte of addresses at its first array, and a worker's limit would count it.
    "MIMALLOC_ARENA_RESERVE": "64MiB",
    "MIMALLOC_ARENA_EAGER_COMMIT": "0",
    # What a killed run leaves of semaphores is cleaned up, which nobody needs to be told.
    "PYTHONWARNINGS": "ignore:resource_tracker",
}

# Where nobody looks at Prefect, the command says in one line what went wrong; with ERROR, Prefect shows the place.
_EMBEDDED = {"PREFECT_LOGGING_LEVEL": "CRITICAL", "PREFECT_LOGGING_TO_API_ENABLED": "false"}


PARENT = "COPYDESK_PARENT"
"""Names the process that starts the one workers come from, which could not tell if that had died before it asks."""


def prepare(*, watched: bool = False) -> None:
    """Set what the user has not set. With `PREFECT_API_URL` their server is used, else an embedded one of ours.

    What Prefect tells about a run is kept where somebody may look at it: on a server of theirs, or if it is `watched`.
    """
    multiply_alone()
    defaults = _DEFAULTS if watched or os.environ.get("PREFECT_API_URL") else _DEFAULTS | _EMBEDDED
    for name, value in defaults.items():
        os.environ.setdefault(name, value)
    if not os.environ.get("PREFECT_API_URL"):
        if "PREFECT_HOME" not in os.environ:
            os.environ["PREFECT_HOME"] = str(places.cache()[0] / "prefect")
        Path(os.environ["PREFECT_HOME"]).mkdir(parents=True, exist_ok=True)


def be_brief() -> None:
    """Let Prefect print nothing, unless it was asked to: a command says in one sentence what went wrong.

    What is told to a server stays whole.
    """
    if "PREFECT_LOGGING_LEVEL" not in os.environ:
        for name in ("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "PREFECT_INTERNAL_LOGGING_LEVEL"):
            os.environ.setdefault(name, "CRITICAL")


def paths() -> dict[str, str]:
    """Return what lets another Python import from where this one does, and never from the folder it is started in."""
    here = os.pathsep.join(path or os.getcwd() for path in sys.path)  # noqa: PTH109  (a string for the environment)
    return {"PYTHONPATH": here, "PYTHONSAFEPATH": "1"}


@contextlib.contextmanager
def alike(**more: str) -> Iterator[None]:
    """Let each Python that is started in the block have `paths`, and more variables."""
    wanted = paths() | more
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def choose_runner(name: str, workers: int | None, address: str | None) -> None:
    """Let the processes that are started from here run their shards so, unless they are told otherwise."""
    chosen = {"COPYDESK_RUNNER": name, "COPYDESK_WORKERS": workers, "COPYDESK_ADDRESS": address}
    os.environ.update({variable: str(value) for variable, value in chosen.items() if value is not None})


def runner() -> tuple[str, int | None, str | None]:
    """Return what runs the shards of a flow that Prefect starts: its name, how many workers, the cluster's address."""
    name, workers, address = (os.environ.get(f"COPYDESK_{what}") or "" for what in ("RUNNER", "WORKERS", "ADDRESS"))
    name = name or "processes"
    if name not in RUNNERS:
        raise InputError(f"COPYDESK_RUNNER={name}", "is none", f"There are: {', '.join(RUNNERS)}.")
    if workers and not (workers.isdecimal() and int(workers)):
        raise InputError(f"COPYDESK_WORKERS={workers}", "is no number of workers", "Name one from 1 on.")
    if address and name == "processes":
        raise InputError(f"COPYDESK_ADDRESS={address}", "is used by no runner", "Say COPYDESK_RUNNER=dask or ray, too.")
    return name, int(workers) if workers else None, address or None


def is_quiet() -> bool:
    """Tell whether Prefect is to say nothing: the command says in one line what went wrong."""
    return os.environ["PREFECT_LOGGING_LEVEL"] == _EMBEDDED["PREFECT_LOGGING_LEVEL"]
