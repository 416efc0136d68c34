"""Publication date of a page, from what says it outright to what has to be looked for."""

from __future__ import annotations

import email.utils
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import htmldate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml.html import HtmlElement

# Before this nothing was published on the web, but archives put old papers there.
_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_IN_URL = re.compile(r"/((?:19|20)\d{2})[/-](0[1-9]|1[0-2])[/-](0[1-9]|[12]\d|3[01])(?=[/-])")


def published(stated: Iterable[str], url: str | None, tree: HtmlElement, limit: datetime) -> datetime | None:
    """Return when the page was published (UTC), or None where nothing says so.

    `stated` are dates found in JSON-LD and meta tags, best first; then the URL decides, then htmldate in its fast
    mode: its thorough one takes as long as the extraction itself and guesses from any number on the page.
    `limit` is the latest date believed.
    """
    for text in stated:
        date = read_date(text)
        if date is not None and date <= limit:
            return date
    if url and (match := _IN_URL.search(url)):
        date = _day(match.groups())
        if date is not None and date <= limit:
            return date
    found = htmldate.find_date(
        tree, extensive_search=False, original_date=True, max_date=limit.strftime("%Y-%m-%d"), url=url
    )
    return read_date(found) if found else None


def read_date(text: str) -> datetime | None:
    """Return a date in UTC; one without a time zone counts as UTC, one that cannot be a publication date as None.

    >>> read_date("2024-05-03T06:00:00+02:00")
    datetime.datetime(2024, 5, 3, 4, 0, tzinfo=datetime.timezone.utc)
    >>> read_date("Fri, 03 May 2024 06:00:00 GMT")
    datetime.datetime(2024, 5, 3, 6, 0, tzinfo=datetime.timezone.utc)
    >>> read_date("2024-05-03 um 6 Uhr"), read_date("1970-01-01T00:00:00Z"), read_date("yesterday")
    (datetime.datetime(2024, 5, 3, 0, 0, tzinfo=datetime.timezone.utc), None, None)
    """
    text = text.strip()[:64]
    for read in (datetime.fromisoformat, email.utils.parsedate_to_datetime, _first_day):
        try:
            date = read(text)
            date = (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return date if date >= _EARLIEST and date != _EPOCH else None
    return None


def _first_day(text: str) -> datetime:
    """Return the YYYY-MM-DD that the text begins with; raise ValueError where it does not."""
    match = _DAY.match(text)
    if match is None:
        raise ValueError(text)
    return datetime(*map(int, match.groups()), tzinfo=UTC)  # type: ignore[misc,arg-type]


def _day(parts: tuple[str, ...]) -> datetime | None:
    """Return the day of year, month and day in digits, or None where there is no such day."""
    try:
        return datetime(*map(int, parts), tzinfo=UTC)  # type: ignore[misc,arg-type]
    except ValueError:
        return None
