"""Files → their bytes, decompressed piece by piece, with every break in them marked where it is.

Everything here is bounded: a piece of output is at most some 70 MB even from a bomb, usually below 1 MB.
"""

from __future__ import annotations

import bz2
import dataclasses
import lzma
import re
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias, cast

import zstandard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cleaners.config import ReadSettings

BLOCK = 1 << 20
"""Bytes read from a file at a time."""
_MOST_RETURNS = 100  # to broken members of a file: a forged one that leads to the next must not cost its square
ABOVE_SUSPICION = 16 << 20
"""Unpacked bytes below which a ratio says nothing: a page of spaces is no bomb."""


@dataclasses.dataclass(frozen=True, slots=True)
class Member:
    """Here a gzip member, zstd frame or the like begins; `offset` is its place in the file, in bytes."""

    offset: int


@dataclasses.dataclass(frozen=True, slots=True)
class Gap:
    """Here bytes are missing, with a reason from `records.REASONS`. What follows starts at another place."""

    reason: str
    detail: str


Piece: TypeAlias = "bytes | Member | Gap"


@dataclasses.dataclass(frozen=True, slots=True)
class Codec:
    """A way to compress: how a member begins, what decompresses one, and how much to feed it at a time.

    The decoders are the standard library's or zstandard's; all have `decompress`, `eof` and `unused_data`. The input
    piece bounds the output piece, 1,032 to 1 for deflate, 32,000 to 1 for zstd; where it does not (40 bytes of bzip2
    can hold 45 MB), `most` is the argument that does.
    """

    name: str
    start: re.Pattern[bytes]
    decoder: Callable[[], Any]
    piece: int
    most: tuple[int, ...] = ()


# Flags, "extra flags" and system of a gzip header take few values: that tells a member from three chance bytes.
CODECS = (
    Codec(
        "gzip",
        re.compile(rb"\x1f\x8b\x08[\x00-\x1f].{4}[\x00\x02\x04]", re.DOTALL),
        lambda: zlib.decompressobj(31),
        16_384,
    ),
    Codec("zstd", re.compile(rb"\x28\xb5\x2f\xfd"), lambda: _zstd(None), 2048),
    Codec("bzip2", re.compile(rb"BZh[1-9]\x31\x41\x59\x26\x53\x59"), bz2.BZ2Decompressor, 4096, (BLOCK,)),
    Codec("xz", re.compile(rb"\xfd7zXZ\x00"), lambda: lzma.LZMADecompressor(memlimit=256 << 20), 4096, (BLOCK,)),
)
_SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")  # a zstd frame with something else in it
_DICTIONARY = b"\x5d\x2a\x4d\x18"
_MOST_DICTIONARY = 16 << 20
_MAGIC_BYTES = 10
_ERRORS = (zlib.error, zstandard.ZstdError, OSError, lzma.LZMAError, EOFError, ValueError)


def _zstd(dictionary: zstandard.ZstdCompressionDict | None) -> Any:  # noqa: ANN401  (untyped in zstandard)
    return zstandard.ZstdDecompressor(dict_data=dictionary, max_window_size=1 << 27).decompressobj()


def _dictionary(raw: bytes) -> zstandard.ZstdCompressionDict | None:
    """Return the dictionary in a frame, itself compressed or not; None where it is damaged."""
    try:
        if CODECS[1].start.match(raw):
            raw = zstandard.ZstdDecompressor().decompress(raw, max_output_size=4 * _MOST_DICTIONARY)
        return zstandard.ZstdCompressionDict(raw)
    except zstandard.ZstdError:
        return None


def is_url(path: str) -> bool:
    """Tell an fsspec URL from a path of this machine."""
    return "://" in path


def open_file(path: str) -> BinaryIO:
    """Return the file, local or behind an fsspec URL, open for reading bytes, not decompressed."""
    if not is_url(path):
        return Path(path).open("rb")
    system, inner = filesystem(path)
    return cast("BinaryIO", system.open(inner, "rb"))


def filesystem(url: str) -> tuple[Any, str]:
    """Return the fsspec filesystem behind a URL, and the path there."""
    import fsspec.core  # noqa: PLC0415  (0.1 s that local runs need not pay)

    system, inner = fsspec.core.url_to_fs(url)
    return system, str(inner)


def codec_of(head: bytes) -> Codec | None:
    """Return how a file that begins like this is compressed; None where it is not."""
    if _SKIPPABLE.match(head):
        return CODECS[1]
    return next((codec for codec in CODECS if codec.start.match(head)), None)


def pieces(file: BinaryIO, settings: ReadSettings, start: int = 0, stop: int = -1) -> Iterator[Piece]:
    """Yield the decompressed bytes of a file from `start` up to `stop` (-1: the end), both offsets in the file.

    Of a compressed file both are beginnings of members. Damage becomes a `Gap`, and reading goes on at the next member.
    """
    head = file.read(_MAGIC_BYTES)
    file.seek(start)
    codec = codec_of(head)
    if codec is None:
        yield from _plain(file, start, stop)
    else:
        yield from _Unpacking(file, codec, settings.max_ratio, start, stop)


def _plain(file: BinaryIO, start: int, stop: int) -> Iterator[bytes]:
    left = stop - start if stop >= 0 else -1
    while left and (block := file.read(BLOCK if left < 0 else min(BLOCK, left))):
        yield block
        left -= len(block) if left > 0 else 0


