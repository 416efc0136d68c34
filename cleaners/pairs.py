"""A column of texts → all verified pairs that are the same in any way, by shingles and by facts."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cleaners.columns import TEXT
from cleaners.config import Settings
from cleaners.facts.sets import FactSets, Sets, fact_sets
from cleaners.fingerprint.columns import fingerprint
from cleaners.fingerprint.minhash import signatures
from cleaners.match.bands import Bands
from cleaners.match.candidates import Meetings
from cleaners.match.pairs import match, pairs
from cleaners.model import Match
from cleaners.pieces import Pieces
from cleaners.rewording import glance
from cleaners.rewording.measures import LEAST_SHARED
from cleaners.rewording.verify import KINDS, NOTHING, verify

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    import numpy.typing as npt

    from cleaners.config import FingerprintSettings, RewordingSettings
    from cleaners.pieces import TextSource

WANTED = ("near", "overlap", "reworded", "translated")
"""The kinds of pairs that can be asked for. `exact` ones come with any."""

_PLACES = 2  # of a band of facts: rewordings agree by a fifth or less, so that hardly any agree in three places
_FEW = 100_000  # texts of which so few meet by chance that more meetings can be looked at
_FEW_AGREE = 0.8  # their signatures must agree by this share of what is asked of more texts
_BY_CHANCE = 5  # times `match.bucket_pairs`: in a bucket of facts so many more meet by chance
_AT_ONCE = 200_000  # pairs that are looked at at one time

PAIRS = pa.schema(
    [
        ("left", pa.int64()),
        ("right", pa.int64()),
        ("kind", TEXT),
        ("similarity", pa.float64()),
        ("jaccard", pa.float64()),
        ("left_in_right", pa.float64()),
        ("right_in_left", pa.float64()),
        ("reworded", pa.float64()),
        ("overlap", pa.float64()),
    ]
)
"""A pair of rows, left < right, and the evidence: shares of word shingles, scores of the rewording verifier; null where
that way of comparing did not bring the two together."""

_TOLD = pa.schema(
    [
        ("left", pa.int64()),
        ("right", pa.int64()),
        ("told", TEXT),
        ("score", pa.float64()),
        ("reworded", pa.float64()),
        ("overlap", pa.float64()),
    ]
)
"""What comparing facts found: the kind it tells, the score of that kind, and the scores of two kinds as evidence."""


def match_texts(
    texts: Iterable[tuple[str, str]], *, settings: Settings | None = None, kinds: Collection[str] = WANTED
) -> list[Match]:
    """Return the verified pairs of the wanted kinds among `(id, text)`, sorted by ids.

    `kind` is exact (word for word), near (`similarity` is the Jaccard index of the word shingles of the two texts, at
    least `settings.match.threshold`), reworded (told again in other words), overlap (the one stands in the other, or is
    a brief or an update of it) or translated; for the last three it is the score of the kind. Identical texts are each
    paired with the first of them; that one alone is paired by words with others, all of them by facts. Ids must be
    unique, and the kinds be of `WANTED`: ValueError. Without `reworded` and `translated` among the kinds the texts are
    compared by their shingles alone, at a fraction of the cost.

    >>> story = "The bridge over the Lenn reopened on Monday after three years of repairs, the town said."
    >>> [match] = match_texts([("a", story), ("b", story.upper()), ("c", "Rain is on its way.")])
    >>> match.a, match.b, match.kind, match.similarity
    ('a', 'b', 'exact', 1.0)
    """
    if unknown := {kinds} if isinstance(kinds, str) else {*kinds}.difference(WANTED, ["exact"]):
        raise ValueError(f"kinds are some of {WANTED}, not {min(unknown)!r}")
    settings = settings or Settings()
    pairs = list(texts)
    ids = [name for name, _ in pairs]
    if len(set(ids)) < len(ids):
        raise ValueError("match_texts needs a different id for each text")
    column = pa.array([text.encode("utf-8", "replace").decode() for _, text in pairs], TEXT)
    found = all_pairs(Pieces.of(column), settings, kinds).to_pylist()
    return sorted((_match(row, ids) for row in found), key=lambda pair: (pair.a, pair.b))


def _match(row: dict[str, Any], ids: list[str]) -> Match:
    """Return a row of `match` with the caller's ids, the lesser first."""
    a, b = ids[row["left"]], ids[row["right"]]
    inside = row["left_in_right"], row["right_in_left"]
    if b < a:
        a, b, inside = b, a, inside[::-1]
    evidence = {"jaccard": row["jaccard"], "a_in_b": inside[0], "b_in_a": inside[1]}
    evidence |= {"reworded": row["reworded"], "overlap": row["overlap"]}
    known = {name: value for name, value in evidence.items() if value is not None}
    return Match(a, b, row["kind"], row["similarity"], known)


