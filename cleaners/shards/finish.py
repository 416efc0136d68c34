"""The last step of a run: the manifest that says what is there, and then the card and the report that tell about it."""

from __future__ import annotations

import collections
import hashlib
import importlib.metadata
import json
import posixpath
from typing import TYPE_CHECKING, Any

from cleaners import __version__, card, report, storage
from cleaners.columns import COLUMNS, SCHEMA_VERSION
from cleaners.errors import RunError
from cleaners.quality.signals import VERSION as SIGNALS_VERSION
from cleaners.rewording import verify as rewording
from cleaners.rulebook import CATEGORIES
from cleaners.shards import changes, forget, guard, publish
from cleaners.shards.articles import load_rulebook
from cleaners.shards.dataset import FORMAT, Dataset, furniture_version
from cleaners.shards.prints import scheme_of
from cleaners.shards.sift import told_of_sets
from cleaners.strip import wording

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cleaners.config import Settings
    from cleaners.shards.plan import Shard

_BOUNDS = (
    "In a full bucket (cluster.bucket_leaders) later articles were compared with the first ones kept there only; "
    "copies of the ones in `not_compared` were found where they met in other buckets. "
    "`cut_short` (rewording.comparisons): "
    "at most so many articles met more kept ones than they were compared with, those of their rarest buckets; "
    "`not_compared` counts a kept one in each bucket left out, also where the two met in a rarer one. "
    "`families` (where there are splits): so many buckets held more than 1,000 articles, of which each was compared "
    "with the 1,000 next in preference; two further apart that met nowhere else may be in different splits. Empty: no "
    "bound was hit."
)
_LIBRARIES = ("datasketch", "ftfy", "lxml", "numba", "numpy", "prefect", "py3langid", "pyarrow", "trafilatura")


def finish(
    dataset: Dataset, shards: Sequence[Shard], settings: Settings, furniture: str | None
) -> tuple[dict[str, Any], bool]:
    """Swap in what is staged, with the manifest; return the manifest, and whether it is new.

    Raise RunError if the books do not balance: records read = articles + duplicates + rejected.
    """
    files = _files(dataset, shards)
    outcome = guard.saved(dataset)
    manifest = {
        "format": FORMAT,
        "schema_version": SCHEMA_VERSION,
        **_made_with(settings),
        "furniture": furniture,
        "signatures": scheme_of(settings),
        "bounds": {"means": _BOUNDS, **outcome["bounds"]},
        "guard": outcome["alerts"],
        "tombstones": len(forget.entries_of(dataset)),
        "splits": outcome.get("splits"),
        "evaluation_sets": told_of_sets(dataset, settings),
        "counts": counts_of(dataset, shards, newest=True),
        "inputs": _inputs(shards),
        "files": files,
        "digests": _digests(dataset, furniture),
        "shards": _shards(shards),
    }
    last = dataset.read_manifest()
    told = last.pop("changes", None)
    last.pop("digest", None)
    manifest["changes"] = told if last == manifest else changes.since_last(dataset, shards)
    return manifest, publish.swap_in(dataset, shards, sealed(manifest), files)


def sealed(manifest: Mapping[str, Any]) -> bytes:
    """Return the bytes of a manifest, its own digest in it, so that a change to any of them can be told."""
    content = {name: value for name, value in manifest.items() if name != "digest"}
    digest = _digest(json.dumps(content).encode())
    return (json.dumps(content | {"digest": digest}, indent=1) + "\n").encode()


def _digests(dataset: Dataset, furniture: str | None) -> dict[str, str]:
    """Return the digests of what is beside the tables and decides on them."""
    paths = {"furniture.parquet": dataset.furniture} if furniture else {}
    if storage.exists(dataset.forgotten):
        paths["forgotten.json"] = dataset.forgotten
    return {name: _digest(storage.read_bytes(path)) for name, path in paths.items()}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def current(dataset: Dataset, shards: Sequence[Shard], settings: Settings) -> dict[str, Any] | None:
    """Return the manifest if OUT is already what a run over these shards would make of it, None if there is work."""
    manifest = dataset.read_manifest()
    wanted = {
        **_made_with(settings),
        "furniture": furniture_version(dataset, settings),
        "tombstones": len(forget.entries_of(dataset)),
        "shards": _shards(shards),
    }
    # As they are written: the order of splits decides too.
    same = all(json.dumps(manifest.get(name)) == json.dumps(value) for name, value in wanted.items())
    return manifest if manifest and same and _is_whole(dataset, manifest["files"]) else None


def _made_with(settings: Settings) -> dict[str, Any]:
    """Return what decides, beside inputs and furniture, on what a run makes: versions, settings, what was trained."""
    return {
        "made_by": _versions(),
        "settings": settings.model_dump(mode="json"),
        "rulebook": load_rulebook(settings).version,
        "wording": wording.version(),
        "rewording": rewording.version(),
        "signals": SIGNALS_VERSION,
    }


