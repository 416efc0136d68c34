"""Files in a dataset, local or remote (fsspec URLs): each complete or absent, byte for byte a function of its content.

Local files are written under a temporary name in the same folder, flushed to the disk, read back, and renamed; an
object store shows an object only when its upload is complete, so there the name is final from the start.
"""

from __future__ import annotations

import contextlib
import json
import os
import posixpath
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cleaners.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

TEMPORARY = ".tmp-"
"""How unfinished local files begin; whoever lists a folder passes over them."""

_NOTE = b"copydesk"
_FULL = 64 * 2**20  # bytes of a row group, however few its rows


def is_url(path: str) -> bool:
    """Tell an fsspec URL (`s3://…`) from a path of this machine.

    >>> is_url("s3://bucket/out"), is_url("output/demo")
    (True, False)
    """
    return "://" in path


def join(folder: str, *names: str) -> str:
    """Return the path of something below a folder, with forward slashes for URLs too.

    >>> join("s3://bucket/out", "articles", "a.parquet")
    's3://bucket/out/articles/a.parquet'
    """
    return posixpath.join(folder, *names)


def _remote(path: str) -> tuple[Any, str]:
    import fsspec.core  # noqa: PLC0415  (0.1 s that local runs need not pay)

    # Listings that are kept would hide what the workers of this run have written since.
    return fsspec.core.url_to_fs(path, use_listings_cache=False)  # type: ignore[no-any-return]


def check_writable(folder: str) -> None:
    """Raise InputError for a local folder in which, or above which, nothing of ours may be written."""
    if is_url(folder):
        return
    place = Path(folder).absolute()
    while not place.exists():
        place = place.parent
    if not place.is_dir() or not os.access(place, os.W_OK):
        why = "may not be written to" if place.is_dir() else "is no folder"
        raise InputError(folder, f"cannot be written: {place} {why}", "Name another place with -o, or mend that.")


def exists(path: str) -> bool:
    """Tell whether a file or folder is there."""
    if is_url(path):
        system, inner = _remote(path)
        return bool(system.exists(inner))
    return os.path.exists(path)  # noqa: PTH110  (paths of both worlds are strings here)


def files(folder: str, suffix: str = "") -> list[str]:
    """Return the finished files directly in a folder, sorted; an absent folder has none."""
    if is_url(folder):
        system, inner = _remote(folder)
        if not system.exists(inner):
            return []
        names = [posixpath.basename(entry) for entry in system.ls(inner, detail=False, refresh=True)]
    else:
        names = [entry.name for entry in os.scandir(folder)] if Path(folder).is_dir() else []
    return [join(folder, name) for name in sorted(names) if name.endswith(suffix) and not name.startswith(TEMPORARY)]


def read_bytes(path: str) -> bytes:
    """Return a whole file."""
    if is_url(path):
        system, inner = _remote(path)
        return bytes(system.cat_file(inner))
    return Path(path).read_bytes()


def stem(path: str) -> str:
    """Return the name of a file without its folder and its last suffix.

    >>> stem("s3://bucket/out/articles/a.parquet")
    'a'
    """
    return posixpath.splitext(posixpath.basename(path))[0]


def move(path: str, to: str) -> None:
    """Rename a finished local file, over what is there; the folders are made if they are not."""
    Path(to).parent.mkdir(parents=True, exist_ok=True)
    Path(path).replace(to)


def remove(path: str) -> None:
    """Remove a file; one that is not there is fine."""
    if is_url(path):
        system, inner = _remote(path)
        with contextlib.suppress(FileNotFoundError):
            system.rm_file(inner)
        return
    Path(path).unlink(missing_ok=True)


