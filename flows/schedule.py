"""Serve the main flow on a schedule, on the user's Prefect server or on one that is started here."""

from __future__ import annotations

import functools
import glob
import os
import signal
import sys
import threading
import zoneinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cronsim import CronSim, CronSimError

from cleaners import storage
from cleaners.config import load
from cleaners.errors import InputError
from cleaners.shards.dataset import Dataset
from flows import environment, progress, reasons, server, terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType


def serve(
    inputs: Sequence[str], out: str, cron: str, timezone: str, config: str | None, *, prune: bool, as_json: bool
) -> None:
    """Run the main flow at the times of a cron expression until this process is ended; one run at a time.

    Before the first run it tells under which name, when, and where Prefect's pages are: in words on stderr, as JSON on
    stdout.

    A run that is due while another is at work waits for it. When this process is told to end, by Ctrl-C or SIGTERM, the
    run under way ends too, within seconds, and the schedule is paused.
    """
    if config:
        load(Path(config))
    dataset = Dataset(out)
    dataset.check_ours()
    _check(cron, timezone)
    _check_there(inputs)
    name = dataset.name
    with server.embedded(scheduling=True) as ready:
        from prefect.client.schemas.objects import (  # noqa: PLC0415  (Prefect, beside its server)
            ConcurrencyLimitConfig,
            ConcurrencyLimitStrategy,
        )
        from prefect.schedules import Cron  # noqa: PLC0415
        from prefect.types.entrypoint import EntrypointType  # noqa: PLC0415

        from flows import corpus, workers  # noqa: PLC0415

        ready()
        with reasons.told(out):
            _greet()
        progress.for_terminal().say(f"clean-corpus/{name} runs at {cron} ({timezone}); Prefect: {server.page()}")
        if as_json:
            served = {"deployment": f"clean-corpus/{name}", "cron": cron, "timezone": timezone}
            terminal.show(terminal.as_json({**served, "inputs": list(inputs), "out": out, "prefect": server.page()}))
        serving = functools.partial(
            corpus.clean_corpus.serve,
            name=name,
            schedule=Cron(cron, timezone=timezone),
            parameters={"inputs": list(inputs), "out": out, "config": config, "prune": prune},
            tags=["copydesk", name],
            description=f"New files of {', '.join(inputs)} join the dataset {out}",
            global_limit=ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE),
            entrypoint_type=EntrypointType.MODULE_PATH,
            print_starting_message=False,
        )
        with environment.alike(), reasons.told(out):  # each run is a process that begins as `python -c`
            _go_on_until_told(serving)
        workers.stop(patience=1)
        how = "the schedule is paused"
        try:
            _pause(f"clean-corpus/{name}")
        except Exception:  # noqa: BLE001  (a server that does not answer starts nothing either, until it is back)
            how = f"but the schedule is not paused, as {server.page()} does not answer"
        print(f"copydesk: stopped, {how}. {reasons.KEPT}", file=sys.stderr, flush=True)  # noqa: T201
        # Prefect's own end waits for the run, however long that takes; ours takes the server with it.
        os._exit(0)


def _go_on_until_told(serving: Callable[[], Any]) -> None:
    """Serve beside this thread, which takes the signals; return when told to end, raise what stopped it else."""
    told, failed = threading.Event(), list[BaseException]()

    def tell(_number: int, _frame: FrameType | None) -> None:
        told.set()

    def serve_on() -> None:
        try:
            serving()
        except BaseException as error:  # noqa: BLE001  (raised below, in the thread that can tell about it)
            failed.append(error)
        told.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, tell)
    threading.Thread(target=serve_on, daemon=True).start()
    told.wait()
    if failed:
        raise failed[0]


def _greet() -> None:
    """Raise what stands between us and the server, before anything is said to be scheduled."""
    from prefect.client.orchestration import get_client  # noqa: PLC0415

    with get_client(sync_client=True) as client:
        if trouble := client.api_healthcheck():
            raise trouble


def _pause(deployment: str) -> None:
    """Let the server start no more runs of a deployment."""
    from prefect.client.orchestration import get_client  # noqa: PLC0415
    from prefect.client.schemas.actions import DeploymentUpdate  # noqa: PLC0415

    with get_client(sync_client=True) as client:
        found = client.read_deployment_by_name(deployment)
        client.update_deployment(found.id, DeploymentUpdate(paused=True))


def _check_there(inputs: Sequence[str]) -> None:
    """Raise InputError for a path of this machine that is not there; a folder may be empty, a glob match nothing."""
    for name in inputs:
        path = name.removeprefix("file://")
        if not storage.is_url(path) and not glob.has_magic(path) and not Path(path).exists():
            raise InputError(name, "there is no such file or folder", "Name files, folders, globs or URLs.")


def _check(cron: str, timezone: str) -> None:
    """Raise InputError for what is no cron expression, or no time zone."""
    from datetime import UTC, datetime  # noqa: PLC0415

    try:
        CronSim(cron, datetime(2024, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        advice = 'Five fields: minute, hour, day, month, weekday; "0 3 * * *" is every night at three.'
        raise InputError("--cron", f"{cron!r} is no cron expression ({error})", advice) from None
    if timezone not in zoneinfo.available_timezones():
        raise InputError("--timezone", f"{timezone!r} is none", "Name one as Europe/Berlin or UTC.")
