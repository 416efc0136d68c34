"""A dataset against its manifest and what always holds: any bit that is not as it was written is found."""

from __future__ import annotations

import hashlib
import itertools
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from cleaners import __version__, card, report, storage
from cleaners.columns import COLUMNS, EDIT, SCHEMA_VERSION, TEXT, schema
from cleaners.errors import NO_DATASET, InputError, RunError
from cleaners.model import Edit
from cleaners.shards import forget
from cleaners.shards.finish import counts_of, sealed
from cleaners.shards.plan import Shard
from cleaners.spans import restore

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cleaners.shards.dataset import Dataset

_BARS = {
    "near": ("match", "threshold"),
    "reworded": ("rewording", "threshold"),
    "overlap": ("rewording", "overlap"),
    "translated": ("rewording", "overlap"),
}
"""Section and name of the setting that the similarity of each kind of duplicates reaches; of `exact` it is 1."""


def verify(dataset: Dataset) -> Iterator[str]:
    """Yield what is wrong with a dataset, a sentence each; nothing where all is as the manifest says.

    Each file is read again and compared with its digest. If those agree, the invariants are looked at: the books
    balance, ids are unique, every duplicate names a kept article, its similarity reaches the threshold, and from each
    text its edits give the extracted text. InputError where there is no finished dataset.
    """
    if not storage.exists(dataset.manifest):
        raise InputError(dataset.root, *NO_DATASET)
    try:
        manifest = dataset.read_manifest()
    except InputError as error:
        yield str(error)
        return
    if storage.read_bytes(dataset.manifest) != sealed(manifest):
        yield "manifest.json: is not as it was written"
        return
    if len(forget.entries_of(dataset)) > manifest.get("tombstones", 0):
        yield "forgotten.json: a takedown is not done yet; copydesk clean or forget goes on with it"
        return
    broken = list(_files(dataset, manifest))
    yield from broken
    if broken or manifest["schema_version"] != SCHEMA_VERSION:
        return
    shards = [Shard.from_json(shard) for shard in manifest["shards"]]
    sound = True
    for sentence in itertools.chain(
        _books(dataset, manifest, shards), _ids(dataset, manifest), *(_texts(dataset, shard.name) for shard in shards)
    ):
        sound = False
        yield sentence
    if sound:
        yield from _told(dataset, manifest)


def _files(dataset: Dataset, manifest: dict[str, Any]) -> Iterator[str]:
    """Yield which files are missing, changed, of another form than the manifest says, or not in it."""
    for name, digest in manifest["digests"].items():
        yield from _changed(dataset, name, digest)
    for name, told in manifest["files"].items():
        changed = list(_changed(dataset, name, told["sha256"]))
        yield from changed or _table(dataset, name, told["rows"])
    for kind in COLUMNS:
        for path in storage.files(storage.join(dataset.root, kind)):
            name = path.removeprefix(f"{dataset.root}/")
            if name not in manifest["files"]:
                yield f"{name}: is not in the manifest"


def _table(dataset: Dataset, name: str, rows: int) -> Iterator[str]:
    """Yield what is wrong with the form of a file."""
    try:
        table = storage.read_table(storage.join(dataset.root, name))
        table.validate(full=True)
    except (OSError, pa.ArrowException) as error:
        yield f"{name}: cannot be read: {error}"
        return
    if table.num_rows != rows:
        yield f"{name}: has {table.num_rows} rows, the manifest says {rows}"
    if not table.schema.remove_metadata().equals(schema(name.partition("/")[0]).remove_metadata()):
        yield f"{name}: its columns are not those of its table"
    elif name.startswith("articles/") and {*table["split"].to_pylist()} - {storage.stem(name).partition("-")[0]}:
        yield f"{name}: holds articles of another split"


def _changed(dataset: Dataset, name: str, digest: str) -> Iterator[str]:
    path = storage.join(dataset.root, name)
    if not storage.exists(path):
        yield f"{name}: is missing"
    elif hashlib.sha256(storage.read_bytes(path)).hexdigest() != digest:
        yield f"{name}: is not as it was written"


