"""Settings: every number with its unit, its default, and where the default comes from.

Read from TOML (`load`), where a section is a stage and an unknown key is an error that lists the known ones.
Adding a setting is one field with a docstring here; the README table and its check pick it up.
"""

from __future__ import annotations

import difflib
import tomllib
from typing import TYPE_CHECKING, Any

import pydantic
from pydantic import ConfigDict, Field, ValidationError

from cleaners.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


class _Section(pydantic.BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class ReadSettings(_Section):
    """How inputs are found and read."""

    fields: dict[str, str] = Field(default_factory=dict)
    """Column of a table for each of our fields (`text`, `html`, `url`, `title`, `date`, `author`, `source_name`,
    `language`, `id`). Default: guessed from the usual names of C4, FineWeb, RealNews, news-please, CC-News."""
    shard_mb: int = Field(default=64, ge=1)
    """Uncompressed megabytes of input that one shard aims at. Smaller: more even load, more overhead for each task."""
    max_record_mb: int = Field(default=16, ge=1)
    """Megabytes of one record (page, line, cell) above which it is rejected as `too large`."""
    max_ratio: int = Field(default=1000, ge=10)
    """Output bytes for one compressed byte above which a stream counts as a decompression bomb. zlib ends at 1,032."""


class ExtractSettings(_Section):
    """How pages become text."""

    timeout_s: float = Field(default=30, gt=0)
    """Seconds one page may take; then it is rejected as `timeout`. Real pages take 0.02; hostile ones were seen at 90."""
    max_html_mb: float = Field(default=8, gt=0)
    """Megabytes of HTML above which a page is rejected as `too large`. The largest real news page seen has 5."""
    max_memory_mb: int = Field(default=1536, ge=256)
    """Megabytes an extraction worker may use; a page that passes it is rejected as `memory`, the worker replaced."""
    min_words: int = Field(default=0, ge=0)
    """Words below which an extracted text is rejected as `too short`. 0 keeps all but empty texts."""
    date_limit: str = "2100-01-01"
    """Latest publication date believed (YYYY-MM-DD). Fixed, because trafilatura's own bound is today's date, and then
    the same page gives another result next year."""


class StripSettings(_Section):
    """What is struck from texts."""


class FurnitureSettings(_Section):
    """Which recurring lines count as furniture of a host."""


class FingerprintSettings(_Section):
    """How texts become signatures. Signatures made with other values are never compared with these."""

    permutations: int = Field(default=128, ge=16, le=1024)
    """Hash values in a signature; the standard error of a Jaccard estimate is √(s(1−s)/permutations)."""
    shingle_words: int = Field(default=5, ge=1, le=20)
    """Words in a shingle; 5 as in FineWeb and C4: three invite chance matches, eight miss light edits."""
    seed: int = Field(default=1, ge=0, le=2**32 - 1)
    """Seed of the permutations; 1 is datasketch's default."""


class MatchSettings(_Section):
    """Which pairs count as the same."""

    threshold: float = Field(default=0.7, gt=0, le=1)
    """Exact Jaccard similarity of shingles from which a pair is `near`. 0.7: FineWeb's bands aim at 0.75, and below 0.6
    wire updates begin."""


class ClusterSettings(_Section):
    """Which copy stays."""


class WriteSettings(_Section):
    """What the dataset looks like on disk."""

    compression_level: int = Field(default=3, ge=1, le=19)
    """zstd level of the Parquet files. 3 is zstd's default."""
    row_group_rows: int = Field(default=10_000, ge=100)
    """Rows in a row group: what a reader loads at once, about 25 MB of news text."""


class Settings(_Section):
    """All settings of a run, by stage."""

    read: ReadSettings = Field(default_factory=ReadSettings)
    extract: ExtractSettings = Field(default_factory=ExtractSettings)
    strip: StripSettings = Field(default_factory=StripSettings)
    furniture: FurnitureSettings = Field(default_factory=FurnitureSettings)
    fingerprint: FingerprintSettings = Field(default_factory=FingerprintSettings)
    match: MatchSettings = Field(default_factory=MatchSettings)
    cluster: ClusterSettings = Field(default_factory=ClusterSettings)
    write: WriteSettings = Field(default_factory=WriteSettings)


def load(path: Path) -> Settings:
    """Return the settings of a TOML file, defaults where it is silent.

    Raise InputError that lists every problem of the file at once, each with its place and what is allowed.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(str(path), f"cannot be read as TOML: {error}") from None
    return parse(table, str(path))


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
    place = ".".join(map(str, path))
    if kind != "extra_forbidden":
        return f"{place}: {message[:1].lower()}{message[1:]}"
    section: type[pydantic.BaseModel] = Settings
    for name in path[:-1]:
        annotation = section.model_fields[str(name)].annotation
        section = annotation if isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel) else section
    known = sorted(section.model_fields)
    near = difflib.get_close_matches(str(path[-1]), known, n=1)
    hint = f'; did you mean "{near[0]}"? All of them' if near else "; there are"
    return f"{place}: no such setting{hint}: {', '.join(known)}"
