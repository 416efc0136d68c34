"""One page at a time, for notebooks and other programs: HTML → article, extracted and, if wanted, stripped."""

from __future__ import annotations

from cleaners.config import Settings
from cleaners.errors import RecordError
from cleaners.extract.page import extract
from cleaners.model import Article, CleanArticle, Meta, RawArticle, Source
from cleaners.read.charset import decode
from cleaners.rulebook import builtin
from cleaners.strip.engine import strip


def extract_html(html: str | bytes, *, url: str | None = None, settings: Settings | None = None) -> Article:
    """Return the article of a page, not yet stripped, with what the mark-up says about each line.

    A page that holds no article gives one without text. Bytes are decoded as a browser would. Raise RecordError for a
    page over the limits of the settings. Runs in this process: a hostile page can take its time; `copydesk clean`
    extracts in processes that can be stopped.

    >>> page = "<html><head><title>Bridge reopens</title></head><body><article><p>The bridge over the Lenn reopened on "
    >>> page += "Monday after three years of repairs, the town said.</p></article></body></html>"
    >>> article = extract_html(page, url="https://news.example/bridge")
    >>> article.text, article.meta.title
    ('The bridge over the Lenn reopened on Monday after three years of repairs, the town said.', 'Bridge reopens')
    """
    settings = settings or Settings()
    text = html if isinstance(html, str) else decode(html, html=True)
    raw = RawArticle("", Source("", 0), text, None, Meta(url=url))
    try:
        return extract(raw, settings.extract)
    except RecordError as error:
        if error.reason == "too large":
            raise
        return Article("", raw.source, "", raw.meta, "none")


def clean_html(html: str | bytes, *, url: str | None = None, settings: Settings | None = None) -> CleanArticle:
    """Return the article of a page, extracted and stripped, with every edit; otherwise as `extract_html`.

    >>> page = "<html><body><article><p>The bridge over the Lenn reopened on Monday after three years of repairs, the "
    >>> page += "town said.</p><p>Share this article on Facebook</p></article></body></html>"
    >>> clean_html(page).text
    'The bridge over the Lenn reopened on Monday after three years of repairs, the town said.'
    """
    settings = settings or Settings()
    return strip(extract_html(html, url=url, settings=settings), builtin(), settings.strip)
