"""Serve the main flow on a schedule, on the user's Prefect server or on one that is started here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cronsim import CronSim, CronSimError

from cleaners.config import load
from cleaners.errors import InputError
from cleaners.shards.dataset import Dataset
from flows import progress, server, terminal

if TYPE_CHECKING:
    from collections.abc import Sequence


def serve(
    inputs: Sequence[str], out: str, cron: str, timezone: str, config: str | None, *, prune: bool, as_json: bool
) -> None:
    """Run the main flow at the times of a cron expression until this process is ended; one run at a time.

    Before the first run it tells under which name, when, and where Prefect's pages are: in words on stderr, as JSON on
    stdout.

    A run that is due while another is at work waits for it. When this process ends, the schedule is paused.
    """
    if config:
        load(Path(config))
    dataset = Dataset(out)
    dataset.check_ours()
    _check(cron)
    name = dataset.root.rstrip("/").rpartition("/")[2] or "dataset"
    with server.embedded(scheduling=True) as ready:
        from prefect.client.schemas.objects import (  # noqa: PLC0415  (Prefect, beside its server)
            ConcurrencyLimitConfig,
            ConcurrencyLimitStrategy,
        )
        from prefect.schedules import Cron  # noqa: PLC0415
        from prefect.types.entrypoint import EntrypointType  # noqa: PLC0415

        from flows import corpus  # noqa: PLC0415

        ready()
        progress.for_terminal().say(f"clean-corpus/{name} runs at {cron} ({timezone}); Prefect: {server.page()}")
        if as_json:
            served = {"deployment": f"clean-corpus/{name}", "cron": cron, "timezone": timezone}
            terminal.show(terminal.as_json({**served, "inputs": list(inputs), "out": out, "prefect": server.page()}))
        corpus.clean_corpus.serve(
            name=name,
            schedule=Cron(cron, timezone=timezone),
            parameters={"inputs": list(inputs), "out": out, "config": config, "prune": prune},
            tags=["copydesk", name],
            description=f"New files of {', '.join(inputs)} join the dataset {out}",
            global_limit=ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE),
            entrypoint_type=EntrypointType.MODULE_PATH,
            print_starting_message=False,
        )


def _check(cron: str) -> None:
    """Raise InputError for what is no cron expression."""
    from datetime import UTC, datetime  # noqa: PLC0415

    try:
        CronSim(cron, datetime(2024, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        advice = 'Five fields: minute, hour, day, month, weekday; "0 3 * * *" is every night at three.'
        raise InputError("--cron", f"{cron!r} is no cron expression ({error})", advice) from None
