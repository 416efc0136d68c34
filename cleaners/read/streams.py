"""Pieces of a file → what readers ask for: a number of bytes, lines, everything.

A gap (bytes that are missing) is told once to whoever reads across it; then reading goes on behind it.
"""

from __future__ import annotations

import codecs
import functools
from typing import TYPE_CHECKING

from cleaners.read import charset
from cleaners.read.unpack import Gap, Member, open_file, pieces

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from cleaners.config import ReadSettings
    from cleaners.read.unpack import Piece


class BrokenStreamError(Exception):
    """A reader that needs every byte met a gap."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail


class Stream:
    """Pieces as a file to read from. A gap stops every read once, as a BrokenStreamError; then reading goes on."""

    def __init__(self, source: Iterator[Piece]) -> None:
        self._source, self._buffer, self._at = source, b"", 0
        self._gap: Gap | None = None
        self.position = 0
        """Bytes handed out so far."""
        self.member = (0, 0)
        """The last member begun: its first byte counted as `position` counts, and its offset in the file."""

    def _fill(self) -> bool:
        """Put the next piece behind what is left; False at the end, or at a gap that has yet to be told."""
        while self._gap is None:
            piece = next(self._source, None)
            if piece is None:
                return False
            if isinstance(piece, Gap):
                self._gap = piece
            elif isinstance(piece, Member):
                self.member = (self.position + len(self._buffer) - self._at, piece.offset)
            else:
                self._buffer, self._at = self._buffer[self._at :] + piece, 0
                return True
        return False

    def _check(self) -> None:
        """Raise the gap that stopped us, once."""
        if self._gap is not None:
            gap, self._gap = self._gap, None
            raise BrokenStreamError(gap.reason, gap.detail)

    def read(self, size: int) -> bytes:
        """Return `size` bytes, fewer only at the end. What stands before a gap is lost to who asks beyond it."""
        parts, missing = [], size
        while missing:
            if self._at == len(self._buffer) and not self._fill():
                self._check()
                break
            part = self._buffer[self._at : self._at + missing]
            self._at += len(part)
            self.position += len(part)
            missing -= len(part)
            parts.append(part)
        return b"".join(parts)

    def line(self, limit: int) -> bytes:
        """Return up to the next line feed and with it, at most `limit` bytes; b"" at the end."""
        seen = 0
        while (end := self._buffer.find(b"\n", self._at + seen)) < 0:
            seen = len(self._buffer) - self._at
            if seen >= limit or not self._fill():
                break
        size = end + 1 - self._at if end >= 0 else len(self._buffer) - self._at
        if not size:
            self._check()
        return self.read(min(size, limit))

    def peek(self, size: int) -> bytes:
        """Return the next bytes without moving on; fewer than `size` at the end or before a gap."""
        while len(self._buffer) - self._at < size and self._fill():
            pass
        return self._buffer[self._at : self._at + size]

    def unread(self, back: bytes) -> None:
        """Put bytes back that were read last."""
        self._buffer, self._at = back + self._buffer[self._at :], 0
        self.position -= len(back)


def whole(file: BinaryIO, settings: ReadSettings) -> bytes:
    """Return all bytes of a file, decompressed; BrokenStreamError where it is damaged or too large."""
    limit = settings.max_record_mb << 20
    parts, size = [], 0
    for piece in pieces(file, settings):
        if isinstance(piece, Gap):
            raise BrokenStreamError(piece.reason, piece.detail)
        if isinstance(piece, bytes):
            parts.append(piece)
            size += len(piece)
        if size > limit:
            raise BrokenStreamError("too large", f"more than {settings.max_record_mb} MB")
    return b"".join(parts)


def head_of(file: BinaryIO, settings: ReadSettings, size: int) -> bytes:
    """Return the first bytes of a file, decompressed, as far as they can be read."""
    head = b""
    for piece in pieces(file, settings):
        head += piece if isinstance(piece, bytes) else b""
        if len(head) >= size or isinstance(piece, Gap):
            break
    return head[:size]


def lines(source: Iterator[Piece], limit: int) -> Iterator[bytes | Gap]:
    r"""Yield lines cut at ``\n`` alone (not at U+2028, which JSON may hold), without it; a Gap for a longer one."""
    rest: list[bytes] = []
    size = 0
    skipping = False  # the line under way is too large, or has lost its head
    for piece in source:
        if isinstance(piece, Member):
            continue
        if isinstance(piece, Gap):
            rest, size, skipping = [], 0, True
            yield piece
            continue
        first, *others = piece.split(b"\n")
        if not skipping:
            rest.append(first)
            size += len(first)
            if size > limit:
                rest, size, skipping = [], 0, True
                yield Gap("too large", f"a line of more than {limit >> 20} MB")
        if others:
            if not skipping:
                yield b"".join(rest)
            last = others.pop()
            yield from others
            rest, size, skipping = [last], len(last), False
    if rest and rest != [b""]:
        yield b"".join(rest)


def utf8(source: Iterator[Piece]) -> Iterator[Piece]:
    """Yield the pieces without their byte order mark, and as UTF-8 where that says UTF-16 or UTF-32."""
    decoder = None
    first = True
    for piece in source:
        if not isinstance(piece, bytes):
            yield piece
            continue
        part = piece
        if first:
            first = False
            mark, name = next((bom for bom in charset.BOMS if part.startswith(bom[0])), (b"", "utf-8"))
            part = part[len(mark) :]
            decoder = None if name == "utf-8" else codecs.getincrementaldecoder(name)("replace")
        yield decoder.decode(part).encode("utf-8", "replace") if decoder else part


class LineDecoder:
    """Lines of one file → text: UTF-8, or the charset that the head of the file is in, found out once if at all."""

    def __init__(self, path: str, settings: ReadSettings) -> None:
        self.path, self.settings = path, settings

    def __call__(self, line: bytes) -> str:
        """Return a line as text. A slip in a file that is UTF-8 otherwise is most often Windows-1252."""
        try:
            return line.decode()
        except UnicodeDecodeError:
            if self.charset == "utf-8":
                return charset.fitting(line, ("utf-8", "cp1252"))
            return line.decode(self.charset, "replace")

    @functools.cached_property
    def charset(self) -> str:
        """What the head of the file is in."""
        with open_file(self.path) as file:
            head = head_of(file, self.settings, 1 << 18)
        return charset.guess(head[: head.rfind(b"\n") + 1] or head)
