"""Settings: every number with its unit, its default, and where the default comes from.

Read from TOML (`load`), where a section is a stage and an unknown key is an error that lists the known ones.
Adding a setting is one field with a docstring here; the README table and its check pick it up.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pydantic
from pydantic import Field, ValidationError

from cleaners.config_match import (
    ClusterSettings,
    Criterion,
    FingerprintSettings,
    MatchSettings,
    RewordingSettings,
    Section,
)
from cleaners.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# Defined in `config_match`, to be had here as all others.
__all__ = ["ClusterSettings", "Criterion", "FingerprintSettings", "MatchSettings", "RewordingSettings"]


class ReadSettings(Section):
    """How inputs are found and read."""

    fields: dict[str, str] = Field(default_factory=dict)
    """Column of a table for each of our fields (`text`, `html`, `url`, `title`, `date`, `author`, `source_name`,
    `language`, `id`, `fetched`, `canonical_url`, `licenses`, `robots`, `tdm_reserved`, `tdm_policy`, `paywall`); a dot
    goes into a nested value (`metadata.url`). Default: guessed from the usual names of C4, FineWeb, RealNews,
    news-please, CC-News."""
    shard_mb: int = Field(default=64, ge=1)
    """Uncompressed megabytes of input that one shard aims at. Smaller: more even load, more overhead for each task."""
    max_record_mb: int = Field(default=16, ge=1)
    """Megabytes of one record (page, line, cell) above which it is rejected as `too large`."""
    max_ratio: int = Field(default=1000, ge=10)
    """Output bytes for one compressed byte above which a stream counts as a decompression bomb. zlib ends at 1,032."""


class ExtractSettings(Section):
    """How pages become text."""

    timeout_s: float = Field(default=30, gt=0)
    """Seconds of processor time one page may take; then it is rejected as `timeout`. Real pages take 0.02; hostile ones
    were seen at 90. Not seconds of the clock, so that a busy machine rejects no more pages than an idle one."""
    max_html_mb: float = Field(default=8, gt=0)
    """Megabytes of HTML above which a page is rejected as `too large`. The largest real news page seen has 5."""
    max_memory_mb: int = Field(default=1536, ge=256)
    """Megabytes of data a process may hold that extracts pages or strips texts; what takes it beyond is rejected as
    `memory`. The processes themselves have 60 and 460; real pages add 30, hostile ones of 8 MB were seen to add
    1,400."""
    min_words: int = Field(default=0, ge=0)
    """Words below which an extracted text is rejected as `too short`. 0 keeps all but empty texts."""
    date_limit: str = Field(default="2100-01-01", pattern=r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])$")
    """Latest publication date believed (YYYY-MM-DD, not after the 28th, which every month has). Fixed, because
    trafilatura's own bound is today's date, and then the same page gives another result next year."""


class StripSettings(Section):
    """What is struck from texts."""

    rules: tuple[str, ...] = ()
    """Rule files of the user's own (paths), applied beside the built-in rulebook. Default: none."""
    agency_credits: bool = True
    """Whether credits of agencies and contributors are struck (`(ANI)`, `Reporting by …`). On: they name who wrote, not
    what happened, and recur on thousands of pages. Off: lines and spans of category `wire_credit` stay."""
    author_bios: bool = True
    """Whether lines about the author are struck. On: they stand under every story of the same hand."""
    bylines: bool = True
    """Whether bylines, time and update stamps, tags and counters are struck. On: they are metadata. A dateline that
    opens a sentence (`BERLIN (AP) -`) always stays."""
    editorial_notes: bool = False
    """Whether corrections and notes on how a story was made are struck. Off: they tell something about the story."""
    embedded_posts: bool = True
    """Whether attribution lines and short links of embedded posts are struck. On: the widget around them is gone. The
    words of a post always stay."""
    mask: tuple[Literal["email", "ip", "phone"], ...] = ()
    """Kinds of personal data that a placeholder takes the place of: e-mail addresses, IP addresses, phone numbers that
    are valid in their country. They are edits like others, so `edits/` holds what stood there. Default: none."""
    photo_credits: bool = True
    """Whether credits of pictures, and lines that only caption one, are struck. On: the picture is not in the text."""