@contextlib.contextmanager
def writing(path: str) -> Iterator[Any]:
    """Give a binary file to write to; it appears under its name only if the block ends well."""
    if is_url(path):
        with _uploading(path) as file:
            yield file
        return
    final = Path(path)
    final.parent.mkdir(parents=True, exist_ok=True)
    # One writer at a time holds a dataset, so the process id only tells leftovers of different runs apart.
    unfinished = final.with_name(f"{TEMPORARY}{os.getpid()}-{final.name}")
    try:
        with unfinished.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(final)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    folder = os.open(final.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextlib.contextmanager
def _uploading(path: str) -> Iterator[Any]:
    """Give a remote file to write to; nothing of it is ever visible if the block ends badly."""
    system, inner = _remote(path)
    file = system.open(inner, "wb", autocommit=False)
    try:
        yield file
        file.close()
    except BaseException:
        file.discard()
        with contextlib.suppress(AttributeError):
            file.closed = True  # else some flush it once more when it is forgotten
        raise
    file.commit()


def sweep(folder: str) -> None:
    """Remove what killed writers left half written in a local folder and below; only its one writer may do so."""
    for here, _, names in os.walk(folder):
        for name in names:
            if name.startswith(TEMPORARY):
                Path(here, name).unlink(missing_ok=True)


def write_bytes(path: str, content: bytes) -> bool:
    """Write a file unless it holds exactly this already; tell whether it was written."""
    if exists(path) and read_bytes(path) == content:
        return False
    with writing(path) as file:
        file.write(content)
    return True


class Waiting:
    """Rows that wait until there are as many as are written at a time, or they are large."""

    def __init__(self, schema: pa.Schema, rows: int, write: Callable[[pa.Table], None]) -> None:
        self._schema, self._rows, self._write = schema, rows, write
        self._waiting: list[pa.Table] = []
        self._count = 0

    def add(self, table: pa.Table) -> None:
        """Add rows; they are written when there are enough."""
        self._waiting.append(table.cast(self._schema))
        self._count += table.num_rows
        if self._count >= self._rows:
            self.flush(everything=False)
        if sum(waiting.nbytes for waiting in self._waiting) >= _FULL:
            self.flush()

    def flush(self, *, everything: bool = True) -> None:
        """Write what waits, all of it or as far as it comes to whole batches."""
        table = pa.concat_tables(self._waiting) if self._waiting else self._schema.empty_table()
        whole = table.num_rows if everything else table.num_rows - table.num_rows % self._rows
        for start in range(0, whole, self._rows):
            self._write(table.slice(start, min(self._rows, whole - start)).combine_chunks())
        rest = table.slice(whole)
        self._waiting, self._count = ([rest] if rest.num_rows else []), rest.num_rows


class Part:
    """A Parquet part that is being written, row group by row group.

    What the part was made from (`key`) and what was counted on the way (`counts`) stand in its own metadata, so a
    finished part tells both without being read.
    """

    def __init__(
        self,
        file: Any,  # noqa: ANN401
        schema: pa.Schema,
        *,
        rows: int,
        level: int,
        repeating: Sequence[str] | None = None,
    ) -> None:
        self._writer = pq.ParquetWriter(
            file,
            schema,
            compression="zstd",
            compression_level=level,
            use_dictionary=True if repeating is None else list(repeating),
            write_page_index=True,
            store_schema=True,
        )
        self._file = file
        self._waiting = Waiting(schema, rows, self._writer.write_table)

    @property
    def bytes(self) -> int:
        """Bytes written so far, without what waits for its row group to be full."""
        return int(self._file.tell())

    def add(self, table: pa.Table) -> None:
        """Add rows; they are written when a row group is full."""
        self._waiting.add(table)

    def abandon(self) -> None:
        """Let go of the file, which nobody will see."""
        self._writer.close()

    def close(self, note: Mapping[str, Any]) -> None:
        """Write what waits, and the note, and the footer."""
        self._waiting.flush()
        self._writer.add_key_value_metadata({_NOTE.decode(): json.dumps(note, sort_keys=True)})
        self._writer.close()


@contextlib.contextmanager
def writing_part(
    path: str,
    schema: pa.Schema,
    note: dict[str, Any],
    *,
    rows: int,
    level: int,
    repeating: Sequence[str] | None = None,
) -> Iterator[Part]:
    """Give a part to write to. `note` may be completed until the block ends, and is kept with the part.

    `repeating` names the columns of which each value is written once; by default that is tried with all. `level` is
    that of zstd.
    """
    with writing(path) as file:
        part = Part(file, schema, rows=rows, level=level, repeating=repeating)
        try:
            yield part
        except BaseException:
            part.abandon()
            raise
        part.close(note)


def write_table(path: str, table: pa.Table, note: Mapping[str, Any], *, rows: int = 10_000, level: int = 3) -> None:
    """Write one table as a part."""
    with writing_part(path, table.schema, dict(note), rows=rows, level=level) as part:
        part.add(table)


def read_note(path: str) -> dict[str, Any] | None:
    """Return what a part says it was made from; None where there is no readable part."""
    if not exists(path):
        return None
    try:
        metadata = pq.read_metadata(source(path)).metadata or {}
        note = json.loads(metadata[_NOTE])
    except (OSError, KeyError, ValueError, pa.ArrowInvalid):
        return None
    return note if isinstance(note, dict) else None


def read_table(path: str, columns: Sequence[str] | None = None) -> pa.Table:
    """Return a part, or some of its columns."""
    return pq.ParquetFile(source(path)).read(columns=list(columns) if columns is not None else None)


def schema(path: str) -> pa.Schema:
    """Return the Arrow schema of a part, field metadata included."""
    return pq.ParquetFile(source(path)).schema_arrow


def batches(path: str, rows: int, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Walk a part in batches of at most so many rows, with memory for one batch."""
    yield from pq.ParquetFile(source(path)).iter_batches(rows, columns=list(columns) if columns is not None else None)


def groups(path: str) -> pq.ParquetFile:
    """Return a part to read row group by row group."""
    return pq.ParquetFile(source(path))


def find(path: str, column: str, values: pa.Array, columns: Sequence[str]) -> Iterator[pa.Table]:
    """Yield the rows of a part whose column holds one of the values, with memory for one row group."""
    part = groups(path)
    for group in range(part.num_row_groups):
        wanted = pc.is_in(part.read_row_group(group, [column])[column], values)
        if pc.any(wanted).as_py():
            yield part.read_row_group(group, list(columns)).filter(wanted)


def source(path: str) -> Any:  # noqa: ANN401
    """Return what pyarrow reads from: the path itself, or an open file where it is remote."""
    if is_url(path):
        system, inner = _remote(path)
        return system.open(inner, "rb")
    return path
