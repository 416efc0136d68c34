"""Bytes → text, as browsers decode pages, in a form that nothing downstream chokes on.

Order: byte order mark, strict UTF-8, the HTTP header or the page's own meta tag where it decodes, a detector.
That order got 9 of 9 pages in old charsets right where the detector alone took Polish ISO-8859-2 for something else.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# Labels whose page means more than the label says (https://encoding.spec.whatwg.org/#names-and-labels). A meta tag that
# was read as bytes cannot stand in UTF-16.
_MEANS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "utf-16": "utf-8",
    "utf-16-le": "utf-8",
    "utf-16-be": "utf-8",
    "utf-7": "cp1252",
}
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode-escape", "unicode_escape", "raw-unicode-escape", "undefined"})
_OTHER_NAMES = {"x-sjis": "cp932", "windows-874": "cp874", "ks_c_5601-1987": "cp949", "x-gbk": "gb18030"}
_META = re.compile(rb"""<meta[^>]{0,512}?charset\s{0,8}=\s{0,8}["']?\s{0,8}([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE)
_XML = re.compile(rb"""^\s{0,64}<\?xml[^>]{0,128}?encoding\s{0,8}=\s{0,8}["']([A-Za-z0-9_:.-]{2,40})""")
_META_BYTES = 8192  # browsers look at 1,024; real pages put scripts before it
_SAMPLE_BYTES = 16_384  # for the detector: 20 ms, and more text changed no answer
_LEAST_EVIDENCE = 16  # non-ASCII bytes; with fewer a detector guesses, and Windows-1252 is the best guess
_ASCII = bytes(range(128))
_LENIENT = 20  # one wrong character in so many non-ASCII ones is a slip in the page, more is another charset

# References that may mean a control character, half of a surrogate pair, or nothing in Unicode; most do not.
_SUSPECT = re.compile(
    r"""(?x) &\# (?: 0* (?: [0-9] | [12][0-9] | 3[01] | 5[5-7][0-9]{3} ) (?![0-9]) | [0-9]{7,}
                | [xX] (?: 0* (?: 1?[0-9a-fA-F] | [dD][89a-fA-F][0-9a-fA-F]{2} ) (?![0-9a-fA-F])
                         | [0-9a-fA-F]{6,} ) ) ;?"""
)
_SPACES = frozenset({11, 28, 29, 30, 31})  # separators: words on both sides stay apart
_CONTROLS = {code: " " if code in _SPACES else "" for code in range(1, 32) if code not in (9, 10, 12, 13)} | {
    0: "\ufffd"
}
_CONTROL_BYTES = bytes(_CONTROLS)


def decode(body: bytes, declared: str | None = None, *, html: bool = False) -> str:
    r"""Return the text of a page or file. Never fails: what no charset explains becomes U+FFFD.

    `declared` is the charset that the HTTP header names; `html` tells to look for a meta tag too.

    >>> decode("Łódź".encode("iso-8859-2"), "ISO-8859-2"), decode(b"caf\xc3\xa9", "latin-1")
    ('Łódź', 'café')
    """
    for mark, charset in BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(charset, "replace")
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return _decode_other(body, declared, html=html)
    # UTF-16 of Latin text is valid UTF-8, every other character a NUL.
    if "\0" in text[:256] and (utf16 := unmarked_utf16(body)):
        return body.decode(utf16, "replace")
    return text


def _decode_other(body: bytes, declared: str | None, *, html: bool) -> str:
    """Decode what is not UTF-8: try what is declared, then what a detector says, and take the first that fits."""
    if utf16 := unmarked_utf16(body):
        return body.decode(utf16, "replace")
    return fitting(body, _candidates(body, declared, html=html))


def fitting(body: bytes, charsets: Iterable[str]) -> str:
    """Return the text in the first charset that explains nearly all of it, else in Windows-1252.

    >>> fitting("Łódź".encode("cp1250"), ["utf-8", "cp1250"])
    'Łódź'
    """
    for charset in charsets:
        if _fits(body, charset):
            return body.decode(charset, "replace")
    return body.decode("cp1252", "replace")


def guess(sample: bytes) -> str:
    """Return the charset of a file without mark-up from its first bytes."""
    try:
        sample.decode()
    except UnicodeDecodeError:
        return next((charset for charset in _candidates(sample, None, html=False) if _fits(sample, charset)), "cp1252")
    return "utf-8"


def _fits(body: bytes, charset: str) -> bool:
    text = body.decode(charset, "replace")
    return text.count("\ufffd") * _LENIENT <= len(text) - len(text.encode("ascii", "ignore"))


def _candidates(body: bytes, declared: str | None, *, html: bool) -> Iterator[str]:
    """Yield charsets worth trying, best first.

    UTF-8 with a slip comes before what is declared: servers say ISO-8859-1 of everything, and text in another charset
    hardly ever looks like UTF-8 by chance.
    """
    yield "utf-8"
    if declared and (charset := known_charset(declared)):
        yield charset
    if html:
        head = body[:_META_BYTES]
        for found in (_META.search(head), _XML.match(head)):
            if found and (charset := known_charset(found[1].decode("ascii"))):
                yield charset
    sample = _telling_part(body)
    if len(sample) - len(sample.translate(None, _ASCII)) < _LEAST_EVIDENCE:
        return
    from charset_normalizer import from_bytes  # noqa: PLC0415  (30 ms to import; most inputs are UTF-8)

    if best := from_bytes(sample).best():
        yield best.encoding


def known_charset(label: str) -> str | None:
    """Return Python's name of a charset as a browser understands the label; None where there is none.

    >>> known_charset("ISO-8859-1"), known_charset("GB2312"), known_charset("x-klingon")
    ('cp1252', 'gb18030', None)
    """
    label = label.strip("\"' \t").lower()
    try:
        found = codecs.lookup(_OTHER_NAMES.get(label, label))
        meant = _MEANS.get(found.name, found.name)
        # Python has codecs for EBCDIC, `hex` and `zip` too; a page that names its own in ASCII is in none of them.
        fits = b"<meta>".decode(meant) == "<meta>"
    except (LookupError, ValueError):
        return None
    return meant if fits and meant not in _NO_CHARSETS else None


def _telling_part(body: bytes) -> bytes:
    """Return a part with as many non-ASCII bytes as possible: the head of a page is mostly mark-up."""
    if len(body) <= _SAMPLE_BYTES:
        return body
    starts = range(0, len(body), _SAMPLE_BYTES)
    parts = (body[start : start + _SAMPLE_BYTES] for start in starts[:64])
    return max(parts, key=lambda part: len(part.translate(None, _ASCII)))


def unmarked_utf16(body: bytes) -> str | None:
    """Return the kind of UTF-16 that text without a byte order mark is in, told by where its NULs stand."""
    head = body[:256]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) * 3 < len(head) or min(even, odd) * 8 > len(head):
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


