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
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from cleaners import storage
from cleaners.errors import RunError

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


def digest(table: pa.Table) -> str:
    """Return a hash of the rows of a table."""
    sink = _Hashing()
    with pa.PythonFile(sink, "w") as file, pa.ipc.new_stream(file, table.schema) as writer:
        writer.write_table(table)
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


def batches(path: str, rows: int, names: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Walk a packed file, or some columns of it, in batches of about so many rows, with memory for one batch."""
    file = _opened(path, names)
    waiting: list[pa.RecordBatch] = []
    for number in range(file.num_record_batches - 1):
        waiting.append(file.get_batch(number))
        if sum(batch.num_rows for batch in waiting) >= rows or number == file.num_record_batches - 2:
            yield pa.concat_batches(waiting)
            waiting = []


def take(path: str, rows: npt.NDArray[np.int64], names: Sequence[str]) -> pa.Table:
    """Return some ascending rows of a packed file."""
    file = _opened(path, names)
    begins = np.concatenate([[0], _ends(file)])
    cuts = np.searchsorted(rows, begins)
    taken = [
        file.get_batch(number).take(pa.array(rows[cuts[number] : cuts[number + 1]] - begins[number]))
        for number in np.flatnonzero(np.diff(cuts)).tolist()
    ]
    return pa.Table.from_batches(taken, file.schema).select(list(names))


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
            if error.errno != errno.ENOMEM:
                raise
            advice = "Raise vm.max_map_count (sysctl), or make OUT anew of all inputs at once."
            raise RunError(path, "is one file more than this process can map", advice) from error


def _told(file: pa.RecordBatchFileReader) -> Mapping[bytes, bytes]:
    """Return what stands in the last batch."""
    last = file.num_record_batches - 1
    return (file.get_batch_with_custom_metadata(last).custom_metadata if last >= 0 else None) or {}


def _ends(file: pa.RecordBatchFileReader) -> npt.NDArray[np.int64]:
    """Return after how many rows each batch of a packed file ends."""
    return np.frombuffer(_told(file)[_ENDS], "<i8")
