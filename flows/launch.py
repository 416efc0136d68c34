"""Start the flow for `copydesk clean`: check what can be checked first, then run, then tell what came of it."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from cleaners.config import Settings, load
from cleaners.errors import InputError
from cleaners.shards import finish, plan
from cleaners.shards.dataset import Dataset
from flows import progress, server, summary

if TYPE_CHECKING:
    from collections.abc import Sequence


def dry_run(inputs: Sequence[str], out: str, config: str | None, *, as_json: bool) -> str:
    """Return what a run would read and which of it is new; write nothing."""
    settings = load(Path(config)) if config else Settings()
    dataset = Dataset(out)
    dataset.check_ours()
    names = {shard.name for shard in plan.known_shards(dataset)}
    shards = plan.plan(dataset, inputs, settings.read)
    rows = [
        {"path": part.path, "kind": part.kind, "bytes": part.bytes, "new": shard.name not in names}
        for shard in shards
        for part in shard.slices
    ]
    if as_json:
        return json.dumps(rows, ensure_ascii=False) + "\n"
    lines = [f"{'new' if row['new'] else 'done':5} {row['kind']:8} {row['bytes']:>14,}  {row['path']}" for row in rows]
    new = [shard for shard in shards if shard.name not in names]
    size = sum(shard.bytes for shard in new)
    return "\n".join([*lines, f"{len(new)} of {len(shards)} shards are new: {size:,} bytes. Nothing was written.", ""])


def clean(
    inputs: Sequence[str],
    out: str,
    config: str | None,
    *,
    runner: str,
    workers: int | None,
    relearn: bool,
    as_json: bool,
) -> str:
    """Run the main flow; return its summary. InputError if the call was wrong, RunError if the run failed."""
    listener = progress.for_terminal()
    settings = load(Path(config)) if config else Settings()
    dataset = Dataset(out)
    dataset.check_ours()
    shards = plan.plan(dataset, inputs, settings.read)
    if not relearn and (manifest := finish.current(dataset, shards, settings)):
        listener.say("nothing is new: OUT is already what this run would make")
        return _told(manifest, {}, out, as_json=as_json)
    if runner != "processes" and importlib.util.find_spec(f"prefect_{runner}") is None:
        raise InputError(f"--runner {runner}", "is not installed", f"pip install 'copydesk[{runner}]'")
    listener.say("starting Prefect (some seconds; more the first time on a machine)")
    with server.embedded() as ready:
        from flows import corpus  # noqa: PLC0415  (takes as long as the server, and goes beside it)

        ready()
        progress.listener.set(listener)
        flow = corpus.clean_corpus.with_options(task_runner=corpus.runner(runner, workers))
        result = flow(list(inputs), out, config, relearn=relearn)
    return _told(result["manifest"], result["seconds"], out, as_json=as_json)


def _told(manifest: dict[str, Any], seconds: dict[str, float], out: str, *, as_json: bool) -> str:
    """Return what came of a run, for people or machines."""
    if as_json:
        return json.dumps({"counts": manifest["counts"], "seconds": seconds}) + "\n"
    console = Console()
    with console.capture() as capture:
        console.print(summary.table(manifest, seconds), highlight=False)
    root = Dataset(out).root
    return f"{capture.get()}\nlook at    {root}/report.html\nask why    copydesk explain {root} ID\n"