def sound(text: str) -> str:
    r"""Return the text with a U+FFFD for each NUL and lone surrogate, which Parquet, Arrow or libxml2 would die of.

    Halves of a pair that stand together become the character they mean.

    >>> sound("a\0b \ud800 \ud83d\ude00")
    'a�b � 😀'
    """
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def sound_html(html: str) -> str:
    """Return the page without control characters and references to them: one `&#1;` makes trafilatura return nothing.

    >>> sound_html("<p>Bridge&#1; reopened &#8211; &#x0; &#xD800;</p>")
    '<p>Bridge reopened &#8211; � �</p>'
    """
    body = html.encode("utf-8", "surrogatepass")
    if len(body.translate(None, _CONTROL_BYTES)) < len(body):  # ten times as fast as to search the text
        html = html.translate(_CONTROLS)
    return _SUSPECT.sub(_sound_reference, html)


def _sound_reference(found: re.Match[str]) -> str:
    digits = found[0].strip("&#;").lower()
    hexadecimal = digits.startswith("x")
    digits = digits.lstrip("x0") or "0"
    code = int(digits, 16 if hexadecimal else 10) if len(digits) < 10 else 0x110000
    if code == 0 or 0xD800 <= code < 0xE000 or code > 0x10FFFF:
        return "\ufffd"
    return "" if code in _CONTROLS else found[0]
