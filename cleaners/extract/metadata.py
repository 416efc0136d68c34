"""Title, author, date, outlet, address and language of a page.

JSON-LD and meta tags answer most of it in a fraction of the time trafilatura's own search takes; only what they leave
open is looked for in the page, with trafilatura's functions.
"""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING, Any

from trafilatura.json_metadata import normalize_authors
from trafilatura.metadata import extract_title, extract_url

from cleaners.extract.byline import shown_author
from cleaners.extract.dates import published
from cleaners.extract.rights import GALLERIES, is_gallery, rights, types_of
from cleaners.model import Meta

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from lxml.html import HtmlElement

TITLE = (
    "og:title",
    "citation_title",
    "dc.title",
    "dcterms.title",
    "parsely-title",
    "sailthru.title",
    "twitter:title",
    "headline",
    "title",
)
AUTHOR = (
    "author",
    "article:author",
    "og:article:author",
    "byl",
    "citation_author",
    "dc.creator",
    "dc:creator",
    "dcterms.creator",
    "parsely-author",
    "sailthru.author",
    "authors",
    "creator",
)
SITE = ("og:site_name", "article:publisher", "dc.publisher", "publisher", "application-name", "twitter:site")
DATE = (
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "article:published",
    "og:published_time",
    "parsely-pub-date",
    "sailthru.date",
    "publish-date",
    "publishdate",
    "pubdate",
    "publication_date",
    "dc.date.issued",
    "dcterms.created",
    "dc.date",
    "dcterms.date",
    "citation_publication_date",
    "article.published",
    "date",
)
"""Names of meta tags (`name`, `property` or `itemprop`, lower case) for each field, best first."""

_TYPE_NAMES = """
advertisercontentarticle analysisnewsarticle article askpublicnewsarticle backgroundnewsarticle blogposting
liveblogposting newsarticle opinionnewsarticle report reportagenewsarticle reviewnewsarticle satiricalarticle
scholarlyarticle socialmediaposting techarticle
"""
ARTICLE_TYPES = frozenset(_TYPE_NAMES.split())
"""schema.org types, lower case, that describe the article of a page."""

# Nodes of JSON-LD looked at in one page; real pages have up to some hundred.
_MAX_NODES = 2000
_MAX_FIELD = 1000  # code points of a title or author; more is no title
_DATE_IN_BROKEN_JSON = re.compile(r'"datePublished"\s{0,9}:\s{0,9}"([^"]{8,40})"')
_HEADLINE_IN_BROKEN_JSON = re.compile(r'"headline"\s{0,9}:\s{0,9}"((?:[^"\\]|\\.){3,300})"')


def metadata(tree: HtmlElement, limit: datetime) -> Meta:
    """Return what the page says about itself; `limit` is the latest date believed, `url` the canonical address.

    `language` is the declared one (`html lang`), not yet compared with the text.
    """
    tags = _tags(tree)
    nodes, described = _described(tree)
    address = extract_url(tree)
    stated = [*described["date"], *_values(tags, DATE), *_times(tree)]
    return Meta(
        url=address,
        title=_title(tree, tags, described["title"]),
        author=_author(tree, tags, described["author"]),
        published=published(stated, address, tree, limit),
        source_name=_first([*_values(tags, SITE[:1]), *described["site"], *_values(tags, SITE[1:])]),
        language=_language(tree),
        **rights(tree, tags, nodes),
    )


def _tags(tree: HtmlElement) -> dict[str, list[str]]:
    """Return the contents of the meta tags by name, in the order of the page."""
    tags: dict[str, list[str]] = {}
    for tag in tree.iter("meta"):
        name = tag.get("property") or tag.get("name") or tag.get("itemprop")
        content = tag.get("content")
        if name and content:
            tags.setdefault(name.lower(), []).append(content)
    return tags


def _values(tags: dict[str, list[str]], names: Iterable[str]) -> Iterator[str]:
    for name in names:
        yield from tags.get(name, ())