def _is_whole(dataset: Dataset, files: Mapping[str, Mapping[str, Any]]) -> bool:
    """Tell whether the tables hold exactly the parts of the manifest, and card and report are there."""
    present = {
        f"{table}/{posixpath.basename(path)}": storage.read_note(path)
        for table in COLUMNS
        for path in storage.files(storage.join(dataset.root, table), ".parquet")
    }
    as_told = all((present.get(path) or {}).get("key") == file["key"] for path, file in files.items())
    return as_told and present.keys() == files.keys() and is_told(dataset)


def is_told(dataset: Dataset) -> bool:
    """Tell whether card and report are there."""
    return all(storage.exists(storage.join(dataset.root, name)) for name in ("README.md", "report.html"))


def _versions() -> dict[str, str]:
    return {"copydesk": __version__} | {name: importlib.metadata.version(name) for name in _LIBRARIES}


def _shards(shards: Iterable[Shard]) -> list[dict[str, Any]]:
    return [{"name": shard.name, **shard.to_json()} for shard in shards]


def tell(dataset: Dataset, seconds: Mapping[str, float]) -> None:
    """Write the card and the report, and keep what the stages cost (in `work`: the data must not depend on it)."""
    timings = json.dumps(dict(seconds), indent=1).encode()
    storage.write_bytes(storage.join(dataset.root, "work", "timings.json"), timings)
    card.write(dataset.root)
    report.write(dataset.root)


def _files(dataset: Dataset, shards: Sequence[Shard]) -> dict[str, dict[str, Any]]:
    """Return rows, bytes and digest of each data file; what is as the last manifest says is not read again."""
    before = dataset.read_manifest().get("files", {})
    files = {}
    for table in COLUMNS:
        for part in sorted(path for shard in shards for path in dataset.parts(table, shard.name, newest=True)):
            note = _note(part)
            path = f"{table}/{posixpath.basename(part)}"
            known = before.get(path)
            if known is None or known["key"] != note["key"]:
                content = storage.read_bytes(part)
                known = {"rows": note["rows"], "bytes": len(content), "sha256": _digest(content), "key": note["key"]}
            files[path] = known
    return files


def counts_of(dataset: Dataset, shards: Sequence[Shard], *, newest: bool = False) -> dict[str, Any]:
    """Return the books of the run, from the notes of its parts: as published, or as the run under way leaves them."""
    before = collections.Counter[str]()
    rows = dict.fromkeys(COLUMNS, 0)
    words = dict.fromkeys(COLUMNS, 0)
    by_value: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for shard in shards:
        parts = [(table, path) for table in COLUMNS for path in dataset.parts(table, shard.name, newest=newest)]
        for table, path in parts:
            note = _note(path)
            rows[table] += note["rows"]
            for name, value in note["counts"].items():
                if isinstance(value, int):
                    words[table] += value
                else:
                    by_value[name].update(value)
        place = dataset.newest if newest else dataset.table
        note = _note(place("rejected", shard.name))
        before.update({name: count for name, count in note["origin"].items() if isinstance(count, int)})
    if before["records"] != rows["articles"] + rows["duplicates"] + rows["rejected"]:
        raise RunError(
            dataset.root, f"the books do not balance: {before['records']} records, but {rows}", "Report this."
        )
    return {
        "records": before["records"],
        **rows,
        "words_before": before["words_before"],
        "words_after": before["words_after"],
        "words_kept": words["articles"],
        "duplicates_by_kind": _ranked(by_value["kind"]),
        "rejected_by_reason": _ranked(by_value["reason"]),
        "edits_by_rule": _ranked(by_value["rule"]),
        "edits_by_category": _ranked(by_value["category"]),
        "edits_by_policy": _by_policy(by_value["category"]),
        "articles_by_language": _ranked(by_value["language"]),
        "articles_by_split": _ranked(by_value["split"]),
    }


def _by_policy(edits: Mapping[str, int]) -> dict[str, int]:
    """Return the edits of the categories that a corpus may want either way, by the setting that switches them."""
    return {row.setting: edits.get(row.name, 0) for row in CATEGORIES.values() if row.setting}


def _note(path: str) -> dict[str, Any]:
    note = storage.read_note(path)
    if note is None:
        raise RunError(path, "is missing or unreadable", "Run the same command again.")
    return note


def _ranked(counts: collections.Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _inputs(shards: Iterable[Shard]) -> list[dict[str, Any]]:
    """Return the files read, one entry each."""
    files: dict[str, dict[str, Any]] = {}
    for shard in shards:
        for part in shard.slices:
            file = files.setdefault(
                part.path, {"path": part.path, "kind": part.kind, "identity": part.identity, "bytes": 0}
            )
            file["bytes"] += part.bytes
    return [files[path] for path in sorted(files)]
