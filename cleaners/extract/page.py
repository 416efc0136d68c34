"""One article: HTML → text, marks and metadata; text that came as text passes untouched."""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from cleaners.errors import RecordError
from cleaners.extract.body import EXTRACTOR, main_text
from cleaners.extract.marks import marks
from cleaners.extract.metadata import metadata
from cleaners.extract.parse import parse
from cleaners.language import identify
from cleaners.model import Article, Meta
from cleaners.rights import either, merged
from cleaners.text import word_count

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from cleaners.config import ExtractSettings
    from cleaners.model import Mark, RawArticle

# Confidence from which what the text looks like counts more than what the page declares: templates of one language
# around articles of another are common, mistakes at this confidence are not.
_SURE = 0.9
_NAME = re.compile(r"[A-Za-z][\w.:-]*", re.ASCII)


class Extracted(NamedTuple):
    """What a page says by itself, wherever it was found: the same for two records with the same HTML.

    `meta.language` is what the page declares.
    """

    text: str
    marks: tuple[Mark, ...]
    meta: Meta


def extract(raw: RawArticle, settings: ExtractSettings) -> Article:
    """Return the article of a record: its text, what mark-up says of each line, and its metadata completed.

    What the record already knew (`raw.meta`) is never overwritten. A record that came as text keeps it untouched
    and gets only its language. Raise RecordError: `too large`, `empty`, `too deep`, `no text`, `too short`,
    `unreadable`.
    """
    return complete(raw, None if raw.html is None else from_html(raw.html, settings), settings)


def from_html(html: str, settings: ExtractSettings) -> Extracted:
    """Return text, marks and metadata of a page; RecordError as `extract`."""
    check_size(html, settings)
    tree, restore = parse(html)
    found = metadata(tree, datetime.fromisoformat(settings.date_limit).replace(tzinfo=UTC))
    text = _text(tree)
    if not text:
        raise RecordError("no text", "trafilatura found no main text on the page")
    marked = marks(text, tree)
    if restore:
        text = text.translate(restore)
        found = dataclasses.replace(
            found,
            url=_translated(found.url, restore),
            title=_translated(found.title, restore),
            author=_translated(found.author, restore),
            source_name=_translated(found.source_name, restore),
            canonical_url=_translated(found.canonical_url, restore),
        )
    return Extracted(text, marked, found)


def _text(tree: HtmlElement) -> str:
    """Return the main text of a page, whatever its elements are called."""
    try:
        try:
            return main_text(tree)
        except ValueError:  # `<b<p>` is an element named `b<p`: HTML allows that, and trafilatura cannot make another
            for element in tree.iter():
                if not _NAME.fullmatch(element.tag):
                    element.tag = "span"
        return main_text(tree)
    except RecursionError:
        raise RecordError("too deep", "the elements of the main text are nested too deep to be walked") from None
    except (TypeError, ValueError) as error:
        raise RecordError("unreadable", f"{type(error).__name__}: {error}"[:200]) from None


def check_size(html: str, settings: ExtractSettings) -> None:
    """Raise RecordError `too large` for more HTML than the settings allow."""
    if len(html) > settings.max_html_mb * 1e6:
        raise RecordError("too large", f"{len(html) / 1e6:.1f} MB of HTML; the limit is {settings.max_html_mb:g}")


def complete(raw: RawArticle, page: Extracted | None, settings: ExtractSettings, *, languages: bool = True) -> Article:
    """Return the article of a record from what its page said, or for None from its own text.

    Without `languages` it has none but the one that the record names.
    """
    text = (raw.text or "") if page is None else page.text
    if not text.strip():
        raise RecordError("no text", "the record is empty")
    if settings.min_words and (words := word_count(text)) < settings.min_words:
        raise RecordError("too short", f"{words} words; the least is {settings.min_words}")
    language = confidence = None
    if languages and raw.meta.language is None:
        language, confidence = _language(text, None if page is None else page.meta.language)
    found: dict[str, Any] = {"language": language, "language_confidence": confidence}
    if page is None:
        meta = dataclasses.replace(raw.meta, **found) if language else raw.meta
        return Article(raw.id, raw.source, text, meta, "none", ())
    known = {name: value for name in Meta.__slots__ if (value := getattr(raw.meta, name)) is not None}
    found["canonical_url"] = _absolute(page.meta.canonical_url, raw.meta.url)
    known["robots"] = merged(raw.meta.robots, page.meta.robots)
    known["tdm_reserved"] = either(raw.meta.tdm_reserved, page.meta.tdm_reserved)
    return Article(raw.id, raw.source, text, dataclasses.replace(page.meta, **found | known), EXTRACTOR, page.marks)


def _language(text: str, declared: str | None) -> tuple[str | None, float | None]:
    """Return the language of a text, and the confidence in it where it was told from the text.

    It is what the text looks like where that is sure, else what the page declares.
    """
    language, confidence = identify(text)
    if language == "und" or (confidence < _SURE and declared not in (None, language)):
        return declared, None
    return language, round(confidence, 4)


def _absolute(address: str | None, base: str | None) -> str | None:
    """Return a web address whole, given that of the page; None where it is none."""
    try:
        whole = urljoin(base or "", address or "")
        return whole if address and urlsplit(whole).scheme in ("http", "https") else None
    except ValueError:
        return None


def _translated(value: str | None, table: dict[int, int]) -> str | None:
    return value and value.translate(table)
