"""A dataset → its articles in the formats that training jobs read, split by split, in files of a bounded size.

    jsonl.zst    one JSON object a line, a field for each column
    txt          the texts, each followed by a line that holds a form feed and nothing else
    webdataset   tar files of pairs: ID.txt with the text, ID.json with the other columns
    parquet      the columns as they are, in files of one size: what many small runs left in many small parts

The same dataset gives the same bytes. Articles come in the order of the dataset's own files, and memory holds a batch.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import posixpath
import tarfile
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
import pyarrow as pa
import zstandard

from cleaners import storage
from cleaners.columns import repeating, schema
from cleaners.errors import NO_DATASET, InputError, RunError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_BATCH = 1_000  # rows that are Python objects at one time
_LEVEL = 3  # of zstd, its default
_GROUP = 10_000  # rows of a row group, as in the dataset
SEPARATOR = "\n\f\n"
"""What stands after each text in `txt`: the page break of plain text. One within a text becomes a space."""

INDEX = "export.json"
"""File that says what an export holds; written last, so that what has none is not whole."""


class Format(NamedTuple):
    """How articles become a file: `opened` gives, for a binary file, what takes one row after the other."""

    suffix: str
    opened: Callable[[Any], contextlib.AbstractContextManager[Callable[[dict[str, Any]], object]]]


@contextlib.contextmanager
def _jsonl(file: Any) -> Iterator[Callable[[dict[str, Any]], object]]:  # noqa: ANN401  (a binary file)
    with zstandard.ZstdCompressor(level=_LEVEL).stream_writer(file, closefd=False) as packed:
        yield lambda row: packed.write(_json(row) + b"\n")


@contextlib.contextmanager
def _txt(file: Any) -> Iterator[Callable[[dict[str, Any]], object]]:  # noqa: ANN401
    yield lambda row: file.write(f"{row['text'].replace(chr(12), ' ')}{SEPARATOR}".encode())


@contextlib.contextmanager
def _webdataset(file: Any) -> Iterator[Callable[[dict[str, Any]], object]]:  # noqa: ANN401
    with tarfile.open(fileobj=file, mode="w|", format=tarfile.USTAR_FORMAT) as tar:

        def add(row: dict[str, Any]) -> None:
            other = {name: value for name, value in row.items() if name != "text"}
            for suffix, content in (("txt", row["text"].encode()), ("json", _json(other))):
                member = tarfile.TarInfo(f"{row['id']}.{suffix}")  # time 0, owner 0: no trace of this machine
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
            tar.members.clear()  # type: ignore[attr-defined]  # else it remembers all of them

        yield add


@contextlib.contextmanager
def _parquet(file: Any) -> Iterator[Callable[[dict[str, Any]], object]]:  # noqa: ANN401
    part = storage.Part(file, schema("articles"), rows=_GROUP, level=_LEVEL, repeating=repeating("articles"))
    waiting: list[dict[str, Any]] = []

    def add(row: dict[str, Any]) -> None:
        waiting.append(row)
        if len(waiting) == _BATCH:
            flush()

    def flush() -> None:
        part.add(pa.Table.from_pylist(waiting, schema("articles")))
        waiting.clear()

    try:
        yield add
        flush()
    except BaseException:
        part.abandon()
        raise
    part.close({})


def _json(row: dict[str, Any]) -> bytes:
    return orjson.dumps(row, option=orjson.OPT_UTC_Z)


class _Summed(io.RawIOBase):
    """A binary file that counts and hashes what is written to it."""

    def __init__(self, file: Any) -> None:  # noqa: ANN401
        self._file, self.bytes, self.sha256 = file, 0, hashlib.sha256()

    def writable(self) -> bool:
        """Tell that it can be written to."""
        return True

    def tell(self) -> int:
        """Return how many bytes were written."""
        return self.bytes

    def write(self, content: Any) -> int:  # noqa: ANN401  (bytes, or what holds them)
        """Write, and take note."""
        self.bytes += len(content)
        self.sha256.update(content)
        self._file.write(content)
        return len(content)


FORMATS = {
    "jsonl.zst": Format(".jsonl.zst", _jsonl),
    "txt": Format(".txt", _txt),
    "webdataset": Format(".tar", _webdataset),
    "parquet": Format(".parquet", _parquet),
}


def export(
    root: str, kind: str, folder: str | None = None, split: str | None = None, part_mb: int = 256
) -> dict[str, Any]:
    """Write the articles of a dataset, or of one split, to a new folder; return what `export.json` there says.

    `folder` is by default `export/FORMAT` in the dataset. A file ends when it has reached `part_mb` megabytes. Raise
    InputError for a folder that holds something, for an unknown split, and where there is no finished dataset.
    """
    manifest_path = storage.join(root, "manifest.json")
    if not storage.exists(manifest_path):
        raise InputError(root, *NO_DATASET)
    content = storage.read_bytes(manifest_path)
    manifest = json.loads(content)
    filled: dict[str, int] = manifest["counts"]["articles_by_split"]
    splits = [name for name in manifest["settings"]["split"]["shares"] if name in filled]
    if split is not None and split not in splits:
        raise InputError(f"--split {split}", "is no split with articles", f"There are: {', '.join(splits)}.")
    folder = folder or storage.join(root, "export", kind)
    if storage.files(folder):
        raise InputError(folder, "holds something already", "Name a new or empty folder with -o.")
    storage.check_writable(folder)
    files: list[dict[str, Any]] = []
    with _whole_or_absent(folder):
        for name in [split] if split else splits:
            rows = _rows(root, manifest, name)
            files += _write(rows, storage.join(folder, name), FORMATS[kind], part_mb << 20)
            if sum(file["articles"] for file in files if file["split"] == name) != filled[name]:
                raise RunError(root, "its files are not those that its manifest tells of", "Run copydesk clean again.")
        told = {
            "format": kind,
            "dataset": hashlib.sha256(content).hexdigest(),
            "articles": sum(file["articles"] for file in files),
            "files": files,
        }
        storage.write_bytes(storage.join(folder, INDEX), (json.dumps(told, indent=1) + "\n").encode())
    return told | {"folder": folder}


@contextlib.contextmanager
def _whole_or_absent(folder: str) -> Iterator[None]:
    """Remove what was written to a folder that held nothing, if the block does not end well."""
    try:
        yield
    except BaseException:
        for path in storage.files(folder):
            storage.remove(path)
        raise


def _rows(root: str, manifest: dict[str, Any], split: str) -> Iterator[dict[str, Any]]:
    """Yield the articles of a split, in the order of the dataset's files."""
    for path in sorted(manifest["files"]):
        if path.startswith(f"articles/{split}-"):
            for batch in storage.batches(storage.join(root, path), _BATCH):
                yield from batch.to_pylist()


def _write(rows: Iterator[dict[str, Any]], stem: str, form: Format, most: int) -> list[dict[str, Any]]:
    """Write rows to as many files as they need; return what is told of each."""
    files: list[dict[str, Any]] = []
    row = next(rows, None)
    while row is not None:
        path = f"{stem}-{len(files):05}{form.suffix}"
        count = 0
        with storage.writing(path) as file:
            summed = _Summed(file)
            with form.opened(summed) as add:
                while row is not None and summed.bytes < most:
                    add(row)
                    count += 1
                    row = next(rows, None)
        name = posixpath.basename(path)
        told = {"name": name, "split": name.partition("-")[0], "articles": count}
        files.append(told | {"bytes": summed.bytes, "sha256": summed.sha256.hexdigest()})
    return files