def _described(tree: HtmlElement) -> tuple[list[dict[str, Any]], dict[str, list[str]]]:
    """Return the nodes of JSON-LD on articles and galleries; titles, authors, dates and publishers of articles."""
    found: dict[str, list[str]] = {"title": [], "author": [], "date": [], "site": []}
    described: list[dict[str, Any]] = []
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "") or not script.text:
            continue
        try:
            nodes = json.loads(script.text, strict=False)
        except (ValueError, RecursionError):
            found["date"] += _DATE_IN_BROKEN_JSON.findall(script.text)[:1]
            found["title"] += _HEADLINE_IN_BROKEN_JSON.findall(script.text)[:1]
            continue
        for node in _articles(nodes):
            described.append(node)
            if is_gallery(node):
                continue
            found["title"] += _texts(node.get("headline") or node.get("name"))
            found["date"] += _texts(node.get("datePublished")) or _texts(node.get("dateCreated"))
            found["author"] += _names(node.get("author"), people=True)
            found["site"] += _names(node.get("publisher"), people=False)
    return described, found


def _articles(nodes: object) -> Iterator[dict[str, Any]]:
    """Return the nodes that describe an article or a gallery, at whatever depth of lists, graphs and main entities."""
    waiting, seen = [nodes], 0
    while waiting and seen < _MAX_NODES:
        node = waiting.pop()
        seen += 1
        if isinstance(node, list):
            waiting.extend(reversed(node[:_MAX_NODES]))
        elif isinstance(node, dict):
            if any(kind.lower() in ARTICLE_TYPES | GALLERIES for kind in types_of(node)):
                yield node
            waiting.extend(node[key] for key in ("mainEntity", "mainEntityOfPage", "@graph") if key in node)


def _texts(value: object) -> list[str]:
    """Return the strings in a JSON value that may be one, a list of them, or something else."""
    values = value if isinstance(value, list) else [value]
    return [text for text in values if isinstance(text, str) and text.strip()]


def _names(value: object, *, people: bool) -> list[str]:
    """Return the names of persons (or, not `people`, of anything) in a JSON value."""
    names = []
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            kinds = item.get("@type") or "Person"
            if not people or "Person" in (kinds if isinstance(kinds, list) else [kinds]):
                names += _texts(item.get("name"))
        else:
            names += _texts(item)
    return names


def _title(tree: HtmlElement, tags: dict[str, list[str]], described: list[str]) -> str | None:
    """Return the headline: as shared, as described, or as shown."""
    return _first([*_values(tags, TITLE), *described]) or _clean(extract_title(tree))


def _author(tree: HtmlElement, tags: dict[str, list[str]], described: list[str]) -> str | None:
    """Return the authors, separated by "; ": as described, as tagged (a single word is an account), or as shown."""
    for names in (described, [name for name in _values(tags, AUTHOR) if " " in name.strip()]):
        authors = None
        for name in names:
            authors = normalize_authors(authors, name[:_MAX_FIELD])
        if authors:
            return _clean(authors)
    shown = shown_author(tree)
    return _clean(normalize_authors(None, shown)) if shown else None


def _times(tree: HtmlElement) -> list[str]:
    """Return the dates that the page's own mark-up calls its publication, as schema.org or HTML5 drafts did."""
    return [
        value
        for element in tree.iter("time", "span", "div", "meta")
        if (element.get("itemprop") == "datePublished" or (element.tag == "time" and "pubdate" in element.attrib))
        and (value := element.get("datetime") or element.get("content"))
    ]


def _language(tree: HtmlElement) -> str | None:
    """Return the primary language subtag of the `lang` of the page, or None.

    >>> import lxml.html
    >>> _language(lxml.html.document_fromstring("<html lang='pt-BR'><p>x</p></html>"))
    'pt'
    """
    code = (tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or "")[:35]
    code = code.replace("_", "-").split("-")[0].strip().lower()
    return code if len(code) == 2 and code.isascii() and code.isalpha() else None


def _first(values: Iterable[str]) -> str | None:
    """Return the first value that is more than white space and an address."""
    return next((clean for value in values if (clean := _clean(value)) and not clean.startswith(("http", "@"))), None)


def _clean(value: str | None) -> str | None:
    """Return a value on one line, references resolved and without tags; None where nothing is left."""
    if not value:
        return None
    text = html.unescape(value[:_MAX_FIELD])
    if "<" in text:
        text = re.sub(r"<[^<>]{1,200}>", "", text)
    return " ".join(text.split()) or None
