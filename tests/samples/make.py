"""Write the samples: two invented articles, once for each kind of input. Run: python tests/samples/make.py."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
import tarfile
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

HERE = Path(__file__).parent
ARTICLES = [
    {
        "id": "ferry-1",
        "url": "https://courier.example/ferry",
        "title": "Ferry to Örö returns",
        "text": "The ferry to Örö sails again from Monday.\n“We waited all winter,” said its captain, Mirja Lind.",
        "date": "2024-03-04T08:30:00Z",
    },
    {
        "id": "mill-2",
        "url": "https://courier.example/mill",
        "title": "Old mill; new roof",
        "text": 'The mill in Tarnów gets a "green" roof, the council decided;\nwork begins in May.',
        "date": "2024-04-05",
    },
]


def page(article: dict[str, str]) -> str:
    """Return an article as an HTML page."""
    lines = "".join(f"<p>{line}</p>" for line in article["text"].split("\n"))
    return f'<!doctype html><meta charset="utf-8"><title>{article["title"]}</title><body>{lines}</body>'


def record(kind: str, block: bytes, *, name: str = "", url: str = "", content_type: str = "") -> bytes:
    """Return one WARC record."""
    head = [
        "WARC/1.0",
        f"WARC-Type: {kind}",
        f"WARC-Target-URI: {url}",
        "WARC-Date: 2024-05-06T07:08:09Z",
        f"WARC-Record-ID: <urn:uuid:{name}>",
        f"Content-Type: {content_type or 'application/http; msgtype=response'}",
        f"Content-Length: {len(block)}",
    ]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """Return an HTTP answer."""
    lines = [f"HTTP/1.1 {status}", *(headers or ("Content-Type: text/html; charset=utf-8",))]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def warc() -> list[bytes]:
    """Return the records of a small crawl: what is about the crawl, two pages."""
    pages = [record("response", answer(page(one).encode()), name=one["id"], url=one["url"]) for one in ARTICLES]
    about = record("warcinfo", b"software: hand\r\n", name="info", content_type="application/warc-fields")
    request = record("request", b"GET / HTTP/1.1\r\n\r\n", name="request", url="https://courier.example/")
    return [about, request, *pages]


def wet() -> list[bytes]:
    """Return the same as WET."""
    return [
        record("conversion", one["text"].encode(), name=one["id"], url=one["url"], content_type="text/plain")
        for one in ARTICLES
    ]


def samples() -> dict[str, bytes]:
    """Return the content of each file by its name, `<kind>.<extension>`."""
    zipped, tarred, table, rows = io.BytesIO(), io.BytesIO(), io.BytesIO(), io.StringIO(newline="")
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for article in ARTICLES:
            archive.writestr(zipfile.ZipInfo(f"{article['id']}.html"), page(article))
    with tarfile.open(fileobj=tarred, mode="w") as tar:
        for article in ARTICLES:
            info = tarfile.TarInfo(f"{article['id']}.html")
            info.size = len(page(article).encode())
            tar.addfile(info, io.BytesIO(page(article).encode()))
    pq.write_table(pa.Table.from_pylist(ARTICLES), table)
    writer = csv.DictWriter(rows, list(ARTICLES[0]))
    writer.writeheader()
    writer.writerows(ARTICLES)
    lines = "\n".join(json.dumps(article, ensure_ascii=False) for article in ARTICLES)
    return {
        "html.html": page(ARTICLES[0]).encode(),
        "text.txt": ARTICLES[0]["text"].encode(),
        "zip.zip": zipped.getvalue(),
        "tar.tar.gz": gzip.compress(tarred.getvalue(), mtime=0),
        "warc.warc.gz": b"".join(gzip.compress(one, mtime=0) for one in warc()),
        "warc.wet": b"".join(wet()),
        "jsonl.jsonl": lines.encode(),
        "json.json": json.dumps(ARTICLES, ensure_ascii=False, indent=1).encode(),
        "csv.csv": rows.getvalue().encode(),
        "parquet.parquet": table.getvalue(),
    }


if __name__ == "__main__":
    for name, content in samples().items():
        (HERE / name).write_bytes(content)
    sys.exit(0)
