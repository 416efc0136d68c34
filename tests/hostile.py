"""A crawl of files that mean harm or are broken, each with a marker; `write` lays it down and tells what to find.

`python tests/hostile.py OUT INPUT` cleans it by the library and prints the most that a process held, MiB.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import re
import resource
import sys
import zipfile
from pathlib import Path
from typing import Protocol

import library
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard
from samples import make

SCRIPTS = (  # noqa: SIM905  (a list of forty literals would fill a page)
    "Ferry мост міст γέφυρα גשר جسر پل पुल সেতু ਪੁਲ પુલ ସେତୁ பாலம் వంతెన ಸೇತುವೆ പാലം පාලම สะพาน ຂົວ တံတား ខ្ពស់ "
    "ხიდი կամուրջ ድልድይ 桥梁 橋 はし ハシ 다리 гүүр ཟམ་པ ރޯޅި ᓱᓂᐊ 👩‍👩‍👧 می‌روم श्री‌मान\u200d שלום\u200f"
).split()
PACKERS = {"gz": gzip.compress, "zst": zstandard.compress, "bz2": bz2.compress, "xz": lzma.compress}


class Lay(Protocol):
    """Lays a file down; `found`: its marker must be found."""

    def __call__(self, name: str, content: bytes, *, found: bool) -> None: ...


def story(name: str) -> str:
    """Return a text that no other one resembles."""
    return f"The {name} bridge reopened on Monday, said {name}. Nobody at {name} was hurt, and {name} paid for it."


def page(name: str, head: str = '<meta charset="utf-8">', inside: str = "") -> str:
    """Return a page with the text."""
    return f"<!doctype html><html><head>{head}<title>t</title></head><body>{inside}<p>{story(name)}</p></body></html>"


def write(folder: Path) -> dict[str, bool]:
    """Write the files; return for each whether its marker must be found, or it may be rejected."""
    folder.mkdir()
    expected: dict[str, bool] = {}

    def lay(name: str, content: bytes, *, found: bool) -> None:
        (folder / name).write_bytes(content)
        expected[name] = found

    for part in (_texts, _lines, _tables, _pages, _archives):
        part(lay)
    os.mkfifo(folder / "pipe.html")
    (folder / "loop").symlink_to(folder)
    (folder / "nowhere.html").symlink_to(folder / "missing")
    (folder / "circle.html").symlink_to(folder / "circle.html")
    return expected | {"pipe.html": False, "nowhere.html": False, "circle.html": False}


def marker(name: str) -> str:
    """Return the marker of a file: its name without signs."""
    return "".join(sign for sign in name if sign.isalnum())


def _texts(lay: Lay) -> None:
    for number, script in enumerate(SCRIPTS):
        name = f"script{number}.txt"
        lay(name, f"{script} {story(marker(name))}".encode(), found=True)
    for codec in ("utf-8-sig", "utf-16", "utf-32", "cp1252"):
        name = f"text-{codec}.txt"
        lay(name, f"Café. {story(marker(name))}".encode(codec), found=True)
    lay("residue.txt", b"Share on Facebook\n\nPost a Comment\n", found=False)
    lay("binary.bin", bytes(range(256)) * 40, found=False)
    lay("b\nad\x1b[31m.txt", story("bad31mtxt").encode(), found=True)


def _lines(lay: Lay) -> None:
    for kind, pack in {"": bytes, **PACKERS}.items():
        name = f"lines{kind}.jsonl" + (f".{kind}" if kind else "")
        lines = [json.dumps({"text": story(marker(name) + end)}) for end in ("", "B", "C")]
        packed = pack(
            "\n".join([lines[0], "{not json", '{"text": 7}', '{"id": 1}', '{"text": "a\\ud800"}', *lines[1:]]).encode()
        )
        lay(name, packed, found=True)
        lay(f"cut-{name}", packed[: len(packed) // 2], found=False)
        flipped = bytearray(packed)
        flipped[len(packed) // 2] ^= 0xFF
        lay(f"flipped-{name}", bytes(flipped), found=False)
    odd = [
        "http://[",
        "http://a\x1b[2J/\n",
        "http://[::1",
        "http://a]b/",
        "http://a:b/",
        "\0",
        "a" * 5000,
        "http://xn--\u212a/",
    ]
    told = [json.dumps({"url": url, "text": story(f"addressesjsonl, {number}")}) for number, url in enumerate(odd)]
    lay("addresses.jsonl", "\n".join(told).encode(), found=True)
    lay("long.jsonl", b'{"text": "' + b"x" * (20 << 20) + b'"}\n' + _line("longjsonl"), found=True)
    lay("deep.jsonl", b"[" * 50_000 + b"]" * 50_000 + b"\n" + _line("deepjsonl"), found=True)
    lay("bomb.jsonl.gz", gzip.compress(b" " * (64 << 20)) + gzip.compress(b"\n" + _line("x")), found=False)


def _tables(lay: Lay) -> None:
    lay("quotes.csv", f'id,text\n1,"{story("quotescsv")}\nsaid ""she"""\n2\n3,a,b,c\n'.encode(), found=True)
    lay("open.csv", f'id,text\n1,"{story("opencsv")}"\n2,"never closed\n3,x\n'.encode(), found=True)
    lay("semicolon.csv", f"id;text\n1;{story('semicoloncsv')}\n".encode(), found=True)
    lay("nul.csv", f'id,text\n1,"{story("nulcsv")}\0"\n'.encode(), found=True)
    table = io.BytesIO()
    pq.write_table(pa.table({"text": [story("tableparquet"), None, ""]}), table)
    lay("table.parquet", table.getvalue(), found=True)
    lay("cut.parquet", table.getvalue()[:-9], found=False)
    lay("fake.parquet", b"PAR1" + os.urandom(300), found=False)


