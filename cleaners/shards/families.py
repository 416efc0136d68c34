"""Verdicts → the split of each article: all pairs of any kind are looked for, so that no family is torn apart."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cleaners import lock, splits, storage, unions
from cleaners.cluster import KEPT, Verified, packed
from cleaners.match.bands import bands_for, least_agreement
from cleaners.match.candidates import candidates
from cleaners.match.pairs import pairs
from cleaners.match.verify import verify
from cleaners.rewording import glance
from cleaners.rewording import verify as rewording
from cleaners.rewording.measures import LEAST_SHARED
from cleaners.shards import memory

if TYPE_CHECKING:
    import contextlib
    from collections.abc import Callable

    import numpy.typing as npt

    from cleaners.cluster import Verdicts
    from cleaners.config import Settings
    from cleaners.match.candidates import Candidates
    from cleaners.shards.corpus import Corpus
    from cleaners.shards.dataset import Dataset
    from cleaners.shards.telling import Telling

    Rows = npt.NDArray[np.int64]

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_BUCKET_PAIRS = 1000  # articles of one bucket, in order of preference, that each one is compared with
_AT_ONCE = 100_000  # pairs that are verified before it is asked again which of the others are still open


class Families:
    """The families of a run's articles: first those of the copies, then, asked for, all others.

    `full` says of each way to be akin how many buckets held more articles than each of them was compared with, and how
    many the largest held; nothing where there is no such bucket.
    """

    def __init__(self, dataset: Dataset, corpus: Corpus, verdicts: Verdicts, rank: Rows) -> None:
        self._dataset, self._corpus, self._rank = dataset, corpus, rank
        self.full: dict[str, dict[str, int]] = {}
        self._parent = np.arange(len(rank))
        copies = np.flatnonzero(verdicts.canonical != KEPT)
        unions.join(self._parent, copies, verdicts.canonical[copies])

    def find(
        self,
        alone: npt.NDArray[np.bool_],
        by_facts: Candidates,
        telling: Telling,
        settings: Settings,
        furniture: str | None,
    ) -> Rows:
        """Return the family of each row: the number of one of its members.

        `alone` says of each row whether it is long enough to be compared by its words, and the first of its content;
        `by_facts` are those that met by their facts, `telling` the terms that a glance at them compares. A pair within
        a family is not even listed, so that a cluster of copies costs no memory.
        """
        corpus, match, told = self._corpus, settings.match, settings.rewording
        places, words = settings.fingerprint.permutations, settings.fingerprint.shingle_words
        reach = min(match.threshold, match.overlap_reach)
        bands = bands_for(reach, match.recall, places)
        with _scratch(self._dataset) as folder:
            by_words = candidates(corpus.signatures(), alone, bands, memory_mb=match.memory_mb, folder=folder)

        def shares_words(left: Rows, right: Rows) -> npt.NDArray[np.bool_]:
            found = verify(left, right, corpus.texts, corpus.sizes, shingle_words=words, memory_mb=match.memory_mb)
            inside = np.maximum(found.left_in_right, found.right_in_left)
            return (found.jaccard >= match.threshold) | (inside >= match.containment)

        names = memory.keys(settings, furniture)
        path = self._dataset.columns("verified", names["shared words"])
        self._note_full("near", by_words)
        self._widen(by_words, least_agreement(reach, places, match.deviations), shares_words, path)

        def tells_same(left: Rows, right: Rows) -> npt.NDArray[np.bool_]:
            likely = np.flatnonzero(telling.each(left, right, glance.shared) >= LEAST_SHARED)
            same = np.zeros(len(left), np.bool_)
            found = rewording.verify(left[likely], right[likely], corpus.texts, told, corpus.sizes)
            same[likely] = found.kind != rewording.NOTHING
            return same

        path = self._dataset.columns("verified", names["shared facts"])
        self._note_full("reworded", by_facts)
        self._widen(by_facts, told.least_places, tells_same, path)
        return unions.roots(self._parent)

    def _note_full(self, kind: str, met: Candidates) -> None:
        sizes = np.bincount(met.buckets, minlength=1)
        if full := int((sizes > _BUCKET_PAIRS + 1).sum()):
            self.full[kind] = {"buckets": full, "largest": int(sizes.max())}

    def _widen(
        self, met: Candidates, least: int, akin: Callable[[Rows, Rows], npt.NDArray[np.bool_]], path: str
    ) -> None:
        """Join the families of all pairs that met and are akin; what was verified is kept at `path`."""
        corpus = self._corpus
        left, right = pairs(met, least, _BUCKET_PAIRS, self._rank, unions.roots(self._parent))
        known = memory.recall(path, corpus.ids, corpus.content, met.rows)
        kept = [known]
        for start in range(0, len(left), _AT_ONCE):
            a, b = left[start : start + _AT_ONCE], right[start : start + _AT_ONCE]
            roots = unions.roots(self._parent)
            apart = roots[a] != roots[b]
            a, b = a[apart], b[apart]
            answer = _looked_up(known, a, b)
            fresh = np.isnan(answer)
            answer[fresh] = akin(a[fresh], b[fresh])
            kept.append(Verified(a[fresh], b[fresh], answer[fresh]))
            unions.join(self._parent, a[answer > 0], b[answer > 0])
        found = Verified(*(np.concatenate(columns) for columns in zip(*kept, strict=True)))
        memory.remember(path, corpus.ids, corpus.content, found)


def _scratch(dataset: Dataset) -> contextlib.AbstractContextManager[Path]:
    """Give a folder for what does not fit into memory: in `work` of a local dataset, since that is where there is room.

    What a run that was killed left there goes first.
    """
    beside = tempfile.gettempdir() if storage.is_url(dataset.root) else dataset.scratch
    return lock.scratch(Path(beside), f"{storage.TEMPORARY}families-")


def _looked_up(known: Verified, left: Rows, right: Rows) -> npt.NDArray[np.float64]:
    """Return what is known about pairs: 1.0 akin, 0.0 not, nan where it is not known."""
    known_pairs = packed(known.left, known.right)
    order = np.argsort(known_pairs)
    wanted = packed(left, right)
    at = np.minimum(np.searchsorted(known_pairs[order], wanted), max(len(order) - 1, 0))
    if not len(order):
        return np.full(len(left), np.nan)
    return np.where(known_pairs[order][at] == wanted, known.similarity[order][at], np.nan)


def assign(
    corpus: Corpus,
    verdicts: Verdicts,
    families: Rows,
    held: npt.NDArray[np.int8],
    settings: Settings,
    before: dict[str, Any],
) -> tuple[npt.NDArray[np.int8], dict[str, Any]]:
    """Return the split of each row, as its place among the shares, and what the manifest says about the splits.

    `held` `(n,) int8` are those that rows had before and may not fall below (see `held_out`). `before` is what the last
    manifest says: the boundaries of splits by date are kept while the shares are the same. A split that had none, since
    nothing was new enough for it, is given one.
    """
    chosen, kept = settings.split, corpus.sound & (verdicts.canonical == KEPT)
    names = list(chosen.shares)
    begins: list[int | None] = []
    if chosen.by == "published":
        published = corpus.marks["published"].combine_chunks()
        times, known = pc.fill_null(published.cast(pa.int64()), 0).to_numpy(), pc.is_valid(published).to_numpy(False)
        begins = splits.boundaries(times[known & kept], chosen.shares)
        if before.get("by") == chosen.by and [*before["asked"].items()] == [*chosen.shares.items()]:
            had = [_micros(before["from"][name]) for name in names[1:]]
            begins = [new if old is None else old for old, new in zip(had, begins, strict=True)]
        own = splits.by_time(times, known, begins)
    else:
        own = splits.by_hash(_seeds(corpus), chosen.shares, chosen.seed)
    found = splits.of_families(np.maximum(own, held), families)
    sizes = np.bincount(families[kept])
    articles = np.bincount(found[kept], minlength=len(names)).tolist()
    told = {
        "by": chosen.by,
        "asked": chosen.shares,
        "from": dict(zip(names[1:], map(_written, begins), strict=False)),
        "articles": dict(zip(names, articles, strict=True)),
        "families": int((sizes > 1).sum()),
        "largest_family": int(sizes.max(initial=0)),
        "moved": int((found != own)[kept].sum()),
    }
    return found, told


def _written(micros: int | None) -> str | None:
    """Return a time as the manifest writes it.

    >>> _written(1_700_000_000_000_000), _micros(_written(1_700_000_000_000_000))
    ('2023-11-14T22:13:20+00:00', 1700000000000000)
    """
    return None if micros is None else (_EPOCH + dt.timedelta(microseconds=micros)).isoformat()


def _micros(written: str | None) -> int | None:
    return None if written is None else (dt.datetime.fromisoformat(written) - _EPOCH) // dt.timedelta(microseconds=1)


def _seeds(corpus: Corpus) -> npt.NDArray[np.uint64]:
    """Return what the split of each text is hashed from: the first place of its signature.

    Two near copies agree in that place as often as their shingles do, so that a cluster of them counts for little more
    than one text. A text too short for a shingle has its content hash instead.
    """
    seeds = np.concatenate([np.zeros(0, np.uint64), *(part[:, 0].astype(np.uint64) for part in corpus.signatures())])
    return np.where(corpus.valid, seeds, corpus.content[:, 0])
