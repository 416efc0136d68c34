"""Fingerprints → verdict parts: which articles stay, and of which kept one each other is a copy."""

from __future__ import annotations

import hashlib
from collections.abc import Callable  # noqa: TC003  (a NamedTuple reads its annotations)
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cleaners import storage
from cleaners.cluster import KEPT, Comparison, Verdicts, Verified, cluster
from cleaners.columns import TEXT, VERDICT
from cleaners.match.bands import bands_for, least_agreement
from cleaners.match.candidates import candidates
from cleaners.match.exact import first_of_content
from cleaners.match.verify import verify
from cleaners.pairs import fact_bands
from cleaners.rewording import glance
from cleaners.rewording import verify as rewording
from cleaners.rewording.measures import COPY_SHARED
from cleaners.shards import changes, guard
from cleaners.shards.articles import cleaned_key, stripped_with
from cleaners.shards.corpus import Corpus
from cleaners.shards.dataset import Dataset, key
from cleaners.shards.evidence import evidence
from cleaners.shards.prints import signatures_of, telling_of
from cleaners.shards.quality import refusing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleaners.config import Settings
    from cleaners.shards.plan import Shard

_KNOWN = pa.schema([("left", pa.large_string()), ("right", pa.large_string()), ("similarity", pa.float64())])


