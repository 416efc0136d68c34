"""Tree → main text, exactly what default trafilatura gives without comments, in less than its time.

Some of trafilatura's steps change nothing on most pages. Each is asked a cheaper question first, whose answer proves
that; where it does not, trafilatura's own step runs:

- readability is tried as a rival, and wins only with more than twice the text. It cannot where the whole page has
  less, or has less without the parts that readability leaves out by their names.
- the text of the whole page is measured to see whether the extraction covers a fifth of it. It does, where it covers
  a fifth of all text of the page, furniture included.
- reader comments and endless scrolls are looked for by regular expressions on every element. There are none where no
  class or id has the word.
- other expressions ask every element for the form of its id or style. Most have none, and need not be asked.

This holds for the versions listed in `PROVEN`; any other trafilatura does all its steps.
"""

from __future__ import annotations

import functools
import importlib.util
import re
import threading
import unicodedata
from copy import copy
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import trafilatura
from lxml.etree import XPath, iterwalk
from trafilatura.baseline import html2txt
from trafilatura.external import SANITIZED_XPATH, compare_extraction
from trafilatura.readability_lxml import FRAME_TAGS, REGEXES
from trafilatura.settings import Extractor
from trafilatura.xml import xmltotxt

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml.etree import _Element
    from lxml.html import HtmlElement

VERSION = version("trafilatura")
EXTRACTOR = f"trafilatura {VERSION}"
PROVEN = frozenset({"2.3.1"})
"""Versions of trafilatura whose source was read for the short cuts, and compared over whole pages with and without."""

# Without parameters for dates trafilatura reads the clock, although it is asked for none.
_NO_DATE: dict[str, Any] = {"extensive_search": False}
_DEFAULTS = Extractor(output_format="python", comments=False, dedup=False, date_params=_NO_DATE)
# Code points that readability writes into a video frame: "VIDEO".
_FRAME_TEXT = 5
_NAMES = XPath("//@class | //@id", smart_strings=False)
_UNCLEAN = XPath(f"boolean({SANITIZED_XPATH})")
_UNLIKELY = REGEXES["unlikelyCandidatesRe"].search
_MAYBE = REGEXES["okMaybeItsACandidateRe"].search
_HAS_PARAGRAPH = XPath("boolean(.//p//text())")
# What `RAW_TREE_PRUNE_XPATH` and `REMOVE_COMMENTS_AND_LISTS_XPATH` need in a class or id, each of which begins a line.
_ENDLESS = ("mvp-post-add", "infinite", "elementor-share-buttons")
_COMMENTS = ("\ncomment", "\nComment", "\ncomol", "\ndisqus_", "\ndsq-", "article-comments", "post-comments")
# A call of a regular expression on attributes, in an XPath; none of trafilatura's matches the empty string.
_TEST = re.compile(r"re:test\((@[a-z|@]+), ('[^']*'(?:, 'i')?)\)")
_NAMESPACES = {"re": "http://exslt.org/regular-expressions"}


class _Seen(threading.local):
    """What was seen of the page at hand: length of the extraction and, at most, of all text; class and id names."""

    extracted = 0
    page = 0
    names = ""


def main_text(tree: HtmlElement) -> str:
    """Return the main text of a page, lines separated by line breaks, in NFC; "" where there is none.

    The tree may lose its reader comments, nothing else. The result does not depend on pages extracted before.
    """
    if VERSION not in PROVEN:
        document: Any = trafilatura.bare_extraction(tree, options=_DEFAULTS)
        text = document.text if document is not None else None
    else:
        _seen.names = "\n" + "\n".join(set(_NAMES(tree)))
        body, found, *_ = _core.trafilatura_sequence(tree, _DEFAULTS)
        text = xmltotxt(body, include_formatting=False) if found else None
    return unicodedata.normalize("NFC", (text or "").strip())


def _extract_and_compare(
    cleaned: HtmlElement, backup: HtmlElement, tree: HtmlElement, options: Extractor
) -> tuple[_Element, str]:
    """Do what trafilatura's function of this name does, without the rivals where neither can win."""
    body, text = _core.extract_content(cleaned, options)
    _seen.extracted, _seen.page = len(text), _text_bound(tree)
    if not _is_unrivalled(body, text, tree, options):
        body, text = compare_extraction(backup, copy(tree), body, text, options)
        _seen.extracted = len(text)
    return body, text


