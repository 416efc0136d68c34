"""Verdicts → what a person should look at before anything is removed: a cluster or a host that loses very much.

Templates, notices in place of articles and mirrors look like copies. Where one kept article swallows a share of the
whole dataset, or a host loses most of its articles, the run stops before it writes; `--accept` lets it go on. What a
finished run removed was accepted, and does not stop later ones.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cleaners import storage
from cleaners.cluster import KEPT, Verdicts
from cleaners.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Collection

    from cleaners.config import ClusterSettings
    from cleaners.shards.corpus import Ids
    from cleaners.shards.dataset import Dataset

_SHOWN = 5  # alerts that the message spells out


def alerts(verdicts: Verdicts, ids: Ids, hosts: pa.ChunkedArray, settings: ClusterSettings) -> list[dict[str, Any]]:
    """Return the clusters and hosts that lose more than their share, the largest loss first.

    Each names its `cluster` (the id of the kept article) or `host`, its `articles` and its `copies`.
    """
    copies = verdicts.canonical != KEPT
    sizes = np.bincount(verdicts.canonical[copies], minlength=len(copies))
    least = max(settings.guard_least, int(settings.guard_cluster * len(copies)) + 1)
    large = np.flatnonzero(sizes >= least)
    found = [
        {"cluster": name, "articles": size + 1, "copies": size}
        for name, size in zip(ids(large).to_pylist(), sizes[large].tolist(), strict=True)
    ]
    lost = _counts(hosts.filter(copies), settings.guard_least)
    of_host = _counts(hosts.filter(pc.is_in(hosts, value_set=pa.array(lost, hosts.type))), 1) if lost else {}
    found += [
        {"host": host, "articles": of_host[host], "copies": count}
        for host, count in lost.items()
        if host and count > settings.guard_host * of_host[host]
    ]
    return sorted(found, key=lambda alert: (-alert["copies"], alert.get("cluster", ""), alert.get("host", "")))


def _counts(hosts: pa.ChunkedArray, least: int) -> dict[str | None, int]:
    """Return how often each host is there that is there so often, at least."""
    counts = pc.value_counts(hosts)
    often = counts.filter(pc.greater_equal(counts.field("counts"), least))
    return dict(zip(often.field("values").to_pylist(), often.field("counts").to_pylist(), strict=True))


def save(dataset: Dataset, outcome: dict[str, Any]) -> None:
    """Keep what matching found, `alerts`, `bounds` and `closest`, beside the verdicts."""
    storage.write_bytes(dataset.outcome, (json.dumps(outcome, indent=1) + "\n").encode())


def saved(dataset: Dataset) -> dict[str, Any]:
    """Return what `save` kept; nothing to tell where there is nothing."""
    if not storage.exists(dataset.outcome):
        return {"alerts": [], "bounds": {"full_buckets": {}, "cut_short": {}}}
    outcome: dict[str, Any] = json.loads(storage.read_bytes(dataset.outcome))
    return outcome


def check(dataset: Dataset, *, accept: bool, expected: Collection[str] = ()) -> None:
    """Raise RunError where something loses more than its share that no finished run has lost, unless accepted.

    `expected` are ids and hosts of which it is known why: who forgets the kept article of a cluster puts another first.
    """
    known = {_name(alert) for alert in dataset.read_manifest().get("guard", [])}
    known |= {_name({kind: one}) for kind in ("cluster", "host") for one in expected}
    fresh = [alert for alert in saved(dataset)["alerts"] if _name(alert) not in known]
    if not fresh or accept:
        return
    told = [f"{_name(alert)} loses {alert['copies']:,} of {alert['articles']:,} articles" for alert in fresh[:_SHOWN]]
    told += [f"and {len(fresh) - _SHOWN} more like it"] if len(fresh) > _SHOWN else []
    what = f"stopped before anything was removed, for a person to look: {'; '.join(told)}"
    advice = (
        "What is finished is kept. If these are copies, run copydesk clean once with --accept; "
        "otherwise raise match.threshold, or the limits cluster.guard_…, or leave the kind out of cluster.remove"
    )
    raise RunError(dataset.root, what, advice)


def _name(alert: dict[str, Any]) -> str:
    return f"host {alert['host']}" if "host" in alert else f"the cluster of {alert['cluster']}"
