"""Files of a crawl, byte for byte the same on every build: no clock, no random ids, no path inside them."""

from __future__ import annotations

import gzip
import io
import uuid
import zipfile
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

SOFTWARE = "tidewater-crawler/1.4 (invented)"


def record_id(*parts: str) -> str:
    """Return the WARC-Record-ID for what these words name."""
    return f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, ' '.join(parts))}>"


def http_response(body: bytes, content_type: str, status: str = "200 OK", length: int | None = None) -> bytes:
    """Return a response as it came over the wire; `length` may lie."""
    size = len(body) if length is None else length
    head = f"HTTP/1.1 {status}\r\nServer: nginx\r\nContent-Type: {content_type}\r\nContent-Length: {size}\r\n\r\n"
    return head.encode() + body


def warc_record(
    kind: str, url: str, when: datetime, block: bytes, content_type: str, length: int | None = None
) -> bytes:
    """Return one WARC record; `length` may lie."""
    lines = [
        "WARC/1.0",
        f"WARC-Type: {kind}",
        f"WARC-Record-ID: {record_id(kind, url, when.isoformat())}",
        f"WARC-Date: {when:%Y-%m-%dT%H:%M:%SZ}",
        *([f"WARC-Target-URI: {url}"] if url else []),
        f"Content-Type: {content_type}",
        f"Content-Length: {len(block) if length is None else length}",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def warc_info(name: str, when: datetime) -> bytes:
    """Return the record that opens a WARC file."""
    block = f"software: {SOFTWARE}\r\nformat: WARC File Format 1.0\r\nisPartOf: {name}\r\n".encode()
    return warc_record("warcinfo", "", when, block, "application/warc-fields")


def write_warc(path: Path, members: Iterable[bytes]) -> None:
    """Write WARC records, each a gzip member of its own; a member that is gzip already goes in as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(each if each[:2] == b"\x1f\x8b" else gzip.compress(each, 6, mtime=0) for each in members))


def write_lines(path: Path, lines: Iterable[bytes]) -> None:
    """Write lines of JSON, compressed when the name says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    body = b"".join(line + b"\n" for line in lines)
    path.write_bytes(gzip.compress(body, 6, mtime=0) if path.suffix == ".gz" else body)


def write_parquet(path: Path, rows: Sequence[Mapping[str, object]], schema: pa.Schema) -> None:
    """Write rows as one Parquet file with small row groups, so that it can be cut into shards."""
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pylist([dict(row) for row in rows], schema=schema)
    pq.write_table(table, path, compression="zstd", row_group_size=8, store_schema=False)


def write_zip(path: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a zip whose entries carry the oldest date the format knows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, body in files.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, body, zipfile.ZIP_DEFLATED, 6)
    path.write_bytes(buffer.getvalue())


def write_file(path: Path, body: bytes) -> None:
    """Write one file, its folders too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
