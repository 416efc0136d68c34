"""JSON in lines, and JSON in one piece → drafts."""

from __future__ import annotations

import codecs
import json
import re
from typing import TYPE_CHECKING, Any

import orjson

from cleaners.read import fields
from cleaners.read.records import Flaw
from cleaners.read.streams import LineDecoder, lines, utf8
from cleaners.read.unpack import Gap, Member, open_file, pieces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cleaners.config import ReadSettings
    from cleaners.read.inputs import Slice
    from cleaners.read.records import Found
    from cleaners.read.unpack import Piece

_SPACE = b" \t\r\0"


def read_jsonl(part: Slice, settings: ReadSettings) -> Found:
    """Yield an article for each line, a JSON object; `record` is the number of the line, blank ones counted."""
    chosen = tuple(sorted(settings.fields.items()))
    decode = LineDecoder(part.path, settings)
    with open_file(part.path) as file:
        source = utf8(pieces(file, settings, part.start, part.stop))
        for number, line in enumerate(lines(source, settings.max_record_mb << 20), part.first):
            if isinstance(line, Gap):
                yield number, Flaw(line.reason, line.detail)
                continue
            try:
                row = orjson.loads(line)
            except orjson.JSONDecodeError as error:
                if not line.strip(_SPACE):
                    continue
                row = _odd(decode(line), error)
            if isinstance(row, dict):
                yield number, fields.draft(row, chosen)
            else:
                yield number, row if isinstance(row, Flaw) else _no_object(row, line)


def _odd(line: str, error: Exception) -> Any:  # noqa: ANN401  (any JSON value)
    """Return what Python's parser takes and orjson refuses: NaN, lone surrogates, control characters, huge numbers."""
    try:
        return json.loads(line.lstrip("\ufeff"), strict=False)
    except (ValueError, RecursionError):
        return Flaw("broken record", f"JSON: {error}", None, line.encode("utf-8", "replace"))


def _no_object(row: object, line: bytes = b"") -> Flaw:
    return Flaw("broken record", f"JSON: {type(row).__name__} where an object should be", None, line)


def read_json(part: Slice, settings: ReadSettings) -> Found:
    """Yield an article for each object of a JSON file: in an array, alone, or one after the other.

    The file is parsed value by value, so that its size does not matter; the number is the value's.
    """
    chosen = tuple(sorted(settings.fields.items()))
    with open_file(part.path) as file:
        found = _Values(settings.max_record_mb << 20).read(utf8(pieces(file, settings)))
        for number, row in enumerate(found, 1):
            if isinstance(row, dict):
                yield number, fields.draft(row, chosen)
            else:
                yield number, row if isinstance(row, Flaw) else _no_object(row)


_BETWEEN = re.compile(r"[\s,\0]*")
_NEXT_OBJECT = re.compile(r"\}\s{0,64},?\s{0,64}(?=\{)")
_LONGEST_TOKEN = 16  # `\ud83d\ude00`, `-Infinity`: an error closer than this to the end may be one of the cut


class _Values:
    """The values of a JSON file, those of an array at its top one by one, and a flaw for what cannot be parsed."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.decoder = json.JSONDecoder(strict=False)
        self.text, self.at = "", 0
        self.inside = False  # the array at the top
        self.lost = False  # behind a broken value, looking for the next object

    def read(self, source: Iterator[Piece]) -> Iterator[Any]:
        for more in _portions(source):
            if isinstance(more, Gap):
                yield Flaw(more.reason, more.detail)
                return
            self.text, self.at = self.text[self.at :] + more, 0
            yield from self._complete()
        if not self.lost and self.text[self.at :].strip():
            yield Flaw("truncated", "JSON: the last value has no end")

    def _complete(self) -> Iterator[Any]:
        """Yield the values that end in the text at hand, which may be cut anywhere."""
        while self._to_value():
            try:
                value, end = self.decoder.raw_decode(self.text, self.at)
            except (ValueError, RecursionError) as error:
                if self._is_cut(error):
                    return
                yield Flaw("broken record", f"JSON: {error}", None, self.text[self.at : self.at + 4096].encode())
                self.at = max(self.at + 1, getattr(error, "pos", 0) - 1)
                self.lost = True
            else:
                if end == len(self.text) and isinstance(value, int | float):
                    return  # a number that may go on
                self.at = end
                yield value

    def _to_value(self) -> bool:
        """Move to where the next value begins; False where the text ends before."""
        if self.lost:
            found = _NEXT_OBJECT.search(self.text, self.at)
            self.lost = found is None
            self.at = found.end() if found else max(self.at, len(self.text) - 200)
            return found is not None
        while True:
            self.at += len(_BETWEEN.match(self.text, self.at)[0])  # type: ignore[index]  # it matches anything
            bracket = self.text[self.at : self.at + 1]
            if bracket != ("]" if self.inside else "["):
                return bool(bracket)
            self.inside = not self.inside
            self.at += 1

    def _is_cut(self, error: Exception) -> bool:
        """Tell whether a value cannot be parsed because the rest is yet to come."""
        if not isinstance(error, json.JSONDecodeError) or len(self.text) - self.at > self.limit:
            return False
        return error.msg.startswith("Unterminated string") or error.pos > len(self.text) - _LONGEST_TOKEN


def _portions(source: Iterator[Piece]) -> Iterator[str | Gap]:
    """Yield the text in portions of a megabyte: a value that is cut is parsed anew with each."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    portion: list[str] = []
    size = 0
    for piece in source:
        if isinstance(piece, Gap):
            yield "".join(portion)
            yield piece
            return
        if isinstance(piece, Member):
            continue
        portion.append(decoder.decode(piece))
        size += len(portion[-1])
        if size >= 1 << 20:
            yield "".join(portion)
            portion, size = [], 0
    yield "".join([*portion, decoder.decode(b"", final=True)])