def all_pairs(
    texts: Pieces, settings: Settings, kinds: Collection[str] = WANTED, folder: Path | None = None
) -> pa.Table:
    """Return every verified pair of the wanted kinds in a column of texts, sorted by row: a table of `PAIRS`.

    A pair that is exact or near is nothing else. Of other pairs that are alike in two ways the stronger kind that is
    wanted is named: reworded or translated before overlap. Identical texts are each paired with the first of them; that
    one alone is paired by words with others, all of them by facts, unless the first is exact or near there. What no
    wanted kind needs is not computed. Of up to 100,000 texts facts bring more rewordings together (`all_meetings`). The
    metadata say as `crowded` in how many buckets each text was compared with some of the others only.

    What is made of the texts and does not fit into `settings.match.memory_mb` goes to files in `folder`, which the
    caller removes; without one it stays in memory. Who met whom does in any case, some 400 bytes for a text compared by
    words and 2.5 kB for one compared by facts too; so does what is found, at most half a kilobyte for each pair.
    """
    wanted = settings.match if "overlap" in kinds else settings.match.model_copy(update={"overlap_reach": 1.0})
    prints = texts.each(functools.partial(fingerprint, settings=settings.fingerprint))
    words = _inside(folder, "words")
    shingled = match(texts.take, len(texts), prints, wanted, shingles=settings.fingerprint, folder=words)
    told = _TOLD.with_metadata({"crowded": "0"}).empty_table()
    if {"reworded", "translated"} & set(kinds):
        exact = shingled.filter(pc.equal(shingled["kind"], "exact"))
        first = np.arange(len(texts))
        first[exact["right"].to_numpy()] = exact["left"].to_numpy()
        told = _but_near(_reworded(texts, first, settings, _inside(folder, "facts")), shingled, first)
    crowded = sum(int(table.schema.metadata[b"crowded"]) for table in (shingled, told))
    found = _named(shingled, told, kinds).sort_by([("left", "ascending"), ("right", "ascending")])
    return found.cast(PAIRS.with_metadata({"crowded": str(crowded)}))


def _inside(folder: Path | None, name: str) -> Path | None:
    """Return a new folder in a folder, if there is one."""
    if folder is None:
        return None
    (folder / name).mkdir()
    return folder / name


def _named(shingled: pa.Table, told: pa.Table, kinds: Collection[str]) -> pa.Table:
    """Return the pairs of wanted kinds, each with the kind it is called, the similarity of that kind, and evidence."""
    both = shingled.join(told, ["left", "right"], join_type="full outer")
    near = pc.is_in(both["kind"], pa.array(["exact", "near"], TEXT))
    retold = pc.is_in(both["told"], pa.array({"reworded", "translated"}.intersection(kinds), TEXT))
    by_facts = pc.or_(pc.is_null(both["kind"]), pc.and_not(retold, near))
    named = {
        "kind": pc.if_else(by_facts, both["told"], both["kind"]),
        "similarity": pc.if_else(by_facts, both["score"], both["similarity"]),
    }
    found = pa.table({name: named[name] if name in named else both[name] for name in PAIRS.names})
    return found.filter(pc.is_in(found["kind"], pa.array({"exact", *kinds}, TEXT)))


def _but_near(told: pa.Table, shingled: pa.Table, first: npt.NDArray[np.int64]) -> pa.Table:
    """Return the pairs that facts tell of but those of whose words the first ones are near already."""
    ends = [first[told[name].to_numpy()] for name in ("left", "right")]
    of_first = {"low": np.minimum(*ends), "high": np.maximum(*ends)}
    same = np.equal(of_first["low"], told["left"].to_numpy()) & np.equal(of_first["high"], told["right"].to_numpy())
    near = shingled.filter(pc.equal(shingled["kind"], "near")).select(["left", "right"])
    again = told.filter(pa.array(~same)).append_column("low", pa.array(of_first["low"][~same]))
    again = again.append_column("high", pa.array(of_first["high"][~same]))
    others = again.join(near, ["low", "high"], ["left", "right"], join_type="left anti").select(_TOLD.names)
    return pa.concat_tables([told.filter(pa.array(same)), others.cast(told.schema)])


