"""WARC and WET files → drafts, with the framing checked and found again after damage.

Both FastWARC and warcio take a file cut in the middle for a whole one and stop for good after garbage or a wrong
length, without an error: records would vanish. So the frames are walked here, and the tests hold the result against
FastWARC's on sound files.

What counts as a record: `response`, `resource` and `conversion` records that are about a page, and `revisit`.
`warcinfo`, `request` and `metadata` records, DNS answers and robots.txt are no records: they are about the crawl.
All of them are numbered.
"""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any

from cleaners.errors import RecordError
from cleaners.model import Meta
from cleaners.read import charset, http, markup
from cleaners.read.fields import moment
from cleaners.read.records import Draft, Flaw
from cleaners.read.streams import BrokenStreamError, Stream
from cleaners.read.unpack import open_file, pieces
from cleaners.rights import directives, reserved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from cleaners.config import ReadSettings
    from cleaners.read.inputs import Slice
    from cleaners.read.records import Found

_HEAD_BYTES = 1 << 16
_USUAL_HEAD = 2048
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_START = re.compile(rb"WARC/\d\.\d\r?\n[A-Za-z-]{1,40}:")
_ABOUT_CRAWL = frozenset({"warcinfo", "request", "metadata"})
_TWO_LINE_ENDS = re.compile(rb"\r?\n\r?\n")
_BLANK = re.compile(rb"[\r\n]*")
_ROBOTS = re.compile(r"https?://[^/?#]+/robots\.txt", re.IGNORECASE)
_CHARSET = re.compile(r"""charset\s*=\s*["']?([^\s"';,]+)""", re.IGNORECASE)
_LONGEST_POLICY = 500  # characters of an address
_OVERLAP = 64  # bytes of a record's start that may lie in the block before


@dataclasses.dataclass(frozen=True, slots=True)
class Frame:
    """One record as it stands in the file. `member` is the offset of the gzip member or zstd frame it begins, or -1."""

    headers: Mapping[str, str]
    block: bytes
    position: int
    member: int


def read_warc(part: Slice, settings: ReadSettings) -> Found:
    """Yield the pages of a WARC file, or the texts of a WET file."""
    with open_file(part.path) as file:
        stream = Stream(pieces(file, settings, part.start, part.stop))
        for number, frame in enumerate(frames(stream, settings.max_record_mb << 20), part.first):
            found = frame if isinstance(frame, Flaw) else _guarded(frame, settings)
            if found is not None:
                yield number, found


def _guarded(frame: Frame, settings: ReadSettings) -> Draft | Flaw | None:
    try:
        return draft(frame, settings)
    except RecordError as error:
        return Flaw(error.reason, error.detail, _id(frame.headers), frame.block[:4096])


def frames(stream: Stream, limit: int) -> Iterator[Frame | Flaw]:
    """Yield the records of a stream, and a flaw for each that is damaged, after which the next sound one is found."""
    while True:
        try:
            _skip_blank(stream)
            if not stream.peek(1):
                stream.read(1)  # raises what stopped us, if anything did
                return
            yield _frame(stream, limit)
        except BrokenStreamError as error:
            yield Flaw(error.reason, error.detail)
        except RecordError as error:
            skipped = _find_start(stream)
            detail = f"{error.detail}; {skipped:,} bytes skipped" if skipped else error.detail
            yield Flaw(error.reason, detail)


def _skip_blank(stream: Stream) -> None:
    while (ahead := stream.peek(4)) and (blank := _BLANK.match(ahead)) and blank.end():
        stream.read(blank.end())


def _frame(stream: Stream, limit: int) -> Frame:
    """Return the record that begins here. RecordError: it does not, and the stream stands where the search begins."""
    position = stream.position
    member = stream.member[1] if stream.member[0] == position else -1
    ahead = stream.peek(_OVERLAP)
    if not ahead.startswith(b"WARC/"):
        if len(ahead) < 5:
            stream.read(5)  # raises what cut it short, if that is known
        raise RecordError("broken record", "no WARC record begins here")
    headers = http.parse_headers(_head(stream))
    source_id = headers.get("warc-record-id", "")
    try:
        length = int(headers.get("content-length", ""))
    except ValueError:
        raise RecordError("broken record", f"no Content-Length in the WARC header {source_id}") from None
    if length < 0:
        raise RecordError("broken record", f"a Content-Length of {length} in the WARC header {source_id}")
    if length > limit:
        raise RecordError("too large", f"{length:,} bytes {source_id}")
    block = stream.read(length)
    if len(block) < length:
        _back_to_start(stream, block)
        raise RecordError("truncated", f"{len(block):,} bytes of {length:,} {source_id}")
    # Behind a record come two line ends, or the end of the file; writers were seen that leave them out.
    ahead = stream.peek(5)
    if ahead.strip(b"\r\n") and ahead != b"WARC/" and not _TWO_LINE_ENDS.match(ahead):
        _back_to_start(stream, block)
        raise RecordError("wrong length", f"something else than a record stands {length:,} bytes on {source_id}")
    return Frame(headers, block, position, member)


