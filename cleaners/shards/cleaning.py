"""One extracted article → the clean one with its words counted, or the rejection with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cleaners.errors import RecordError, RunError, on_record
from cleaners.model import CleanArticle, Rejected
from cleaners.strip.burden import takes_more_than
from cleaners.strip.engine import strip
from cleaners.text import word_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleaners.config import Settings
    from cleaners.furniture.table import Furniture
    from cleaners.model import Article
    from cleaners.rulebook import Rulebook

REASONS = {
    "crash": "the code failed on the text; the detail names the place",
    "memory": "so many lines that stripping could take more than `extract.max_memory_mb`",
    "only residue": "nothing is left of the text",
}
"""Why a record is rejected by this stage, and what each word means."""

_BLAMED = {"extract": 200, "strip": 20}
"""Articles of a shard, and no fewer, on every one of which the code fails before the run is to stop."""


class Cleaned(NamedTuple):
    """A clean article, with the words of its text before and after."""

    article: CleanArticle
    before: int
    after: int


def clean(article: Article, rulebook: Rulebook, settings: Settings, furniture: Furniture | None) -> Cleaned | Rejected:
    """Return the clean article, whose text may be empty, or why there is none: `memory` or `crash`."""
    most = settings.extract.max_memory_mb
    if takes_more_than(most, article.text):
        return _rejected(article, RecordError("memory", f"so many lines could take more than {most} MB"))
    try:
        with on_record():
            made = strip(article, rulebook, settings.strip, furniture)
            return Cleaned(made, word_count(article.text), word_count(made.text))
    except RecordError as error:
        return _rejected(article, error)


def only_residue(article: Article) -> Rejected:
    """Return what stands for an article that was nothing but residue."""
    return _rejected(article, RecordError("only residue", " ".join(article.text[:200].split())))


def check_faults(root: str, stage: str, rejected: Sequence[Rejected], records: int) -> None:
    """Raise RunError where the code failed on all records of a shard, of which there are many: no record is to blame.

    An article that cannot be stripped is hardly ever to blame, a page that cannot be extracted may be.
    """
    faults = [row.detail for row in rejected if row.reason == "crash"]
    if len(faults) == records >= _BLAMED[stage]:
        raise RunError(root, f"{stage} failed on all {records:,} records of a shard ({faults[0]})", "Report this.")


def _rejected(article: Article, error: RecordError) -> Rejected:
    meta = article.meta
    return Rejected(article.id, article.source, meta.source_id, "strip", error.reason, error.detail, meta.url)
