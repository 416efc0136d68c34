"""READERS: kind of input → reader; and `read`, which walks a slice with the one that fits."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from cleaners.model import Source
from cleaners.read.csvs import read_csv
from cleaners.read.jsons import read_json, read_jsonl
from cleaners.read.pages import read_page, read_tar, read_zip
from cleaners.read.parquet import read_parquet
from cleaners.read.records import Flaw, finish
from cleaners.read.warc import read_warc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cleaners.config import ReadSettings
    from cleaners.model import RawArticle, Rejected
    from cleaners.read.inputs import Slice
    from cleaners.read.records import Found

Reader: TypeAlias = "Callable[[Slice, ReadSettings], Found]"


def _not_read(part: Slice, _: ReadSettings) -> Found:
    """Yield one flaw for a file that is no input: its kind is the reason."""
    yield 1, Flaw(part.kind, "")


READERS: dict[str, Reader] = {
    "warc": read_warc,
    "html": read_page,
    "text": read_page,
    "zip": read_zip,
    "tar": read_tar,
    "jsonl": read_jsonl,
    "json": read_json,
    "csv": read_csv,
    "parquet": read_parquet,
    "unknown kind": _not_read,
    "unreadable": _not_read,
    "not a file": _not_read,
    "no text": _not_read,
}
"""How each kind of file is read. The last four are files of a folder that are counted, and not read."""


def read(part: Slice, settings: ReadSettings) -> Iterator[RawArticle | Rejected]:
    """Yield what a slice holds, in order: each record as a raw article, or rejected with a reason from `REASONS`.

    Memory stays within a few times `max_record_mb`. A flaw of the file ends in a rejected record; an error of the
    system (OSError: the disk, the network) is raised, since trying again may help.
    """
    for number, found in READERS[part.kind](part, settings):
        yield finish(found, Source(part.path, number))
