"""Start the flow for `copydesk clean`: check what can be checked first, then run, then tell what came of it."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text

from cleaners import places, storage
from cleaners import shards as stages
from cleaners.config import load
from cleaners.errors import NO_DATASET, InputError
from cleaners.shards import plan
from cleaners.shards.dataset import Dataset, furniture_version
from flows import held, options, progress, reasons, server, summary, terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleaners.config import Settings
    from flows.options import Given
    from flows.terminal import Shown


def dry_run(
    inputs: Sequence[str], out: str, config: str | None, given: Given = None, *, prune: bool, as_json: bool
) -> str:
    """Return what a run would read, and which of it is new or made again; write nothing."""
    dataset, settings, said = _begun(out, config, given)
    names = {shard.name for shard in plan.known_shards(dataset)}
    shards = plan.plan(dataset, inputs, settings.read, prune=prune)
    furniture = furniture_version(dataset, settings)
    done = {shard for shard in shards if stages.restore.is_published(dataset, shard, settings, furniture)}
    states = ["done" if shard in done else "again" if shard.name in names else "new" for shard in shards]
    rows = [
        {"state": state, "path": part.path, "kind": part.kind, "bytes": part.bytes}
        for state, shard in zip(states, shards, strict=True)
        for part in shard.slices
    ]
    if as_json:
        return terminal.as_json(rows)
    lines = [f"{row['state']:5} {row['kind']:8} {row['bytes']:>14,}  {terminal.line(row['path'])}" for row in rows]
    size = sum(shard.bytes for state, shard in zip(states, shards, strict=True) if state != "done")
    new, again = states.count("new"), states.count("again")
    work = f"{new} of {len(shards)} shards are new, {again} are made again: {size:,} bytes."
    if names and not size and not stages.finish.current(dataset, shards, settings):
        work += " Copies are looked for anew, or tables written anew: settings or versions have changed."
    return "\n".join([*lines, *said, f"{work} Nothing was written.", ""])


def _begun(out: str, config: str | None, given: Given) -> tuple[Dataset, Settings, list[str]]:
    """Return the dataset in OUT, the settings of a run on it, and what is to be said of them."""
    dataset = Dataset(out)
    dataset.check_ours()
    known = dataset.read_manifest().get("settings", {})
    settings = options.settings(config, given, known)
    return dataset, settings, held.told(settings, load(Path(config) if config else None, given), known)


def clean(  # noqa: PLR0913  (an option of the command each)
    inputs: Sequence[str],
    out: str,
    config: str | None,
    given: Given,
    *,
    runner: str,
    workers: int | None,
    address: str | None,
    relearn: bool,
    accept: bool,
    prune: bool,
    as_json: bool,
) -> Shown:
    """Run the main flow; return its summary. InputError if the call was wrong, RunError if the run failed."""
    listener = progress.for_terminal()
    dataset, settings, said = _begun(out, config, given)
    for sentence in said:
        listener.say(sentence)
    if not relearn and (manifest := _nothing_new(dataset, inputs, settings, prune=prune)):
        listener.say("nothing is new: OUT is already what this run would make")
        return _told(manifest, {}, out, as_json=as_json)
    storage.check_writable(dataset.root)
    with server.embedded() as ready:
        # Beside the server's start: what is wrong with the call, and what each file holds.
        plan.plan(dataset, inputs, settings.read, prune=prune)
        listener.say("starting Prefect (some seconds; more the first time on a machine)")
        if not places.has_kernels():
            listener.say("compiling the kernels as they are needed: about a minute more, once on a machine")
        from flows import corpus  # noqa: PLC0415  (takes as long as the server, and goes beside it too)

        ready()
        progress.listener.set(listener)
        flow = corpus.clean_corpus.with_options(task_runner=corpus.runner(runner, workers, address))
        with reasons.told(out):
            result = flow(list(inputs), out, config, given=given, relearn=relearn, accept=accept, prune=prune)
    return _told(result["manifest"], result["seconds"], out, as_json=as_json)


def _nothing_new(dataset: Dataset, inputs: Sequence[str], settings: Settings, *, prune: bool) -> dict[str, Any] | None:
    """Return the manifest if OUT is already what a run would make of it, and clear up after one killed at its end."""
    if not dataset.read_manifest():
        return None
    shards = plan.plan(dataset, inputs, settings.read, prune=prune)
    manifest = stages.finish.current(dataset, shards, settings)
    if manifest and stages.tidy.unclaimed(dataset, shards, settings, manifest["furniture"]):
        with dataset.held():
            stages.tidy.tidy(dataset, shards, settings, manifest["furniture"])
    return manifest


def forget(out: str, asked: Sequence[dict[str, str]], *, as_json: bool) -> str:
    """Run the flow that forgets; return what changed."""
    if not asked:
        raise InputError("forget", "nothing is named", "Name articles with --id, --url or --host.")
    dataset = Dataset(out)
    if not dataset.read_manifest():
        raise InputError(out, *NO_DATASET)
    storage.check_writable(dataset.root)
    with server.embedded() as ready:
        from flows import corpus  # noqa: PLC0415  (as above)

        ready()
        with reasons.told(out):
            changed = corpus.forget_articles(out, list(asked))
    if as_json:
        return terminal.as_json(changed)
    lines = [f"gone       {name}" for name in changed["gone"]] + [f"kept now   {name}" for name in changed["kept"]]
    gone, kept = len(changed["gone"]), len(changed["kept"])
    said = f"{gone:,} {'record is gone and stays' if gone == 1 else 'records are gone and stay'} out, "
    said += f"{kept:,} {'copy has' if kept == 1 else 'copies have'} taken a place"
    if not gone:
        said = "nothing in OUT is named so; what comes later under these names stays out"
    return "\n".join([*lines, said, ""])


def _told(manifest: dict[str, Any], seconds: dict[str, float], out: str, *, as_json: bool) -> Shown:
    """Return what came of a run, for people or machines."""
    if as_json:
        return terminal.as_json({"counts": manifest["counts"], "seconds": seconds})
    root = Dataset(out).root
    asked = f"copydesk explain {shlex.quote(root)} {summary.example(root, manifest)}"
    where = [("look at", f"{root}/report.html"), ("ask why", asked)]
    return [summary.Summary(manifest, seconds), "", *(Text.assemble((f"{x:<11}", "bold"), told) for x, told in where)]
