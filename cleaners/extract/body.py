"""Tree → main text, exactly what default trafilatura gives without comments, for two thirds of its time.

Two of trafilatura's steps ask about the whole page and cannot change the result on most pages. Both questions are
answered here by a bound first, and by trafilatura itself where the bound does not decide:

- readability is run as a rival, and wins only with more than twice the text. It cannot, where the whole page has less.
- the text of the whole page is measured to see whether the extraction covers a fifth of it. It does, where it covers
  a fifth of all text of the page, furniture included.
"""

from __future__ import annotations

import importlib.util
import threading
import unicodedata
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from lxml.etree import XPath
from trafilatura.baseline import html2txt
from trafilatura.external import SANITIZED_XPATH, compare_extraction
from trafilatura.settings import Extractor

if TYPE_CHECKING:
    from lxml.etree import _Element
    from lxml.html import HtmlElement

EXTRACTOR = f"trafilatura {version('trafilatura')}"

# Trafilatura asks for the clock where it is given none, although no date is looked for.
_NO_DATE: dict[str, Any] = {"extensive_search": False}
# What readability writes into a video frame ("VIDEO") adds to its text.
_FRAME_TEXT = 5


class _Seen(threading.local):
    """What was measured of the page at hand, in code points: the extraction, and an upper bound of all its text."""

    extracted = 0
    page = 0


def main_text(tree: HtmlElement) -> str:
    """Return the main text of a page, lines separated by line breaks, in NFC; "" where there is none.

    The tree is not changed. The result does not depend on pages extracted before.
    """
    document = _core.bare_extraction(tree, options=_options())
    return unicodedata.normalize("NFC", (document.text or "").strip()) if document is not None else ""


def _options() -> Extractor:
    """Return trafilatura's defaults, except that comments are left out and no date is looked for."""
    return Extractor(output_format="python", comments=False, dedup=False, date_params=_NO_DATE)


def _compare(
    cleaned: HtmlElement, raw: HtmlElement, body: _Element, text: str, options: Extractor
) -> tuple[_Element, str]:
    """Do what `compare_extraction` does, without running readability and justext where neither can win."""
    _seen.extracted, _seen.page = len(text), _text_bound(raw)
    frames = sum(1 for _ in raw.iter("iframe"))
    hopeless = (
        options.focus == "balanced"
        and len(text) >= options.min_extracted_size
        and _seen.page + frames * _FRAME_TEXT <= 2 * len(text)
        and len(body.findall(".//table")) <= len(body.findall(".//p"))
        and _HAS_PARAGRAPH(body)
        and not _UNCLEAN(body)
    )
    if not hopeless:
        body, text = compare_extraction(cleaned, raw, body, text, options)
        _seen.extracted = len(text)
    return body, text


def _page_text(tree: HtmlElement) -> str:
    """Return the text of the whole page, or "" where the extraction is known to cover a fifth of it."""
    # Each element may set its text apart with two spaces that the bound has not counted.
    most = _seen.page + 2 * sum(1 for _ in tree.iter())
    return "" if _seen.extracted >= most * _core.ESCALATION_PAGE_SHARE else html2txt(tree)


def _text_bound(tree: HtmlElement) -> int:
    """Return the length of all text of a page but its scripts, white space collapsed."""
    scripts = sum(len(" ".join(script.text.split())) for script in tree.iter("script") if script.text)
    return len(" ".join(tree.text_content().split())) - scripts


def _bounded_core() -> Any:  # noqa: ANN401 (a module)
    """Return a private copy of `trafilatura.core` that asks the two functions above instead of its own."""
    spec = importlib.util.find_spec("trafilatura.core")
    if spec is None or spec.loader is None:
        raise ImportError("trafilatura.core cannot be loaded from a file")
    core: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(core)
    core.compare_extraction = _compare
    core.html2txt = _page_text
    return core


_seen = _Seen()
_core = _bounded_core()
_UNCLEAN = XPath(f"boolean({SANITIZED_XPATH})")
_HAS_PARAGRAPH = XPath("boolean(.//p//text())")