def match_corpus(
    dataset: Dataset, shards: Sequence[Shard], settings: Settings, furniture: str | None
) -> dict[str, Any]:
    """Find the copies among all cleaned rows and write a verdict part for each shard; return what was counted.

    What was verified is kept in `work`, so that a run that adds articles verifies only pairs with something new.
    """
    changes.note_last(dataset)
    corpus = Corpus(dataset, shards, settings, furniture)
    n = len(corpus.content)
    occurrence = corpus.occurrences(first_of_content(corpus.content, np.arange(n)))
    rank = corpus.rank(occurrence)
    ids = corpus.ids(occurrence)
    first = corpus.first(rank)
    ways = [_near(dataset, corpus, first, settings), _reworded(dataset, corpus, first, settings)]
    memories = [dataset.work("verified", name) for name in verified_keys(settings, furniture)]
    known = [_recall(path, ids, way.comparison.candidates.rows) for path, way in zip(memories, ways, strict=True)]
    comparisons = [way.comparison for way in ways]
    verdicts, verified, crowded = cluster(
        rank, first, comparisons, [way.verify for way in ways], settings.cluster, known
    )
    for path, pairs in zip(memories, verified, strict=True):
        _remember(path, ids, pairs)
    _write_verdicts(dataset, corpus, ids, verdicts, settings)
    found = guard.alerts(verdicts, ids, corpus.rows["url"], settings.cluster)
    bounds = {way.comparison.kind: _full(crowded[crowded[:, 0] == n, 1:], ids) for n, way in enumerate(ways)}
    near_misses = {
        way.comparison.kind: closest(verdicts, pairs, rank, way.comparison.threshold).tolist()
        for way, pairs in zip(ways, verified, strict=True)
    }
    guard.save(dataset, {"alerts": found, "bounds": bounds, "closest": near_misses})
    return {
        way.comparison.kind: {"met": len(way.comparison.candidates.rows), "verified": len(pairs.left)}
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
    worse = np.where(rank[left] > rank[right], left, right)
    most = np.zeros(len(rank))
    np.maximum.at(most, worse, verified.similarity[chosen])
    counts: npt.NDArray[np.int64] = np.histogram(most[most > 0], np.arange(51) / 50)[0]
    return counts


def _full(buckets: npt.NDArray[np.int64], ids: pa.Array) -> list[dict[str, Any]]:
    """Return the full buckets, by the id of the first article kept there.

    For each: how many buckets, and, in the worst of them, how many articles were kept without being remembered there.
    """
    return [
        {"article": ids[row].as_py(), "buckets": int(mine.sum()), "not_compared": int(buckets[mine, 1].max())}
        for row in np.unique(buckets[:, 0]).tolist()
        for mine in [buckets[:, 0] == row]
    ]


class Way(NamedTuple):
    """One way to be a copy: who is compared, and how."""

    comparison: Comparison
    verify: Callable[[npt.NDArray[np.int64], npt.NDArray[np.int64]], npt.NDArray[np.float64]]


def _near(dataset: Dataset, corpus: Corpus, first: npt.NDArray[np.int64], settings: Settings) -> Way:
    """Return the comparison by word shingles."""
    match, places = settings.match, settings.fingerprint.permutations
    alone = corpus.valid & corpus.sound & (first == np.arange(len(first)))
    bands = bands_for(match.threshold, match.recall, places)
    met = candidates(corpus.signatures(), alone, bands, memory_mb=match.memory_mb, folder=_scratch(dataset, "near"))

    def jaccard(left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        words = settings.fingerprint.shingle_words
        found = verify(left, right, corpus.texts, corpus.shingles, shingle_words=words, memory_mb=match.memory_mb)
        return found.jaccard

    least = least_agreement(match.threshold, places, match.deviations)
    return Way(Comparison("near", met, match.threshold, least, round(match.threshold * places)), jaccard)


def _reworded(dataset: Dataset, corpus: Corpus, first: npt.NDArray[np.int64], settings: Settings) -> Way:
    """Return the comparison by facts, for those with enough of them."""
    told = settings.rewording
    prints = corpus.facts
    alone = np.concatenate([storage.read_table(path, ["valid"])["valid"].to_numpy() for path in prints])
    alone &= corpus.sound & (first == np.arange(len(first)))
    folder = _scratch(dataset, "facts")
    signatures = signatures_of(prints)
    met = candidates(signatures, alone, fact_bands(told), memory_mb=settings.match.memory_mb, folder=folder)

    telling = telling_of(prints, folder)

    def score(left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        scores = np.zeros(len(left))
        likely = np.flatnonzero(glance.shared(telling, left, right) >= COPY_SHARED)
        found = rewording.verify(left[likely], right[likely], corpus.texts, told)
        below = np.where(found.reworded < told.threshold, found.reworded, 0.0)  # decides nothing, is told in the report
        scores[likely] = np.where(found.kind == rewording.KINDS.index("reworded"), found.similarity, below)
        return scores

    least = round(told.copy_agreement * told.permutations)
    comparison = Comparison("reworded", met, told.threshold, least, told.permutations)
    return Way(comparison, score)


def verified_keys(settings: Settings, furniture: str | None) -> list[str]:
    """Return the key of the verified pairs of each way: whatever decides on a text and on how two are compared."""
    texts = [settings.model_dump(mode="json", include={"extract", "strip", "fingerprint"}), stripped_with(settings)]
    return [key("near", texts, furniture), key("reworded", texts, furniture, settings.rewording.model_dump())]


def _scratch(dataset: Dataset, name: str) -> Path | None:
    """Return a local folder for what does not fit into memory; none where OUT is remote."""
    if storage.is_url(dataset.root):
        return None
    folder = Path(dataset.scratch, name)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _recall(path: str, ids: pa.Array, rows: npt.NDArray[np.int64]) -> Verified:
    """Return the pairs verified by earlier runs, as rows of this one; those whose articles are gone stay out."""
    if not storage.read_note(path):
        return Verified(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    known = storage.read_table(path)
    present = ids.take(pa.array(rows))
    left, right = (pc.index_in(known[name], value_set=present) for name in ("left", "right"))
    both = pc.and_(pc.is_valid(left), pc.is_valid(right))
    columns = [column.filter(both).to_numpy() for column in (left, right, known["similarity"])]
    return Verified(rows[columns[0]], rows[columns[1]], columns[2])


def _remember(path: str, ids: pa.Array, verified: Verified) -> None:
    """Keep the verified pairs by id."""
    columns = [ids.take(pa.array(verified.left)), ids.take(pa.array(verified.right)), pa.array(verified.similarity)]
    storage.write_table(path, pa.Table.from_arrays(columns, schema=_KNOWN), {"pairs": len(verified.left)}, rows=100_000)


def verdicts_path(dataset: Dataset, shard: Shard, settings: Settings, furniture: str | None) -> str:
    """Return the path of a shard's verdicts. Unlike other parts they depend on all shards, so each run writes them."""
    return dataset.work("verdicts", verdicts_key(cleaned_key(shard, settings, furniture), settings))


def verdicts_key(cleaned: str, settings: Settings) -> str:
    """Return the key of the verdicts on a cleaned part."""
    matching = settings.model_dump(mode="json", include={"fingerprint", "match", "rewording", "cluster"})
    return key("verdicts", cleaned, matching, refusing(settings))


def _write_verdicts(dataset: Dataset, corpus: Corpus, ids: pa.Array, verdicts: Verdicts, settings: Settings) -> None:
    """Write one verdict part for each shard, with a note that changes exactly when a verdict in it does."""
    copy = verdicts.canonical != KEPT
    similarity = pa.array(verdicts.similarity, mask=~copy)
    columns = [
        ids,
        ids.take(pa.array(verdicts.canonical, mask=~copy)),
        pa.array(["exact", "near", "reworded"], TEXT).take(pa.array(verdicts.kind, mask=~copy)),
        similarity,
        evidence(verdicts, corpus.texts, settings.rewording),
    ]
    table = pa.Table.from_arrays(columns, schema=VERDICT)
    for number, cleaned in enumerate(corpus.keys):
        start, end = corpus.starts[number : number + 2]
        part = table.slice(start, end - start).combine_chunks()
        name = verdicts_key(cleaned, settings)
        storage.write_table(dataset.work("verdicts", name), part, {"key": key(name, _digest(part))}, rows=100_000)


def _digest(table: pa.Table) -> str:
    """Return a hash of the rows of a table."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return hashlib.blake2b(sink.getvalue(), digest_size=16).hexdigest()
