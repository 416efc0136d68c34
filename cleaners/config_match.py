"""Settings of what counts as the same and which copy stays: fingerprint, match, rewording, cluster (see `config`)."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import pydantic
from pydantic import AfterValidator, ConfigDict, Field

from cleaners.model import KINDS, Kind


class Section(pydantic.BaseModel):
    """The settings of one stage: frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


class FingerprintSettings(Section):
    """How texts become signatures. Signatures made with other values are never compared with these."""

    permutations: int = Field(default=128, ge=16, le=1024)
    """Hash values in a signature; the standard error of a Jaccard estimate is √(s(1−s)/permutations)."""
    shingle_words: int = Field(default=5, ge=1, le=20)
    """Words in a shingle; 5 as in FineWeb and C4: three invite chance matches, eight miss light edits."""
    seed: int = Field(default=1, ge=0, le=2**32 - 1)
    """Seed of the permutations; 1 is datasketch's default."""


class MatchSettings(Section):
    """Which pairs count as the same."""

    threshold: float = Field(default=0.7, gt=0, le=1)
    """Exact Jaccard similarity of shingles from which a pair is `near`. 0.7: FineWeb's bands aim at 0.75, and below 0.6
    wire updates begin."""
    recall: float = Field(default=0.97, gt=0, lt=1)
    """Share of the pairs exactly at `threshold` that meet in a bucket; it decides on bands and rows. More similar pairs
    are found far more surely: with 0.97, so 25 bands of 5 rows, 99.9 % at 0.75. Higher: more pairs to look at."""
    deviations: float = Field(default=2.5, ge=0, le=10)
    """Standard deviations by which the estimate from two signatures may fall short of `threshold` before a pair that
    met is not verified. 2.5 loses 6 in 1,000 pairs at the threshold and 1 in 30,000 at 0.75, and spares most pairs that
    share a template of half their words; 4 loses 3 in 100,000 and verifies 30 times as many of those."""
    containment: float = Field(default=0.8, gt=0, le=1)
    """Share of the shorter text's shingles found in the longer from which a pair that is not `near` is `overlap`.
    0.8: a brief and the report it was cut from; two reports that quote the same statement stay far below."""
    overlap_reach: float = Field(default=0.4, gt=0, le=1)
    """Jaccard similarity from which pairs of `copydesk match` are looked at for `overlap`. At 0.4 a brief is found that
    has at least 40 % of the words of its report. Lower: more pairs to verify; 1: only exact and near."""
    bucket_pairs: int = Field(default=200, ge=10)
    """Texts of one bucket, in the order of the input, that each one is compared with when all pairs are listed; of
    facts five times as many. More than 200 that agree in a band are one text varied; the result tells of more."""
    memory_mb: int = Field(default=256, ge=16)
    """Megabytes that the bands, and after them the texts under verification, may take; beyond it bands go to disk and
    texts are read in rounds. 256: bands of half a million articles, or 25,000 articles verified at a time."""


