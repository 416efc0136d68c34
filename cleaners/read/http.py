"""A stored HTTP answer → status, headers, body as the browser got it.

Archives keep headers that no longer fit the body (already unpacked, already unchunked), so each is tried, and the body
taken as it stands where it does not fit. FastWARC raises on those, which is why this is not left to it.
"""

from __future__ import annotations

import dataclasses
import re
import zlib
from typing import TYPE_CHECKING, Any

import brotli
import zstandard

from cleaners.errors import RecordError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_HEAD_BYTES = 1 << 16
_CHUNK = re.compile(rb"\s{0,8}([0-9a-fA-F]{1,8})[ \t]{0,8}(?:;[^\r\n]{0,256})?\r?\n")
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)?\s{1,4}(\d{3})")
_PIECE = 4096
_BROTLI_BYTES = 1 << 20


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: `status` is 0 where the record has no status line, header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def parse(record: bytes, limit: int) -> Answer:
    r"""Return the answer in a WARC response; RecordError `too large` where it unpacks beyond `limit` bytes.

    >>> parse(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nBread\r\n0\r\n\r\n", 100).body
    b'Bread'
    """
    found = _STATUS.match(record)
    if not found:
        return Answer(0, {}, record)
    end = _HEAD_END.search(record, 0, _HEAD_BYTES)
    head, body = (record[: end.start()], record[end.end() :]) if end else (record, b"")
    headers = parse_headers(head)
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = _unchunked(body)
    # Applied in the order named, so undone from the last; more than three is nobody's server.
    codings = re.split(r"[\s,]+", headers.get("content-encoding", "").strip().lower())
    for coding in codings[:-4:-1]:
        if coding in DECODERS:
            body = _unpacked(body, DECODERS[coding], limit)
    return Answer(int(found[1]), headers, body)


def parse_headers(head: bytes) -> dict[str, str]:
    r"""Return the header fields after the first line; the first of a name counts, folded lines are joined.

    >>> parse_headers(b"HTTP/1.1 200 OK\r\nContent-Type: text/html;\r\n charset=utf-8")
    {'content-type': 'text/html; charset=utf-8'}
    """
    fields: dict[str, str] = {}
    name = ""
    for line in _text(head).split("\n")[1:]:
        line = line.rstrip("\r")  # noqa: PLW2901  (the line proper)
        if line[:1] in (" ", "\t") and name:
            fields[name] += " " + line.strip()
            continue
        name, colon, content = line.partition(":")
        name = name.strip().lower() if colon else ""
        if name in fields:
            name = ""  # and the lines folded under it go with it
        elif name:
            fields[name] = content.strip()
    return fields


def _text(head: bytes) -> str:
    try:
        return head.decode()
    except UnicodeDecodeError:
        return head.decode("latin-1")


def _unchunked(body: bytes) -> bytes:
    """Return a chunked body in one piece, or as it is where it is not chunked; a cut one gives what is there."""
    parts: list[bytes] = []
    at = 0
    while found := _CHUNK.match(body, at):
        size = int(found[1], 16)
        if not size:
            return b"".join(parts)
        parts.append(body[found.end() : found.end() + size])
        at = found.end() + size
    if parts and at < len(body):  # not a chunk header: what follows is text that was never chunked, or damage
        parts.append(body[at:])
    return b"".join(parts) if parts else body


class _Brotli:
    """brotli's decompressor in the form of zlib's. A few bytes of brotli can become gigabytes, so output is bounded."""

    def __init__(self, limit: int) -> None:
        self._inner, self._limit = brotli.Decompressor(), limit

    @property
    def eof(self) -> bool:
        return bool(self._inner.is_finished())

    def decompress(self, part: bytes) -> bytes:
        """Return what a part unpacks to; once that is beyond the limit, no more."""
        parts = [self._inner.process(part, output_buffer_limit=_BROTLI_BYTES)]
        while not self._inner.can_accept_more_data() and len(parts) * _BROTLI_BYTES <= self._limit:
            parts.append(self._inner.process(b"", output_buffer_limit=_BROTLI_BYTES))
        return b"".join(parts)


DECODERS: dict[str, Callable[[int], Any]] = {
    "gzip": lambda _: zlib.decompressobj(31),
    "x-gzip": lambda _: zlib.decompressobj(31),
    "deflate": lambda _: zlib.decompressobj(15),
    "br": _Brotli,
    "zstd": lambda _: zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj(),
}
"""What undoes each Content-Encoding, made for a limit of bytes."""


def _unpacked(body: bytes, decoder: Callable[[int], Any], limit: int) -> bytes:
    """Return the body unpacked; as it is where it is not packed; what could be unpacked where it is cut or damaged."""
    unpack: Any = decoder(limit)
    if decoder is DECODERS["deflate"] and (body[:1] or b"\0")[0] & 0x0F != 8:
        unpack = zlib.decompressobj(-15)  # many servers leave the zlib header out
    parts: list[bytes] = []
    size = 0
    try:
        for start in range(0, len(body), _PIECE):
            part = unpack.decompress(body[start : start + _PIECE])
            parts.append(part)
            size += len(part)
            if size > limit:
                raise RecordError("too large", f"the body unpacks to more than {limit >> 20} MB")
            if unpack.eof:
                break
    except (zlib.error, brotli.error, zstandard.ZstdError):
        pass  # what came before counts
    return b"".join(parts) if size else body
