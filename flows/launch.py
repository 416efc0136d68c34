"""Start the flow for `copydesk clean`: check what can be checked first, then run, then tell what came of it."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from rich.console import Console

from cleaners.config import Settings, load
from cleaners.errors import CopydeskError, InputError, RunError
from cleaners.shards import plan
from cleaners.shards.dataset import Dataset
from flows import progress

if TYPE_CHECKING:
    from collections.abc import Sequence


def dry_run(inputs: Sequence[str], out: str, config: str | None, *, as_json: bool) -> None:
    """Print what a run would read and which of it is new, and write nothing."""
    from pathlib import Path  # noqa: PLC0415

    settings = load(Path(config)) if config else Settings()
    dataset = Dataset(out)
    dataset.check_ours()
    known = {shard.name for shard in plan.known_shards(dataset)}
    shards = plan.plan(inputs, plan.known_shards(dataset), settings.read)
    rows = [
        {"path": part.path, "kind": part.kind, "bytes": part.bytes, "new": shard.name not in known}
        for shard in shards
        for part in shard.slices
    ]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))  # noqa: T201
        return
    for row in rows:
        state = "new" if row["new"] else "done"
        print(f"{state:5} {row['kind']:8} {row['bytes']:>14,}  {row['path']}")  # noqa: T201
    new = [shard for shard in shards if shard.name not in known]
    print(f"{len(new)} of {len(shards)} shards are new, {sum(shard.bytes for shard in new):,} bytes")  # noqa: T201


def clean(
    inputs: Sequence[str],
    out: str,
    config: str | None,
    *,
    runner: str,
    workers: int | None,
    relearn: bool,
    as_json: bool,
) -> None:
    """Run the main flow and print its summary. InputError if the call was wrong, RunError if the run failed."""
    listener = progress.for_terminal()
    check(inputs, out, config)
    listener.say("starting Prefect (some seconds, more the first time on a machine)")
    from flows import corpus, summary  # noqa: PLC0415  (what was checked above needs no Prefect)

    progress.listener.set(listener)
    flow = corpus.clean_corpus.with_options(task_runner=corpus.runner(runner, workers))
    try:
        manifest, seconds = flow(list(inputs), out, config, relearn=relearn)
    except CopydeskError:
        raise
    except Exception as error:
        advice = "What is finished is kept; the same command goes on from there."
        raise RunError(out, f"the run failed: {type(error).__name__}: {error}", advice) from error
    if as_json:
        print(json.dumps({"counts": manifest["counts"], "seconds": seconds}))  # noqa: T201
        return
    console = Console()
    console.print(summary.table(manifest, seconds), highlight=False)
    console.print(f"\nreport    {Dataset(out).root}/report.html\nexplain   copydesk explain {out} ID", highlight=False)
    sys.stdout.flush()


def check(inputs: Sequence[str], out: str, config: str | None) -> None:
    """Raise InputError for everything that can be told to be wrong before anything is touched."""
    from pathlib import Path  # noqa: PLC0415

    from cleaners.read.inputs import discover  # noqa: PLC0415

    settings = load(Path(config)) if config else Settings()
    Dataset(out).check_ours()
    if not discover(inputs, settings.read):
        raise InputError(", ".join(inputs), "nothing to read there", "Name files, folders, globs or URLs.")
