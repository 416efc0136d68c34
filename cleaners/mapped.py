"""Columns in `work` that are looked into rather than read: Arrow files that lie on the disk as they do in memory.

A local one is mapped, so that a few rows of it cost a few pages; a remote one is read, as far as it is asked for.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from cleaners import storage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_NOTE = b"copydesk"


@contextlib.contextmanager
def writing(path: str, schema: pa.Schema, note: Mapping[str, Any]) -> Iterator[pa.RecordBatchFileWriter]:
    """Give a file of columns to write to; what it was made from stands in its metadata."""
    told = schema.with_metadata({_NOTE: json.dumps(note, sort_keys=True)})
    with storage.writing(path) as file, pa.ipc.new_file(file, told) as writer:
        yield writer


def write(path: str, table: pa.Table, note: Mapping[str, Any]) -> None:
    """Write one table as a file of columns, each of them in one piece."""
    with writing(path, table.schema, note) as file:
        file.write_table(table.combine_chunks())


def digest(table: pa.Table) -> str:
    """Return a hash of the rows of a table."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return hashlib.blake2b(sink.getvalue(), digest_size=16).hexdigest()


def read_note(path: str) -> dict[str, Any] | None:
    """Return what a file says it was made from; None where there is no readable one."""
    if not storage.exists(path):
        return None
    try:
        note = json.loads(_opened(path).schema.metadata[_NOTE])
    except (OSError, KeyError, TypeError, ValueError, pa.ArrowInvalid):
        return None
    return note if isinstance(note, dict) else None


def columns(path: str, names: Sequence[str] | None = None) -> pa.Table:
    """Return a file, or some columns of it, without a copy where it is local."""
    file = _opened(path)
    if names is None:
        return file.read_all()
    if not storage.is_url(path):  # what is asked for by number is copied
        return file.read_all().select(list(names))
    wanted = pa.ipc.IpcReadOptions(included_fields=[file.schema.get_field_index(name) for name in names])
    return _opened(path, wanted).read_all().select(list(names))


def _opened(path: str, options: pa.ipc.IpcReadOptions | None = None) -> pa.RecordBatchFileReader:
    source = storage.source(path) if storage.is_url(path) else pa.memory_map(path)
    return pa.ipc.open_file(source, options=options)
