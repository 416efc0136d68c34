"""HTML → lxml tree, such that neither libxml2 nor trafilatura loses text silently.

Measured on trafilatura 2.3.1 with libxml2 2.14: one `&#1;` empties a page; zero-width joiners, soft hyphens and bidi
marks are dropped as unprintable; from depth 254 on everything is dropped, also what follows.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import lxml.etree
import lxml.html

from cleaners.errors import RecordError

# Invisible characters that mean something: spelling (Persian, Hindi, emoji), hyphenation, direction.
PROTECTED = "\u00ad\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_FORBIDDEN = "\ufffe\uffff"  # not allowed in XML
_NAMED = {"shy": "\u00ad", "zwnj": "\u200c", "zwj": "\u200d", "lrm": "\u200e", "rlm": "\u200f"}
# Blocks of printable symbols nobody writes news in: domino tiles, mahjong tiles, Znamenny notation. One that the page
# does not use stands in for the protected characters while trafilatura works.
_STAND_INS = (0x1F030, 0x1F000, 0x1CF50)

_REFERENCE = re.compile(
    r"""(?x) & (?:
        \# [xX] 0* ([0-9a-fA-F]{1,6}) (?![0-9a-fA-F])
      | \# 0* ([0-9]{1,7}) (?![0-9])
      | (shy | zwnj | zwj | lrm | rlm) \b
    ) ;?"""
)
# References to C0, which empty the page, and C1, which browsers read as Windows-1252.
_CONTROL_REFERENCE = re.compile(
    r"""(?x) &\# (?: 0* (?: [0-8] | 1[124-9] | 2[0-9] | 3[01] | 12[89] | 1[345][0-9] ) (?![0-9])
      | [xX] 0* (?: [0-8bBcCeEfF] | [189][0-9a-fA-F] ) (?![0-9a-fA-F]) )"""
)
_SLASH_DOCTYPE = re.compile(rb"^\s*<\s?!\s?doctype[^<>]{0,500}/[^<>]{0,500}>", re.IGNORECASE)
_CLOSED_HTML = re.compile(rb"(<html[^<>]{0,2000}?)\s*/>", re.IGNORECASE)
_AS_SPACE = bytes.maketrans(b"\x0b\x0c", b"  ")
_CONTROL = bytes(byte for byte in range(0x20) if byte not in b"\t\n\r\x0b\x0c")


class Page(NamedTuple):
    """A parsed page. `restore` gives a text taken from the tree its protected characters back."""

    tree: lxml.html.HtmlElement
    restore: dict[int, int]


def parse(html: str) -> Page:
    r"""Return the tree of an HTML document or fragment, always with an `html` root.

    Raise RecordError: `empty` where there is no element at all, `too deep` where elements are nested so deep
    (2,048) that libxml2 would drop the rest of the page.

    >>> page = parse("<p>na&#1;me&zwnj;ha</p>")
    >>> page.tree.text_content().translate(page.restore)
    'name\u200cha'
    """
    if not _CONTROL_REFERENCE.search(html):
        tree = _tree(html)
        text = tree.text_content()
        if not any(char in text for char in PROTECTED + _FORBIDDEN):
            return Page(tree, {})
    html, restore = _protect(html)
    return Page(_tree(html), restore)


def _tree(html: str) -> lxml.html.HtmlElement:
    """Return the tree of a page without its styles, and without its scripts but JSON-LD."""
    body = html.encode("utf-8", "replace").translate(_AS_SPACE, _CONTROL)
    beginning = body[:4096]
    repaired = _CLOSED_HTML.sub(rb"\1>", _SLASH_DOCTYPE.sub(b"", beginning, count=1), count=1)
    if repaired != beginning:
        body = repaired + body[4096:]
    parser = _parser()
    try:
        tree = lxml.etree.fromstring(body, parser)
    except lxml.etree.LxmlError as error:
        _check(parser)
        raise RecordError("empty", str(error)[:200]) from None
    _check(parser)
    if tree is None:
        raise RecordError("empty", "the page has no element")
    # Half of a page's bytes, which extraction would copy four times.
    for element in list(tree.iter("script", "style")):
        if element.tag == "style" or "ld+json" not in (element.get("type") or ""):
            element.drop_tree()
    return tree


def _parser() -> lxml.etree.HTMLParser:
    """Return a parser set as trafilatura's own, but deep, and with the element class looked up in C (3 ms a page)."""
    parser = lxml.etree.HTMLParser(
        collect_ids=False,
        default_doctype=False,
        encoding="utf-8",
        remove_comments=True,
        remove_pis=True,
        huge_tree=True,
    )
    parser.set_element_class_lookup(
        lxml.etree.ElementDefaultClassLookup(element=lxml.html.HtmlElement, comment=lxml.html.HtmlComment)
    )
    return parser


def _check(parser: lxml.etree.HTMLParser) -> None:
    """Raise where the parser gave up in the middle: only its log tells."""
    last = parser.error_log.last_error
    if last is not None and last.type in _FATAL:
        raise RecordError(_FATAL[last.type], f"{last.message} in line {last.line}"[:200])


_FATAL = {
    lxml.etree.ErrorTypes.ERR_NO_MEMORY: "memory",
    lxml.etree.ErrorTypes.ERR_RESOURCE_LIMIT: "too deep",
}


def _protect(html: str) -> tuple[str, dict[int, int]]:
    """Return the page without control references and with stand-ins for the protected characters, and the way back."""
    base = next((base for base in _STAND_INS if not any(chr(base + i) in html for i in range(len(PROTECTED)))), None)
    there = {} if base is None else {ord(char): base + i for i, char in enumerate(PROTECTED)}

    def resolve(match: re.Match[str]) -> str:
        hexadecimal, decimal, name = match.groups()
        code = ord(_NAMED[name]) if name else int(hexadecimal, 16) if hexadecimal else int(decimal)
        if code in there:
            return chr(there[code])
        if 0x80 <= code < 0xA0:  # as browsers do: the author meant Windows-1252
            return bytes([code]).decode("cp1252", "ignore")
        return "" if _is_forbidden(code) else match[0]

    html = _REFERENCE.sub(resolve, html).translate(there | dict.fromkeys(map(ord, _FORBIDDEN)))
    return html, {stand_in: char for char, stand_in in there.items()}


def _is_forbidden(code: int) -> bool:
    """Tell whether a code point may not stand in XML, so that lxml and trafilatura choke on it."""
    control = code < 0x20 and code not in {0x09, 0x0A, 0x0D}
    return control or 0xD800 <= code < 0xE000 or code > 0x10FFFF or chr(code) in _FORBIDDEN
