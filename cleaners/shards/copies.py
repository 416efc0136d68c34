"""Fingerprints → verdicts: which articles stay, and of which kept one each other is a copy."""

from __future__ import annotations

import itertools
from collections.abc import Callable  # noqa: TC003  (a NamedTuple reads its annotations)
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cleaners import mapped
from cleaners.cluster import KEPT, Bounds, Comparison, Verdicts, Verified, cluster
from cleaners.columns import TEXT, VERDICT
from cleaners.match.bands import least_agreement
from cleaners.match.candidates import Candidates
from cleaners.match.exact import ANY
from cleaners.match.stories import stories
from cleaners.match.verify import verify
from cleaners.model import KINDS, Kind
from cleaners.pairs import fact_bands
from cleaners.rewording import glance
from cleaners.rewording import verify as rewording
from cleaners.rewording.measures import LEAST_SHARED
from cleaners.shards import bands, changes, guard, memory, resume
from cleaners.shards.corpus import Corpus
from cleaners.shards.dataset import Dataset, key
from cleaners.shards.evidence import TOLD, evidence
from cleaners.shards.families import Families, assign
from cleaners.shards.held import held_out
from cleaners.shards.prints import near_bands
from cleaners.shards.quality import refusing
from cleaners.shards.telling import Telling
from cleaners.turns import met_any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleaners.config import Settings
    from cleaners.facts.sets import Sets
    from cleaners.shards.corpus import Ids
    from cleaners.shards.plan import Shard


def match_corpus(
    dataset: Dataset, shards: Sequence[Shard], settings: Settings, furniture: str | None
) -> dict[str, Any]:
    """Find the copies among all cleaned rows and write the verdicts on them; return what was counted.

    What was verified is kept in `work`, so that a run that adds articles verifies only pairs with something new.
    """
    changes.note_last(dataset)
    corpus = Corpus(dataset, shards, settings, furniture)
    n = len(corpus.content)
    ids = corpus.ids
    first = corpus.first(corpus.order_of_copies(corpus.sharing, settings.cluster.prefer_copy))
    names = memory.keys(settings, furniture)
    removed = settings.cluster.remove
    kinds: list[Kind] = ["near", "reworded", *(kind for kind in removed if kind in ("overlap", "translated"))]
    memories = [dataset.columns("verified", names[kind]) for kind in kinds]
    last = resume.find(dataset.columns("verified", names["walk"]), corpus, memories)
    alone = np.where(first == np.arange(n), last.novelty if last else ANY, 0).astype(np.uint8) * corpus.sound
    by_words, by_facts = _by_words(corpus, alone, settings), _by_facts(corpus, alone, settings)
    telling = Telling(corpus.told["telling"])
    near = _near(by_words, corpus, settings)
    ways = [near, *(_told(kind, by_facts, telling, near, corpus, settings) for kind in kinds[1:])]
    ways = [way if way.comparison.kind in removed else _of_nobody(way) for way in ways]
    compared = met_any(n, [by_words, by_facts])
    in_families = len(settings.split.shares) > 1
    ordered = np.arange(n) if in_families else compared
    order = corpus.order_of_copies(ordered, settings.cluster.prefer_copy)
    story = stories(by_words, first, order, near.comparison.least_agreement)
    ranked = corpus.ranked(compared, story, settings.cluster.prefer_story)
    rank = corpus.rank(compared, story, order, ranked)
    known = [
        memory.recall(path, ids, corpus.content, way.comparison.candidates.rows)
        for path, way in zip(memories, ways, strict=True)
    ]
    comparisons = [way.comparison for way in ways]
    then = resume.recall(last, compared, first, story, ranked) if last else None
    if then:
        resume.doubt_full(then, [way.candidates for way in comparisons], settings.cluster.bucket_leaders)
        resume.unsettle(then, first, bands.keys(corpus.met_by_facts, fact_bands(settings.rewording)))
    verified, walk = cluster(rank, first, comparisons, [way.verify for way in ways], settings.cluster, known, then)
    verdicts, bounds = _named(walk.verdicts, kinds, exact="exact" in removed), walk.bounds
    for path, pairs, kind in zip(memories, verified, kinds, strict=True):
        if kind in removed:  # else nobody was compared, and what is known stays known
            memory.remember(path, ids, corpus.content, pairs)
    resume.remember(dataset.columns("verified", names["walk"]), corpus, compared, story, ranked, walk.memory, memories)
    reached = _reached(bounds, kinds, ids)
    told = None
    split = np.zeros(n, np.int8)
    if in_families:
        families = Families(dataset, corpus, walk.verdicts, order)
        family = families.find(
            corpus.valid & corpus.sound & (first == np.arange(n)), by_facts, telling, settings, furniture
        )
        reached["families"] = families.full
        before = dataset.read_manifest().get("splits") or {}
        held = held_out(dataset, corpus.marks["id"].combine_chunks(), settings)
        split, told = assign(corpus, verdicts, family, held, settings, before)
    shown = _shown(dataset.columns("verified", names["evidence"]), corpus, verdicts, settings)
    _write_verdicts(dataset, corpus, verdicts, shown, split, settings)
    found = guard.alerts(verdicts, ids, corpus.marks["host"], corpus.sound, settings.cluster)
    near_misses = {
        way.comparison.kind: closest(verdicts, pairs, rank, way.comparison.threshold).tolist()
        for way, pairs in zip(ways, verified, strict=True)
    }
    guard.save(dataset, {"alerts": found, "bounds": reached, "closest": near_misses, "splits": told})
    return {
        way.comparison.kind: {
            "met": len(way.comparison.candidates.rows),
            "verified": int((~np.isnan(pairs.similarity)).sum()),
        }
        for way, pairs in zip(ways, verified, strict=True)
    }


