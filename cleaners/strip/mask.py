"""A text → edits that put a placeholder where an e-mail address, a phone number or an IP address stands.

Precision before recall: a phone number must be one that its country has (Google's numbering plans, in `phonenumbers`),
and be written as one, or be announced as one. Dates, prices, scores and ISBN are none.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

import re2

from cleaners.model import Edit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

PLACEHOLDERS = {"email": "<EMAIL>", "phone": "<PHONE>", "ip": "<IP_ADDRESS>"}
"""What stands for each kind, in the manner of BigCode's data. In brackets or bars a sentence with it would look like
residue; so it is judged alike."""

_LETTER = r"[\p{Latin}\p{Cyrillic}\p{Greek}0-9"
_EMAIL = re2.compile(rf"{_LETTER}._%+-]+@{_LETTER}-]+(?:\.{_LETTER}-]+)+")
_IP = re2.compile(r"\b[0-9]{1,3}(?:\.[0-9]{1,3}){3}\b|(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{1,4}")
_PHONE = re2.compile(r"[+(]?[0-9][0-9 \x{a0}().\x{2010}-\x{2013}/-]{5,24}[0-9]")
_VERSION = re.compile(r"\b(?:version\w{0,3}|firmware|build|release|driver|section|§)\W{1,3}$", re.IGNORECASE)
_LONGEST_EMAIL, _LONGEST_NAME = 254, 64  # RFC 5321
_FILES = frozenset(["css", "gif", "jpeg", "jpg", "js", "png", "svg", "webp"])  # logo@2x.png

_CUE = re.compile(
    r"(?:\b(?:tel|telephone|phone|fone|call|dial|text|fax|hotline|helpline|whatsapp|telefon|telefono|telefone|telefoon|"
    r"teléfono|téléphone|télé?phonez|rufnummer|handy|mobil|mobile|portable|numéro|número|нажмите|тел|телефон|هاتف)\b|"
    r"電話|电话|전화|☎|📞)[^\w\n]{0,6}(?:\w{1,8}[^\w\n]{1,3}){0,2}$",
    re.IGNORECASE,
)
_NO_PHONE = re.compile(
    r"(?:isbn|issn|doi|iban|no\.|nr\.|[$€£¥₹#§]|\d[.,:/])[^\w\n]{0,4}(?:\d{1,3}[^\w\n])?$", re.IGNORECASE
)
_AFTER = re.compile(r"[^\w\n]{0,2}(?:%|[€£$¥]|euros?\b|dollars?\b|percent\b)|[.,:/]?\d", re.IGNORECASE)
_BEFORE = 32  # characters before a number in which a cue is looked for
_AROUND = 12  # characters after a number in which its extension may stand
_LEAST_DIGITS = 9  # of a number that nothing announces
_REGIONS = {
    "bg": "BG", "cs": "CZ", "da": "DK", "de": "DE", "el": "GR", "en": "US", "es": "ES", "et": "EE", "fi": "FI",
    "fr": "FR", "he": "IL", "hi": "IN", "hr": "HR", "hu": "HU", "id": "ID", "it": "IT", "ja": "JP", "ko": "KR",
    "lt": "LT", "lv": "LV", "ms": "MY", "nl": "NL", "no": "NO", "pl": "PL", "pt": "BR", "ro": "RO", "ru": "RU",
    "sk": "SK", "sl": "SI", "sr": "RS", "sv": "SE", "th": "TH", "tl": "PH", "tr": "TR", "uk": "UA", "vi": "VN",
    "zh": "CN",
}  # fmt: skip
"""Country whose numbers a text in a language most likely writes without +, where the host does not tell."""
_PAIRS = re.compile(r"\d\d(?:[ .-]\d\d)+", re.ASCII)  # 01 23 45 67 89 may be of a lottery
_AS_WRITTEN = re.compile(r"\(?0|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}$", re.ASCII)


def masks(text: str, wanted: Iterable[str], language: str | None = None, host: str | None = None) -> list[Edit]:
    """Return an edit for each address or number of the `wanted` kinds (keys of PLACEHOLDERS), sorted.

    `language` and `host` tell the country of phone numbers without one.

    >>> [(edit.before, edit.rule) for edit in masks("Write to desk@orrel.example.", ["email"])]
    [('desk@orrel.example', 'mask-email')]
    """
    found: list[Edit] = []
    asked = set(wanted)
    for kind, places in _FINDERS.items():
        if kind in asked:
            taken = [(edit.start, edit.end) for edit in found]
            found += [
                Edit(start, end, text[start:end], PLACEHOLDERS[kind], f"mask-{kind}", "privacy")
                for start, end in places(text, language, host)
                if not any(start < other_end and other_start < end for other_start, other_end in taken)
            ]
    return sorted(found)


def _emails(text: str, _language: str | None, _host: str | None) -> Iterator[tuple[int, int]]:
    if "@" not in text:
        return
    for match in _EMAIL.finditer(text):
        address = match[0].rstrip(".-")
        start = match.start() + len(address) - len(address.lstrip(".-%+"))
        name, _, domain = text[start : match.start() + len(address)].rpartition("@")
        top = domain.rpartition(".")[2]
        fits = name and len(name) <= _LONGEST_NAME and len(name) + len(domain) < _LONGEST_EMAIL
        if fits and len(top) > 1 and top.isalpha() and top.lower() not in _FILES and ".." not in name:
            yield start, match.start() + len(address)


def _ips(text: str, _language: str | None, _host: str | None) -> Iterator[tuple[int, int]]:
    for match in _IP.finditer(text):
        start, end = match.span()
        if _is_ip(match[0]) and not _goes_on(text, start, end):
            yield start, end


def _is_ip(address: str) -> bool:
    """Tell an address from a version or section (all numbers of one digit), a time (10:30:45) and a name (io::add)."""
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return False
    if ":" in address:
        signs = set(map(str.isdigit, address.replace(":", "")))
        return len(signs) > 1 and any(len(part) > 2 for part in address.split(":"))
    return any(len(part) > 1 for part in address.split("."))


def _goes_on(text: str, start: int, end: int) -> bool:
    """Tell whether what stands at a place is a part of something longer."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    joined = before[-1:].isalnum() or before[-1:] in {":", "."} or after[:1].isalnum() or after[:1] == ":"
    return (
        joined
        or (after[:1] == "." and after[1:].isdigit())
        or _VERSION.search(text[max(0, start - 20) : start]) is not None
    )


