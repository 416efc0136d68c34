"""Files of evaluation sets → their items, each the text of one record. What cannot be read is refused."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, Any, NamedTuple

import fsspec
import fsspec.compression
import fsspec.utils
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from cleaners.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cleaners.config import Settings

_PACKED = (".gz", ".bz2", ".xz", ".zst")
_ADVICE = "An evaluation set is JSON Lines, JSON, Parquet, or text with a blank line between items."


class Item(NamedTuple):
    """One record of an evaluation set: its file, its number there from 1 (JSON Lines: the line), and its text."""

    file: str
    record: int
    text: str


def pinned(settings: Settings) -> Settings:
    """Return the settings with the digest of each evaluation set in them; InputError where one cannot be read.

    So whatever is made with these settings is made anew when a file changes.
    """
    chosen = settings.decontaminate
    if not chosen.files or set(chosen.sums) >= set(chosen.files):
        return settings
    sums = {**chosen.sums, **{path: _sum(_content(path)) for path in chosen.files if path not in chosen.sums}}
    return settings.model_copy(update={"decontaminate": chosen.model_copy(update={"sums": dict(sorted(sums.items()))})})


def items(path: str, fields: Sequence[str], checksum: str) -> Iterator[Item]:
    """Yield the items of a file: of each record the strings in it, or those in its `fields`, a line each.

    Raise InputError for a file that is empty, broken, not the one that the run began with, or without these fields.
    """
    content = _content(path)
    if _sum(content) != checksum:
        raise InputError(path, "is not the file that it was when the run began", "Start the run again.")
    number, told, names = 0, False, dict[str, None]()
    for number, record in _records(path, _unpacked(path, content)):
        text = "\n".join(_strings(record, tuple(fields)))
        told = told or bool(text)
        if not told and isinstance(record, dict):
            names |= dict.fromkeys(map(str, record))
        yield Item(path, number, text)
    if not number:
        raise InputError(path, "is an evaluation set without items", _ADVICE)
    if names and not told:
        what = f"has no text in the fields {', '.join(fields)}" if fields else "has no text in any field"
        raise InputError(path, what, f"decontaminate.fields names fields; there are: {', '.join([*names][:20])}.")


def _content(path: str) -> bytes:
    """Return the bytes of a file as it stands."""
    try:
        with fsspec.open(path, "rb") as file:
            return bytes(file.read())
    except (OSError, ValueError, ImportError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(path, f"cannot be read as an evaluation set: {reason}", _ADVICE) from None


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _unpacked(path: str, content: bytes) -> bytes:
    name = next((end for end in _PACKED if path.lower().endswith(end)), None)
    if name is None:
        return content
    pack = fsspec.utils.infer_compression(path)
    try:
        if pack == "zstd":  # fsspec ends with the first frame
            return zstandard.ZstdDecompressor().stream_reader(content, read_across_frames=True).read()
        opened = fsspec.compression.compr[pack](io.BytesIO(content), mode="rb")
        return bytes(opened.read())
    except Exception as error:  # noqa: BLE001  (each library has its own)
        raise InputError(path, f"cannot be unpacked: {error}", _ADVICE) from None


def _records(path: str, content: bytes) -> Iterator[tuple[int, Any]]:
    """Yield number and value of each record, by what the file's name and first bytes say it is."""
    name = path.lower()
    for end in _PACKED:
        name = name.removesuffix(end)
    begin = content[:64].lstrip()
    if content.startswith(b"PAR1"):
        yield from _rows(path, content)
    elif name.endswith((".jsonl", ".ndjson")) or (begin.startswith(b"{") and not name.endswith((".json", ".txt"))):
        yield from _lines(path, content)
    elif name.endswith(".json"):
        yield from _array(path, content)
    elif name.endswith(".parquet"):
        raise InputError(path, "is no Parquet file", _ADVICE)
    else:
        yield from enumerate(_blocks(path, content), 1)


def _lines(path: str, content: bytes) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(content.split(b"\n"), 1):
        if line.strip():
            yield number, _parsed(f"{path}:{number}", line)


def _array(path: str, content: bytes) -> Iterator[tuple[int, Any]]:
    whole = _parsed(path, content)
    yield from enumerate(whole if isinstance(whole, list) else [whole], 1)


def _parsed(where: str, content: bytes) -> Any:  # noqa: ANN401  (whatever JSON holds)
    try:
        return orjson.loads(content)
    except ValueError as error:
        raise InputError(where, f"is no JSON: {error}", _ADVICE) from None


def _rows(path: str, content: bytes) -> Iterator[tuple[int, Any]]:
    try:
        for start, batch in _numbered(pq.ParquetFile(pa.BufferReader(content))):
            yield from enumerate(batch.to_pylist(), start)
    except (OSError, pa.ArrowException) as error:
        raise InputError(path, f"is a broken Parquet file: {error}", _ADVICE) from None


def _numbered(file: pq.ParquetFile) -> Iterator[tuple[int, pa.RecordBatch]]:
    start = 1
    for batch in file.iter_batches(1000):
        yield start, batch
        start += batch.num_rows


def _blocks(path: str, content: bytes) -> Iterator[str]:
    """Yield what stands between blank lines."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(path, f"is no text in UTF-8: {error}", _ADVICE) from None
    block: list[str] = []
    for line in [*text.split("\n"), ""]:
        if line.strip():
            block.append(line)
        elif block:
            yield "\n".join(block)
            block.clear()


def _strings(value: Any, fields: tuple[str, ...] = ()) -> Iterator[str]:  # noqa: ANN401  (whatever a record holds)
    """Yield the strings in a value, however deep, in order.

    >>> list(_strings({"question": "Who?", "choices": ["Ada", {"b": "Bo"}], "label": 1}))
    ['Who?', 'Ada', 'Bo']
    """
    if isinstance(value, str):
        yield value.encode("utf-8", "replace").decode()
    elif isinstance(value, dict):
        for name, inner in value.items():
            if not fields or name in fields:
                yield from _strings(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _strings(inner)
