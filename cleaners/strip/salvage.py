"""Facts in struck lines that fill empty metadata: headline, outlet, date, author, canonical link.

Aggregators and autoposters write them below a story they took over:

    August 28, 2026 at 01:06AM
    Ferry runs aground off Orrel - Orrel Courier
    0 Response to "Ferry runs aground off Orrel - Orrel Courier"

Nothing here searches with patterns: lines are cut at fixed signs, and a line too long to be a fact is passed over.
"""

from __future__ import annotations

import dataclasses
import tomllib
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dateutil import parser as dates

from cleaners.text import word_count

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cleaners.model import Edit, Meta

_WORDS = tomllib.loads((Path(__file__).parent / "salvage.toml").read_text(encoding="utf-8"))
_SOURCES, _BYLINES = tuple(_WORDS["sources"]), tuple(_WORDS["bylines"])
_NO_SOURCE = frozenset([*_WORDS["shorteners"], *_WORDS["social"]])
_DESKS, _PARTICLES, _LABELS = (frozenset(_WORDS[name]) for name in ("desks", "particles", "labels"))
_MONTH = {name: names[0] for names in _WORDS["months"] for name in names}
_LONGEST = 240  # characters of a line that may hold a fact
_TELLING = frozenset({"aggregator_tail", "byline_dateline_meta", "comment_prompt", "related_links"})
_FIRST_ON = (" appeared first on ", " first appeared on ")
_MONTHS = 12
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
    labels = [line for edit in edits if edit.category == "navigation" for line in _lines(edit.before)]
    tails = [line for edit in edits if edit.category == "aggregator_tail" for line in _lines(edit.before)]
    if not struck and not labels:
        return meta, ()
    title, outlet = _headline(struck)
    found: dict[str, Any] = {
        "title": title,
        "source_name": outlet,
        "published": next(_dates(struck), None),
        "author": next(_authors([*struck, *labels]), None),
        "url": next(_links(struck, tails), None),
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
        cue = next((cue for cue in _FIRST_ON if cue in line), None)
        if cue and line.lower().startswith("the post "):
            headline, _, name = line[len("the post ") :].partition(cue)
            return headline.strip(' "“”'), name.strip(" .")
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
        plain = _plain_date(line)
        if len(line) > 60 or plain is None:
            continue
        try:
            one, two = (
                dates.parse(plain, default=filler, tzinfos=_zone, dayfirst=plain.count(".") > 1) for filler in _FILLERS
            )
        except (ValueError, OverflowError):
            continue
        if one == two and one.year > 1900:
            yield one.replace(tzinfo=UTC) if one.tzinfo is None else one.astimezone(UTC)


def _plain_date(line: str) -> str | None:
    """Return a line with its months in English and without labels; None where nothing tells day from month.

    >>> _plain_date("Veröffentlicht am 3. März 2024, 10:05 Uhr"), _plain_date("03/04/2024")
    ('3. march 2024, 10:05', None)
    """
    words = [word.strip(":|") for word in line.lower().split()]
    kept = [_MONTH.get(word.strip(",."), word) for word in words if word and word not in _LABELS]
    numbers = [int(part) for word in kept if "/" in word for part in word.split("/") if part.isdecimal()]
    if len(numbers) > 1 and max(numbers[:2]) <= _MONTHS:
        return None
    return " ".join(kept) if any(map(str.isdigit, line)) else None


def _zone(_name: str | None, offset: int | None) -> timezone:
    """Return the zone of an offset in seconds; UTC for zones that only have a name, which many places share."""
    return timezone(timedelta(seconds=offset)) if offset else UTC


def _authors(lines: Iterable[str]) -> Iterator[str]:
    """Yield the name after each cue of a byline: two to five words in capitals, no desk and no agency."""
    for line in lines:
        low = line.lower()
        cue = next((cue for cue in _BYLINES if low.startswith(cue)), None)
        if cue is None:
            continue
        name = line[len(cue) :]
        for sign in (" | ", " - ", " – ", " — ", ", ", " / ", " • "):
            name = name.partition(sign)[0]
        name = name.strip(" .:")
        words = name.split()
        if (
            1 < len(words) <= 5
            and words[-1][0].isupper()
            and all(word[0].isupper() or word in _PARTICLES for word in words)
            and not _DESKS & {*name.lower().split()}
            and not any(sign.isdigit() or sign in "@/:()" for sign in name)
        ):
            yield name


def _links(lines: Iterable[str], tails: Iterable[str]) -> Iterator[str]:
    """Yield the addresses of sources: after words that say so, or alone in a line of an aggregator's tail."""
    alone = [line for line in tails if " " not in line]
    for line in [*(line for line in lines if " " in line), *alone]:
        said, _, address = line.rpartition(" ")
        said = said.lower()
        if not address.startswith(("http://", "https://")) or (
            said and not (said.startswith(_SOURCES) or "original" in said)
        ):
            continue
        try:
            host = (urlsplit(address).hostname or "").removeprefix("www.")
        except ValueError:
            continue
        if "." in host and not {host, ".".join(host.split(".")[-2:])} & _NO_SOURCE:
            yield address