def _phones(text: str, language: str | None, host: str | None) -> Iterator[tuple[int, int]]:
    done = 0
    for match in _PHONE.finditer(text):
        start, end = match.span()
        before = text[max(0, start - _BEFORE) : start]
        if start < done or before[-1:].isalnum() or _NO_PHONE.search(before) or _AFTER.match(text, end):
            continue
        for found in _numbers(text, start, end, _CUE.search(before) is not None, _region(language, host)):
            yield found
            done = found[1]


def _numbers(text: str, start: int, end: int, announced: bool, region: str | None) -> Iterator[tuple[int, int]]:  # noqa: FBT001
    """Yield the valid numbers between two places; without + and cue they must be written as their country does."""
    import phonenumbers  # noqa: PLC0415  (takes 50 ms to import, and few texts need it)

    whole = text[start] == "+"
    if not whole and not announced:
        digits = sum(map(str.isdigit, text[start:end]))
        shown = text[start:end]
        if region is None or digits < _LEAST_DIGITS or not _AS_WRITTEN.match(shown) or _PAIRS.fullmatch(shown):
            return
    strict = phonenumbers.Leniency.VALID if whole or announced else phonenumbers.Leniency.STRICT_GROUPING
    line = text[start : end + _AROUND].partition("\n")[0]
    for match in phonenumbers.PhoneNumberMatcher(line, region, strict, 3):
        if match.start < end - start:
            yield start + match.start, start + match.end


def _region(language: str | None, host: str | None) -> str | None:
    """Return the country by the host's last label, else the one most likely for the language.

    >>> _region("en", "news.orrel.de"), _region("fr", "orrel.com"), _region(None, "orrel.uk")
    ('DE', 'FR', 'GB')
    """
    import phonenumbers  # noqa: PLC0415

    top = (host or "").rpartition(".")[2].upper()
    country = {"UK": "GB"}.get(top, top)
    return country if country in phonenumbers.SUPPORTED_REGIONS else _REGIONS.get(language or "")


_FINDERS: dict[str, Callable[[str, str | None, str | None], Iterator[tuple[int, int]]]] = {
    "email": _emails,
    "ip": _ips,
    "phone": _phones,
}
"""How each kind is found; what one has taken is not another's."""
