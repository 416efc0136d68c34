"""Rows of tables → drafts: which column is which, and what its cells mean.

`FIELDS` lists the names that C4, FineWeb, RealNews, news-please, CC-News, trafilatura, OSCAR, RefinedWeb, RedPajama and
common exports use, best first; a dot goes into a nested value. The settings' `read.fields` take their place.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import functools
import re
from typing import TYPE_CHECKING, Any, TypeAlias

from cleaners.model import Meta
from cleaners.read import charset, markup
from cleaners.read.records import Draft, Flaw
from cleaners.rights import directives

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FIELDS: dict[str, tuple[str, ...]] = {
    "text": (
        "text", "maintext", "raw_content", "content", "article", "article_text", "body", "document", "story",
        "cleaned_text", "full_text", "fulltext", "plain_text",
    ),
    "html": ("html", "raw_html", "html_content", "page", "content_html", "response_body"),
    "url": (
        "url", "link", "canonical_url", "source_url", "u", "uri", "metadata.url", "meta.url", "warc_target_uri",
        "metadata.warc_target_uri", "warc_headers.warc_target_uri", "article_url", "webpage_url",
    ),
    "title": ("title", "headline", "metadata.title", "meta.title", "article_title"),
    "date": (
        "published", "publish_date", "date_publish", "published_at", "publication_date", "publishedat", "pubdate",
        "published_date", "date", "metadata.date", "meta.date", "datetime",
    ),
    "author": ("author", "authors", "byline", "metadata.author", "meta.author", "creator"),
    "source_name": (
        "source_name", "publication", "publisher", "sitename", "site_name", "outlet", "domain", "source_domain",
        "hostname", "source_hostname", "thread.site",
    ),
    "language": ("language", "lang", "metadata.language", "meta.language", "metadata.identification.label"),
    "id": ("id", "uuid", "doc_id", "docid", "_id", "article_id", "guid", "warc_headers.warc_record_id"),
    "fetched": (
        "fetched", "warc_date", "date_download", "timestamp", "crawl_date", "scraped_at", "crawled", "fetch_time",
        "warc_headers.warc_date", "added",
    ),
    "canonical_url": ("canonical_url", "canonical", "metadata.canonical_url"),
    "licenses": ("licenses", "license", "licence", "license_url", "metadata.license", "meta.license"),
    "robots": ("robots", "meta_robots", "x_robots_tag", "metadata.robots"),
    "tdm_reserved": ("tdm_reserved", "tdm_reservation", "metadata.tdm_reservation"),
    "tdm_policy": ("tdm_policy", "metadata.tdm_policy"),
    "paywall": ("paywall", "paywalled", "is_paywalled", "has_paywall"),
}  # fmt: skip
"""Names of columns for each of our fields, best first, in lower case with `_` for spaces and hyphens."""

_FINEWEB = frozenset({"dump", "date"})  # FineWeb's `date` is when the page was crawled
_REALNEWS = frozenset({"publish_date", "warc_date"})  # RealNews writes 03-21-2019, the month first

Path: TypeAlias = tuple[str, ...]
Columns: TypeAlias = dict[str, tuple[Path, ...]]


def normal(name: str) -> str:
    """Return a column name as `FIELDS` writes it.

    >>> normal("Source-Domain"), normal(" Article Text")
    ('source_domain', 'article_text')
    """
    return name.strip().lower().replace("-", "_").replace(" ", "_")


def columns(names: Iterable[str], chosen: Mapping[str, str]) -> Columns:
    """Return, for each of our fields, the paths where its value may stand in a row with these columns, best first.

    `names` are the top-level columns; `chosen` comes from the settings and is taken literally.

    >>> columns(["Text", "metadata", "dump", "date"], {})["fetched"]
    (('date',),)
    """
    given = list(names)
    by_normal: dict[str, str] = {}
    for name in given:
        by_normal.setdefault(normal(name), name)
    found: Columns = {}
    for field, known in FIELDS.items():
        if field in chosen:
            path = chosen[field]
            top = path.partition(".")[0]
            found[field] = ((path,),) if path in given else (tuple(path.split(".")),) if top in given else ()
            continue
        paths = []
        for name in known:
            top, *inner = name.split(".")
            if top in by_normal:
                paths.append((by_normal[top], *inner))
        found[field] = tuple(paths)
    if by_normal.keys() >= _FINEWEB and "date" not in chosen:
        moved = (by_normal["date"],)
        found["date"] = tuple(path for path in found["date"] if path != moved)
        found["fetched"] = (moved, *found["fetched"])
    return found


@functools.lru_cache(maxsize=256)
def _columns_of(names: tuple[str, ...], chosen: tuple[tuple[str, str], ...]) -> Columns:
    return columns(names, dict(chosen))


def has_text(found: Columns) -> bool:
    """Tell whether rows with these columns can hold an article."""
    return bool(found["text"] or found["html"])


def draft(row: Mapping[str, Any], chosen: tuple[tuple[str, str], ...]) -> Draft | Flaw:
    """Return the article in a row of a table or an object of JSON.

    The text counts where there is one, the HTML only where there is none: whoever kept both had extracted already.
    A date that cannot be read leaves its field empty.

    >>> draft({"text": "Rain fell.", "date": "2024-05-01", "id": 7}, ()).meta.published
    datetime.datetime(2024, 5, 1, 0, 0, tzinfo=datetime.timezone.utc)
    """
    places = _columns_of(tuple(row), chosen)
    source_id = _string(_first(row, places["id"]))
    text, html = _content(row, places["text"], html=False), None
    if not text or markup.is_html_cell(text):
        html = text or _content(row, places["html"], html=True)
        if not html:
            return _without_text(row, places, source_id)
        html, text = charset.sound_html(html), None
    published = _first(row, places["date"])
    month_first = isinstance(published, str) and row.keys() >= _REALNEWS
    language = _string(_first(row, places["language"]))
    meta = Meta(
        source_id,
        _string(_first(row, places["url"])),
        _string(_first(row, places["title"])),
        _string(_first(row, places["author"])),
        _month_first(published) if month_first else moment(published),
        _string(_first(row, places["source_name"])),
        language.lower()[:2] if language and _LANGUAGE.fullmatch(language) else None,
        moment(_first(row, places["fetched"])),
        canonical_url=_string(_first(row, places["canonical_url"])),
        licenses=_strings(_flagged(row, places["licenses"])),
        robots=directives(_strings(_first(row, places["robots"])) or ()),
        tdm_reserved=_truth(_flagged(row, places["tdm_reserved"])),
        tdm_policy=_string(_first(row, places["tdm_policy"])),
        paywall=_truth(_flagged(row, places["paywall"])),
    )
    return Draft(html, text, meta)


def _without_text(row: Mapping[str, Any], places: Columns, source_id: str | None) -> Flaw:
    """Say whether the columns are missing, hold something else than text, or nothing."""
    paths = places["text"] + places["html"]
    cell = _first(row, paths)
    if isinstance(cell, str | bytes) or (cell is None and paths):
        return Flaw("empty", "", source_id)
    detail = f"{type(cell).__name__} in the column of texts" if paths else f"columns: {', '.join(map(str, row))}"
    return Flaw("no text", detail, source_id)


def _first(row: Mapping[str, Any], paths: tuple[Path, ...]) -> Any:  # noqa: ANN401  (any JSON value)
    """Return the first value that is there and not empty."""
    for path in paths:
        cell: Any = row.get(path[0])
        for name in path[1:]:
            cell = _inner(cell, name)
        if cell or (cell == 0 and cell is not False):
            return cell
    return None


def _flagged(row: Mapping[str, Any], paths: tuple[Path, ...]) -> Any:  # noqa: ANN401  (any JSON value)
    """Return the first value that is there; unlike `_first`, false is one."""
    for path in paths:
        cell: Any = row.get(path[0])
        for name in path[1:]:
            cell = _inner(cell, name)
        if cell not in (None, "", []):
            return cell
    return None


def _truth(cell: Any) -> bool | None:  # noqa: ANN401  (any JSON value)
    """Return what a cell says of yes and no; None where it says neither."""
    if cell is None:
        return None
    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(str(cell).lower())


def _strings(cell: Any) -> tuple[str, ...] | None:  # noqa: ANN401  (any JSON value)
    """Return a cell as short texts: each of a list, or the one there is; None where there is none."""
    if cell is None:
        return None
    cells = cell[:_MOST_NAMES] if isinstance(cell, list) else [cell]
    return tuple(filter(None, map(_string, cells))) or None


def _inner(cell: Any, name: str) -> Any:  # noqa: ANN401  (any JSON value)
    """Return what a nested value has under a name, literally or as `FIELDS` writes names."""
    if not isinstance(cell, dict):
        return None
    return cell[name] if name in cell else next((cell[key] for key in cell if normal(key) == name), None)


def _content(row: Mapping[str, Any], paths: tuple[Path, ...], *, html: bool) -> str | None:
    """Return the first text (or HTML) with a visible character in it; a list of strings counts as lines."""
    for path in paths:
        cell = _first(row, (path,))
        if isinstance(cell, bytes):
            cell = charset.decode(cell, html=html)
        if isinstance(cell, list) and all(isinstance(line, str) for line in cell):
            cell = "\n".join(cell)
        if isinstance(cell, str) and not cell.isspace():
            return cell
    return None


def _string(cell: Any) -> str | None:  # noqa: ANN401  (any JSON value)
    """Return a cell as a short text: names of a list joined, numbers written out; None for what has no name."""
    if cell is None:
        return None
    if isinstance(cell, str):
        return charset.sound(cell.strip()) or None
    if isinstance(cell, list):
        names = [_string(item) for item in cell[:_MOST_NAMES] if not isinstance(item, list)]
        return ", ".join(filter(None, names)) or None
    if isinstance(cell, dict):
        cell = next((cell[key] for key in ("name", "$oid") if isinstance(cell.get(key), str)), None)
    if isinstance(cell, bytes):
        cell = charset.decode(cell)
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        return None
    return charset.sound(str(cell).strip()) or None


_MOST_NAMES = 50  # authors of one article
_LANGUAGE = re.compile(r"[a-zA-Z]{2}(?:[_-][\w-]{1,16})?")
_EARLIEST = dt.datetime(1600, 1, 1, tzinfo=dt.UTC)
_ISO = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?!\d)")
_ISO_PARTS = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]{1,2}(\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?))? ?(Z|[+-]\d{2}:?\d{2})?"
)
_LONGEST_DATE = 64
_DAY_MONTH = re.compile(r"\d{1,2}[ -][A-Za-z]{3,9}")
_EPOCH = re.compile(r"\d{9,19}(?:\.\d{1,9})?")


def moment(cell: Any) -> dt.datetime | None:  # noqa: ANN401  (any JSON value)
    """Return a date in UTC; None where it cannot be read. Without a zone it counts as UTC.

    Read are ISO 8601 (also with `/`, and a space for the T), RFC 822 (also the month first, also without the time), and
    seconds to nanoseconds since 1970.

    >>> moment("2024-05-01T08:00:00+02:00"), moment("May 1, 2024"), moment(1714543200000)
    ... # doctest: +NORMALIZE_WHITESPACE
    (datetime.datetime(2024, 5, 1, 6, 0, tzinfo=datetime.timezone.utc),
     datetime.datetime(2024, 5, 1, 0, 0, tzinfo=datetime.timezone.utc),
     datetime.datetime(2024, 5, 1, 6, 0, tzinfo=datetime.timezone.utc))
    >>> moment("31.02.2024"), moment("yesterday")
    (None, None)
    """
    try:
        found = _moment(cell)
        if found is None:
            return None
        found = found.replace(tzinfo=dt.UTC) if found.tzinfo is None else found.astimezone(dt.UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    return found if found >= _EARLIEST else None


def _moment(cell: Any) -> dt.datetime | None:  # noqa: ANN401  (any JSON value)
    if isinstance(cell, dict):  # MongoDB's {"$date": …}
        cell = cell.get("$date")
    if isinstance(cell, str):
        cell = cell.strip()
        if len(cell) > _LONGEST_DATE:
            return None
        if _ISO.match(cell):
            return _iso(cell)
        if cell[:1].isalpha() or _DAY_MONTH.match(cell):
            return email.utils.parsedate_to_datetime(cell if ":" in cell else f"{cell} 00:00:00")
        cell = float(cell) if _EPOCH.fullmatch(cell) else None
    if isinstance(cell, int | float) and 10**8 <= cell < 10**19:
        while cell >= 10**11:  # milli-, micro-, nanoseconds
            cell /= 1000
        return dt.datetime.fromtimestamp(cell, dt.UTC)
    if isinstance(cell, dt.datetime):
        return cell
    return dt.datetime(cell.year, cell.month, cell.day, tzinfo=dt.UTC) if isinstance(cell, dt.date) else None


def _iso(text: str) -> dt.datetime:
    """Return the date in a text that begins with year, month and day; ValueError where there is no such day."""
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        found = _ISO_PARTS.match(text)
        if not found:
            raise
        year, month, day, clock, zone = found.groups()
        return dt.datetime.fromisoformat(f"{year}-{int(month):02}-{int(day):02}T{clock or '0:00':0>5}{zone or ''}")


def _month_first(text: str) -> dt.datetime | None:
    found = re.fullmatch(r"(\d{2})-(\d{2})-(\d{4})", text.strip())
    return moment(f"{found[3]}-{found[1]}-{found[2]}") if found else moment(text)