def _books(dataset: Dataset, manifest: dict[str, Any], shards: Sequence[Shard]) -> Iterator[str]:
    """Yield whether the books do not balance."""
    try:
        if counts_of(dataset, shards) != manifest["counts"]:
            yield "manifest.json: its counts are not the sums of its files"
    except RunError as error:
        yield str(error)


def _column(dataset: Dataset, manifest: dict[str, Any], table: str, name: str) -> pa.ChunkedArray:
    paths = [path for path in sorted(manifest["files"]) if path.startswith(f"{table}/")]
    chunks = [storage.read_table(storage.join(dataset.root, path), [name])[name] for path in paths]
    return pa.chunked_array([chunk for column in chunks for chunk in column.chunks], schema(table).field(name).type)


def _ids(dataset: Dataset, manifest: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with ids and what they point to."""
    ids = {table: _column(dataset, manifest, table, "id") for table in COLUMNS}
    known = pa.chunked_array(
        [chunk for table, column in ids.items() if table != "edits" for chunk in column.chunks], TEXT
    )
    if again := len(known) - pc.count_distinct(known).as_py():
        yield f"{again} ids stand for more than one record"
    kept = ids["articles"]
    canonical = _column(dataset, manifest, "duplicates", "canonical_id")
    if orphans := len(canonical) - pc.sum(pc.is_in(canonical, value_set=kept)).as_py() if len(canonical) else 0:
        yield f"{orphans} duplicates name no kept article"
    kinds, similarity = (_column(dataset, manifest, "duplicates", name) for name in ("kind", "similarity"))
    bars = {kind: manifest["settings"][section][name] for kind, (section, name) in _BARS.items()}
    for kind, threshold in {**bars, "exact": 1.0}.items():
        if far := pc.sum(pc.less(similarity.filter(pc.equal(kinds, kind)), threshold)).as_py():
            yield f"{far} {kind} duplicates are less similar than {threshold}"


def _texts(dataset: Dataset, shard: str) -> Iterator[str]:
    """Yield the ids of one shard's texts that do not fit their edits."""
    edits: dict[str, list[Edit]] = {}
    for path in dataset.parts("edits", shard):
        for row in storage.read_table(path).to_pylist():
            edits.setdefault(row["id"], []).append(Edit(*(row[field.name] for field in EDIT)))
    for path in [*dataset.parts("articles", shard), *dataset.parts("duplicates", shard)]:
        for batch in storage.batches(path, 1000, ["id", "text"]):
            for name, text in zip(batch["id"].to_pylist(), batch["text"].to_pylist(), strict=True):
                try:
                    restore(text, edits.pop(name, []))
                except (TypeError, ValueError) as error:  # a null where none can be, or edits of another text
                    yield f"{path.removeprefix(dataset.root).lstrip('/')}: {name}: its edits do not fit it: {error}"
    if edits:
        yield f"edits/{shard}.parquet: has edits of {len(edits)} texts that are not there"


def _told(dataset: Dataset, manifest: dict[str, Any]) -> Iterator[str]:
    """Yield whether card and report are not what this version writes about the dataset."""
    if manifest["made_by"]["copydesk"] != __version__:
        return
    for name, render in (("README.md", card.render), ("report.html", report.render)):
        path = storage.join(dataset.root, name)
        try:
            page = render(dataset.root)
        except (LookupError, TypeError, ValueError) as error:
            yield f"{name}: cannot be written of these tables: {error!r}"
            continue
        if not storage.exists(path) or storage.read_bytes(path) != page.encode("utf-8", "replace"):
            yield f"{name}: is not what copydesk report writes"


def files(dataset: Dataset) -> dict[str, int]:
    """Return how many files and rows were looked at."""
    told = json.loads(storage.read_bytes(dataset.manifest))["files"].values()
    return {"files": len(told), "rows": sum(file["rows"] for file in told)}
