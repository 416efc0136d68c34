"""The author that a page shows but does not declare: trafilatura's search, with the costly part done last.

Trafilatura runs regular expressions on every element of three copies of the page. Here libxml2 finds the few elements
that are named after an author at all, and only those are looked at; the places and their order are trafilatura's.
"""

from __future__ import annotations

import functools
import re
from copy import deepcopy
from typing import TYPE_CHECKING

from lxml.etree import XPath

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_ATTRIBUTES = ("class", "id", "itemprop", "rel", "data-component", "data-testid")
_CARRIERS = XPath("//author | //*[@class or @id or @itemprop or @rel='author' or @data-component or @data-testid]")
_WORD = re.compile(
    "[Aa]uthor|[Bb]yline|byl|BBL|username|screenname|writer|channel-name|submitted-by|posted-by|journalist-name"
    "|zuozhe|bianji|xiaobian"
)
_NAME = re.compile("author-?name|AuthorName|authorName")
_CREDIT_ID = re.compile("author|zuozhe|bianji|xiaobian")
_CREDIT = re.compile("author|channel-name|zuozhe|bianji|xiaobian|submitted-by|posted-by|journalist-name")
_LIKELY = re.compile("[Aa]uthor|screenname|writer|[Bb]yline")
# Parts of a page whose authors are not its own.
_ELSEWHERE = re.compile(
    "^[Cc]omments|comment-?list|comments-list|ProductReviews|sidebar|is-hidden|quote|embedly-instagram"
    "|article-(?:share|support)|print|category|meta-date|meta-reviewer"
)
_DISCARDED = frozenset(("a", "div", "section", "span"))
_LENGTH = range(3, 120)  # code points of what may be names


def shown_author(tree: HtmlElement) -> str | None:
    """Return the text of the likeliest byline of a page, or None. The tree is not changed."""
    places = [place for place in _CARRIERS(tree) if place.tag == "author" or _suggests(*map(place.get, _ATTRIBUTES))]
    places = [place for place in places if not any(map(_is_elsewhere, [place, *place.iterancestors()]))]
    for fits in (_is_name, _is_credit, _is_likely):
        for place in filter(fits, places):
            text = _text(place)
            if len(text) in _LENGTH:
                return text
    return None


@functools.lru_cache(maxsize=4096)
def _suggests(*values: str | None) -> bool:
    """Tell whether any of some attributes has a word of authorship; remembered, because a site's pages share them."""
    return any(value and _WORD.search(value) for value in values)


def _is_name(place: HtmlElement) -> bool:
    """Tell whether an element is made for an author's name."""
    if place.tag == "author":
        return True
    return place.tag in {"a", "address", "div", "link", "p", "span", "strong"} and (
        "author" in (place.get("rel"), place.get("id"), place.get("class"))
        or place.get("itemprop") == "author name"
        or place.get("data-testid") in {"AuthorCard", "AuthorURL"}
        or bool(_NAME.search(place.get("class") or ""))
    )


def _is_credit(place: HtmlElement) -> bool:
    """Tell whether an element is named after an author, as templates do."""
    return place.tag in {"a", "div", "h3", "h4", "p", "span"} and (
        place.get("class") in {"byline", "username", "byl", "BBL"}
        or "author" in (place.get("itemprop") or "")
        or bool(_CREDIT_ID.search(place.get("id") or ""))
        or bool(_CREDIT.search(place.get("class") or ""))
    )


def _is_likely(place: HtmlElement) -> bool:
    """Tell whether an element of any kind is named after an author."""
    return (
        "Byline" in (place.get("data-component") or "")
        or "author" in (place.get("itemprop") or "")
        or bool(_LIKELY.search(place.get("id") or ""))
        or bool(_LIKELY.search(place.get("class") or ""))
    )


def _is_elsewhere(element: HtmlElement) -> bool:
    """Tell whether an element is, or holds, something that is not the byline."""
    if element.tag in {"time", "figure"}:
        return True
    name = element.get("class") or ""
    return element.tag in _DISCARDED and (
        name in {"comments", "title", "date"}
        or bool(_ELSEWHERE.search(name) or _ELSEWHERE.search(element.get("id") or ""))
        or "Figure" in (element.get("data-component") or "")
    )


def _text(place: HtmlElement) -> str:
    """Return the text of an element on one line, without what is not the byline."""
    place = deepcopy(place)
    for inner in list(place.iterdescendants()):
        if _is_elsewhere(inner):
            inner.drop_tree()
    return " ".join(" ".join(place.itertext()).split())