def _pages(lay: Lay) -> None:
    lay("empty.html", b"", found=False)
    lay("charset.html", page("charsethtml", '<meta charset="koi8-r">').encode(), found=True)
    lay("nul.html", page("nulhtml", inside="<p>a\0b</p>").encode(), found=True)
    lay("nested.html", page("nestedhtml", inside="<div>" * 50_000).encode(), found=False)
    lay(
        "attributes.html",
        page("attributeshtml", inside=f"<p {' '.join(f'a{n}=1' for n in range(20_000))}>").encode(),
        found=False,
    )
    lay("entities.html", page("entitieshtml", '<!ENTITY a "&a;&a;">', "&a;" * 9999).encode(), found=True)
    lay("references.html", page("referenceshtml", inside="&#1;&#xFFFFFFF;&#55296;").encode(), found=True)
    lay("script.html", page("scripthtml", inside="<script>alert(1)</script>" * 500).encode(), found=True)
    lay("large.html", page("largehtml", inside="<p>much</p>" * 900_000).encode(), found=False)


def _archives(lay: Lay) -> None:
    record = make.record("response", make.answer(page("recordwarc").encode()), name="1", url="https://a.example/1")
    lay("record.warc", record, found=True)
    lay("length.warc", record.replace(b"Content-Length: ", b"Content-Length: 9", 1), found=False)
    lay("cut.warc.gz", gzip.compress(record)[:-40], found=False)
    lay("noise.warc", b"noise\r\n" * 50 + record.replace(b"recordwarc", b"noisewarc0"), found=False)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr("../../escaped.html", page("tricksszip"))
        pack.writestr("/etc/absolute.html", page("absolutezip"))
    lay("trickss.zip", archive.getvalue(), found=True)
    lay("cut.zip", archive.getvalue()[:-30], found=False)


def _line(name: str) -> bytes:
    return json.dumps({"text": story(name)}).encode() + b"\n"


if __name__ == "__main__":
    library.clean([sys.argv[2]], Path(sys.argv[1]))
    # Its own peak by the kernel's book: ru_maxrss would begin at what the parent that started it had.
    own = int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1])
    print(max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) >> 10)
