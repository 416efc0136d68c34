"""Where the kinds of files that can be cut may be cut, and which columns a table has."""

from __future__ import annotations

import dataclasses
import zipfile
from typing import TYPE_CHECKING

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from cleaners.read import charset, fields
from cleaners.read.csvs import header_of
from cleaners.read.pages import zip_members
from cleaners.read.streams import Stream
from cleaners.read.unpack import BLOCK, codec_of, open_file, pieces
from cleaners.read.warc import Frame, frames

if TYPE_CHECKING:
    from collections.abc import Callable

    from cleaners.config import ReadSettings


@dataclasses.dataclass(frozen=True, slots=True)
class Cut:
    """A part of a file; the fields mean what they mean in `inputs.Slice`."""

    start: int
    stop: int
    first: int
    bytes: int


def _joined(marks: list[tuple[int, int, int]], total: int) -> list[Cut]:
    """Return the parts between marks (where a part begins, its first record, bytes before it unpacked)."""
    ends = [*marks[1:], (-1, 0, total)]
    return [Cut(mark[0], end[0], mark[1], end[2] - mark[2]) for mark, end in zip(marks, ends, strict=True)]


def cut_jsonl(path: str, settings: ReadSettings) -> list[Cut]:
    """Return parts of a JSONL file that end at line feeds, [] where it is compressed. Reads it once, to count lines."""
    aim = settings.shard_mb << 20
    marks, at, line = [(0, 1, 0)], 0, 1
    with open_file(path) as file:
        head = file.read(16)
        if codec_of(head) or head.startswith(tuple(mark for mark, _ in charset.BOMS[1:])):
            return []
        file.seek(0)
        while block := file.read(BLOCK):
            due = marks[-1][0] + aim - at
            end = block.find(b"\n", max(due, 0)) + 1 if due < len(block) else 0
            if end:
                marks.append((at + end, line + block.count(b"\n", 0, end), at + end))
            line += block.count(b"\n")
            at += len(block)
    if len(marks) > 1 and marks[-1][0] == at:
        marks.pop()
    return _joined(marks, at)


def cut_warc(path: str, settings: ReadSettings) -> list[Cut]:
    """Return parts of a WARC file that begin with a record. Walks the frames, so unpacks the file once."""
    aim = settings.shard_mb << 20
    marks = [(0, 1, 0)]
    with open_file(path) as file:
        packed = codec_of(file.read(16)) is not None
        file.seek(0)
        stream = Stream(pieces(file, settings))
        for number, frame in enumerate(frames(stream, settings.max_record_mb << 20), 1):
            if not isinstance(frame, Frame) or frame.position - marks[-1][2] < aim:
                continue
            offset = frame.member if packed else frame.position
            if offset > 0:
                marks.append((offset, number, frame.position))
        return _joined(marks, stream.position)


def cut_parquet(path: str, settings: ReadSettings) -> list[Cut]:
    """Return runs of row groups."""
    aim = settings.shard_mb << 20
    try:
        with open_file(path) as file:
            footer = pq.read_metadata(file)
    except (pa.ArrowException, OSError):
        return []  # the reader says what is wrong
    marks, row, size = [(0, 1, 0)], 1, 0
    for group in range(footer.num_row_groups):
        if size - marks[-1][2] >= aim:
            marks.append((group, row, size))
        row += footer.row_group(group).num_rows
        size += footer.row_group(group).total_byte_size
    return _joined(marks, size)


def cut_zip(path: str, settings: ReadSettings) -> list[Cut]:
    """Return runs of members."""
    aim = settings.shard_mb << 20
    try:
        with open_file(path) as file:
            members = zip_members(zipfile.ZipFile(file))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return []  # the reader says what is wrong
    marks, size = [(0, 1, 0)], 0
    for index, member in enumerate(members):
        if size - marks[-1][2] >= aim:
            marks.append((index, index + 1, size))
        size += member.file_size
    return _joined(marks, size)


CUTTERS: dict[str, Callable[[str, ReadSettings], list[Cut]]] = {
    "jsonl": cut_jsonl,
    "warc": cut_warc,
    "parquet": cut_parquet,
    "zip": cut_zip,
}
"""How files of each kind are cut; the other kinds are read whole."""


def columns_without_text(kind: str, head: bytes, path: str, settings: ReadSettings) -> list[str]:
    """Return the columns of a table none of which can hold an article; [] where one can, or nothing can be told."""
    names = _columns(kind, head, path)
    return [] if fields.has_text(fields.columns(names, settings.fields)) else names


def _columns(kind: str, head: bytes, path: str) -> list[str]:
    """Return the names of the columns, [] where the file is no table or too broken to tell."""
    if kind == "csv":
        return header_of(head)
    if kind == "parquet":
        try:
            with open_file(path) as file:
                return list(pq.read_schema(file).names)
        except (pa.ArrowException, OSError):
            return []
    names: dict[str, None] = {}
    if kind == "jsonl":
        for line in head.split(b"\n")[:100]:
            try:
                row = orjson.loads(line)
            except orjson.JSONDecodeError:
                continue
            names |= dict.fromkeys(row if isinstance(row, dict) else ())
    return list(names)