class FurnitureSettings(Section):
    """Which recurring lines count as furniture of a host."""

    learn: bool = True
    """Whether lines that recur over a host's pages are learned from the corpus and struck. Off: rules alone decide."""
    max_letters: int = Field(default=600, ge=20)
    """Letters and digits above which a line is not counted. The longest legal and newsletter notes seen have about 500;
    what is longer and recurs is nearly always a paragraph of a story that was published twice."""
    edge: float = Field(default=0.15, gt=0, lt=0.5)
    """Share of a text, counted in letters, that is its head, and as much its tail. Lines of a story begin there in
    2 × 0.15 of all cases, furniture in most; a wider edge tells less, a narrower one misses blocks of several lines."""
    min_articles: int = Field(default=2, ge=2)
    """Different articles of a host that a line must stand in. Two is weak evidence and weighed as such (see `doubt`);
    copies of one article count once, so a story published ten times teaches nothing."""
    min_articles_corpus: int = Field(default=12, ge=2)
    """The same over all hosts, and for texts without a host, where standing phrases of many authors meet."""
    doubt: float = Field(default=1.5, ge=0)
    """Articles that speak against a line before it is counted: n different articles are believed to n / (n + doubt).
    1.5 gives .57 to two articles, .67 to three, .77 to five: two alone never strike a line, with a reason of the line's
    own (its place, its shape, a mark) they do. Of lines at the edge of two pages, 1 word in 360 was content."""
    doubt_share: float = Field(default=0.001, ge=0)
    """The same, as a share of the site's articles: the more there are, the more often a lead is printed over several
    versions of a story. Of 36,000 wire stories, lines of the story itself stood in up to 12, or 0.0003."""
    lead_words: int = Field(default=12, ge=0)
    """Words above which a line at the head of texts is no furniture for standing there: updates of a running story
    keep its lead, and invitations at the head are shorter. Longer lines also need twice the share in `common`."""
    common: float = Field(default=0.25, gt=0, le=1)
    """Share of a host's articles from which a short line is believed wherever it stands. Background paragraphs that a
    desk puts in every report of one war or trial stand in the middle of a few percent of its articles."""
    label_words: int = Field(default=5, ge=0)
    """Words up to which a line in the middle of texts may be a sub-heading of the house ("Ingredients", "Why it
    matters"): being common then counts half. "Advertisement" is left to the rules."""
    enough: float = Field(default=0.65, gt=0, le=1)
    """Belief at which a line is struck for recurring alone: three different articles, always at the edge. Below, it
    counts in proportion, as one reason among others. On 36,000 wire stories taken as hosts of 500, lines of stories
    that reach it are 3 words in a million."""
    min_belief: float = Field(default=0.3, ge=0, le=1)
    """Belief below which a line is not kept as learned. Lines in between are kept as one reason among others."""


def _named(names: object) -> object:
    """Return no names where `none` or `any` is said."""
    return () if names in (["none"], ["any"], [""]) else names


class QualityBound(Section):
    """What a column must lie between; a text outside is rejected."""

    least: float | None = None
    """Below this a text is rejected. Default: no bound."""
    most: float | None = None
    """Above this a text is rejected. Default: no bound."""


class QualitySettings(Section):
    """Which articles are too poor to stay, by their quality signals."""

    preset: tuple[Literal["c4", "copydesk", "fineweb", "gopher"], ...] = ()
    """Named filters that an article must pass, else it is rejected: `gopher`, `c4`, `fineweb` as their papers say,
    which judge English only and let other languages pass; `copydesk`, careful and for any language. One name or a list.
    Default: none, so that signals are columns and no verdicts."""
    languages: tuple[Annotated[str, Field(pattern="^[a-z]{2}$|^und$")], ...] = ()
    """Languages that an article may be in, else it is rejected as `language`: codes of ISO 639-1 (`en`), and `und` for
    texts too short to tell. One code or a list. Default: any."""
    bounds: dict[str, QualityBound] = Field(default_factory=dict)
    """Bounds of your own on columns, in place of the presets': `bounds.words = {least = 100}`. Default: none."""

    @pydantic.field_validator("preset", "languages", mode="before")
    @classmethod
    def _names(cls, value: object) -> object:
        return _named(value.replace(" ", "").split(",") if isinstance(value, str) else value)


class DecontaminateSettings(Section):
    """Which evaluation sets no article may hold an item of."""

    files: tuple[str, ...] = ()
    """Evaluation sets (paths or URLs): JSON Lines, JSON, Parquet, or text with a blank line between items. An article
    that holds an item goes to `rejected` as `contaminated`. Default: none."""
    fields: tuple[str, ...] = ()
    """Fields of a record that make its item. Default: every string in it."""
    sums: dict[str, str] = Field(default_factory=dict)
    """SHA-256 of each file, filled in by the run, so that a file that changes is looked for anew."""
    ngram_words: int = Field(default=13, ge=5, le=64)
    """Words in a row that an article may not share with an item. 13 as for GPT-3; datatrove takes 12."""
    least_words: int = Field(default=8, ge=5)
    """Words that an item must have to be looked for; of one with fewer than `ngram_words` all of them. 8 as for GPT-3:
    shorter questions stand in news by chance. The manifest says how many are too short."""
    threshold: float = Field(default=0.5, gt=0, lt=1)
    """Score from which an article is an item in other words, as `rewording.threshold`."""

    @pydantic.field_validator("files", mode="before")
    @classmethod
    def _files(cls, value: object) -> object:
        return _named(value)


