"""Columns in `work` that are looked into rather than read: Arrow files that lie on the disk as they do in memory.

A local one is mapped, so that a few rows of it cost a few pages; a remote one is read, as far as it is asked for. What
is as large as texts is packed in small batches, of which those are unpacked that hold a row that is asked for.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import json
import mmap
import os
import resource
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from cleaners import storage
from cleaners.errors import RunError
from cleaners.pieces import cut

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt

_NOTE, _ENDS = b"copydesk", b"ends"

_SMALL = 64 << 10
"""Bytes below which a file is read, not mapped: little beside what a map and its pages cost."""

_PACKED = 64
"""Rows in a batch of a packed file: little to unpack for the one text of a new article's counterpart."""


@contextlib.contextmanager
def writing(path: str, schema: pa.Schema, note: Mapping[str, Any]) -> Iterator[pa.RecordBatchFileWriter]:
    """Give a file of columns to write to; what it was made from stands in it too, in a last batch without rows."""
    with storage.writing(path) as file, pa.ipc.new_file(file, schema) as writer:
        yield writer
        _close(writer, schema, {_NOTE: json.dumps(note, sort_keys=True)})


@contextlib.contextmanager
def packing(path: str, schema: pa.Schema, note: Mapping[str, Any]) -> Iterator[storage.Waiting]:
    """Give a packed file of columns to add rows to. `note` may be completed until the block ends."""
    packed = pa.ipc.IpcWriteOptions(compression="lz4")
    with storage.writing(path) as file, pa.ipc.new_file(file, schema, options=packed) as writer:
        sizes: list[int] = []

        def write(table: pa.Table) -> None:
            writer.write_table(table)
            sizes.append(table.num_rows)

        rows = storage.Waiting(schema, _PACKED, write)
        yield rows
        rows.flush()
        ends = np.cumsum(sizes, dtype="<i8").tobytes()
        _close(writer, schema, {_NOTE: json.dumps(note, sort_keys=True), _ENDS: ends})


def _close(writer: pa.RecordBatchFileWriter, schema: pa.Schema, told: Mapping[bytes, str | bytes]) -> None:
    empty = pa.RecordBatch.from_arrays([pa.array([], field.type) for field in schema], schema=schema)
    writer.write_batch(empty, custom_metadata=told)


def write(path: str, table: pa.Table, note: Mapping[str, Any]) -> None:
    """Write one table as a file of columns, each of them in one piece."""
    with writing(path, table.schema, note) as file:
        file.write_table(table.combine_chunks())


def digest(rows: pa.Table | pa.RecordBatch) -> str:
    """Return a hash of rows that are no slice of others: those beside it would be written in part."""
    sink = _Hashing()
    with pa.PythonFile(sink, "w") as file, pa.ipc.new_stream(file, rows.schema) as writer:
        writer.write(rows)
    return sink.hash.hexdigest()


class _Hashing(io.RawIOBase):
    """A file of which nothing but a hash is kept."""

    def __init__(self) -> None:
        self.hash = hashlib.blake2b(digest_size=16)

    def writable(self) -> bool:
        return True

    def write(self, content: Any, /) -> int:  # noqa: ANN401  (any buffer)
        self.hash.update(content)
        return len(content)


def read_note(path: str) -> dict[str, Any] | None:
    """Return what a file says it was made from; None where there is no readable one."""
    if not storage.exists(path):
        return None
    try:
        note = json.loads(_told(_opened(path))[_NOTE])
    except (OSError, KeyError, TypeError, ValueError, pa.ArrowInvalid):
        return None
    return note if isinstance(note, dict) else None


def columns(path: str, names: Sequence[str] | None = None) -> pa.Table:
    """Return a file, or some columns of it, without a copy where it is local and not packed."""
    file = _opened(path, names if storage.is_url(path) else None)  # what is asked for by number is copied
    table = pa.Table.from_batches(map(file.get_batch, range(file.num_record_batches - 1)), file.schema)
    return table if names is None else table.select(list(names))


