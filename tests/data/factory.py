"""Small invented reports, pages and WARC files in any number, for tests that need many and care little what they say.

    import sys; sys.path.insert(0, "tests/data"); import factory

The same number gives the same report everywhere; two numbers give reports that share no more than a few phrases.
"""

from __future__ import annotations

import html
import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from builder import records

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

NAMES = (
    "Abara Aske Brandt Crane Dunphy Farr Gray Hoyt Ito Kline Lomax Moretti Olander Pell Quill Ross Sato Tull Voss Yeo"
)
PLACES = (
    "Ansley Bellmont Dunmore Hook Kestrel Lisle Merrow Oberkirn Pinfold Ridley Stillwater Tarn Tolland Wexcombe Zale"
)
THINGS = (
    "bridge orchard ferry clock archive bakery harbor chapel quarry library tunnel school mill lighthouse depot weir"
)
DEEDS = "repaired sold flooded painted closed rebuilt measured insured doubled inspected moved lit emptied photographed"
REASONS = "money rain rust bees lawyers snow mice paperwork tides moss gulls silence frost habit noise luck"
LINKS = "after because of|in spite of|long before|by way of|for want of|thanks to|under pressure from|without any|amid"


def report(number: int, sentences: int = 12) -> list[str]:
    """Return the paragraphs of an invented report of about ten words a sentence, three sentences a paragraph.

    >>> report(7, sentences=3) == report(7, sentences=3) != report(8, sentences=3)
    True
    """
    chance = random.Random(f"report {number}")  # noqa: S311 (a text, not a secret)

    def some(words: str, separator: str | None = None) -> str:
        return chance.choice(words.split(separator))

    def sentence() -> str:
        who, where, what = some(NAMES), some(PLACES), some(THINGS)
        deed, link, why, count = some(DEEDS), some(LINKS, "|"), some(REASONS), chance.randrange(3, 9000)
        forms = (
            f"In {where} the {what} was {deed} {count:,} times {link} {why}.",
            f"{who} of {where} {deed} a {what} worth ${count:,} {link} {why}.",
            f"“Our {what} has {count:,} {why} and a {some(THINGS)},” {who} told {some(NAMES)}.",
            f"Some {count:,} people {deed} {some(PLACES)}'s {what} {link} the {why} of {where}.",
            f"{where}: {count:,} {why}, {who} noted, and one {what}, {deed} {link} {some(NAMES)}.",
        )
        return chance.choice(forms)

    told = [sentence() for _ in range(sentences)]
    return [" ".join(told[at : at + 3]) for at in range(0, sentences, 3)]


def page(number: int, above: Sequence[str] = (), below: Sequence[str] = (), sentences: int = 12) -> str:
    """Return a report as an HTML page, with lines of residue before and after it inside the article.

    >>> "<p>Share this</p></article>" in page(7, below=["Share this"])
    True
    """
    title = f"Report {number}: {NAMES.split()[number % 20]} on the {THINGS.split()[number % 16]}"
    lines = [*above, *report(number, sentences), *below]
    body = "".join(f"<p>{html.escape(line)}</p>" for line in lines)
    head = f'<meta charset="utf-8"><title>{title}</title><meta property="og:title" content="{title}">'
    return (
        f"<!DOCTYPE html><html lang=en><head>{head}</head><body><article><h1>{title}</h1>{body}</article></body></html>"
    )


def write_warc(path: Path, pages: Iterable[tuple[str, str]]) -> None:
    """Write (url, HTML) pairs as the responses of a WARC file."""
    when = datetime(2024, 3, 1, tzinfo=UTC)
    members = [records.warc_info(path.name, when)]
    for number, (url, text) in enumerate(pages):
        wire = records.http_response(text.encode(), "text/html; charset=utf-8")
        fetched = when + timedelta(minutes=number)
        members.append(records.warc_record("response", url, fetched, wire, "application/http; msgtype=response"))
    records.write_warc(path, members)
