"""CSV and TSV → drafts, with a quote that was never closed kept from swallowing the file."""

from __future__ import annotations

import collections
import csv
import dataclasses
from typing import TYPE_CHECKING

from cleaners.read import charset, fields, kinds
from cleaners.read.records import Flaw
from cleaners.read.streams import Gap, lines, open_file, pieces, utf8

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cleaners.config import ReadSettings
    from cleaners.read.inputs import Slice
    from cleaners.read.records import Found


@dataclasses.dataclass(frozen=True, slots=True)
class Dialect:
    """How a file writes its cells."""

    delimiter: str
    escape: str | None


def dialect_of(head: str) -> Dialect:
    r"""Return the dialect of a table from its first lines.

    The delimiter is the one that gives the first line a column of text, or else the most rows of the same width. A
    backslash escapes quotes where the file has `\"` and never `""`.

    >>> dialect_of('title;text\n"A; b";"Rain fell."\n')
    Dialect(delimiter=';', escape=None)
    """
    escape = "\\" if '\\"' in head and '""' not in head.replace(',""', "").replace('"",', "") else None
    whole_lines = head.split("\n")[:50]

    def fit(delimiter: str) -> tuple[bool, int]:
        csv.field_size_limit(max(csv.field_size_limit(), len(head) + 1))
        widths = [len(row) for row in csv.reader(whole_lines, delimiter=delimiter, escapechar=escape, strict=False)]
        first = next(csv.reader(whole_lines[:1], delimiter=delimiter), [])
        return len(first) > 1 and fields.has_text(fields.columns(first, {})), widths.count(len(first)) * (
            len(first) > 1
        )

    return Dialect(max(kinds.DELIMITERS, key=fit), escape)


def header_of(head: bytes) -> list[str]:
    """Return the names of the columns from the first bytes of a file."""
    text = charset.decode(head).lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return next(csv.reader(text.split("\n"), delimiter=dialect_of(text).delimiter), [])


def read_csv(part: Slice, settings: ReadSettings) -> Found:
    """Yield the articles in the rows of a table; the number is the row's, the header not counted.

    A row of another width than the header is rejected: its cells cannot be told apart.
    """
    limit = settings.max_record_mb << 20
    csv.field_size_limit(limit)  # of the process; 131,072 characters by default
    chosen = tuple(sorted(settings.fields.items()))
    with open_file(part.path) as file:
        source = _text_lines(lines(utf8(pieces(file, settings)), limit))
        names, number = None, 0
        for row in _rows(source, limit):
            if names is None and isinstance(row, list):
                names = [name.strip() for name in row]
                continue
            number += 1
            if isinstance(row, Flaw):
                yield number, row
            elif len(row) != len(names or ()):
                detail = f"{len(row)} cells, the header has {len(names or ())}"
                yield number, Flaw("broken record", detail, None, "\0".join(row).encode("utf-8", "replace"))
            else:
                yield number, fields.draft(dict(zip(names or (), row, strict=True)), chosen)


def _text_lines(source: Iterator[bytes | Gap]) -> Iterator[str | Gap]:
    """Yield lines as text, each with its line feed. Old Macintosh files, which have `\r` alone, are cut there."""
    for line in source:
        if isinstance(line, Gap):
            yield line
            continue
        text = charset.decode(line).replace("\0", "\ufffd")
        if text.count("\r") > 1:
            yield from (cut + "\n" for cut in text.rstrip("\r").split("\r"))
        else:
            yield text.rstrip("\r") + "\n"


def _rows(source: Iterator[str | Gap], limit: int) -> Iterator[list[str] | Flaw]:
    """Yield rows. One that runs over several lines and has the wrong width began with a stray quote.

    Then its first line is a flaw, and the others are read again. That costs no more than twice the time: a run of quotes
    that would open another such row would have closed this one.
    """
    ahead: collections.deque[str | Gap] = collections.deque()
    for line in source:
        ahead.append(line)
        if len(ahead) == 50 or isinstance(line, Gap):
            break
    dialect = dialect_of("".join(line for line in ahead if isinstance(line, str)).lstrip("\ufeff"))
    feeder = _Feeder(ahead, source, limit)
    width = 0
    while True:
        feeder.taken.clear()
        feeder.size = 0
        parser = csv.reader(feeder, delimiter=dialect.delimiter, escapechar=dialect.escape, strict=False)
        try:
            row = next(parser, None)
        except csv.Error as error:
            row, problem = [], str(error)
        else:
            problem = "a quote was never closed"
        if feeder.gap:
            yield Flaw(feeder.gap.reason, feeder.gap.detail)
            feeder.gap = None
            if not feeder.taken:
                continue
        if row is None:
            return
        if not row and problem == "a quote was never closed" and len(feeder.taken) == 1:
            continue  # a blank line
        if width and len(row) != width and (len(feeder.taken) > 1 or not row):
            first, *others = feeder.taken
            feeder.ahead.extendleft(reversed(others))
            yield Flaw("broken record", f"CSV: {problem}", None, first.encode("utf-8", "replace"))
            continue
        width = width or len(row)
        yield row


class _Feeder:
    """Lines for one row of csv.reader, remembered so that they can be read again."""

    def __init__(self, ahead: collections.deque[str | Gap], source: Iterator[str | Gap], limit: int) -> None:
        self.ahead, self.source, self.limit = ahead, source, limit
        self.taken: list[str] = []
        self.size = 0
        self.gap: Gap | None = None

    def __iter__(self) -> _Feeder:
        return self

    def __next__(self) -> str:
        line = self.ahead.popleft() if self.ahead else next(self.source)
        if isinstance(line, Gap):
            self.gap = line
            raise StopIteration
        self.taken.append(line)
        self.size += len(line)
        if self.size > self.limit:
            raise csv.Error(f"a row of more than {self.limit >> 20} MB: a quote was never closed")
        return line
