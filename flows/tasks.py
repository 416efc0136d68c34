"""One task for each function of `cleaners.shards`; no logic. A task takes paths and returns counts and its seconds.

Prefect's own caching stays off: what is done is decided by the files in OUT (see `cleaners.shards`), never by Prefect.
"""

from __future__ import annotations

import contextlib
import dataclasses
import pkgutil
import time
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE

from cleaners.config import Settings
from cleaners.lifetime import within
from flows.reasons import may_pass

_WAITS = [2.0, 10.0, 60.0]
"""Seconds before each further try where the storage or the network failed: a minute bridges most of their troubles."""


@dataclasses.dataclass(frozen=True, slots=True)
class Done:
    """What a task returns: the value of its function, and what it cost in this process and its children."""

    value: Any
    seconds: float


def _as_task(function: str, *, bounded: bool = False) -> Any:  # noqa: ANN401  (Prefect's Task)
    """Return a function of `cleaners.shards` as a task that is timed; if `bounded`, the memory for one page is its all.

    What goes record by record is bounded. What works on columns takes memory for a shard, or for the whole corpus. The
    function is named `module:function` and loaded where it runs: who hands the tasks out need not wait for that.
    """

    def timed(*args: Any) -> Done:  # noqa: ANN401
        call = pkgutil.resolve_name(f"cleaners.shards.{function}")
        start = time.perf_counter()
        limit = next(one for one in args if isinstance(one, Settings)).extract.max_memory_mb
        with within(limit) if bounded else contextlib.nullcontext():
            return Done(call(*args), time.perf_counter() - start)

    name = function.rpartition(":")[2].replace("_", "-")
    return task(
        name=name,
        cache_policy=NO_CACHE,
        persist_result=False,
        retries=len(_WAITS),
        retry_delay_seconds=_WAITS,
        retry_jitter_factor=0.5,
        retry_condition_fn=_may_pass,
    )(timed)


def _may_pass(_task: object, _run: object, state: Any) -> bool:  # noqa: ANN401  (Prefect's state)
    """Tell whether a failed task is worth another try."""
    return may_pass(state.result(raise_on_failure=False))


extract_shard = _as_task("articles:extract_shard", bounded=True)
count_shard = _as_task("articles:count_shard")
learn_furniture = _as_task("articles:learn_furniture")
strip_shard = _as_task("articles:strip_shard", bounded=True)
index_sets = _as_task("sift:index_sets")
sift_shard = _as_task("sift:sift_shard")
measure_shard = _as_task("quality:measure_shard")
fingerprint_shard = _as_task("prints:fingerprint_shard")
facts_shard = _as_task("prints:facts_shard")
match_corpus = _as_task("copies:match_corpus")
publish_shard = _as_task("publish:publish_shard")
