"""Facts in struck lines that fill empty metadata: headline, outlet, date, author, canonical link.

Aggregators and autoposters write them below a story they took over:

    August 28, 2026 at 01:06AM
    Ferry runs aground off Orrel - Orrel Courier
    0 Response to "Ferry runs aground off Orrel - Orrel Courier"

Nothing here searches with patterns: lines are cut at fixed signs, and a line too long to be a fact is passed over.
"""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dateutil import parser as dates

from cleaners.text import word_count

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cleaners.model import Edit, Meta

_LONGEST = 240  # characters of a line that may hold a fact
_TELLING = frozenset({"aggregator_tail", "byline_dateline_meta", "comment_prompt", "related_links"})
_SHORTENERS = frozenset({"bit.ly", "buff.ly", "dlvr.it", "goo.gl", "ift.tt", "is.gd", "ow.ly", "t.co", "tinyurl.com"})
_BYLINES = ("by ", "written by ", "reported by ", "von ", "por ", "par ", "di ", "oleh ", "autor: ", "oleh: ")
_DASHES = (" - ", " – ", " — ", " | ")
# A date is believed if it comes out the same whatever fills its gaps, so all of year, month and day stand in the line.
_FILLERS = datetime(2001, 1, 1), datetime(2004, 2, 29)  # noqa: DTZ001  (they fill gaps; the time zone is given below)


def salvage(meta: Meta, edits: Sequence[Edit]) -> tuple[Meta, tuple[str, ...]]:
    """Return the metadata, completed from struck lines where it was empty, and the names of the fields filled.

    >>> from cleaners.model import Edit, Meta
    >>> line = "Ferry runs aground off Orrel - Orrel Courier"
    >>> meta, filled = salvage(Meta(), [Edit(0, len(line), line, "", "aggregator-source", "aggregator_tail")])
    >>> meta.title, meta.source_name, filled
    ('Ferry runs aground off Orrel', 'Orrel Courier', ('title', 'source_name'))
    """
    struck = [line for edit in edits if edit.category in _TELLING and not edit.after for line in _lines(edit.before)]
    if not struck:
        return meta, ()
    title, outlet = _headline(struck)
    found: dict[str, Any] = {
        "title": title,
        "source_name": outlet,
        "published": next(_dates(struck), None),
        "author": next(_authors(struck), None),
        "url": next(_links(struck), None),
    }
    filled = {name: value for name, value in found.items() if value is not None and getattr(meta, name) is None}
    return dataclasses.replace(meta, **filled), tuple(filled)


def _lines(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        if 0 < len(line) <= _LONGEST and (plain := " ".join(line.split())):
            yield plain


def _headline(lines: Iterable[str]) -> tuple[str | None, str | None]:
    """Return headline and outlet: of the line with the longest headline, be it quoted or followed by its outlet."""
    best: tuple[str, str | None] | None = None
    for line in lines:
        quoted = _quoted(line)
        title, outlet = _parted(quoted or line)
        if (outlet or quoted) and word_count(title) >= 4 and (best is None or len(title) > len(best[0])):
            best = title, outlet
    return best or (None, None)


def _quoted(line: str) -> str | None:
    """Return the headline in `3 Responses to "Headline"`."""
    before, _, rest = line.partition('"' if '"' in line else "“")
    if not before.rstrip().lower().endswith((" response to", " responses to", " comment on", " comments on")):
        return None
    return rest.rstrip('"”') or None


def _parted(line: str) -> tuple[str, str | None]:
    """Return headline and outlet of "Headline - Outlet"; an outlet has few words and begins with a capital."""
    dash = max(_DASHES, key=line.rfind)
    title, _, outlet = line.rpartition(dash)
    if title and word_count(outlet) <= 5 and outlet[:1].isupper():
        return title.strip(), outlet.strip()
    return line, None


def _dates(lines: Iterable[str]) -> Iterator[datetime]:
    for line in lines:
        if len(line) > 60 or not any(letter.isdigit() for letter in line):
            continue
        try:
            one, two = (dates.parse(line, default=filler, tzinfos=_zone) for filler in _FILLERS)
        except (ValueError, OverflowError):
            continue
        if one == two and one.year > 1900:
            yield one.replace(tzinfo=UTC) if one.tzinfo is None else one.astimezone(UTC)


def _zone(_name: str | None, offset: int | None) -> timezone:
    """Return the zone of an offset in seconds; UTC for zones that only have a name, which many places share."""
    return timezone(timedelta(seconds=offset)) if offset else UTC


def _authors(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        low = line.lower()
        cue = next((cue for cue in _BYLINES if low.startswith(cue)), None)
        if cue is None:
            continue
        name = line[len(cue) :].strip(" .:")
        names = [word for word in name.split() if len(word) > 2]
        if (
            1 < len(name.split()) <= 5
            and all(word[0].isupper() for word in names)
            and not any(c.isdigit() for c in name)
        ):
            yield name


def _links(lines: Iterable[str]) -> Iterator[str]:
    """Yield the addresses that stand alone in a line and are not those of a link shortener."""
    for line in lines:
        address = line.rpartition(" ")[2]
        if not address.startswith(("http://", "https://")) or (
            address != line and not line[: -len(address)].endswith(": ")
        ):
            continue
        try:
            host = urlsplit(address).hostname
        except ValueError:
            continue
        if host and "." in host and host.removeprefix("www.") not in _SHORTENERS:
            yield address
