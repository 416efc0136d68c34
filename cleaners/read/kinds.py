"""The kind of a file by its first bytes, its name only where those leave it open."""

from __future__ import annotations

import csv
import re
from pathlib import PurePosixPath

import orjson

from cleaners.read import charset
from cleaners.read.fields import columns, has_text

HEAD_BYTES = 1 << 16
"""Decompressed bytes of a file that are looked at."""

UNKNOWN = "unknown kind"
NOT_READ = frozenset({UNKNOWN, "unreadable", "not a file", "no text"})
"""Kinds of files that are counted, and not read."""

_MAGIC = (
    (b"PAR1", "parquet"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"WARC/", "warc"),
)
# Other files that begin with text or with a ZIP header.
_FOREIGN = (
    b"%PDF", b"%!PS", b"{\\rtf", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"RIFF", b"\x7fELF", b"SQLite format 3", b"ARROW1",
    b"Obj\x01", b"ORC", b"OggS", b"ID3", b"\xca\xfe\xba\xbe", b"filedesc://", b"wOFF", b"wOF2", b"#!", b"7z\xbc\xaf",
    b"Rar!", b"\xd0\xcf\x11\xe0", b"\x00\x00\x01\x00",
)  # fmt: skip
_OFFICE = (b"[Content_Types].xml", b"mimetype", b"META-INF/")
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]{0,256}>\s*)?(?:<!--.{0,4096}?-->\s*){0,8}<(?:!doctype\s+html|html|head|body|title|meta|div|p|script"
    rb"|link|style|table|article|section|main|h1|a|span|center|font|base)\b",
    re.IGNORECASE | re.DOTALL,
)
_ANY_HTML = re.compile(rb"<(?:html|head|body|article|div|p|br|title)\b[^<]{0,512}>", re.IGNORECASE)
_XML = re.compile(rb"\s*<(?:\?xml|rss|feed|urlset|svg|opml)\b", re.IGNORECASE)
_TABLES = {".csv": "csv", ".tsv": "csv", ".tab": "csv"}
_NAMED = _TABLES | {
    ".html": "html", ".htm": "html", ".xhtml": "html", ".shtml": "html", ".jsonl": "jsonl", ".ndjson": "jsonl",
    ".json": "json", ".txt": "text", ".text": "text", ".tar": "tar", ".tgz": "tar",
}  # fmt: skip
_BINARY = {".parquet": "parquet", ".warc": "warc", ".wet": "warc", ".zip": "zip", ".tar": "tar", ".tgz": "tar"}
_PACKED = frozenset({".gz", ".zst", ".zstd", ".bz2", ".xz"})
# Text, and no article: what lies beside saved pages and datasets.
_NOT_PROSE = frozenset(
    ".css .js .mjs .map .json .xml .svg .rss .atom .yaml .yml .toml .ini .cfg .py .sh .sql .log .tex .bib".split()
)
DELIMITERS = ",\t;|"


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
    """Return the kind of a file (a key of `readers.READERS`) from its first `HEAD_BYTES`, decompressed.

    >>> kind(b'{"text": "Rain fell."}\\n', "dump.txt"), kind(b"<!doctype html><p>Rain", "story")
    ('jsonl', 'html')
    """
    suffix = extension(name)
    if not head.strip(b"\0 \r\n\t"):
        return (_NAMED | _BINARY).get(suffix, "text")
    if found := next((kind for magic, kind in _MAGIC if head.lstrip(b"\r\n").startswith(magic)), None):
        return UNKNOWN if found == "zip" and head[30:].startswith(_OFFICE) else found
    if head[257:262] == b"ustar" or (suffix in {".tar", ".tgz"} and b"\0" in head[:512]):
        return "tar"
    if head.startswith(_FOREIGN):
        return UNKNOWN
    if is_binary(head):  # damaged at its start, perhaps: the reader will say so
        return _BINARY.get(suffix, UNKNOWN)
    text = charset.decode(_whole_characters(head), html=True)
    return _text_kind(text.lstrip("\ufeff"), suffix)


def _text_kind(text: str, suffix: str) -> str:
    """Return the kind of a text file."""
    start = text.lstrip()
    body = start.encode("utf-8", "replace")
    if start.startswith(("{", "[")) and (found := _json_kind(start, suffix)):
        return found
    if _HTML.match(body):
        return "html"
    if suffix in _TABLES:
        return "csv"
    if suffix in {".html", ".htm", ".xhtml", ".shtml"}:
        return "html"
    if _XML.match(body) or suffix in _NOT_PROSE:
        return UNKNOWN
    if suffix in {".jsonl", ".ndjson"}:
        return "jsonl"
    return "csv" if not suffix and _is_table(text) else "text"


def _json_kind(text: str, suffix: str) -> str | None:
    """Return `jsonl` where lines are objects, `json` where the file is one value, None where it is prose after all."""
    if suffix in {".jsonl", ".ndjson"}:
        return "jsonl"
    complete = text.split("\n")[:-1] if len(text) >= HEAD_BYTES // 4 else text.split("\n")
    if any(_is_object(line) for line in complete[:20]):
        return "json" if text.startswith("[") else "jsonl"
    if suffix == ".json" or re.match(r"[\[{]\s*[{\"\]}]", text):
        return "json"
    return None


def _is_object(line: str) -> bool:
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False


def _is_table(text: str) -> bool:
    """Tell a table without a telling name by a first line that names a column of text."""
    first = text.split("\n", 1)[0][:4096]
    return any(
        len(names) > 1 and has_text(columns(names, {})) and all(len(name) < 40 for name in names)
        for delimiter in DELIMITERS
        for names in csv.reader([first.rstrip("\r")], delimiter=delimiter)
    )


def is_binary(head: bytes) -> bool:
    """Tell bytes that are no text: control characters that no charset uses, unless they are UTF-16."""
    if any(head.startswith(mark) for mark, _ in charset.BOMS):
        return False
    sample = head[:4096]
    controls = len(sample) - len(sample.translate(None, bytes({*range(7), *range(14, 27), 28, 29, 30, 31})))
    return controls * 20 > len(sample) and charset.unmarked_utf16(sample) is None


def _whole_characters(head: bytes) -> bytes:
    """Return the head without a last UTF-8 character that was cut in two, which would make it look like another charset."""
    for size in range(1, min(4, len(head)) + 1):
        if head[-size] >= 0xC0:
            return head[:-size]
        if head[-size] < 0x80:
            break
    return head


def is_html(body: bytes, content_type: str) -> bool:
    """Tell whether the body of an answer is a page. The header decides only where the bytes agree with it.

    >>> is_html(b"\\x89PNG...", "text/html"), is_html(b"<html><p>Rain fell.", "application/octet-stream")
    (False, True)
    """
    named = content_type.partition(";")[0].strip().lower()
    if body.startswith(_FOREIGN + (b"PK\x03\x04", b"\x1f\x8b")) or is_binary(body):
        return False
    if named in {"text/html", "application/xhtml+xml"}:
        return True
    start = body[:HEAD_BYTES]
    if named.startswith(("image/", "video/", "audio/", "font/")) or named in {"text/css", "application/javascript"}:
        return bool(_HTML.match(start)) and b"<html" in start.lower()
    return bool(_HTML.match(start)) or (not _XML.match(start) and not named and bool(_ANY_HTML.search(start)))
