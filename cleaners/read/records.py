"""What a reader finds: a `Draft` of an article, or a `Flaw`; both become values of the model in one place, `finish`.

A reader yields `(number, Draft | Flaw)`; the number is the record's place in the whole file, counted from 1.
"""

from __future__ import annotations

import dataclasses
import hashlib
from typing import TYPE_CHECKING, TypeAlias

from cleaners.model import Meta, RawArticle, Rejected, Source
from cleaners.read import charset

if TYPE_CHECKING:
    from collections.abc import Iterator

REASONS = {
    "broken file": "the file is damaged, or is not what its first bytes promise; the detail says what was read before",
    "broken record": "this record cannot be parsed (JSON, CSV row, WARC header); reading goes on behind it",
    "empty": "the record is there and holds nothing",
    "forgotten": "asked to be forgotten (`copydesk forget`); nothing else is kept of it",
    "http status": "the server answered with an error or a redirect, not with a page",
    "no text": "the record has neither text nor HTML under any name we know; `read.fields` names others",
    "not a file": "a pipe, a socket or a device in a folder of inputs",
    "not html": "the body is an image, a PDF, a feed, a script …",
    "revisit": "the WARC record says that the page has not changed, and holds no copy of it",
    "too large": "above `read.max_record_mb`, or unpacks to more than `read.max_ratio` times its size",
    "truncated": "the file, or this record, ends before its end",
    "unknown kind": "a file in a folder of inputs that is no kind we read",
    "unreadable": "a file in a folder of inputs that may not be read, or a link that leads nowhere",
    "wrong length": "the record is longer or shorter than its WARC header says; reading goes on at the next one",
}
"""Why a record is rejected by this stage, and what each word means."""


@dataclasses.dataclass(frozen=True, slots=True)
class Draft:
    """One record that can become an article: decoded HTML or text, one of the two, and what is known of it."""

    html: str | None
    text: str | None
    meta: Meta


@dataclasses.dataclass(frozen=True, slots=True)
class Flaw:
    """One record that cannot, with a reason from `REASONS`; `content` is what there is of it."""

    reason: str
    detail: str = ""
    source_id: str | None = None
    content: bytes = b""


Found: TypeAlias = "Iterator[tuple[int, Draft | Flaw]]"


def finish(found: Draft | Flaw, source: Source) -> RawArticle | Rejected:
    """Return the record as the model knows it, with its id.

    The id of an article comes from its content, URL and source id, never from its path or place: the same records,
    split or shuffled in other files, get the same ids, and identical records get identical ones.

    >>> finish(Draft(None, "The bridge reopened.", Meta()), Source("a.txt", 1)).id
    'e747b3ce809cf1ca0e3b'
    """
    if isinstance(found, Draft):
        content, body = _encoded(found.html or found.text or "")
        name = identify(body, found.meta.url or "", found.meta.source_id or "")
        html, text = (content, None) if found.html else (None, content)
        return RawArticle(name, source, html, text, found.meta)
    place = f"{source.path}\n{source.record}"
    name = identify(found.content, place, found.source_id or "", found.reason)
    return Rejected(name, source, found.source_id, "read", found.reason, _one_line(found.detail))


def _one_line(detail: str) -> str:
    """Return a detail as one printable line of bounded length: it ends in logs and on terminals."""
    line = " ".join(detail[:1000].split())[:500]
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in line)


def _encoded(content: str) -> tuple[str, bytes]:
    """Return the text, made sound where it has to be, and its UTF-8."""
    if "\0" in content:
        content = charset.sound(content)
    try:
        return content, content.encode()
    except UnicodeEncodeError:
        content = charset.sound(content)
        return content, content.encode()


def identify(body: bytes, *more: str) -> str:
    """Return 20 hex digits (80 bits: one chance collision among a billion records has odds of 1 to 2,000,000)."""
    digest = hashlib.blake2b(body, digest_size=10)
    # The length keeps ("ab", "c") and ("a", "bc") apart; no NUL can stand in the others.
    digest.update("\0".join((str(len(body)), *more)).encode("utf-8", "replace"))
    return digest.hexdigest()
