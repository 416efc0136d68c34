"""The public functions: one stage, or a few in a row, for one caller in one process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from cleaners.config import Settings
from cleaners.errors import RecordError
from cleaners.extract.page import extract
from cleaners.model import Article, CleanArticle, Match, Meta, RawArticle, Source
from cleaners.read.charset import decode
from cleaners.rulebook import builtin
from cleaners.shards.pairs import all_pairs
from cleaners.spans import restore
from cleaners.strip.engine import strip, strip_text

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["clean_html", "extract_html", "match_texts", "restore", "strip_text"]


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


def match_texts(texts: Iterable[tuple[str, str]], *, settings: Settings | None = None) -> list[Match]:
    """Return the verified pairs among `(id, text)`, sorted by ids.

    `kind` is exact (word for word), near (`similarity` is the Jaccard index of the word shingles of the two texts, at
    least `settings.match.threshold`), reworded (told again in other words), overlap (the one stands in the other, or is
    a brief or an update of it) or translated; for the last three it is the score of the kind. Identical texts are each
    paired with the first of them. Ids must be unique: ValueError.

    >>> story = "The bridge over the Lenn reopened on Monday after three years of repairs, the town said."
    >>> [match] = match_texts([("a", story), ("b", story.upper()), ("c", "Rain is on its way.")])
    >>> match.a, match.b, match.kind, match.similarity
    ('a', 'b', 'exact', 1.0)
    """
    settings = settings or Settings()
    pairs = list(texts)
    ids = [name for name, _ in pairs]
    if len(set(ids)) < len(ids):
        raise ValueError("match_texts needs a different id for each text")
    column = pa.array([text.encode("utf-8", "replace").decode() for _, text in pairs], pa.large_string())
    found = all_pairs(column, settings).to_pylist()
    return sorted((_match(row, ids) for row in found), key=lambda pair: (pair.a, pair.b))


def _match(row: dict[str, Any], ids: list[str]) -> Match:
    """Return a row of `match` with the caller's ids, the lesser first."""
    a, b = ids[row["left"]], ids[row["right"]]
    inside = row["left_in_right"], row["right_in_left"]
    if b < a:
        a, b, inside = b, a, inside[::-1]
    evidence = {"jaccard": row["jaccard"], "a_in_b": inside[0], "b_in_a": inside[1]}
    evidence |= {"reworded": row["reworded"], "overlap": row["overlap"]}
    known = {name: value for name, value in evidence.items() if value is not None}
    return Match(a, b, row["kind"], row["similarity"], known)
