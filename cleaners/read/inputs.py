"""What the user named → files, each with its kind and identity → slices, the unit of reading.

A file named by itself must be readable (InputError); in a folder or glob, whatever cannot be read is kept on the list
under a kind of its own and becomes one rejected record, so that the books balance and a nightly run goes on.
"""

from __future__ import annotations

import dataclasses
import functools
import glob
import io
import os
import posixpath
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import xxhash

from cleaners.errors import InputError
from cleaners.read import cutting, fields, kinds
from cleaners.read.streams import head_of
from cleaners.read.unpack import BLOCK, codec_of, filesystem, is_url, open_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cleaners.config import ReadSettings

KINDS = "WARC, WET, HTML, text, zip and tar of those, JSON, JSONL, CSV, TSV, Parquet; also as .gz, .zst, .bz2, .xz"
_UNPACKED = 4  # bytes of text for one compressed byte, to guess sizes by


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class InputFile:
    """A file to read. `path` is as the user would name it, `bytes` its size as stored.

    `kind` is a key of `readers.READERS`. `identity` changes when the content does: the xxh3_128 of a local file (hex),
    the ETag (or what the storage has in its place) of a remote one.
    """

    path: str
    kind: str
    bytes: int
    identity: str


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Slice:
    """A file, or a part of one. `bytes` is about how much it unpacks to.

    `start` and `stop` count bytes of the stored file for `jsonl` and `warc`, row groups for `parquet`, members for
    `zip`; they are 0 and -1 (the end) for a whole file. `first` is the number, in the file, of the first record.
    """

    path: str
    kind: str
    start: int
    stop: int
    first: int
    bytes: int
    identity: str


def discover(inputs: Sequence[str], settings: ReadSettings) -> list[InputFile]:
    """Return the files behind paths, folders (with all below, hidden ones left out), globs and fsspec URLs.

    Sorted by path, none twice, not even by way of a link. InputError: a path is missing, a file named by itself cannot
    be read or has no column with text, or there is nothing to read at all.
    """
    if unknown := sorted(settings.fields.keys() - fields.FIELDS.keys()):
        raise InputError(
            "read.fields", f"no such field: {', '.join(unknown)}", f"There are: {', '.join(fields.FIELDS)}."
        )
    named: dict[str, bool] = {}  # path → named by itself
    for one in inputs:
        for path, alone in _expand(one):
            named[path] = named.get(path, False) or alone
    files: dict[str, InputFile] = {}
    for path in sorted(named):
        same = path if is_url(path) else os.path.realpath(path)
        if same not in files:
            files[same] = _remote_file(path, settings) if is_url(path) else _local_file(path, settings)
            if named[path]:
                _check(files[same], settings)
    found = sorted(files.values())
    if found and all(file.kind in kinds.NOT_READ for file in found):
        _check(found[0], settings)
    return found


def slices(file: InputFile, settings: ReadSettings) -> list[Slice]:
    """Return the parts of a file, each of about `settings.shard_mb` unpacked; most files are one.

    JSONL is cut between lines, Parquet between row groups, zip between members, WARC between records (compressed ones
    where each record is a gzip member or zstd frame of its own, as the standard asks).
    """
    codec = None if file.kind in {"parquet", "zip"} or file.kind in kinds.NOT_READ else _codec(file)
    size = file.bytes * (_UNPACKED if codec or file.kind == "parquet" else 1)
    whole = cutting.Cut(0, -1, 1, size)
    cutter = cutting.CUTTERS.get(file.kind)
    cuts = cutter(file.path, settings) if cutter and size > settings.shard_mb << 20 else [whole]
    return [
        Slice(file.path, file.kind, cut.start, cut.stop, cut.first, cut.bytes, file.identity) for cut in cuts or [whole]
    ]


def _codec(file: InputFile) -> object:
    with open_file(file.path) as content:
        return codec_of(content.read(16))


def _expand(name: str) -> Iterator[tuple[str, bool]]:
    """Yield the files that one argument stands for, and whether it names them by themselves."""
    if name.startswith("file://"):
        name = name.removeprefix("file://")
    if is_url(name):
        yield from _expand_url(name)
        return
    path = posixpath.normpath(name) if name else name
    if os.path.isdir(path):  # noqa: PTH112  (paths of both worlds are strings here)
        below = list(_walk(path))
        if not below:
            raise InputError(name, "there are no files in this folder")
        yield from ((inner, False) for inner in below)
    elif os.path.lexists(path):
        yield path, True
    elif glob.has_magic(path):
        matches = sorted(glob.glob(path, recursive=True))  # noqa: PTH207  (absolute patterns too)
        if not matches:
            raise InputError(name, "no file matches this pattern")
        for match in matches:
            folder = os.path.isdir(match)  # noqa: PTH112  (as above)
            yield from ((inner, False) for inner in (_walk(match) if folder else [posixpath.normpath(match)]))
    else:
        raise InputError(name, "there is no such file or folder", "Name files, folders, globs or URLs.")