class SplitSettings(Section):
    """Which share of the articles is for what."""

    shares: dict[str, float] = Field(default_factory=lambda: {"train": 1.0}, min_length=1, max_length=100)
    """Name and share of each split, the one to train on first; together 1. Where articles that belong together have
    different splits of their own, all of them go to the one named last."""
    by: Literal["cluster", "published"] = "cluster"
    """`cluster`: by a hash of the words. `published`: the newest articles go to the split named last; the boundaries
    are those of the run that made them, as long as the shares stay the same; those without a date go first."""
    seed: int = Field(default=1, ge=0, le=2**32 - 1)
    """Seed of that hash: another one gives another split."""

    @pydantic.field_validator("shares")
    @classmethod
    def _add_up(cls, shares: dict[str, float]) -> dict[str, float]:
        strange = [name for name in shares if not re.fullmatch("[a-z][a-z0-9_]{0,31}", name)]
        if strange:
            raise ValueError(f"{strange[0]!r} names no split: use lower-case letters, digits and _, a letter first")
        if not (min(shares.values()) > 0 and abs(sum(shares.values()) - 1) <= 1e-6):  # of nan nothing is true
            raise ValueError(f"they must be above 0 and add up to 1, and add up to {sum(shares.values()):g}")
        return shares


class WriteSettings(Section):
    """What the dataset looks like on disk."""

    part_mb: int = Field(default=256, ge=1)
    """Megabytes at which a part is closed and its shard goes on in the next one. Most shards stay below: a part holds
    what became of `read.shard_mb` of input. Raise both for larger files, or pack them anew with `copydesk export`."""
    compression_level: int = Field(default=3, ge=1, le=19)
    """zstd level of the Parquet files. 3 is zstd's default."""
    row_group_rows: int = Field(default=10_000, ge=100)
    """Rows in a row group: what a reader loads at once, about 25 MB of news text."""


class Settings(Section):
    """All settings of a run, by stage."""

    read: ReadSettings = Field(default_factory=ReadSettings)
    extract: ExtractSettings = Field(default_factory=ExtractSettings)
    strip: StripSettings = Field(default_factory=StripSettings)
    furniture: FurnitureSettings = Field(default_factory=FurnitureSettings)
    quality: QualitySettings = Field(default_factory=QualitySettings)
    fingerprint: FingerprintSettings = Field(default_factory=FingerprintSettings)
    match: MatchSettings = Field(default_factory=MatchSettings)
    rewording: RewordingSettings = Field(default_factory=RewordingSettings)
    cluster: ClusterSettings = Field(default_factory=ClusterSettings)
    decontaminate: DecontaminateSettings = Field(default_factory=DecontaminateSettings)
    split: SplitSettings = Field(default_factory=SplitSettings)
    write: WriteSettings = Field(default_factory=WriteSettings)


def load(path: Path | None, given: Mapping[str, Mapping[str, Any]] | None = None) -> Settings:
    """Return the settings of a TOML file, if there is one, with what was `given` by hand above it, by section.

    Raise InputError that lists every problem at once, each with its place and what is allowed.

    >>> load(None, {"match": {"threshold": 0.8}}).match.threshold
    0.8
    """
    table: dict[str, Any] = {}
    if path:
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as why:
            raise InputError(str(path), f"cannot be read as TOML: {getattr(why, 'strerror', None) or why}") from None
    for section, values in (given or {}).items():
        known = table.get(section)
        table[section] = {**known, **values} if isinstance(known, dict) else dict(values)
    return parse(table, str(path or "options"))


def parse(table: dict[str, Any], where: str) -> Settings:
    """Return the settings in a table of sections; `where` names it in errors.

    >>> parse({"match": {"threshold": 0.8}}, "copydesk.toml").match.threshold
    0.8
    >>> parse({"match": {"treshold": 0.8}}, "copydesk.toml")
    Traceback (most recent call last):
    cleaners.errors.InputError: copydesk.toml: match.treshold: no such setting; did you mean "threshold"? ...
    """
    try:
        return Settings.model_validate(table)
    except ValidationError as error:
        problems = [_sentence(problem["loc"], problem["msg"], problem["type"]) for problem in error.errors()]
        raise InputError(where, "; ".join(problems)) from None


def _sentence(path: tuple[int | str, ...], message: str, kind: str) -> str:
    """Say what is wrong with one key, and what is allowed there."""
    place = ".".join(str(name) for name in path if not isinstance(name, int))
    if kind != "extra_forbidden":
        return f"{place}: {message[:1].lower()}{message[1:]}".replace(": value error, ", ": ")
    section: type[pydantic.BaseModel] = Settings
    for name in path[:-1]:
        annotation = section.model_fields[str(name)].annotation
        section = annotation if isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel) else section
    known = sorted(section.model_fields)
    near = difflib.get_close_matches(str(path[-1]), known, n=1)
    hint = f'; did you mean "{near[0]}"? All of them' if near else "; there are"
    return f"{place}: no such setting{hint}: {', '.join(known)}"
