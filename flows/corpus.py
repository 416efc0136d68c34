"""The flows: three that can run by themselves on a dataset's parts, and the one that chains them.

    strip_articles   read → extract → strip          inputs → cleaned parts in OUT/work
    find_copies      fingerprint → match → cluster   cleaned parts → verdicts in OUT/work
    publish          write                           parts → tables, manifest, card and report in OUT
    clean_corpus     all of it; what `copydesk clean` and the schedule run

Each submits one task a shard and joins them. Tasks pass paths and counts; the files in OUT decide what is left to do.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import importlib
import json
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from flows import environment

environment.prepare()

from prefect.flows import Flow  # noqa: E402  (Prefect reads its settings on import)
from prefect.futures import as_completed  # noqa: E402

from cleaners import shards as stages  # noqa: E402
from cleaners import storage  # noqa: E402
from cleaners.config import Settings, parse  # noqa: E402
from cleaners.errors import NO_DATASET, CopydeskError, InputError  # noqa: E402
from cleaners.shards import forget, plan  # noqa: E402
from cleaners.shards.dataset import Dataset, furniture_version  # noqa: E402
from flows import options, reasons, summary, tasks, workers  # noqa: E402
from flows.pool import Pool  # noqa: E402
from flows.progress import listener  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from prefect.task_runners import TaskRunner

    from cleaners.shards.plan import Shard
    from flows.options import Given


P = ParamSpec("P")
R = TypeVar("R")


@dataclasses.dataclass(frozen=True, slots=True)
class Job:
    """What the steps of one run share: where, how, and what each stage has cost so far (seconds of its tasks)."""

    dataset: Dataset
    settings: Settings
    seconds: dict[str, float]

    @classmethod
    def of(cls, out: str, config: str | None, given: Given = None) -> Job:
        """Return the job of a run on OUT, with the settings of a file or the defaults, and above them what is given."""
        dataset = Dataset(out)
        return cls(dataset, options.settings(config, given, dataset.read_manifest().get("settings")), {})

    @classmethod
    def again(cls, out: str) -> Job:
        """Return a job with the settings of the last run as they are: nothing that they name need be there still."""
        dataset = Dataset(out)
        if not (manifest := dataset.read_manifest()):
            raise InputError(out, *NO_DATASET)
        return cls(dataset, parse(manifest["settings"], dataset.manifest), {})

    def gather(self, stage: str, task: Any, calls: Iterable[Sequence[object]]) -> list[Any]:  # noqa: ANN401
        """Run a task once for each call, side by side; return the values in the order of the calls."""
        calls = list(calls)
        if not calls:
            self.seconds[stage] = 0.0
            return []
        futures = [task.submit(*call) for call in calls]
        _load_the_rest()
        numbers = {id(future): number for number, future in enumerate(futures)}
        with listener.get().stage(stage, [_bytes(call) for call in calls]) as step:
            for future in filter(_is_well, as_completed(futures)):
                step(numbers[id(future)])
        done = [future.result() for future in futures]
        self.seconds[stage] = sum(one.seconds for one in done)
        return [one.value for one in done]


def _is_well(ended: Any) -> bool:  # noqa: ANN401  (Prefect's future)
    """Tell whether a task that has ended did what it was to do; if not, its result raises why once all have ended."""
    try:
        ended.result()
    except Exception:  # noqa: BLE001  (whatever it is)
        return False
    return True


@functools.cache
def _load_the_rest() -> None:
    """Load what only the end of a run needs, half a second of work: beside the first tasks, not before them."""
    for name in ("cleaners.shards.finish", "cleaners.shards.tidy", "prefect.artifacts"):
        importlib.import_module(name)


def _bytes(call: Sequence[object]) -> int:
    """Return the bytes of input that a task works on: its shard's, or those of all of them."""
    return sum(getattr(each, "bytes", 0) for of in call for each in (of if isinstance(of, (list, tuple)) else [of]))


@contextlib.contextmanager
def _at_work(job: Job) -> Iterator[Job]:
    """Hold OUT for one run; whatever stops it is told in words, and no worker goes on without it."""
    workers.follow_parent()
    job.dataset.check_ours()
    try:
        with reasons.told(job.dataset.root), job.dataset.held():
            yield job
    except BaseException as stopped:
        if not isinstance(stopped, Exception):  # Ctrl-C, or a signal to end
            workers.stop()
        raise


def runner(name: str, count: int | None, address: str | None = None) -> TaskRunner[Any]:
    """Return the task runner of that name: `processes` on this machine, `dask` or `ray` past it.

    `address` is that of a cluster which is there already; without one, a cluster of so many workers is started here.
    """
    if name == "dask":
        from prefect_dask import DaskTaskRunner  # noqa: PLC0415  (an extra)

        if address:
            return DaskTaskRunner(address=address)  # type: ignore[no-any-return]
        return DaskTaskRunner(cluster_kwargs={"n_workers": count, "threads_per_worker": 1})  # type: ignore[no-any-return]
    if name == "ray":
        from prefect_ray import RayTaskRunner  # noqa: PLC0415  (an extra)

        if address:
            return RayTaskRunner(address=address)  # type: ignore[no-any-return]
        return RayTaskRunner(init_kwargs={"num_cpus": count} if count else {})  # type: ignore[no-any-return]
    return Pool(count)