def _is_unrivalled(body: _Element, text: str, tree: HtmlElement, options: Extractor) -> bool:
    """Tell whether `compare_extraction` would certainly return what it is given."""
    too_much = _seen.page + _FRAME_TEXT * sum(1 for _ in tree.iter("iframe")) - 2 * len(text)
    return (
        options.focus == "balanced"
        and len(text) >= options.min_extracted_size
        and len(body.findall(".//table")) <= len(body.findall(".//p"))
        and _HAS_PARAGRAPH(body)
        and not _UNCLEAN(body)
        and (too_much <= 0 or too_much <= _left_out(tree))
    )


def _left_out(tree: HtmlElement) -> int:
    """Return the length of text, at least, that readability drops first: in elements whose names are unlikely."""
    length = 0
    walk = iterwalk(tree, events=("start",))
    for _, element in walk:
        if _is_unlikely(element.get("class"), element.get("id")) and element.tag not in FRAME_TAGS:
            if element.find(".//script") is None:  # not in the bound either
                length += len(" ".join(element.text_content().split()))
            walk.skip_subtree()
    return length


@functools.lru_cache(maxsize=4096)
def _is_unlikely(class_name: str | None, identity: str | None) -> bool:
    """Tell whether readability drops elements of this class and id; remembered, because a site's pages share them."""
    names = " ".join(filter(None, (class_name, identity))).lower()
    return bool(_UNLIKELY(names)) and not _MAYBE(names)


def _page_text(tree: HtmlElement) -> str:
    """Return the text of the whole page, or "" where the extraction certainly covers a fifth of it."""
    # Each element may be set apart with two spaces that the bound has not counted.
    most = _seen.page + 2 * sum(1 for _ in tree.iter())
    return "" if _seen.extracted >= most * _core.ESCALATION_PAGE_SHARE else html2txt(tree)


def _text_bound(tree: HtmlElement) -> int:
    """Return the length of all text of a page but its scripts, white space collapsed."""
    scripts = sum(len(" ".join(script.text.split())) for script in tree.iter("script") if script.text)
    return len(" ".join(tree.text_content().split())) - scripts


def _where(words: tuple[str, ...], expressions: list[XPath]) -> list[Callable[[HtmlElement], list[HtmlElement]]]:
    """Return the expressions, each to give nothing at once on a page whose names have none of the words."""

    def guarded(expression: XPath) -> Callable[[HtmlElement], list[HtmlElement]]:
        return lambda tree: expression(tree) if any(word in _seen.names for word in words) else []

    return [guarded(expression) for expression in expressions]


def _sparing(expressions: list[XPath]) -> list[XPath]:
    """Return the expressions, with each regular expression asked only of elements that have the attribute."""
    return [
        XPath(_TEST.sub(r"(\1 and re:test(string(\1), \2))", expression.path), namespaces=_NAMESPACES)
        for expression in expressions
    ]


def _private_copy(name: str) -> Any:  # noqa: ANN401 (a module)
    """Return another instance of a module, to be changed without changing anybody else's."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.loader is None:
        raise ImportError(f"{name} has no source to load again")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _shortened_core() -> Any:  # noqa: ANN401 (a module)
    """Return `trafilatura.core` with the short cuts."""
    extractor = _private_copy("trafilatura.main_extractor")
    extractor.BODY_XPATH = _sparing(extractor.BODY_XPATH)
    extractor.OVERALL_DISCARD_XPATH = _sparing(extractor.OVERALL_DISCARD_XPATH)
    core = _private_copy("trafilatura.core")
    core.extract_content = extractor.extract_content
    core._extract_and_compare = _extract_and_compare  # noqa: SLF001 (of our own copy)
    core.html2txt = _page_text
    core.RAW_TREE_PRUNE_XPATH = _where(_ENDLESS, core.RAW_TREE_PRUNE_XPATH)
    core.REMOVE_COMMENTS_AND_LISTS_XPATH = _where(_COMMENTS, core.REMOVE_COMMENTS_AND_LISTS_XPATH)
    return core


_seen = _Seen()
_core: Any = _shortened_core() if VERSION in PROVEN else None
