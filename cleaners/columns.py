"""COLUMNS: name, type, meaning and value of each output column; the schemas of the four tables follow from it.

To add a column, add one line: its value is computed from the rows about to be written (`ROWS`, an Arrow table).
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMA_VERSION = 1
"""Raised when a column changes its name, type or meaning; new columns do not raise it."""

TEXT, TIME, BOOL = pa.large_string(), pa.timestamp("us", "UTC"), pa.bool_()

EDIT = pa.struct(
    [
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("before", TEXT),
        ("after", TEXT),
        ("rule", TEXT),
        ("category", TEXT),
    ]
)

_META: list[tuple[str, pa.DataType]] = [
    ("id", TEXT),
    ("source_id", TEXT),
    ("url", TEXT),
    ("title", TEXT),
    ("author", TEXT),
    ("published", TIME),
    ("source_name", TEXT),
    ("language", TEXT),
    ("fetched", TIME),
    ("language_confidence", pa.float64()),
    ("canonical_url", TEXT),
    ("licenses", pa.list_(TEXT)),
    ("robots", pa.list_(TEXT)),
    ("tdm_reserved", BOOL),
    ("tdm_policy", TEXT),
    ("paywall", BOOL),
    ("page_types", pa.list_(TEXT)),
    ("source", TEXT),
    ("record", pa.int64()),
    ("extractor", TEXT),
]

EXTRACTED = pa.schema([*_META, ("text", TEXT), ("marks", pa.list_(pa.uint32()))])
"""Rows between extract and strip: `marks` has one entry for each line of `text`, or none."""

CLEANED = pa.schema(
    [
        *_META,
        ("text", TEXT),
        ("words", pa.int64()),
        ("words_before", pa.int64()),
        ("edits", pa.list_(EDIT)),
        ("salvaged", pa.list_(TEXT)),
    ]
)
"""Rows between strip and write; `words` counts the clean text, `words_before` the extracted one."""

EVIDENCE = pa.struct(
    [
        ("jaccard", pa.float64()),
        ("reworded", pa.float64()),
        ("overlap", pa.float64()),
        ("aligned", pa.float64()),
        ("facts", pa.float64()),
        ("machine", pa.float64()),
        ("shared", pa.list_(TEXT)),
        ("unshared", pa.list_(TEXT)),
    ]
)
"""What a verdict rests on; null is what its kind does not use."""

MEANS = {
    "jaccard": "exact and near: the Jaccard index of the word shingles of the two texts",
    "reworded": "the score of the verifier, from `rewording.threshold` up",
    "overlap": "the same of what overlaps or is translated, from `rewording.overlap` up",
    "aligned": "share of the sentences that have a partner in the other text, of the text with fewer of them",
    "facts": "share of names, numbers and dates of the text that tells less that the other has too",
    "machine": "how much the one that does so more reads like a language model's, 0 … 1; only of English and German",
    "shared": "the first facts of the copy that the kept article has too, as the copy writes them",
    "unshared": "the first numbers and dates of the copy that the kept article does not have",
}
"""What each field of EVIDENCE means."""

VERDICT = pa.schema(
    [
        ("id", TEXT),
        ("canonical_id", TEXT),
        ("kind", TEXT),
        ("similarity", pa.float64()),
        ("evidence", EVIDENCE),
        ("split", TEXT),
    ]
)
"""One row for each cleaned row, in the same order: its final id and, for a copy, whose copy it is and why; for an
article that is kept, its split."""


@dataclasses.dataclass(frozen=True, slots=True)
class Column:
    """One output column. `value` makes it from the rows, as an Arrow array of `type`; `means` goes into the schema.

    Where values come again and again (`repeats`) the file holds each once: half the time to write, a third to read.
    """

    name: str
    type: pa.DataType
    means: str
    value: Callable[[pa.Table], Any]
    repeats: bool = False

    @property
    def field(self) -> pa.Field:
        """The Arrow field, with the meaning in its metadata."""
        return pa.field(self.name, self.type, metadata={"means": self.means})


def _same(name: str) -> Callable[[pa.Table], Any]:
    return lambda rows: rows[name]


def host_of(url: str | None) -> str | None:
    """Return the host of a URL in lower case without `www.`, None where there is none.

    >>> host_of("https://www.Example.org:8080/news/1"), host_of("not a url"), host_of(None)
    ('example.org', None, None)
    """
    try:
        host = urlsplit(url or "").hostname
    except ValueError:
        return None
    return host.removeprefix("www.") if host else None


def _hosts(rows: pa.Table) -> pa.Array:
    return pa.array([host_of(url) for url in rows["url"].to_pylist()], TEXT)


def residue(rows: pa.Table) -> Any:  # noqa: ANN401
    """Return the share of the extracted words that was struck."""
    before = pc.max_element_wise(rows["words_before"], 1)
    share = pc.divide(pc.subtract(rows["words_before"], rows["words"]).cast(pa.float64()), before.cast(pa.float64()))
    return pc.round(pc.max_element_wise(share, 0.0), 4)


def _known(name: str) -> Callable[[pa.Table], Any]:
    return lambda rows: pc.is_valid(rows[name])


_RIGHTS = (
    Column("canonical_url", TEXT, "Address the page says it has", _same("canonical_url")),
    Column(
        "licenses",
        pa.list_(TEXT),
        "Licences the page names by link, mark-up or meta tag",
        _same("licenses"),
        repeats=True,
    ),
    Column(
        "robots",
        pa.list_(TEXT),
        "What meta tags and headers ask of robots (noindex, noai …)",
        _same("robots"),
        repeats=True,
    ),
    Column("tdm_reserved", BOOL, "Whether text and data mining is reserved (TDMRep)", _same("tdm_reserved")),
    Column(
        "tdm_policy",
        TEXT,
        "Where the page says its terms of text and data mining are",
        _same("tdm_policy"),
        repeats=True,
    ),
    Column("paywall", BOOL, "Whether the page says that it is not free to read", _same("paywall")),
    Column(
        "page_types",
        pa.list_(TEXT),
        "schema.org types the page's JSON-LD gives the article",
        _same("page_types"),
        repeats=True,
    ),
)
"""What the page says about itself; null where it says nothing."""


def _ratio(name: str, means: str) -> Column:
    return Column(name, pa.float64(), means, _same(name))


def _number(name: str, means: str) -> Column:
    return Column(name, pa.int64(), means, _same(name))


def _flag(name: str, means: str) -> Column:
    return Column(name, BOOL, means, _same(name))


_COMPUTED = (
    _number("sentences", "Sentences; a line without a full stop is one too"),
    _ratio("mean_word_length", "Characters of a word on average"),
    _ratio("digits", "Share of the visible characters that are digits"),
    _ratio("symbols", "Share of the visible characters that are neither letters, digits nor punctuation"),
    _ratio("alphabetic", "Share of the words and punctuation marks that have a letter"),
    _ratio("stop_words", "Share of the words that are among the 200 commonest of the language; null without a list"),
    _number("gopher_words", "How many of: the be to of and that have with"),
    _ratio("hashes", "# for each word or mark"),
    _ratio("ellipses", "… and ... for each word or mark"),
    _ratio("bullet_lines", "Share of the lines that begin with a bullet"),
    _ratio("ellipsis_lines", "Share of the lines that end in an ellipsis"),
    _ratio("punctuated_lines", "Share of the lines that end in the mark of a sentence's end"),
    _ratio("short_lines", "Share of the lines of at most 30 characters"),
    _ratio("line_breaks", "Line breaks for each word or mark"),
    _ratio("duplicate_lines", "Share of the lines that stood there before"),
    _ratio("duplicate_line_characters", "Share of the text in such lines"),
    _ratio("duplicate_characters", "The same, line breaks not counted as text (FineWeb's measure)"),
    _ratio("duplicate_paragraphs", "Share of the paragraphs (parted by blank lines) that stood there before"),
    _ratio("duplicate_paragraph_characters", "Share of the text in such paragraphs"),
    *(
        _ratio(f"top_{n}gram", f"Share of the text that its most frequent {n} words in a row make up")
        for n in (2, 3, 4)
    ),
    *(_ratio(f"duplicate_{n}gram", f"Share of the text in {n} words that stood there before") for n in range(5, 11)),
    _number("c4_sentences", "Sentences in lines that C4 keeps"),
    _flag("javascript", "Whether the word stands in the text"),
    _flag("lorem_ipsum", "Whether the words stand in the text"),
    _flag("curly_bracket", "Whether a { stands in the text"),
    Column("page_kind", TEXT, "article, list, live blog, gallery or stub", _same("page_kind"), repeats=True),
)

SIGNALS = pa.schema([(column.name, column.type) for column in _COMPUTED])
"""What `quality.signals` computes for each cleaned row."""

_QUALITY = (
    Column(
        "language_confidence",
        pa.float64(),
        "Confidence in language, 0 to 1; null where it was named, not told from the text",
        _same("language_confidence"),
    ),
    *_COMPUTED,
    Column("has_byline", BOOL, "Whether an author is known", _known("author")),
    Column("has_date", BOOL, "Whether a date of publication is known", _known("published")),
)

_PROVENANCE = (
    Column("source", TEXT, "File the record was read from, as it was named to the run", _same("source"), repeats=True),
    Column("record", pa.int64(), "Number of the record in that file, from 1 (JSONL: the line)", _same("record")),
)

_ARTICLE = (
    Column("id", TEXT, "Our id, unique in the dataset; made from content and identity, not position", _same("id")),
    Column("source_id", TEXT, "The id the input gave: the user's own, or the WARC record's", _same("source_id")),
    Column("text", TEXT, "The clean text; with `edits` it gives the extracted text back", _same("text")),
    Column("title", TEXT, "Headline", _same("title")),
    Column("url", TEXT, "Address the page was fetched from, or says it has", _same("url")),
    Column("host", TEXT, "Host of the url, lower case, without www.", _hosts, repeats=True),
    Column("language", TEXT, "ISO 639-1 code, or und where the text does not tell", _same("language"), repeats=True),
    Column("author", TEXT, "Author or authors, as the page says", _same("author"), repeats=True),
    Column("published", TIME, "When the article says it was published, UTC", _same("published")),
    Column("source_name", TEXT, "Outlet", _same("source_name"), repeats=True),
    *_PROVENANCE,
    Column("fetched", TIME, "When the crawler fetched it, UTC", _same("fetched")),
    Column(
        "extractor",
        TEXT,
        "What made the text from the page; none where the input was text",
        _same("extractor"),
        repeats=True,
    ),
    Column("words", pa.int64(), "Words of the clean text; in scripts without spaces, characters", _same("words")),
    Column("residue", pa.float64(), "Share of the extracted words that was struck, 0 to 1", residue),
    Column(
        "salvaged",
        pa.list_(TEXT),
        "Metadata columns that were filled from struck lines",
        _same("salvaged"),
        repeats=True,
    ),
    *_RIGHTS,
    *_QUALITY,
)

COLUMNS: dict[str, tuple[Column, ...]] = {
    "articles": (
        *_ARTICLE,
        Column("split", TEXT, "The split the article is in, with all that it is akin to", _same("split"), repeats=True),
    ),
    "duplicates": (
        _ARTICLE[0],
        Column(
            "canonical_id", TEXT, "Id of the kept article this one is a copy of", _same("canonical_id"), repeats=True
        ),
        Column("kind", TEXT, "exact, near, reworded; overlap, translated if asked", _same("kind"), repeats=True),
        Column(
            "similarity",
            pa.float64(),
            "exact, near: Jaccard index of the word shingles; else the verifier's score",
            _same("similarity"),
        ),
        Column("evidence", EVIDENCE, "Figures the verdict rests on", _same("evidence")),
        *_ARTICLE[1:],
    ),
    "rejected": (
        Column("id", TEXT, "Id of the record", _same("id")),
        Column("source_id", TEXT, "The id the input gave, where it could be read", _same("source_id")),
        Column("url", TEXT, "Address of the page, where it is known", _same("url")),
        *_PROVENANCE,
        Column(
            "stage",
            TEXT,
            "Stage that rejected it: read, extract, strip, decontaminate or quality",
            _same("stage"),
            repeats=True,
        ),
        Column("reason", TEXT, "Reason, from a closed list", _same("reason"), repeats=True),
        Column("detail", TEXT, "What exactly was wrong", _same("detail")),
    ),
    "edits": (
        Column("id", TEXT, "Id of the article or duplicate", _same("id"), repeats=True),
        Column("start", pa.int64(), "Where the change begins in the extracted text, in code points", _same("start")),
        Column("end", pa.int64(), "Where it ends, exclusive", _same("end")),
        Column("before", TEXT, "What stood there", _same("before"), repeats=True),
        Column("after", TEXT, "What stands there now; empty for a removal", _same("after"), repeats=True),
        Column("rule", TEXT, "Id of the rule or evidence that decided", _same("rule"), repeats=True),
        Column(
            "category", TEXT, "Kind of residue; repair for mojibake and white space", _same("category"), repeats=True
        ),
    ),
}  # fmt: skip
"""The tables of a dataset, and the columns of each, in order."""

REJECTED = pa.schema([(column.name, column.type) for column in COLUMNS["rejected"]])


def schema(table: str) -> pa.Schema:
    """Return the Arrow schema of one table of the dataset, meanings and version included."""
    return pa.schema(
        [column.field for column in COLUMNS[table]], metadata={"table": table, "schema_version": str(SCHEMA_VERSION)}
    )


def repeating(table: str) -> list[str]:
    """Return the columns of a table whose values come again and again, as Parquet calls them."""
    names = [(column.name, column.type) for column in COLUMNS[table] if column.repeats]
    return [f"{name}.list.element" if pa.types.is_list(kind) else name for name, kind in names]


def select(table: str, rows: pa.Table) -> pa.Table:
    """Return one table of the dataset, made from rows."""
    arrays = [column.value(rows) for column in COLUMNS[table]]
    return pa.Table.from_arrays(
        [array.cast(column.type) for array, column in zip(arrays, COLUMNS[table], strict=True)], schema=schema(table)
    )
