"""The kind of a file by its first bytes, its name only where those leave it open."""

from __future__ import annotations

import csv
import re
from pathlib import PurePosixPath

import orjson

from cleaners.read import charset, fields, markup

HEAD_BYTES = 1 << 16
"""Decompressed bytes of a file that are looked at."""
UNKNOWN = "unknown kind"
NOT_READ = frozenset({UNKNOWN, "unreadable", "not a file", "no text"})
"""Kinds of files that are counted, and not read."""
DELIMITERS = ",\t;|"

_MAGIC = {b"PAR1": "parquet", b"PK\x03\x04": "zip", b"PK\x05\x06": "zip", b"WARC/": "warc"}
_OFFICE = (b"[Content_Types].xml", b"mimetype", b"META-INF/")  # the first member of .docx, .epub, .jar
_TEXTS = {
    ".html": "html", ".htm": "html", ".xhtml": "html", ".shtml": "html", ".csv": "csv", ".tsv": "csv", ".tab": "csv",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json", ".txt": "text", ".text": "text",
}  # fmt: skip
_BINARIES = {".parquet": "parquet", ".warc": "warc", ".wet": "warc", ".zip": "zip", ".tar": "tar", ".tgz": "tar"}
_PACKED = frozenset({".gz", ".zst", ".zstd", ".bz2", ".xz"})
# Text, and no article: what lies beside saved pages and datasets.
_NOT_PROSE = frozenset({
    ".css", ".js", ".mjs", ".map", ".xml", ".svg", ".rss", ".atom", ".yaml", ".yml", ".toml", ".ini", ".cfg", ".py",
    ".sh", ".sql", ".log", ".tex", ".bib",
})  # fmt: skip
_JSON_START = re.compile(rb'\[\s{0,64}[{"\]]|\{\s{0,64}(?:\}|"[^"\n]{1,80}"\s{0,8}:)')


def extension(name: str) -> str:
    """Return the extension that tells the kind, what it is compressed with left out.

    >>> extension("crawl/part-1.JSONL.gz"), extension("s3://bucket/page")
    ('.jsonl', '')
    """
    suffixes = [suffix.lower() for suffix in PurePosixPath(name.rsplit("/", 1)[-1]).suffixes]
    while suffixes and suffixes[-1] in _PACKED:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def kind(head: bytes, name: str) -> str:
    r"""Return the kind of a file (a key of `readers.READERS`) from its first `HEAD_BYTES`, decompressed.

    >>> kind(b'{"text": "Rain fell."}\n', "dump.txt"), kind(b"<!doctype html><p>Rain", "story")
    ('jsonl', 'html')
    """
    suffix = extension(name)
    if not head.strip(b"\0 \r\n\t"):
        return (_TEXTS | _BINARIES).get(suffix, "text")
    start = head.lstrip(b"\r\n")
    if found := next((kind for magic, kind in _MAGIC.items() if start.startswith(magic)), None):
        return UNKNOWN if found == "zip" and head[30:].startswith(_OFFICE) else found
    if head[257:262] == b"ustar" or (suffix in {".tar", ".tgz"} and b"\0" in head[:512]):
        return "tar"
    if head.startswith(markup.FOREIGN):
        return UNKNOWN
    if markup.is_binary(head) and (suffix not in _TEXTS or b"\0" in head):  # a known kind with a damaged start?
        return _BINARIES.get(suffix, UNKNOWN)
    return _text_kind(_as_bytes(head), suffix)


def _as_bytes(head: bytes) -> bytes:
    """Return the head in a charset that writes ASCII as ASCII, without a byte order mark."""
    if any(head.startswith(mark) for mark, _ in charset.BOMS) or charset.unmarked_utf16(head):
        return charset.decode(head).encode("utf-8", "replace")
    return head


def _text_kind(head: bytes, suffix: str) -> str:
    """Return the kind of a text file."""
    start = head.lstrip()
    if start.startswith((b"{", b"[")) and (found := _json_kind(start, suffix)):
        return found
    if markup.is_page(start) or (markup.is_fragment(start) and _TEXTS.get(suffix) not in {"text", "csv", "jsonl"}):
        return "html"
    if suffix in _NOT_PROSE or (suffix not in _TEXTS and markup.is_other_xml(start)):
        return UNKNOWN
    if suffix == ".json":
        return UNKNOWN
    return _TEXTS.get(suffix) or ("csv" if not suffix and _is_table(head) else "text")


def _json_kind(head: bytes, suffix: str) -> str | None:
    """Return `jsonl` where lines are objects, `json` where the file is one value, None where it is prose after all."""
    whole = head.split(b"\n")[:-1] if b"\n" in head and len(head) > HEAD_BYTES // 2 else head.split(b"\n")
    tried = [line for line in whole[:20] if line.strip()]
    if 2 * sum(map(_is_object, tried)) >= max(len(tried), 1) or suffix in {".jsonl", ".ndjson"}:
        return "jsonl"
    return "json" if _JSON_START.match(head) else None


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False


def _is_table(head: bytes) -> bool:
    """Tell a table without a telling name by a first line that names a column of text."""
    first = head[:4096].partition(b"\n")[0].decode("latin-1").rstrip("\r")
    return any(
        len(names) > 1 and fields.has_text(fields.columns(names, {})) and all(len(name) < 40 for name in names)
        for names in (_cells(first, delimiter) for delimiter in DELIMITERS)
    )


def _cells(line: str, delimiter: str) -> list[str]:
    """Return the cells of one line, none where it is no row: a bare carriage return within, or a huge cell."""
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []
