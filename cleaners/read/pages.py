"""HTML and text files, alone or in a zip or tar archive → drafts, one for each file."""

from __future__ import annotations

import posixpath
import tarfile
import zipfile
import zlib
from typing import IO, TYPE_CHECKING, cast

from cleaners.model import Meta
from cleaners.read import charset, kinds
from cleaners.read.records import Draft, Flaw
from cleaners.read.streams import BrokenStreamError, Stream, whole
from cleaners.read.unpack import BLOCK, open_file, pieces

if TYPE_CHECKING:
    from cleaners.config import ReadSettings
    from cleaners.read.inputs import Slice
    from cleaners.read.records import Found


def read_page(part: Slice, settings: ReadSettings) -> Found:
    """Yield one article: the file is a saved page, or plain text."""
    with open_file(part.path) as file:
        try:
            yield 1, draft(whole(file, settings), part.kind)
        except BrokenStreamError as error:
            yield 1, Flaw(error.reason, error.detail)


def draft(body: bytes, kind: str, name: str | None = None) -> Draft | Flaw:
    """Return the article in the bytes of a file of kind `html` or `text`; `name` is its name in an archive."""
    if not body.strip(b" \r\n\t\0"):
        return Flaw("empty", "", name)
    meta = Meta(source_id=name)
    if kind == "html":
        return Draft(charset.sound_html(charset.decode(body, html=True)), None, meta)
    return Draft(None, charset.decode(body), meta)


def read_zip(part: Slice, settings: ReadSettings) -> Found:
    """Yield an article for each page or text in a zip archive; the name of a member is its `source_id`.

    Read are members `start` to `stop`, folders and hidden files not counted. Nothing is ever unpacked to disk.
    """
    with open_file(part.path) as file:
        try:
            archive = zipfile.ZipFile(file)
            members = zip_members(archive)
        except _BROKEN as error:
            yield part.first, Flaw("broken file", f"zip: {error}")
            return
        for number, member in enumerate(members[part.start : None if part.stop < 0 else part.stop], part.first):
            yield number, _zip_member(archive, member, settings)


# What zipfile raises on damaged archives; NotImplementedError and RuntimeError are odd methods and passwords. An
# operating system's error has a number, and is not a flaw of the record.
_BROKEN = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, KeyError, OverflowError)


def zip_members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Return the members that count as records, in the order of the archive's directory."""
    return [member for member in archive.infolist() if not member.is_dir() and not _is_hidden(member.filename)]


def _zip_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, settings: ReadSettings) -> Draft | Flaw:
    name = charset.sound(member.filename)
    try:
        with archive.open(member) as content:
            return _member(content, name, settings)
    except (*_BROKEN, zlib.error) as error:
        return Flaw("broken record", f"zip: {error}", name)


def read_tar(part: Slice, settings: ReadSettings) -> Found:
    """Yield an article for each page or text in a tar archive; the name of a member is its `source_id`. One pass."""
    number = part.first
    with open_file(part.path) as file:
        stream = Stream(pieces(file, settings))
        try:
            with tarfile.open(fileobj=cast("IO[bytes]", stream), mode="r|", bufsize=BLOCK) as archive:
                while member := archive.next():
                    archive.members = []  # type: ignore[attr-defined]  # tarfile remembers all; a million are 1 GB
                    if not member.isfile() or _is_hidden(member.name):
                        continue
                    content = archive.extractfile(member)
                    if content is not None:
                        yield number, _member(content, charset.sound(member.name), settings)
                        number += 1
        except tarfile.TarError as error:
            reason = "truncated" if "unexpected end" in str(error) else "broken file"
            yield number, Flaw(reason, f"tar: {error}; {number - part.first:,} files read before")
        except BrokenStreamError as error:
            yield number, Flaw(error.reason, f"{error.detail}; {number - part.first:,} files read before")


def _member(content: IO[bytes], name: str, settings: ReadSettings) -> Draft | Flaw:
    """Return the article in a member of an archive."""
    limit = settings.max_record_mb << 20
    body = content.read(limit + 1)
    if len(body) > limit:
        return Flaw("too large", f"more than {settings.max_record_mb} MB", name)
    kind = kinds.kind(body[: kinds.HEAD_BYTES], name)
    if kind not in {"html", "text"}:
        return Flaw("unknown kind", f"{kind} in an archive" if kind != kinds.UNKNOWN else "", name, body[:4096])
    return draft(body, kind, name)


def _is_hidden(name: str) -> bool:
    """Tell what archivers add (`__MACOSX/._page.html`, `.DS_Store`) and hidden files, in any folder."""
    return any(part.startswith(".") and part not in {".", ".."} for part in posixpath.normpath(name).split("/")) or (
        "__MACOSX" in name
    )
