"""What a page says about itself beside its story: address, licences, wishes of robots, mining, paywall, types."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cleaners.rights import directives, merged, reserved

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from lxml.html import HtmlElement

_ROBOTS = re.compile(r"robots|[a-z][a-z-]{1,30}bot(?:-[a-z]{1,20})?", re.ASCII)
_LICENSE_TAGS = ("license", "dcterms.license", "dc.rights.license", "dc.license")
_COMMONS = re.compile(r"https?://(?:www\.)?creativecommons\.org/(?:licenses|publicdomain)/", re.ASCII | re.IGNORECASE)
_TIERS = {"free": False, "metered": True, "locked": True}
_PICTURES = frozenset({"figure", "figcaption"})
_MOST = 10  # licences of one page
_LONGEST = 500


GALLERIES = frozenset({"imagegallery", "mediagallery"})
"""schema.org types, lower case, of pages that show pictures; in an article they are a part of it."""


def is_gallery(node: Mapping[str, Any]) -> bool:
    """Tell whether a JSON-LD node describes nothing but a gallery."""
    return all(kind.lower() in GALLERIES for kind in types_of(node))


def rights(tree: HtmlElement, tags: Mapping[str, list[str]], nodes: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the fields of Meta from `canonical_url` on; `nodes` are the JSON-LD nodes on articles and galleries."""
    articles = [node for node in nodes if not is_gallery(node)]
    robots: tuple[str, ...] | None = None
    for name, values in tags.items():
        if _ROBOTS.fullmatch(name):
            robots = merged(robots, directives(values, "" if name == "robots" else name))
    policy = _clean(next(iter(tags.get("tdm-policy", ())), None))
    return {
        "canonical_url": _canonical(tree, tags),
        "licenses": tuple(dict.fromkeys(_licenses(tree, tags, articles)))[:_MOST] or None,
        "robots": robots,
        "tdm_reserved": reserved(next(iter(tags.get("tdm-reservation", ())), None)),
        "tdm_policy": policy,
        "paywall": _paywall(tags, articles),
        "page_types": tuple(dict.fromkeys(kind for node in nodes for kind in types_of(node)))[:_MOST] or None,
    }


def types_of(node: Mapping[str, Any]) -> list[str]:
    """Return the schema.org types of a JSON-LD node, without the address of the vocabulary.

    >>> types_of({"@type": ["NewsArticle", "https://schema.org/LiveBlogPosting"]})
    ['NewsArticle', 'LiveBlogPosting']
    """
    kinds = node.get("@type")
    names = kinds if isinstance(kinds, list) else [kinds]
    return [name.rpartition("/")[2][:60] for name in names if isinstance(name, str) and name]


def _canonical(tree: HtmlElement, tags: Mapping[str, list[str]]) -> str | None:
    links = (link.get("href") for link in tree.iter("link") if "canonical" in _rel(link))
    return _clean(next(filter(None, links), None) or next(iter(tags.get("og:url", ())), None))


def _licenses(tree: HtmlElement, tags: Mapping[str, list[str]], nodes: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield what is named as a licence: by JSON-LD, by meta tags, by links. Links in figures are those of pictures."""
    said = [*(value for node in nodes for value in _named(node.get("license")))]
    said += [value for name in _LICENSE_TAGS for value in tags.get(name, ())]
    for link in tree.iter("a", "link"):
        address = link.get("href")
        if address and ("license" in _rel(link) or _COMMONS.match(address)) and not _is_of_picture(link):
            said.append(address)
    yield from filter(None, map(_clean, said))


def _named(value: object) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        name = (item.get("url") or item.get("@id") or item.get("name")) if isinstance(item, dict) else item
        if isinstance(name, str):
            yield name


def _rel(link: HtmlElement) -> list[str]:
    return (link.get("rel") or "").lower().split()


def _is_of_picture(link: HtmlElement) -> bool:
    return any(parent.tag in _PICTURES for parent in link.iterancestors())


def _paywall(tags: Mapping[str, list[str]], nodes: Iterable[dict[str, Any]]) -> bool | None:
    """Return whether the page says that it is not free to read: `isAccessibleForFree`, or Facebook's content tier."""
    told = [part for node in nodes for part in (node, *_parts(node)) if isinstance(part, dict)]
    free = [_is_true(part.get("isAccessibleForFree")) for part in told]
    said = [not yes for yes in free if yes is not None]
    said += [_TIERS[tier] for tier in map(str.lower, tags.get("article:content_tier", ())) if tier in _TIERS]
    return any(said) if said else None


def _parts(node: Mapping[str, Any]) -> list[Any]:
    parts = node.get("hasPart")
    return parts if isinstance(parts, list) else [parts]


def _is_true(value: object) -> bool | None:
    """Return what a JSON-LD truth value means, which stands there as a boolean, a word or an address."""
    word = str(value).rpartition("/")[2].strip().lower()
    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(word)


def _clean(value: str | None) -> str | None:
    """Return a value on one line; None for nothing, and for what is too long to be one."""
    text = " ".join((value or "")[: _LONGEST + 1].split())
    return text if 0 < len(text) <= _LONGEST else None
