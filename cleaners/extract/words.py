"""What tags, and words in class and id names, say about the text inside an element.

A class or id is cut into words at everything but letters and where a capital follows a small letter:
`c-relatedLinks__item` → related, links, item.
"""

from __future__ import annotations

import functools
import re

from cleaners.model import Mark

TAGS: dict[str, Mark] = {
    "aside": Mark.ASIDE,
    "blockquote": Mark.QUOTE,
    "button": Mark.ASIDE,
    "dd": Mark.LIST,
    "dt": Mark.LIST,
    "figcaption": Mark.CAPTION,
    "footer": Mark.ASIDE,
    "form": Mark.ASIDE,
    "h1": Mark.HEADING,
    "h2": Mark.HEADING,
    "h3": Mark.HEADING,
    "h4": Mark.HEADING,
    "h5": Mark.HEADING,
    "h6": Mark.HEADING,
    "li": Mark.LIST,
    "menu": Mark.ASIDE,
    "nav": Mark.ASIDE,
    "td": Mark.TABLE,
    "th": Mark.TABLE,
}
"""Mark of everything inside an element of this name."""

WORDS: dict[str, Mark] = {
    word: mark
    for mark, words in {
        Mark.ASIDE: "accessibility aside banner breadcrumb breadcrumbs btn button consent cookie cookies cta footer "
        "gdpr hidden hide menu modal nav navigation offscreen overlay popup toolbar visually",
        Mark.CAPTION: "caption captions copyright credit credits figcaption source",
        Mark.RELATED: "crosslink crosslinks headlines latest listing more outbrain popular promo readmore recirc "
        "recirculation recommendation recommendations recommended related taboola teaser teasers trending",
        Mark.SIGNUP: "mailchimp newsletter newsletters optin signup subscribe subscription subscriptions",
        Mark.SHARE: "addthis addtoany follow share sharebar sharing social",
        Mark.COMMENT: "comment comments discussion disqus feedback reply respond",
        Mark.BIO: "author authors bio biography byline bylines contributor reporter writer",
        Mark.TAGS: "categories keywords tag tags topic topics",
        Mark.DATE: "date dateline duration timestamp",
    }.items()
    for word in words.split()
}
"""Mark of everything inside an element whose class or id has this word. Left out, because whole articles stand in them
on real pages: paywall, premium, widget, sidebar, box, card, module, content."""

_WORD = re.compile(r"[A-Z]?[a-z]{2,30}|[A-Z]{2,30}")
_LONGEST = 500  # code points of a class or id looked at


def said(tag: str, class_name: str | None, identity: str | None) -> int:
    """Return the marks that an element gives to the text inside it, as a number.

    >>> Mark(said("div", "c-relatedLinks__item", None))
    <Mark.RELATED: 256>
    """
    mark = _TAG_BITS.get(tag, 0)
    for names in (class_name, identity):
        if names:
            mark |= _named(names[:_LONGEST])
    return mark


@functools.lru_cache(maxsize=4096)
def _named(names: str) -> int:
    """Return the marks of the words in a class or id; remembered, because a site's pages share them."""
    mark = 0
    for word in _WORD.findall(names):
        mark |= _WORD_BITS.get(word.lower(), 0)
    return mark


_TAG_BITS = {tag: mark.value for tag, mark in TAGS.items()}
_WORD_BITS = {word: mark.value for word, mark in WORDS.items()}
