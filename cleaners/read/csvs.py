"""CSV and TSV → drafts, with a quote that was never closed kept from swallowing the file."""

from __future__ import annotations

import collections
import csv
import dataclasses
import re
from typing import TYPE_CHECKING

from cleaners.read import charset, fields, kinds
from cleaners.read.records import Flaw
from cleaners.read.streams import LineDecoder, lines, utf8
from cleaners.read.unpack import Gap, open_file, pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cleaners.config import ReadSettings
    from cleaners.read.inputs import Slice
    from cleaners.read.records import Found

_ESCAPED_QUOTE = re.compile(r'\\"[^,;\t|\r\n]')  # not a cell that ends in a backslash
_HEAD_LINES = 50
_HEAD_CHARACTERS = 1 << 18


@dataclasses.dataclass(frozen=True, slots=True)
class Dialect:
    """How a file writes its cells."""

    delimiter: str
    escape: str | None

    def rows(self, source: Iterator[str], *, strict: bool = False) -> Iterator[list[str]]:
        """Yield the rows in lines of text; strict: csv.Error where a quote stands astray."""
        return csv.reader(source, delimiter=self.delimiter, escapechar=self.escape, strict=strict)


def dialect_of(head: str) -> Dialect:
    r"""Return the dialect of a table from its first lines.

    The delimiter is the one that gives the first line a column of text, or else the most rows of the same width. A
    backslash escapes quotes where the file has `\"` and never `""` inside a cell.

    >>> dialect_of('title;text\n"A; b";"Rain fell."\n')
    Dialect(delimiter=';', escape=None)
    """
    first_lines = head.split("\n")[:_HEAD_LINES]
    doubled = any('""' in line.replace(f'{delimiter}""', "") for delimiter in kinds.DELIMITERS for line in first_lines)
    escape = "\\" if not doubled and _ESCAPED_QUOTE.search(head) else None

    def fit(delimiter: str) -> tuple[bool, int]:
        dialect = Dialect(delimiter, escape)
        try:
            first = next(dialect.rows(iter(first_lines[:1])), [])
            widths = [len(row) for row in dialect.rows(iter(first_lines))]
        except csv.Error:
            return False, 0
        return len(first) > 1 and fields.has_text(fields.columns(first, {})), widths.count(len(first)) * (
            len(first) > 1
        )

    return Dialect(max(kinds.DELIMITERS, key=fit), escape)


def header_of(head: bytes) -> list[str]:
    """Return the names of the columns from the first bytes of a file."""
    text = charset.decode(head).lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    try:
        return next(dialect_of(text).rows(iter(text.split("\n"))), [])
    except csv.Error:
        return []


def read_csv(part: Slice, settings: ReadSettings) -> Found:
    """Yield an article for each row of a table; `record` is the number of the row, the header not counted.

    A row of another width than the header is rejected: its cells cannot be told apart.
    """
    limit = settings.max_record_mb << 20
    csv.field_size_limit(limit)  # of the process; 131,072 characters by default
    chosen = tuple(sorted(settings.fields.items()))
    with open_file(part.path) as file:
        rows = iter(
            _Rows(_text_lines(lines(utf8(pieces(file, settings)), limit), LineDecoder(part.path, settings)), limit)
        )
        header = next(rows, [])
        if isinstance(header, Flaw):
            yield 1, header
            return
        names = [name.strip() for name in header]
        for number, row in enumerate(rows, 1):
            if isinstance(row, Flaw):
                yield number, row
            elif len(row) != len(names):
                detail = f"CSV: {len(row)} cells, the header has {len(names)}"
                yield number, Flaw("broken record", detail, None, "\0".join(row).encode("utf-8", "replace"))
            else:
                yield number, fields.draft(dict(zip(names, row, strict=True)), chosen)


def _text_lines(source: Iterator[bytes | Gap], decode: LineDecoder) -> Iterator[str | Gap]:
    r"""Yield lines as text, each with its line feed. Old Macintosh files, which have `\r` alone, are cut there."""
    for line in source:
        if isinstance(line, Gap):
            yield line
            continue
        text = decode(line)
        if text.count("\r") > 1:
            yield from (cut + "\n" for cut in text.rstrip("\r").split("\r"))
        else:
            yield text.rstrip("\r") + "\n"


class _Rows:
    """The rows of a table, the header first, and a flaw for each line that is none.

    A row that runs over several lines and ends in the middle of a cell, or with the wrong width, began with a stray
    quote. Then its first line is a flaw, and the others are read again. That costs no more than twice the time: a run
    of quotes that would open another such row would have closed this one.
    """

    def __init__(self, source: Iterator[str | Gap], limit: int) -> None:
        self.source, self.limit = source, limit
        self.ahead: collections.deque[str | Gap] = collections.deque()
        self.taken: list[str] = []  # the lines of the row under way, so that they can be read again
        self.size = 0
        self.gap: Gap | None = None

    def __iter__(self) -> Iterator[list[str] | Flaw]:
        dialect = dialect_of(self._head())
        parser = dialect.rows(_Calls(self._line), strict=True)
        width = 0
        while True:
            self.taken, self.size, problem = [], 0, ""
            try:
                row = next(parser, None)
            except csv.Error as error:
                row, problem = self._lenient(dialect), str(error)
            if row is None and not self.gap:
                return
            if (problem and not row) or (row and len(self.taken) > 1 and len(row) != (width or len(row))):
                yield self._stray_quote(problem or "a quote was never closed")
            elif row:  # blank lines give empty rows
                width = width or len(row)
                yield row
            if self.gap:
                yield Flaw(self.gap.reason, self.gap.detail)
                self.gap = None

    def _head(self) -> str:
        """Return the first lines, which stay to be read."""
        head = ""
        for line in self.source:
            self.ahead.append(line)
            if isinstance(line, Gap) or len(self.ahead) == _HEAD_LINES or len(head) > _HEAD_CHARACTERS:
                break
            head += line
        return head[:_HEAD_CHARACTERS]

    def _line(self) -> str | None:
        """Return the next line of the row under way; None where none can follow."""
        if self.size > self.limit:
            raise csv.Error("a quote was never closed, or a row is too large")
        line = self.ahead.popleft() if self.ahead else next(self.source, None)
        if isinstance(line, Gap):
            self.gap = line
        if not isinstance(line, str):
            return None
        self.taken.append(line)
        self.size += len(line)
        return line

    def _lenient(self, dialect: Dialect) -> list[str]:
        """Return the row again, if it is one line: there a quote astray does no harm. [] where nothing helps."""
        try:
            return next(dialect.rows(iter(self.taken))) if len(self.taken) == 1 else []
        except csv.Error:
            return []

    def _stray_quote(self, problem: str) -> Flaw:
        """Give all lines of the row back but the first."""
        first, *others = self.taken
        self.ahead.extendleft(reversed(others))
        return Flaw("broken record", f"CSV: {problem}", None, first.encode("utf-8", "replace"))


class _Calls:
    """An iterator over what a function returns that goes on after None, and after an error."""

    def __init__(self, function: Callable[[], str | None]) -> None:
        self.function = function

    def __iter__(self) -> _Calls:
        return self

    def __next__(self) -> str:
        if (found := self.function()) is None:
            raise StopIteration
        return found