def _walk(folder: str) -> Iterator[str]:
    """Yield all files below a folder, links followed, no folder entered twice, hidden ones left out."""
    entered: set[tuple[int, int]] = set()
    closed: list[str] = []
    for here, folders, files in os.walk(folder, followlinks=True, onerror=lambda error: closed.append(error.filename)):
        place = os.stat(here)  # noqa: PTH116  (as above)
        if (place.st_dev, place.st_ino) in entered:
            folders.clear()
            continue
        entered.add((place.st_dev, place.st_ino))
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (posixpath.join(here, name) for name in sorted(files) if not name.startswith("."))
    yield from closed


def _local_file(path: str, settings: ReadSettings) -> InputFile:
    """Return a file of this machine, or what stands in its place."""
    try:
        state = os.stat(path)  # noqa: PTH116  (as above)
        if stat.S_ISDIR(state.st_mode):
            return InputFile(path, "unreadable", 0, "")
        if not stat.S_ISREG(state.st_mode):  # opening a pipe would wait for ever
            return InputFile(path, "not a file", 0, "")
        with Path(path).open("rb") as content:
            start = content.read(BLOCK)
        digest = _digest(path, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)
    except OSError:
        return InputFile(path, "unreadable", 0, "")
    head = head_of(io.BytesIO(start), settings, kinds.HEAD_BYTES)
    return InputFile(path, _kind(head, path, settings), state.st_size, digest)


@functools.cache
def _digest(path: str, *_state: int) -> str:
    """Return the digest of a file; a run that plans again reads only what has another state by then."""
    digest = xxhash.xxh3_128()
    with Path(path).open("rb") as content:
        while block := content.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _kind(head: bytes, path: str, settings: ReadSettings) -> str:
    kind = kinds.kind(head, path)
    return "no text" if cutting.columns_without_text(kind, head, path, settings) else kind


def _check(file: InputFile, settings: ReadSettings) -> None:
    """Raise InputError for a file that cannot be read, with what to do."""
    if file.kind == "no text":
        with open_file(file.path) as content:
            head = head_of(content, settings, kinds.HEAD_BYTES)
        names = cutting.columns_without_text(kinds.kind(head, file.path), head, file.path, settings)
        columns = ", ".join(f'"{name[:60]}"' for name in names[:40])
        advice = 'Name it in the configuration: [read.fields] text = "COLUMN" (or html = "COLUMN").'
        raise InputError(file.path, f"has no column with text; there are: {columns}", advice)
    if file.kind == "unreadable":
        raise InputError(file.path, _why_unreadable(file.path), "Mend that, or leave it out.")
    if file.kind == "not a file":
        raise InputError(file.path, "is a pipe, a socket or a device", "Write what it gives to a file first.")
    if file.kind == "unknown kind":
        raise InputError(file.path, "is no kind of file that is read here", f"Read are: {KINDS}.")


def _why_unreadable(path: str) -> str:
    try:
        with Path(path).open("rb"):
            return "cannot be read"
    except OSError as error:
        return f"cannot be read: {(error.strerror or str(error)).lower()}"


def _expand_url(url: str) -> Iterator[tuple[str, bool]]:
    """Yield the files behind an fsspec URL: a file, a folder with all below, a glob."""
    try:
        system, inner = filesystem(url)
        if "*" in inner:
            found = [(path, False) for path in system.glob(inner) if not system.isdir(path)]
        elif system.isfile(inner):
            found = [(inner, True)]
        else:
            found = [(path, False) for path in system.find(inner) if not _is_hidden(path[len(inner) :])]
        names = [(str(system.unstrip_protocol(path)), alone) for path, alone in found]
    except Exception as error:  # noqa: BLE001  (each storage has its own)
        raise InputError(url, f"cannot be reached: {type(error).__name__}: {error}") from None
    if not names:
        raise InputError(url, "there is no such file or folder, or it is empty")
    yield from names


def _is_hidden(path: str) -> bool:
    return any(part.startswith(".") for part in path.split("/"))


def _remote_file(url: str, settings: ReadSettings) -> InputFile:
    """Return a file behind a URL."""
    try:
        system, inner = filesystem(url)
        about = system.info(inner)
        with open_file(url) as content:
            head = head_of(content, settings, kinds.HEAD_BYTES)
        identity = str(about.get("ETag") or system.ukey(inner)).strip('"')
        return InputFile(url, _kind(head, url, settings), int(about.get("size") or 0), identity)
    except OSError as error:
        raise InputError(url, f"cannot be read: {error}") from None
