"""What is broken on purpose, each with the words that `truth.json` uses for it."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

from builder import records

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)
HTML = "text/html; charset=utf-8"

Planted = tuple[dict[str, str | int], bytes]
"""What the truth says of a broken record, and its bytes."""


def fault(name: str, expect: str, **where: str | int) -> dict[str, str | int]:
    """Return a line of the truth: `expect` is rejected, skipped (no record at all), or copy."""
    return {"fault": name, "expect": expect, **where}


def in_warc(domain: str, when: datetime, good: bytes, residue_page: bytes) -> list[Planted]:
    """Return broken WARC records of one host; `good` is a page to break."""

    def response(path: str, name: str, expect: str, wire: bytes, length: int | None = None) -> Planted:
        url = f"https://{domain}{path}"
        record = records.warc_record("response", url, when, wire, "application/http; msgtype=response", length)
        return fault(name, expect, url=url), record

    request = f"GET /robots.txt HTTP/1.1\r\nHost: {domain}\r\nUser-Agent: {records.SOFTWARE}\r\n\r\n".encode()
    robots = f"https://{domain}/robots.txt"
    asked = records.warc_record("request", robots, when, request, "application/http; msgtype=request")
    gone = b"<html><head><title>404</title></head><body><h1>Page not found</h1><p>It has sailed.</p></body></html>"
    return [
        (fault("a request, not a response", "skipped", url=robots), asked),
        response("/gone", "404 response", "rejected", records.http_response(gone, HTML, "404 Not Found")),
        response("/pixel.png", "image response", "rejected", records.http_response(PIXEL, "image/png")),
        response("/moved", "redirect", "rejected", records.http_response(b"", HTML, "301 Moved Permanently")),
        response("/empty", "empty page", "rejected", records.http_response(b"", HTML)),
        response("/shell", "page of only residue", "rejected", records.http_response(residue_page, HTML)),
        response("/liar", "WARC Content-Length too small", "rejected", records.http_response(good, HTML), length=700),
    ]


def cut_member(domain: str, when: datetime, page: bytes) -> Planted:
    """Return a gzip member whose second half never arrived: the end of a file that a crawler was killed over."""
    url = f"https://{domain}/cut-off"
    wire = records.http_response(page, HTML)
    member = gzip.compress(
        records.warc_record("response", url, when, wire, "application/http; msgtype=response"), 6, mtime=0
    )
    return fault("truncated WARC record at the end of the file", "rejected", url=url), member[: len(member) // 2]


def in_json_lines(domain: str) -> list[Planted]:
    """Return broken lines of a C4-like dump."""
    url = f"https://{domain}/row"

    def line(**row: object) -> bytes:
        return json.dumps(row).encode()

    return [
        (fault("bad JSON line", "rejected", url=f"{url}/1"), line(text="Cut in the middle", url=f"{url}/1")[:-2]),
        (fault("row without text", "rejected", url=f"{url}/2"), line(url=f"{url}/2", timestamp="2024-04-02T08:00:00Z")),
        (fault("row with an empty text", "rejected", url=f"{url}/3"), line(text=" \n ", url=f"{url}/3")),
        (fault("row that is a list", "rejected", url=f"{url}/4"), json.dumps(["text", f"{url}/4"]).encode()),
    ]


def mojibake(text: str) -> str:
    """Return UTF-8 read as Windows-1252, as half of all scraped mojibake came about.

    >>> mojibake("Brücke – gesperrt")
    'BrÃ¼cke â€“ gesperrt'
    """
    return "".join(bytes([byte]).decode("cp1252", "replace").replace("\ufffd", chr(byte)) for byte in text.encode())


def with_nul_and_surrogate(row: Mapping[str, object]) -> bytes:
    """Return a JSON line whose title ends in half an emoji and whose text holds a NUL, both as JSON escapes."""
    text = str(row["text"])
    damaged = {**row, "title": f"{row.get('title', 'Untitled')} \ud83d", "text": text.replace(". ", ".\x00 ", 1)}
    return json.dumps(damaged).encode()