def _head(stream: Stream) -> bytes:
    """Return the header of a record, up to the blank line."""
    if found := _HEAD_END.search(stream.peek(_USUAL_HEAD)):
        return stream.read(found.end())
    parts: list[bytes] = []
    size = 0
    while (line := stream.line(_HEAD_BYTES)).strip(b"\r\n"):
        parts.append(line)
        size += len(line)
        if size > _HEAD_BYTES:
            raise RecordError("broken record", "a WARC header without an end")
    if not line:
        raise RecordError("truncated", "the file ends in a WARC header")
    return b"".join(parts)


def _back_to_start(stream: Stream, block: bytes) -> None:
    """Go back to where a record begins inside a block whose length was wrong, if one does."""
    if found := _START.search(block):
        stream.unread(block[found.start() :])


def _find_start(stream: Stream) -> int:
    """Move on to the next beginning of a record, and return how many bytes were passed over."""
    skipped = 0
    while block := stream.peek(1 << 16):
        found = _START.search(block)
        if found:
            return skipped + len(stream.read(found.start()))
        passed = len(block) - _OVERLAP
        if passed <= 0:
            return skipped + len(stream.read(len(block)))
        skipped += len(stream.read(passed))
    return skipped


def draft(frame: Frame, settings: ReadSettings) -> Draft | None:
    """Return what a record holds: a page or a text; None for what is about the crawl. RecordError: neither.

    A `response` must have a status of 2xx and HTML in it; what it holds is told from the bytes where the header is
    silent, vague or lies.
    """
    kind = frame.headers.get("warc-type", "").lower()
    url = frame.headers.get("warc-target-uri", "").strip("<> ")
    if kind in _ABOUT_CRAWL or url.startswith("dns:") or _ROBOTS.fullmatch(url):
        return None
    if kind not in DRAFTERS:
        raise RecordError("broken record", f"WARC-Type {kind!r}")
    fetched = moment(frame.headers.get("warc-date"))
    meta = Meta(source_id=_id(frame.headers), url=charset.sound(url) or None, fetched=fetched)
    return DRAFTERS[kind](frame, meta, settings.max_record_mb << 20)


def _text(frame: Frame, meta: Meta, _: int) -> Draft:
    """Return the text of a WET record."""
    text = charset.decode(frame.block)
    if not text.strip():
        raise RecordError("empty")
    return Draft(None, text, meta)


def _page(frame: Frame, meta: Meta, limit: int) -> Draft:
    """Return the page in an HTTP answer, or in a record that holds it bare."""
    content_type = frame.headers.get("content-type", "")
    body = frame.block
    if content_type.lower().startswith("application/http") or body.startswith(b"HTTP/"):
        answer = http.parse(body, limit)
        if answer.status and not 200 <= answer.status < 300:
            raise RecordError("http status", str(answer.status))
        body, content_type = answer.body, answer.headers.get("content-type", "")
        meta = dataclasses.replace(meta, **_wishes(answer.headers))
    if not body.strip():
        raise RecordError("empty")
    if not markup.is_html(body, content_type):
        raise RecordError("not html", content_type or "told from the bytes")
    named = _CHARSET.search(content_type[:1024])
    return Draft(charset.sound_html(charset.decode(body, named and named[1], html=True)), None, meta)


def _wishes(headers: Mapping[str, str]) -> dict[str, Any]:
    """Return what the headers of an answer say on the use of the page."""
    policy = charset.sound(headers.get("tdm-policy", "").strip())
    return {
        "robots": directives([headers.get("x-robots-tag", "")]),
        "tdm_reserved": reserved(headers.get("tdm-reservation")),
        "tdm_policy": policy if 0 < len(policy) <= _LONGEST_POLICY else None,
    }


def _revisit(frame: Frame, meta: Meta, _: int) -> Draft:
    """Raise: a revisit points at the record of an earlier crawl, and has no page of its own."""
    raise RecordError("revisit", frame.headers.get("warc-refers-to-target-uri", meta.url or ""))


DRAFTERS: dict[str, Callable[[Frame, Meta, int], Draft]] = {
    "response": _page,
    "resource": _page,
    "conversion": _text,
    "revisit": _revisit,
}
"""What each type of WARC record that counts as one becomes."""


def _id(headers: Mapping[str, str]) -> str | None:
    """Return the id of a record without the wrapping that all of them have."""
    name = headers.get("warc-record-id", "").strip("<> ").removeprefix("urn:uuid:")
    return charset.sound(name) or None