def closest(
    verdicts: Verdicts, verified: Verified, rank: npt.NDArray[np.int64], threshold: float
) -> npt.NDArray[np.int64]:
    """Return how many kept articles resemble a better ranked kept one below the threshold: (50,) int64 by similarity.

    These a lower threshold would remove. Only pairs that were verified count, so far below the threshold it is too few.
    """
    kept = (verdicts.canonical[verified.left] == KEPT) & (verdicts.canonical[verified.right] == KEPT)
    chosen = kept & (verified.similarity < threshold)
    left, right = verified.left[chosen], verified.right[chosen]
    worse, place = np.unique(np.where(rank[left] > rank[right], left, right), return_inverse=True)
    most = np.zeros(len(worse))
    np.maximum.at(most, place, verified.similarity[chosen])
    counts: npt.NDArray[np.int64] = np.histogram(most[most > 0], np.arange(51) / 50)[0]
    return counts


def _reached(bounds: Bounds, kinds: Sequence[str], ids: Ids) -> dict[str, Any]:
    """Return where a bound was reached: the full buckets of each kind, and the articles that were cut short."""
    return {
        "full_buckets": {
            kind: _full(bounds.crowded[bounds.crowded[:, 0] == n, 1:], ids) for n, kind in enumerate(kinds)
        },
        "cut_short": {
            kind: {"articles": int(cut[0]), "not_compared": int(cut[1])}
            for kind, cut in zip(kinds, bounds.short, strict=True)
            if cut[0]
        },
    }


def _full(buckets: npt.NDArray[np.int64], ids: Ids) -> list[dict[str, Any]]:
    """Return the full buckets, by the id of the first article kept there.

    For each: how many buckets, and, in the worst of them, how many articles were kept without being remembered there.
    """
    rows = np.unique(buckets[:, 0])
    return [
        {"article": name, "buckets": int(mine.sum()), "not_compared": int(buckets[mine, 1].max())}
        for row, name in zip(rows, ids(rows).to_pylist(), strict=True)
        for mine in [buckets[:, 0] == row]
    ]


_VERDICTS = pa.schema([("row", pa.int32()), *VERDICT])
"""What is written of a verdict: the row of its cleaned part, and `VERDICT`."""


class Way(NamedTuple):
    """One way to be a copy: who is compared, and how."""

    comparison: Comparison
    verify: Callable[[npt.NDArray[np.int64], npt.NDArray[np.int64]], npt.NDArray[np.float64]]