class _Flow(Flow[P, R]):
    """A flow whose parameters are shown as they are, if they are JSON: Prefect would load a web framework for that."""

    def serialize_parameters(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the parameters of a run as they are shown."""
        try:
            json.dumps(parameters)
        except TypeError:
            return super().serialize_parameters(parameters)
        return parameters


def flow(**options: Any) -> Callable[[Callable[P, R]], Flow[P, R]]:  # noqa: ANN401  (Prefect's)
    """Return a decorator as Prefect's, with what all flows share; their runner is what `environment.runner` says."""

    def decorate(function: Callable[P, R]) -> Flow[P, R]:
        # Prefect's annotations disagree on what kind of future its runners give.
        usual: Any = runner(*environment.runner())
        return _Flow(function, validate_parameters=False, persist_result=False, task_runner=usual, **options)

    return decorate


def _strip(job: Job, shards: Sequence[Shard], *, relearn: bool) -> str | None:
    """Make the cleaned part of each shard; return the version of the furniture that was used."""
    dataset, settings = job.dataset, job.settings
    version = furniture_version(dataset, settings)
    learn = settings.furniture.learn and (relearn or not version or not storage.exists(dataset.manifest))
    lost = [shard for shard in shards if not shard.is_there and stages.restore.is_lost(dataset, shard, settings)]
    there = [shard for shard in shards if shard not in lost]
    missing = [shard for shard in there if learn or not stages.restore.restore_shard(dataset, shard, settings, version)]
    job.gather("extract", tasks.extract_shard, [(dataset, shard, settings) for shard in missing])
    if learn:
        counts = job.gather("count lines", tasks.count_shard, [(dataset, shard, settings) for shard in there])
        job.gather("learn", tasks.learn_furniture, [(dataset, counts, settings)])
        version = furniture_version(dataset, settings)
    job.gather("strip", tasks.strip_shard, [(dataset, shard, settings, version) for shard in missing])
    for shard in lost:
        stages.restore.restore_shard(dataset, shard, settings, version, as_it_is=True)
    if waiting := stages.sift.unsifted(dataset, shards, settings, version):
        job.gather("index sets", tasks.index_sets, [(dataset, settings)])
        job.gather("decontaminate", tasks.sift_shard, [(dataset, shard, settings, version) for shard in waiting])
    return version


def _find(job: Job, shards: Sequence[Shard], furniture: str | None) -> None:
    """Make the verdicts on all shards."""
    dataset, settings = job.dataset, job.settings
    made = job.gather("measure", tasks.measure_shard, [(dataset, shard, settings, furniture) for shard in shards])
    if faults := [fault for part in made for fault in part.counts["faults"]]:
        _tell(f"the software failed to measure {len(faults):,} articles, whose signals are null ({faults[0]})")
    job.gather("fingerprint", tasks.fingerprint_shard, [(dataset, shard, settings, furniture) for shard in shards])
    job.gather("facts", tasks.facts_shard, [(dataset, shard, settings, furniture) for shard in shards])
    job.gather("match", tasks.match_corpus, [(dataset, shards, settings, furniture)])


def _publish(
    job: Job, shards: Sequence[Shard], furniture: str | None, *, accept: bool = False, expected: Collection[str] = ()
) -> dict[str, Any]:
    """Write the tables, then what tells about them; return the manifest. What no run needs any more goes."""
    dataset, settings = job.dataset, job.settings
    stages.guard.check(dataset, accept=accept, expected=expected)
    written = job.gather("write", tasks.publish_shard, [(dataset, shard, settings, furniture) for shard in shards])
    manifest, new = stages.finish.finish(dataset, shards, settings, furniture)
    if new or any(written) or not stages.finish.is_told(dataset):
        stages.finish.tell(dataset, job.seconds)
    stages.tidy.tidy(dataset, shards, settings, furniture)
    _tell_faults(manifest)
    return manifest


def _tell_faults(manifest: Mapping[str, Any]) -> None:
    """Say if the code failed on records: somebody should look at that."""
    if count := manifest["counts"]["rejected_by_reason"].get("crash"):
        records = "1 record" if count == 1 else f"{count:,} records"
        _tell(f"the software failed on {records}, rejected as `crash`: the detail in OUT/rejected names the place")


def _tell(fault: str) -> None:
    """Tell who watches the run and who reads its log of a fault of the software's."""
    from prefect.logging import get_run_logger  # noqa: PLC0415  (hardly ever needed)

    told = f"{fault}. Please report it"
    listener.get().say(told)
    get_run_logger().warning(told)


@flow(name="strip-articles", flow_run_name="strip for {out}")
def strip_articles(out: str, inputs: Sequence[str] = (), config: str | None = None, *, relearn: bool = False) -> None:
    """Read, extract and strip: inputs and the dataset's own shards → cleaned parts."""
    with _at_work(Job.of(out, config)) as job:
        shards = plan.plan(job.dataset, inputs, job.settings.read)
        plan.save(job.dataset, shards)
        _strip(job, shards, relearn=relearn)


@flow(name="find-copies", flow_run_name="find copies in {out}")
def find_copies(out: str, config: str | None = None) -> None:
    """Fingerprint, match and cluster: cleaned parts → verdicts."""
    with _at_work(Job.of(out, config)) as job:
        _find(job, plan.saved(job.dataset), furniture_version(job.dataset, job.settings))


@flow(name="publish", flow_run_name="publish {out}")
def publish(out: str, config: str | None = None, *, accept: bool = False) -> dict[str, Any]:
    """Write: cleaned parts and verdicts → the dataset; return its manifest."""
    with _at_work(Job.of(out, config)) as job:
        return _publish(job, plan.saved(job.dataset), furniture_version(job.dataset, job.settings), accept=accept)


@flow(name="clean-corpus", flow_run_name="clean into {out}")
def clean_corpus(
    inputs: Sequence[str],
    out: str,
    config: str | None = None,
    *,
    given: Given = None,
    relearn: bool = False,
    accept: bool = False,
    prune: bool = False,
) -> dict[str, Any]:
    """Do the main job: inputs → dataset in OUT; return its `manifest` and the `seconds` of each stage.

    Again with more inputs, only the new work is done; with `prune`, what was read from files that are gone goes.
    `accept` lets it remove what the guard (`cleaners.shards.guard`) would stop at; `given` are settings by section that
    go above those of `config`. The flows above, chained in one, so that they share one runner.
    """
    with _at_work(Job.of(out, config, given)) as job:
        shards = plan.plan(job.dataset, inputs, job.settings.read, prune=prune)
        known = job.dataset.read_manifest()
        manifest = stages.finish.current(job.dataset, shards, job.settings) if known and not relearn else None
        if manifest is None:
            plan.save(job.dataset, shards)
            learned = job.dataset.furniture
            old = storage.read_bytes(learned) if relearn and storage.exists(learned) else None
            furniture = _strip(job, shards, relearn=relearn)
            _find(job, shards, furniture)
            try:
                manifest = _publish(job, shards, furniture, accept=accept)
            except CopydeskError:
                if old is not None:  # the guard stopped it: what is published stays with the furniture it was made with
                    storage.write_bytes(learned, old)
                raise
    _leave_artifacts(job, manifest, known.get("counts", {}))
    return {"manifest": manifest, "seconds": job.seconds}


def _leave_artifacts(job: Job, manifest: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    """Leave what the run did where Prefect shows it: a page to read, and a table of what is new."""
    from prefect.artifacts import create_markdown_artifact, create_table_artifact  # noqa: PLC0415  (as the rest)

    name = job.dataset.name
    about = f"What {job.dataset.root} holds after this run"
    create_markdown_artifact(summary.markdown(manifest, job.seconds), key=f"copydesk-{name}", description=about)
    new = f"What is new in {job.dataset.root} since the run before"
    create_table_artifact(summary.growth(manifest, before), key=f"copydesk-{name}-growth", description=new)


@flow(name="forget-articles", flow_run_name="forget in {out}")
def forget_articles(out: str, asked: Sequence[dict[str, str]]) -> dict[str, list[str]]:
    """Take articles out for good by `{"id": …}`, `{"url": …}` or `{"host": …}`; return the ids `gone` and `kept` now.

    Settings are those of the last run, and no input is read. What was asked for is on record before anything is done,
    so that a run that is stopped is completed by the next one, whichever that is.
    """
    with _at_work(Job.again(out)) as job:
        dataset, settings = job.dataset, job.settings
        stones = forget.Tombstones.of(asked)
        known = plan.plan(dataset, (), settings.read)
        gone = [row for shard in known for row in forget.found(dataset, shard.name, stones)]
        copies = forget.copies_of(dataset, known, {row["id"] for row in gone if row["table"] == "articles"})
        forget.bury(dataset, asked)
        shards = plan.plan(dataset, (), settings.read)
        plan.save(dataset, shards)
        furniture = _strip(job, shards, relearn=False)
        _find(job, shards, furniture)
        touched = {*copies.values(), *(row["host"] for row in gone if row["host"])}
        _publish(job, shards, furniture, expected=touched)
        kept = forget.kept_of(dataset, shards, copies)
    return {"gone": sorted(row["id"] for row in gone), "kept": sorted(kept)}
