"""Verdicts → what a person should look at before anything is removed: a cluster or a host that loses very much.

Templates, notices in place of articles and mirrors look like copies. Where one kept article swallows a share of the
whole dataset, or a host loses most of its articles, the run stops before it writes; `--accept` lets it go on. What a
finished run removed was accepted, and does not stop later ones.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from cleaners import storage
from cleaners.cluster import KEPT
from cleaners.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Collection

    import numpy.typing as npt
    import pyarrow as pa

    from cleaners.cluster import Verdicts
    from cleaners.config import ClusterSettings
    from cleaners.shards.dataset import Dataset

_SHOWN = 5  # alerts that the message spells out


def alerts(
    verdicts: Verdicts,
    ids: pa.Array,
    hosts: pa.DictionaryArray,
    sound: npt.NDArray[np.bool_],
    settings: ClusterSettings,
) -> list[dict[str, Any]]:
    """Return the clusters and hosts that lose more than their share, the largest loss first.

    Each names its `cluster` (the id of the kept article) or `host`, its `articles` and its `copies`. `sound` `(n,)`
    tells which articles stay for their quality: a share is one of these.
    """
    copies = verdicts.canonical != KEPT
    sizes = np.bincount(verdicts.canonical[copies], minlength=len(copies))
    least = max(settings.guard_least, int(settings.guard_cluster * np.count_nonzero(sound)) + 1)
    found = [
        {"cluster": ids[row].as_py(), "articles": int(sizes[row]) + 1, "copies": int(sizes[row])}
        for row in np.flatnonzero(sizes >= least).tolist()
    ]
    names = [*hosts.dictionary.to_pylist(), ""]  # the last for those without a host
    numbers = hosts.indices.fill_null(len(names) - 1).to_numpy()
    of_host, lost = losses(copies[sound], numbers[sound]).T
    tripped = (lost >= settings.guard_least) & (lost > settings.guard_host * of_host)
    found += [
        {"host": names[host], "articles": int(of_host[host]), "copies": int(lost[host])}
        for host in np.flatnonzero(tripped).tolist()
        if names[host]
    ]
    return sorted(found, key=lambda alert: (-alert["copies"], alert.get("cluster", ""), alert.get("host", "")))


def losses(copies: npt.NDArray[np.bool_], groups: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return for each group how many articles it has and how many of them are copies: `(groups, 2) int64`.

    `groups` `(n,) int64` numbers the group of each article from 0, for example its host.

    >>> losses(np.array([False, True, False]), np.array([0, 1, 1])).tolist()
    [[1, 0], [2, 1]]
    """
    removed = np.bincount(groups[copies], minlength=int(groups.max(initial=-1)) + 1)
    return np.stack([np.bincount(groups), removed], axis=1).astype(np.int64)


def save(dataset: Dataset, outcome: dict[str, Any]) -> None:
    """Keep what matching found, `alerts`, `bounds`, `closest` and `splits`, beside the verdicts."""
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
