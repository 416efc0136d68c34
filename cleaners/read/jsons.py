"""JSON in lines, and JSON in one piece → drafts."""

from __future__ import annotations

import codecs
import itertools
import json
import re
from typing import TYPE_CHECKING, Any

import orjson

from cleaners.read import charset, fields
from cleaners.read.records import Draft, Flaw
from cleaners.read.streams import Gap, Member, lines, open_file, pieces, utf8

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cleaners.config import ReadSettings
    from cleaners.read.inputs import Slice
    from cleaners.read.records import Found
    from cleaners.read.streams import Piece

_SPACE = b" \t\r\n\0"


def read_jsonl(part: Slice, settings: ReadSettings) -> Found:
    """Yield the articles in lines of JSON; the number is the line's. Blank lines are counted and are no records."""
    chosen = tuple(sorted(settings.fields.items()))
    with open_file(part.path) as file:
        source = utf8(pieces(file, settings, part.start, part.stop))
        for number, line in enumerate(lines(source, settings.max_record_mb << 20), part.first):
            if isinstance(line, Gap):
                yield number, Flaw(line.reason, line.detail)
            elif line and (found := _draft(line, chosen)):
                yield number, found


def _draft(line: bytes, chosen: tuple[tuple[str, str], ...]) -> Draft | Flaw | None:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        if not line.strip(_SPACE):
            return None
        # Python's parser takes what orjson refuses: NaN, lone surrogates, control characters in strings, huge numbers.
        try:
            row = json.loads(charset.decode(line).lstrip("\ufeff"), strict=False)
        except (ValueError, RecursionError):
            return Flaw("broken record", f"JSON: {error}", None, line)
    if isinstance(row, dict):
        return fields.draft(row, chosen)
    return Flaw("broken record", f"JSON: {type(row).__name__} where an object should be", None, line)


def read_json(part: Slice, settings: ReadSettings) -> Found:
    """Yield the articles of a JSON file: an array of objects, one object, or several one after the other.

    The file is parsed value by value, so that its size does not matter.
    """
    chosen = tuple(sorted(settings.fields.items()))
    with open_file(part.path) as file:
        found = _values(utf8(pieces(file, settings)), settings.max_record_mb << 20)
        for number, row in enumerate(found, 1):
            if isinstance(row, Flaw):
                yield number, row
            elif isinstance(row, dict):
                yield number, fields.draft(row, chosen)
            else:
                yield number, Flaw("broken record", f"JSON: {type(row).__name__} where an object should be")


_BETWEEN = re.compile(r"[\s,\0]*")


def _values(source: Iterator[Piece], limit: int) -> Iterator[Any]:
    """Yield the values of a file, those of an array at its top one by one; a Flaw where that ends too early."""
    decoder = json.JSONDecoder(strict=False)
    unread = _texts(source)
    text, at = "", 0
    depth = 0
    for more in unread:
        if isinstance(more, Gap):
            yield Flaw(more.reason, more.detail)
            return
        text, at = text[at:] + more, 0
        while True:
            at = _BETWEEN.match(text, at).end()  # type: ignore[union-attr]  (matches anything)
            if text.startswith("[", at) and not depth:
                at, depth = at + 1, 1
                continue
            if text.startswith("]", at) and depth:
                at, depth = at + 1, 0
                continue
            if at == len(text):
                break
            try:
                value, end = decoder.raw_decode(text, at)
            except RecursionError:
                yield Flaw("broken record", "JSON: nested too deep")
                return
            except ValueError as error:
                # Cut short, or broken? A value may be cut anywhere, so it gets the chance of more text.
                if len(text) - at > limit:
                    yield Flaw("broken file", f"JSON: no value of at most {limit >> 20} MB begins here: {error}")
                    return
                break
            if end == len(text) and isinstance(value, int | float):
                break  # a number that goes on
            at = end
            yield value
    if text[at:].strip():
        yield Flaw("truncated", "the file ends in a JSON value, or the value is broken")


def _texts(source: Iterator[Piece]) -> Iterator[str | Gap]:
    """Yield text in doubling portions: a value that is cut is parsed anew with each, so their number must stay small."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
    portion: list[str] = []
    size, wanted = 0, 1 << 20
    for piece in source:
        if isinstance(piece, Member):
            continue
        if isinstance(piece, Gap):
            yield "".join(portion)
            yield piece
            return
        portion.append(decoder.decode(piece))
        size += len(portion[-1])
        if size >= wanted:
            yield "".join(portion)
            portion, size = [], 0
    yield "".join(itertools.chain(portion, [decoder.decode(b"", final=True)]))
