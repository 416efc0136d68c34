"""Is it a page? Told from the bytes, since names and headers lie."""

from __future__ import annotations

import re

from cleaners.read import charset

# What a page begins with, behind comments and an XML declaration. The second list begins fragments, too, and the odd
# line of plain text.
_BEFORE = rb"\s{0,4096}(?:<\?xml[^>]{0,256}>\s{0,256})?(?:<!--(?:(?!-->).){0,4096}-->\s{0,256}){0,8}"
_PAGE = re.compile(_BEFORE + rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_FRAGMENT = re.compile(
    _BEFORE
    + rb"<(?:title|meta|div|p|script|link|style|table|article|section|main|figure|blockquote|h[1-6]|ul|a|span|br"
    rb"|center|font|base|!--)[\s>]",
    re.IGNORECASE | re.DOTALL,
)
_ANYWHERE = re.compile(rb"<(?:html|head|body|article|div|p|br|title)\b[^<]{0,512}>", re.IGNORECASE)
_BLOCK_END = re.compile(
    rb"(?:</(?:p|div|article|section|figure|blockquote|ul|ol|h[1-6]|table)>|-->)\s{0,256}$", re.IGNORECASE
)
_XML = re.compile(rb"\s{0,4096}<(?:\?xml|rss|feed|urlset|svg|opml)\b", re.IGNORECASE)
_HEAD_BYTES = 1 << 16

FOREIGN = (
    b"%PDF", b"%!PS", b"{\\rtf", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"RIFF", b"\x7fELF", b"SQLite format 3",
    b"ARROW1", b"Obj\x01", b"OggS", b"ID3", b"\xca\xfe\xba\xbe", b"filedesc://", b"wOFF", b"wOF2", b"#!",
    b"7z\xbc\xaf", b"Rar!", b"\xd0\xcf\x11\xe0", b"\x00\x00\x01\x00",
)  # fmt: skip
"""How files begin that are no text, though some look like it."""

# Bytes that stand in no text of any charset but UTF-16 and UTF-32 (escape sequences of ISO-2022 are left out).
_CONTROLS = bytes({*range(7), *range(14, 27), *range(28, 32)})


def is_binary(body: bytes) -> bool:
    """Tell bytes that are no text: one control character in twenty, unless it is UTF-16."""
    if any(body.startswith(mark) for mark, _ in charset.BOMS):
        return False
    sample = body[:4096]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return controls * 20 > len(sample) and charset.unmarked_utf16(sample) is None


def is_page(body: bytes) -> bool:
    """Tell a page by its very first tag.

    >>> is_page(b"<!-- saved --> <!DOCTYPE html>"), is_page(b"<p>Rain fell.</p>")
    (True, False)
    """
    return bool(_PAGE.match(body))


def is_fragment(body: bytes) -> bool:
    """Tell HTML that begins with any common tag."""
    return bool(_FRAGMENT.match(body))


def is_html_cell(text: str) -> bool:
    """Tell HTML in a column that should hold text: a page, or a fragment that begins and ends with a block.

    >>> is_html_cell("<p>Rain fell.</p>"), is_html_cell("<p>, the tag, was new then."), is_html_cell("Rain fell.")
    (True, False, False)
    """
    if not text[:64].lstrip().startswith("<"):
        return False
    head, tail = text[:8192].encode("utf-8", "replace"), text[-512:].rstrip().encode("utf-8", "replace")
    return is_page(head) or (is_fragment(head) and bool(_BLOCK_END.search(tail)))


def is_other_xml(body: bytes) -> bool:
    """Tell a feed, a site map, a drawing."""
    return bool(_XML.match(body))


def is_html(body: bytes, content_type: str) -> bool:
    r"""Tell whether the body of an answer is a page. The header decides only where the bytes leave it open.

    >>> is_html(b"\x89PNG...", "text/html"), is_html(b"<html><p>Rain fell.", "application/octet-stream")
    (False, True)
    """
    if body.startswith((*FOREIGN, b"PK\x03\x04", b"\x1f\x8b")) or is_binary(body):
        return False
    named = content_type.partition(";")[0].strip().lower()
    if named in {"text/html", "application/xhtml+xml"}:
        return True
    head = body[:_HEAD_BYTES]
    if is_page(head):
        return True
    return not named and not is_other_xml(head) and (is_fragment(head) or bool(_ANYWHERE.search(head)))