def _reworded(texts: Pieces, first: npt.NDArray[np.int64], settings: Settings, folder: Path | None) -> pa.Table:
    """Return the pairs that facts say are something: a table of `_TOLD`. `first` `(n,)` is the first text of the same.

    Those are no pair here.
    """
    bands, least = all_meetings(settings.rewording, len(texts))
    cut = Meetings(len(texts), bands, settings.match.memory_mb, folder)
    enough, counts, spill = [np.zeros(0, np.bool_)], [np.zeros(1, np.int64)], _Spill(folder)
    lengths = [np.zeros(0, np.uint32)]
    for (signed, valid, sets), sizes in texts.each(lambda some: (fact_prints(some, settings), pc.binary_length(some))):
        cut.add(signed)
        lengths.append(sizes.to_numpy().astype(np.uint32))
        enough.append(valid)
        counts.append(np.diff(sets.telling.offsets))
        spill.add(sets.telling.hashes)
    telling = Sets(np.cumsum(np.concatenate(counts)), spill.whole())
    met = cut.among(np.concatenate(enough))
    most = _BY_CHANCE * settings.match.bucket_pairs
    left, right = pairs(met, least, most, family=first)
    crowded = int((np.bincount(met.buckets) > most + 1).sum())
    order = np.lexsort((right, left))
    some = (order[at : at + _AT_ONCE] for at in range(0, len(order), _AT_ONCE))
    sizes = np.concatenate(lengths)
    parts = [_verified(telling, left[each], right[each], texts.take, sizes, settings.rewording) for each in some]
    told = pa.concat_tables([_TOLD.empty_table(), *(_as_in_a_dataset(part, cut, settings.rewording) for part in parts)])
    return told.replace_schema_metadata({"crowded": str(crowded)})


def _as_in_a_dataset(told: pa.Table, cut: Meetings, settings: RewordingSettings) -> pa.Table:
    """Return the pairs but those that overlap and do not meet in a dataset: splits keep whole what meets there."""
    ends = told["left"].to_numpy(), told["right"].to_numpy()
    met = cut.agreeing(*ends, fact_bands(settings), settings.least_places)
    return told.filter(pc.or_(pc.not_equal(told["told"], "overlap"), pa.array(met)))


def _verified(
    telling: Sets,
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    texts: TextSource,
    sizes: npt.NDArray[np.uint32],
    settings: RewordingSettings,
) -> pa.Table:
    """Return a row of `_TOLD` for each of some pairs that is something."""
    likely = glance.shared(telling, left, right) >= LEAST_SHARED
    left, right = left[likely], right[likely]
    found = verify(left, right, texts, settings, sizes)
    some = np.flatnonzero(found.kind != NOTHING)
    kinds = pa.array(KINDS, TEXT).take(pa.array(found.kind[some]))
    columns = [left[some], right[some], kinds, found.similarity[some], found.reworded[some], found.overlap[some]]
    return pa.Table.from_arrays(list(map(pa.array, columns)), schema=_TOLD)


class _Spill:
    """Numbers that come one after the other, in memory, or in a file of a folder if there is one."""

    def __init__(self, folder: Path | None) -> None:
        self._path = folder / "telling" if folder else None
        self._parts = [np.zeros(0, np.uint32)]

    def add(self, numbers: npt.NDArray[np.uint32]) -> None:
        """Take the next ones."""
        if self._path is None:
            self._parts.append(numbers)
        elif len(numbers):
            with self._path.open("ab") as file:
                numbers.tofile(file)

    def whole(self) -> npt.NDArray[np.uint32]:
        """Return all of them."""
        if self._path is None or not self._path.exists():
            return np.concatenate(self._parts)
        return np.asarray(np.memmap(self._path, np.uint32, "r"))


def fact_prints(
    texts: pa.LargeStringArray, settings: Settings
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.bool_], FactSets]:
    """Return the signatures of the facts of each text, `(n, permutations) uint32`; whether it can meet; the sets.

    It can with `least_facts` and `least_words`: a pair with a shorter text is called nothing, so it need not meet.
    """
    sets = fact_sets(texts, settings.rewording)
    signed = signatures(sets.facts.offsets, sets.facts.hashes, fact_scheme(settings))
    enough = np.diff(sets.facts.offsets) >= settings.rewording.least_facts
    return signed, enough & (sets.words >= settings.rewording.least_words), sets


def fact_scheme(settings: Settings) -> FingerprintSettings:
    """Return what signatures of facts are made with."""
    wanted = {"permutations": settings.rewording.permutations, "seed": settings.rewording.seed}
    return settings.fingerprint.model_copy(update=wanted)


def fact_bands(settings: RewordingSettings) -> Bands:
    """Return the bands of signatures of facts that articles of a dataset meet in."""
    return Bands(settings.bands, _PLACES)


def all_meetings(settings: RewordingSettings, n: int) -> tuple[Bands, int]:
    """Return the bands where all pairs of n texts are asked for, and in how many places a pair that met must agree.

    A band is a place and the next; of few texts a place and the next but one, too. That, and to ask for less agreement,
    brings some labelled rewordings more together. Meetings by chance grow with the square of n: of 200,000 texts it
    would take three times as long.
    """
    if n > _FEW:
        return Bands(settings.permutations, _PLACES), settings.least_places
    least = round(_FEW_AGREE * settings.least_agreement * settings.permutations)
    return Bands(2 * settings.permutations, _PLACES), least