def _by_words(corpus: Corpus, alone: npt.NDArray[np.uint8], settings: Settings) -> Candidates:
    """Return who met whom by word shingles."""
    among = alone * corpus.valid
    return bands.candidates(corpus.met_by_words, among, near_bands(settings), settings.match.memory_mb)


def _by_facts(corpus: Corpus, alone: npt.NDArray[np.uint8], settings: Settings) -> Candidates:
    """Return who met whom by facts, of those with enough of them."""
    among = alone * corpus.told["valid"].to_numpy()
    return bands.candidates(corpus.met_by_facts, among, fact_bands(settings.rewording), settings.match.memory_mb)


def _near(met: Candidates, corpus: Corpus, settings: Settings) -> Way:
    """Return the comparison by word shingles."""
    match, places = settings.match, settings.fingerprint.permutations

    def jaccard(left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        words = settings.fingerprint.shingle_words
        found = verify(left, right, corpus.texts, corpus.sizes, shingle_words=words, memory_mb=match.memory_mb)
        return found.jaccard

    least = least_agreement(match.threshold, places, match.deviations)
    return Way(Comparison("near", met, match.threshold, least, round(match.threshold * places)), jaccard)


def _told(kind: Kind, met: Candidates, telling: Telling, near: Way, corpus: Corpus, settings: Settings) -> Way:
    """Return the comparison by facts that finds one kind: what is rather of another is none of this.

    So it is for `overlap` too: a short part of a text that has no facts to speak of is not found.
    """
    told = settings.rewording
    place, copies = rewording.KINDS.index(kind), kind == "reworded"
    threshold = told.threshold if copies else told.overlap

    def glanced(terms: Sets, left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        if copies:
            return glance.likely(terms, left, right, LEAST_SHARED)
        shares: npt.NDArray[np.bool_] = glance.shared(terms, left, right) >= LEAST_SHARED
        return shares

    def score(left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        scores = np.full(len(left), np.nan)
        likely = np.flatnonzero(telling.each(left, right, glanced))
        found = rewording.verify(left[likely], right[likely], corpus.texts, told, corpus.sizes)
        each = found.reworded if copies else found.overlap
        below = np.where(each < threshold, each, 0.0)  # decides nothing, is told in the report
        scores[likely] = np.where(found.kind == place, found.similarity, below)
        if "near" not in settings.cluster.remove:  # what is near stays, in whatever other way it is the same too
            same = np.flatnonzero(scores >= threshold)
            scores[same[near.verify(left[same], right[same]) >= near.comparison.threshold]] = 0.0
        return scores

    least = round(told.copy_agreement * told.permutations) if copies else told.least_places
    return Way(Comparison(kind, met, threshold, least, told.permutations, told.comparisons), score)


def _of_nobody(way: Way) -> Way:
    """Return a way in which nobody met anybody: as many ways as ever, so that no kernel is compiled anew."""
    none = np.zeros(0, np.int64)
    met = Candidates(none, np.zeros(1, np.int64), none.astype(np.int32), way.comparison.candidates.sketch[:0])
    return way._replace(comparison=way.comparison._replace(candidates=met))


def _named(found: Verdicts, kinds: Sequence[Kind], *, exact: bool) -> Verdicts:
    """Return verdicts whose kinds are places in KINDS, not numbers of comparisons; identical copies go if `exact`.

    >>> found = Verdicts(np.array([KEPT, 0, 0]), np.array([-1, 0, 3], np.int8), np.array([np.nan, 1, 0.8]))
    >>> named = _named(found, ["near", "reworded", "translated"], exact=False)
    >>> named.canonical.tolist(), named.kind.tolist()
    ([-1, -1, 0], [-1, -1, 4])
    """
    places = np.array([KINDS.index("exact") if exact else -1, *map(KINDS.index, kinds), -1], np.int8)
    kind = places[found.kind]
    return Verdicts(np.where(kind < 0, KEPT, found.canonical), kind, np.where(kind < 0, np.nan, found.similarity))


def verdicts_path(dataset: Dataset, settings: Settings) -> str:
    """Return the path of the verdicts. Unlike other parts they depend on all shards, so each run writes them."""
    return dataset.columns("verdicts", verdicts_key(settings))


def verdicts_key(settings: Settings) -> str:
    """Return the key of the verdicts."""
    sections = {"fingerprint", "match", "rewording", "cluster", "split"}
    return key("verdicts", "of all", settings.model_dump(mode="json", include=sections), refusing(settings))


def _shown(path: str, corpus: Corpus, verdicts: Verdicts, settings: Settings) -> pa.StructArray:
    """Return the evidence of all copies; what was told of reworded copies is kept at `path` for the next run."""
    known = mapped.columns(path, TOLD.names) if mapped.read_note(path) else TOLD.empty_table()
    shown, told = evidence(verdicts, corpus, settings.rewording, known)
    mapped.write(path, told, {"pairs": len(told)})
    return shown


def _write_verdicts(
    dataset: Dataset,
    corpus: Corpus,
    verdicts: Verdicts,
    shown: pa.StructArray,
    split: npt.NDArray[np.int8],
    settings: Settings,
) -> None:
    """Write the verdicts on each shard as a batch of one file, unless they stand there.

    In them are the rows that have more to say than that they stay, in the first split and under the id they came with.
    The note tells of each cleaned part which batch is on it, and a key that changes exactly when a verdict in it does.
    """
    copy = verdicts.canonical != KEPT
    splits = list(settings.split.shares)
    told = np.flatnonzero(copy | (corpus.occurrence > 0) | ((split != 0) & corpus.sound))
    of_copy = pa.array(np.cumsum(copy[told]) - 1, mask=~copy[told])
    bounds = np.searchsorted(told, corpus.starts)
    columns = [
        pa.array(told - np.repeat(corpus.starts[:-1], np.diff(bounds)), pa.int32()),
        corpus.ids(told),
        corpus.ids(verdicts.canonical[copy]).take(of_copy),
        pa.array(KINDS, TEXT).take(pa.array(verdicts.kind[told], mask=~copy[told])),
        pa.array(verdicts.similarity[told], mask=~copy[told]),
        shown.take(of_copy),
        pa.array(splits, TEXT).take(pa.array(split[told], mask=(copy | ~corpus.sound)[told])),
    ]
    rows = pa.RecordBatch.from_arrays(columns, schema=_VERDICTS)
    parts = [rows.take(pa.array(np.arange(low, high))) for low, high in itertools.pairwise(bounds)]
    name = verdicts_key(settings)
    keys = ([at, key(name, mapped.digest(part))] for at, part in enumerate(parts))
    note = {"parts": dict(zip(corpus.keys, keys, strict=True)), "split": splits[0]}
    path = dataset.columns("verdicts", name)
    if mapped.read_note(path) != note:
        with mapped.writing(path, _VERDICTS, note) as file:
            for part in parts:
                file.write_batch(part)


def key_of_verdicts(path: str, part: str) -> str | None:
    """Return what tells the verdicts on a cleaned part; None where there are none in the file at `path`."""
    parts: dict[str, list[Any]] = (mapped.read_note(path) or {"parts": {}})["parts"]
    return parts[part][1] if part in parts else None


def with_verdicts(rows: pa.Table, path: str, part: str) -> pa.Table:
    """Return the rows of a cleaned part with the verdicts on them (VERDICT), which stand in the file at `path`."""
    note = mapped.read_note(path) or {}
    told = pa.table(mapped.batch(path, note["parts"][part][0]))
    place = np.full(rows.num_rows, -1, np.int64)
    place[told["row"].to_numpy()] = np.arange(told.num_rows)
    silent = pa.array(place < 0)
    found = told.take(pa.array(place, mask=place < 0))
    columns = {name: found[name] for name in VERDICT.names}
    columns["id"] = pc.if_else(silent, rows["id"], columns["id"])
    columns["split"] = pc.if_else(silent, pa.scalar(note["split"], TEXT), columns["split"])
    return pa.table({name: rows[name] for name in rows.column_names if name != "id"} | columns)
