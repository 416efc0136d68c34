"""The frozen values that travel between the stages, in the order an article meets them.

    Source, Meta → RawArticle → Article → CleanArticle → Match → Verdict;  Rejected at any point

What runs over millions of articles (fingerprint, match, cluster) works on Arrow columns and numpy arrays instead;
their types stand in the docstrings of those stages.
"""

from __future__ import annotations

import dataclasses
import enum
from typing import TYPE_CHECKING, Literal, TypeAlias

from cleaners.visible import cuts_html

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

Kind: TypeAlias = Literal["exact", "near", "reworded", "overlap", "translated"]

KINDS: tuple[Kind, ...] = ("exact", "near", "reworded", "overlap", "translated")
"""The ways in which two articles can be the same, the strongest first; `Verdicts.kind` has their places here."""

RETOLD: frozenset[Kind] = frozenset({"reworded", "translated"})
"""Kinds of which the words are other ones, so that what both have tells more than what differs."""


@dataclasses.dataclass(frozen=True, slots=True)
class Source:
    """Provenance: the file an article was read from and its number there, counted from 1 (JSONL: the line)."""

    path: str
    record: int


@dataclasses.dataclass(frozen=True, slots=True)
class Meta:
    """What is known about an article beside its text; None where it is not known.

    `source_id` is the user's own id (or the WARC record's), `source_name` the outlet, `language` an ISO 639-1 code
    (`zh`, `pt`), `language_confidence` that of the identifier in it (none where input or page named the language),
    `published` and `fetched` are in UTC. From `canonical_url` on it is what the page says about itself: where it
    stands, on which terms, for which robots, whether it reserves text and data mining (and where the terms are),
    whether it is behind a paywall, and which schema.org types describe it.
    """

    source_id: str | None = None
    url: str | None = None
    title: str | None = None
    author: str | None = None
    published: datetime | None = None
    source_name: str | None = None
    language: str | None = None
    fetched: datetime | None = None
    language_confidence: float | None = None
    canonical_url: str | None = None
    licenses: tuple[str, ...] | None = None
    robots: tuple[str, ...] | None = None
    tdm_reserved: bool | None = None
    tdm_policy: str | None = None
    paywall: bool | None = None
    page_types: tuple[str, ...] | None = None


class Mark(enum.IntFlag):
    """What the page's own mark-up says about one line of the extracted text."""

    NONE = 0
    LINK = 1  # the whole line is one link
    LINKS = 2  # links make up most of the line
    CAPTION = 4  # figcaption, or a block whose class says caption or credit
    LIST = 8  # an item of a list
    HEADING = 16  # h1 … h6
    QUOTE = 32  # blockquote
    ASIDE = 64  # inside aside, nav, footer, form or button, or a block whose class says so
    TABLE = 128  # a row of a table
    RELATED = 256  # inside a block whose class says related, recommended, teaser …
    SIGNUP = 512  # … newsletter, subscribe …
    SHARE = 1024  # … share, social …
    COMMENT = 2048  # … comments, reply …
    BIO = 4096  # … author, byline …
    TAGS = 8192  # … tags, topics …
    EMPHASIS = 16384  # the whole line is bold, italic or small
    DATE = 32768  # inside a block whose class says date, duration …
    APART = 65536  # in more blocks of its own than most of the article, and no part of a list, table or quotation


@dataclasses.dataclass(frozen=True, slots=True)
class RawArticle:
    """One record as it was read: decoded HTML, or text that an extractor already made; exactly one of the two."""

    id: str
    source: Source
    html: str | None
    text: str | None
    meta: Meta


@dataclasses.dataclass(frozen=True, slots=True)
class Article:
    """Extracted, not yet stripped. `marks` has an entry for each line of `text`, none where there was no HTML."""

    id: str
    source: Source
    text: str
    meta: Meta
    extractor: str
    marks: tuple[Mark, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Edit:
    """One change: `text[start:end] == before` in the extracted text became `after` ("" for a removal).

    Offsets count code points of the extracted text, half open. `rule` is the id of what decided, `category` its kind
    of residue (or `repair` for mojibake and white space).
    """

    start: int
    end: int
    before: str
    after: str
    rule: str
    category: str


@dataclasses.dataclass(frozen=True, slots=True)
class Stripped:
    """A clean text with every edit that led to it, sorted and not overlapping."""

    text: str
    edits: tuple[Edit, ...]

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the text with its cuts struck through."""
        return cuts_html(self.text, self.edits)


@dataclasses.dataclass(frozen=True, slots=True)
class CleanArticle:
    """An article after strip: the clean text, its edits, and metadata completed by what the struck lines told.

    `salvaged` names the fields of `meta` that were filled from struck lines.
    """

    article: Article
    text: str
    edits: tuple[Edit, ...]
    meta: Meta
    salvaged: tuple[str, ...] = ()

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the headline, and the text with its cuts struck through."""
        return cuts_html(self.text, self.edits, self.meta.title)


@dataclasses.dataclass(frozen=True, slots=True)
class Match:
    """A pair confirmed on the two texts. `a` sorts before `b`; `similarity` is 0 … 1 and means what `kind` says."""

    a: str
    b: str
    kind: Kind
    similarity: float
    evidence: Mapping[str, float]


@dataclasses.dataclass(frozen=True, slots=True)
class Rejected:
    """A record that is no article, with the stage that said so, a reason from a closed list, and the detail."""

    id: str
    source: Source
    source_id: str | None
    stage: str
    reason: str
    detail: str
    url: str | None = None