class _Unpacking:
    """The pieces of one compressed file: an iterator, and the window of the file that it is working on."""

    def __init__(self, file: BinaryIO, codec: Codec, max_ratio: int, start: int, stop: int) -> None:
        self.file, self.codec, self.max_ratio, self.stop = file, codec, max_ratio, stop
        self.window, self.at, self.base = b"", 0, start  # the byte at window[at] is byte base + at of the file
        self.returns = _MOST_RETURNS
        self.dictionary: zstandard.ZstdCompressionDict | None = None
        if start:  # the dictionary stands at the beginning
            file.seek(0)
            self.base = 0
            self._more()
            self._skip_frame()
            file.seek(start)
            self.window, self.at, self.base = b"", 0, start

    def __iter__(self) -> Iterator[Piece]:
        broken: tuple[int, str, str] | None = None  # since where, why, what: told once, when sound bytes follow
        while self._find_member(lost=broken is not None):
            offset = self.base + self.at
            if 0 <= self.stop <= offset:
                break
            if broken is None and self._skip_frame():
                continue
            if not self.codec.start.match(self.window, self.at):  # not a member, and nothing was broken so far
                broken = (offset, "broken file", f"no {self.codec.name} data")
                continue
            started = False
            for piece in self._unpack():
                if isinstance(piece, Gap):
                    broken = broken or (offset, piece.reason, piece.detail)
                    self._go_back(offset)
                    continue
                if not started:
                    if broken:
                        yield self._gap(broken, offset)
                    broken, started = None, True
                    yield Member(offset)
                yield piece
        if broken:
            yield self._gap(broken, self.base + self.at)

    def _go_back(self, member: int) -> None:
        """Return to a broken member: damage can make a decoder swallow the members behind it."""
        if self.returns and self.base + self.at - member <= BLOCK:
            self.returns -= 1
            self.file.seek(member)
            self.window, self.at, self.base = b"", 0, member

    @staticmethod
    def _gap(broken: tuple[int, str, str], here: int) -> Gap:
        since, reason, detail = broken
        return Gap(reason, f"{detail}; bytes {since:,} to {here:,} of the file are lost")

    def _more(self) -> bool:
        """Read on, and drop what was worked through."""
        block = self.file.read(BLOCK)
        self.base += self.at
        self.window, self.at = self.window[self.at :] + block, 0
        return bool(block)

    def _find_member(self, *, lost: bool) -> bool:
        """Move to the next member, when lost, or past padding; False at the end of the file."""
        while True:
            while len(self.window) - self.at < _MAGIC_BYTES and self._more():
                pass
            if lost:
                if found := self.codec.start.search(self.window, self.at + 1):
                    self.at = found.start()
                    return True
                self.at = max(self.at, len(self.window) - _MAGIC_BYTES)
                if not self._more():
                    self.at = len(self.window)
                    return False
                continue
            # Tapes and disk images pad with NULs.
            rest = self.window[self.at :].lstrip(b"\0") if self.window[self.at : self.at + 1] == b"\0" else None
            if rest is None:
                return self.at < len(self.window)
            self.at = len(self.window) - len(rest)
            if not rest and not self._more():
                return False

    def _skip_frame(self) -> bool:
        """Pass over a skippable zstd frame, if one begins here; the first may hold the dictionary of all others.

        https://iipc.github.io/warc-specifications/specifications/warc-zstd/
        """
        if self.codec.name != "zstd" or not _SKIPPABLE.match(self.window, self.at):
            return False
        begin = self.base + self.at
        head = self.window[self.at : self.at + 8]
        left = size = int.from_bytes(head[4:], "little")
        keep = head.startswith(_DICTIONARY) and self.dictionary is None and size <= _MOST_DICTIONARY
        content = bytearray()
        self.at += 8
        while left > 0 and (self.at < len(self.window) or self._more()):
            part = self.window[self.at : self.at + left]
            content += part if keep else b""
            self.at += len(part)
            left -= len(part)
        if left:
            self._go_back(begin)
        elif keep:
            self.dictionary = _dictionary(bytes(content))
        return not left

    def _unpack(self) -> Iterator[bytes | Gap]:
        """Yield the bytes of the member that begins here, and a gap where it breaks off."""
        decoder = _zstd(self.dictionary) if self.dictionary else self.codec.decoder()
        taken = given = 0
        while not decoder.eof:
            wants = getattr(decoder, "needs_input", True)  # bzip2 and xz may still hold output
            if wants and self.at == len(self.window) and not self._more():
                yield Gap("truncated", f"the {self.codec.name} data end before their end")
                return
            part = self.window[self.at : self.at + self.codec.piece] if wants else b""
            try:
                piece = decoder.decompress(part, *self.codec.most)
            except _ERRORS as error:
                yield Gap("broken file", f"{self.codec.name}: {error}")
                return
            unused = len(decoder.unused_data) if decoder.eof else 0
            self.at += len(part) - unused
            taken += len(part) - unused
            given += len(piece)
            if piece:
                yield piece
            if given > ABOVE_SUSPICION and given > taken * self.max_ratio:
                yield Gap("too large", f"{given:,} bytes unpacked from {taken:,}")
                return