class RewordingSettings(Section):
    """Which pairs count as told again in other words."""

    threshold: float = Field(default=0.5, gt=0, lt=1)
    """Score from which a pair is `reworded`. 0.5 is where the coefficients were set: of 2,007 independent reports
    of the same event that it learned from 2 reach it. Higher: fewer false copies, fewer copies found."""
    overlap: float = Field(default=0.5, gt=0, lt=1)
    """Score from which a pair that is no copy is `overlap` (a brief, an update, a report that was half rewritten) or,
    between two languages, `translated`. Such a pair is removed only where `cluster.remove` says so."""
    least_words: int = Field(default=25, ge=10)
    """Words the shorter text must have. Below 25 two reports of one event can say the same and no more."""
    least_balance: float = Field(default=0.15, gt=0, le=1)
    """What the shorter text must tell, as a share of what the longer tells, to be a copy; a smaller one is a brief."""
    rare_weight: float = Field(default=3.5, ge=0, le=7.6)
    """Weight, −ln of the share of articles, from which a term enters the set of facts: 3.5 is one article in 33; it
    counts once more for each 1.5 above. Higher: shorter sets, but 100 words hold too few. Lower: many more chance
    meetings."""
    fact_weight: int = Field(default=2, ge=0, le=8)
    """How often more, at most, a name or number counts than a word as rare: once for each 1.5 above `rare_weight`."""
    least_facts: int = Field(default=4, ge=1)
    """Elements a set of facts must have to be compared by its signature: two rare words."""
    permutations: int = Field(default=128, ge=16, le=1024)
    """Hash values in a signature of facts, as for shingles."""
    bands: int = Field(default=96, ge=1, le=512)
    """Bands of 2 rows in a dataset; of more than `permutations / 2` some overlap. With 96 a pair whose facts agree by a
    fifth meets with probability 1 − (1 − 0.2²)⁹⁶ = 98 %. Where all pairs are listed there are `permutations`, and up to
    100,000 texts twice as many."""
    least_agreement: float = Field(default=0.1, ge=0, le=1)
    """Share of the two signatures that must agree for a pair that met to be verified. It spares nearly all of the
    chance meetings; briefs and translations agree by 0.1 and more. Where pairs of up to 100,000 texts are listed a
    fifth less is enough for copies and translations."""
    copy_agreement: float = Field(default=0.12, ge=0, le=1)
    """The same where only copies matter, as in a dataset: 99.8 % of the pairs that are `reworded` agree by 0.12, and of
    the pairs that agree by 0.1 it leaves seven in ten."""
    comparisons: int = Field(default=400, ge=10)
    """Kept articles that one article is compared with by signature in a dataset, those of its rarest buckets first. In
    100,000 articles of news a bucket of common facts brings hundreds together by chance; copies meet in rare ones too.
    The manifest says for how many articles, at most, that was not all."""
    seed: int = Field(default=1, ge=0, le=2**32 - 1)
    """Seed of the permutations; 1 is datasketch's default."""

    @property
    def least_places(self) -> int:
        """Return in how many places of the two signatures a pair must agree: `least_agreement` of them."""
        return round(self.least_agreement * self.permutations)

    @pydantic.model_validator(mode="after")
    def _bands_fit(self) -> RewordingSettings:
        if self.bands > self.permutations:
            raise ValueError(f"bands: {self.bands} of them need at least as many permutations, not {self.permutations}")
        return self


Criterion: TypeAlias = Literal["completeness", "residue", "published", "originality"]
"""What speaks for an article among its copies. completeness: more words; residue: fewer words struck; published:
earlier, and known rather than not; originality: facts and quotations intact, plain words."""


def _each_once(criteria: tuple[Criterion, ...]) -> tuple[Criterion, ...]:
    if len(set(criteria)) < len(criteria):
        raise ValueError("names a criterion twice")
    return criteria


_Criteria = Annotated[tuple[Criterion, ...], AfterValidator(_each_once)]


class ClusterSettings(Section):
    """Which copies go, and which one stays.

    The order of preference among all articles: first the story whose best article by `prefer_story` is better, then,
    within one story, the better article by `prefer_copy`. A story is what is linked by near copies, so its articles
    differ in how much of it they have, while its rewordings are stories of their own and differ in who was first.
    """

    remove: tuple[Kind, ...] = ("exact", "near", "reworded")
    """Kinds of copies that are removed: `exact` (the same text), `near` (the same words but for a few), `reworded` (the
    same report in other words), and, only where asked for, `overlap` (a brief, an update, a half-rewritten report, told
    by the facts both have) and `translated` (the same in two languages). Copies of a kind left out stay."""
    prefer_copy: _Criteria = ("completeness", "residue", "published")
    """Which of several near copies stays: the first criterion decides, then the next; the id decides last. Of
    `completeness`, `residue`, `published`, `originality`. A copy that is cut off or carries residue costs the reader
    text; which day a copy was printed costs nothing. `["published"]` keeps the earliest instead."""
    prefer_story: _Criteria = ("published", "originality")
    """Which of several stories that tell the same in other words stays, by the best of each among its near copies. Of
    the same criteria. Who published first did not reword; where no date is known the text's own signs tell in 85 of 100
    pairs, and length in 61. `["originality"]` where dates are those of the crawl."""
    bucket_leaders: int = Field(default=1000, ge=10)
    """Kept articles of one bucket that later ones are compared with. 1,000 distinct articles that agree in a whole band
    share a template, and real copies among them meet in other bands too. The manifest names full buckets."""
    guard_cluster: float = Field(default=0.01, gt=0, le=1)
    """Share of all articles that may be copies of one kept article before the run stops for a person to look. The most
    printed wire stories stay far below; templates taken for articles were seen to swallow whole sources."""
    guard_host: float = Field(default=0.8, gt=0, le=1)
    """Share of the articles of one host that may be copies before the run stops for a person to look. Mirrors and
    aggregators reach it honestly, and are accepted once."""
    guard_least: int = Field(default=1000, ge=1)
    """Copies of one kept article, or of one host, below which nothing stops a run."""

    @pydantic.field_validator("remove")
    @classmethod
    def _in_order(cls, kinds: tuple[Kind, ...]) -> tuple[Kind, ...]:
        return tuple(kind for kind in KINDS if kind in kinds)
