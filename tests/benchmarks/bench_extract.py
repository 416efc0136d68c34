"""Extraction on labelled pages: what it costs, whether text and metadata are trafilatura's, what the marks tell.

    python tests/benchmarks/bench_extract.py [--pages N] [--differences]

Processor time is taken page by page, both ways in turn, so that other work on the machine weighs on both alike.
"""

from __future__ import annotations

import argparse
import collections
import gzip
import json
import logging
import pathlib
import sys
import time

import trafilatura

from cleaners.config import ExtractSettings
from cleaners.errors import RecordError
from cleaners.extract import page as stage
from cleaners.extract.dates import read_date
from cleaners.model import Mark

PAGES = pathlib.Path(__file__).resolve().parents[2].parent / "shared" / "data" / "pages"
INVISIBLE = dict.fromkeys(
    map(ord, "\u00ad\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--pages", type=int, default=None, help="only so many pages")
    parser.add_argument("--differences", action="store_true", help="print metadata that differs")
    options = parser.parse_args()
    if not PAGES.is_dir():
        sys.exit(f"{PAGES} is not there; nothing measured")
    logging.disable(logging.CRITICAL)
    files = [gzip.decompress(path.read_bytes()) for path in sorted(PAGES.glob("*.jsonl.gz"))]
    pages = [json.loads(line) for file in files for line in file.splitlines()]
    pages = pages[:: max(1, len(pages) // options.pages)] if options.pages else pages
    settings = ExtractSettings()
    for page in pages[:10]:  # caches, models, compiled patterns
        trafilatura.bare_extraction(page["html"], with_metadata=True)
        attempt(page["html"], settings)

    cpu: collections.Counter[str] = collections.Counter()
    agree: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    lines: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    texts_differ = []
    for page in pages:
        start = time.process_time()
        theirs = trafilatura.bare_extraction(page["html"], url=page["url"], with_metadata=True)
        middle = time.process_time()
        ours = attempt(page["html"], settings)
        cpu["bare_extraction"] += middle - start
        cpu["from_html"] += time.process_time() - middle
        plain = trafilatura.extract(page["html"], include_comments=False) or ""
        if plain != (ours.text if ours else "").translate(INVISIBLE):
            texts_differ.append(page["id"])
        if ours and theirs:
            compare(agree, page, theirs, ours, show=options.differences)
            count(lines, page, ours)

    print(f"{len(pages)} pages; texts that differ from trafilatura.extract: {len(texts_differ)} {texts_differ}")
    for name, seconds in cpu.items():
        print(f"{name:16} {1000 * seconds / len(pages):6.1f} ms of processor time a page")
    print(f"{'ratio':16} {cpu['from_html'] / cpu['bare_extraction']:6.2f}")
    print("\nmetadata       same  differs  only ours  only trafilatura  neither")
    for field, counts in agree.items():
        print(f"{field:12}", *(f"{counts[key]:6}" for key in ("same", "differs", "ours", "theirs", "neither")))
    print_marks(lines)


def attempt(html: str, settings: ExtractSettings) -> stage.Extracted | None:
    try:
        return stage.from_html(html, settings)
    except RecordError:
        return None


def compare(agree, page, theirs, ours, *, show: bool) -> None:
    date = read_date(theirs.date) if theirs.date else None
    pairs = {
        "title": (ours.meta.title, theirs.title),
        "author": (ours.meta.author, theirs.author),
        "published": (ours.meta.published, date),
        "source_name": (ours.meta.source_name, theirs.sitename),
        "url": (ours.meta.url, theirs.url),
    }
    for field, (mine, other) in pairs.items():
        same = mine == other or (mine and other and field == "published" and abs(mine - other).days <= 1)
        key = (
            "same"
            if mine and same
            else "neither"
            if same
            else "differs"
            if mine and other
            else "ours"
            if mine
            else "theirs"
        )
        agree[field][key] += 1
        if show and key in {"differs", "theirs"}:
            print(f"{field} {page['id'][:40]}: ours {mine!s:.90} | theirs {other!s:.90}")


def count(lines, page, ours) -> None:
    """Count the marks of each label; lines whose text was extracted more than once count once."""
    found = dict(zip((line.strip() for line in ours.text.split("\n")), ours.marks, strict=True))
    for line in page["lines"]:
        label = "policy" if line.get("policy") else line["label"]
        mark = found.get(line["text"])
        lines[label]["all"] += 1
        lines[label]["no mark" if mark is not None and not mark else "not found" if mark is None else "marked"] += 1
        for flag in Mark:
            lines[label][flag.name] += bool(flag) and mark is not None and flag in mark


def print_marks(lines) -> None:
    labels = [label for label in ("content", "boilerplate", "policy", "mixed") if label in lines]
    print(f"\n{'lines':12}", *(f"{label:>16}" for label in labels), "   weight (boilerplate share over content share)")
    for name in ["all", "no mark", "not found", *(flag.name for flag in Mark if flag)]:
        shares = {label: lines[label][name] / lines[label]["all"] for label in labels}
        ratio = shares["boilerplate"] / max(shares["content"], 1 / lines["content"]["all"])
        print(f"{name:12}", *(f"{lines[label][name]:7} {shares[label]:7.2%}" for label in labels), f"  {ratio:8.1f}")


if __name__ == "__main__":
    main()