def batch(path: str, number: int) -> pa.RecordBatch:
    """Return one of the batches that a file was written in."""
    return _opened(path).get_batch(number)


def batches(path: str, rows: int, names: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Walk a packed file, or some columns of it, in batches of about so many rows, with memory for one batch."""
    file = _opened(path, names)
    waiting: list[pa.RecordBatch] = []
    for number in range(file.num_record_batches - 1):
        waiting.append(file.get_batch(number))
        if sum(each.num_rows for each in waiting) >= rows or number == file.num_record_batches - 2:
            yield pa.concat_batches(waiting)
            waiting = []


def take(path: str, rows: npt.NDArray[np.int64], names: Sequence[str]) -> pa.Table:
    """Return some ascending rows of a packed file."""
    file = _opened(path, names)
    begins = np.concatenate([[0], _ends(file)])
    taken = [file.get_batch(number).take(pa.array(some)) for number, some in cut(rows, begins)]
    return pa.Table.from_batches(taken, file.schema).select(list(names))


class Parts:
    """Columns of several files, numbered through: each as a whole, where it lies, or some rows of them.

    `starts` are the rows at which the files begin, and the end of the last.
    """

    def __init__(self, paths: Sequence[str], names: Sequence[str]) -> None:
        tables = [columns(path, names) for path in paths]
        self.starts = np.cumsum([0, *(table.num_rows for table in tables)])
        self._table = pa.concat_tables(tables)
        self._batches = self._table.to_batches()
        self._begins = np.cumsum([0, *(batch.num_rows for batch in self._batches)])

    def __getitem__(self, name: str) -> pa.ChunkedArray:
        return self._table[name]

    def take(self, rows: npt.NDArray[np.int64], names: Sequence[str]) -> pa.Table:
        """Return some columns of some ascending rows."""
        taken = [self._batches[at].select(names).take(pa.array(some)) for at, some in cut(rows, self._begins)]
        return pa.concat_tables([self._table.schema.empty_table().select(names), *map(pa.table, taken)])


def _opened(path: str, names: Sequence[str] | None = None) -> pa.RecordBatchFileReader:
    """Open a file, or some columns of it."""
    source = storage.source if storage.is_url(path) else _in_memory
    file = pa.ipc.open_file(source(path))
    if names is None:
        return file
    fields = [file.schema.get_field_index(name) for name in names]
    return pa.ipc.open_file(source(path), options=pa.ipc.IpcReadOptions(included_fields=fields, use_threads=False))


def _in_memory(path: str) -> pa.Buffer:
    """Return a local file as it lies on the disk: pyarrow's own map has all of each batch fetched that is named.

    A small one is read. Frequent runs leave tens of thousands of them, and there is a limit to what a process can map.
    """
    with open(path, "rb") as file:  # noqa: PTH123  (paths of both worlds are strings here)
        if os.fstat(file.fileno()).st_size < _SMALL:
            return pa.py_buffer(file.read())
        try:
            return pa.py_buffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        except OSError as error:
            limited = resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY
            if error.errno not in (errno.ENOMEM, errno.EMFILE) or (error.errno == errno.ENOMEM and limited):
                raise
            advice = "Raise vm.max_map_count (sysctl) and ulimit -Hn, or make OUT anew of all inputs at once."
            raise RunError(path, "is one file more than this process can map", advice) from error


def _allow_files() -> None:
    """Let this process open as many files as it may: Python keeps one open for each that is mapped."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):  # a sandbox that refuses: then there is one file too many one day
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


_allow_files()


def _told(file: pa.RecordBatchFileReader) -> Mapping[bytes, bytes]:
    """Return what stands in the last batch."""
    last = file.num_record_batches - 1
    return (file.get_batch_with_custom_metadata(last).custom_metadata if last >= 0 else None) or {}


def _ends(file: pa.RecordBatchFileReader) -> npt.NDArray[np.int64]:
    """Return after how many rows each batch of a packed file ends."""
    return np.frombuffer(_told(file)[_ENDS], "<i8")
