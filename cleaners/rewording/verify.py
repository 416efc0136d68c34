"""Two texts → kind, similarity and evidence, by their figures and what these score."""

from __future__ import annotations

import functools
import hashlib
import importlib.resources
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cleaners.facts import rarity
from cleaners.pieces import partitions
from cleaners.rewording.columns import MEASURES, VERSION
from cleaners.rewording.machine import PRIOR, SLOTS
from cleaners.rewording.measures import LEAST_SHARED, measures
from cleaners.rewording.prepare import Prepared, prepare
from cleaners.rewording.score import models, score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cleaners.config import RewordingSettings
    from cleaners.model import Kind
    from cleaners.pieces import TextSource

KINDS: tuple[Kind, ...] = ("reworded", "overlap", "translated")
"""Names of the codes in `Found.kind`."""
NOTHING = -1

_BALANCE, _JACCARD = MEASURES.index("balance"), MEASURES.index("jaccard")
_VERBATIM = MEASURES.index("verbatim_of_b")
_PLAIN = [MEASURES.index("plain_of_a"), MEASURES.index("plain_of_b")]
_NAMES, _NUMBERS = MEASURES.index("changed_names"), MEASURES.index("changed_numbers")
_SAME_WORDS, _OTHER_NAMES, _OTHER_NUMBERS = 0.9, 0.6, 0.5
"""From what share of plain words on, with three changed names or most numbers changed, a form was filled in anew."""
_ONE_LANGUAGE = 0.12
"""From what share of common wording on two texts are in one language, whatever the few words of a short one suggest."""
_PAIRS, _BYTES = 10_000, 64 << 20
"""Pairs measured at one time, and bytes of their texts: columns made of these take 8 times as many, 25 at the worst."""


class Found(NamedTuple):
    """What verification found for each of k pairs."""

    kind: NDArray[np.int8]  # (k,) place in KINDS, NOTHING where the pair is neither
    similarity: NDArray[np.float64]  # (k,) 0 … 1: the score of the kind; of `reworded` where there is none
    reworded: NDArray[np.float64]  # (k,) 0 … 1
    overlap: NDArray[np.float64]  # (k,) 0 … 1
    measures: NDArray[np.float32]  # (k, len(MEASURES)), of `verify` those that are wanted: all take as much as all else


def verify(
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    texts: TextSource,
    settings: RewordingSettings,
    sizes: NDArray[np.uint32] | None = None,
    wanted: Sequence[str] = (),
) -> Found:
    """Return what each pair of rows is, from the two texts themselves. The order of a pair does not matter.

    `sizes` `(n,) uint32` are the bytes of each text: with them what is read at one time is bounded, however long they
    are. Texts that are in memory anyway need none. `wanted` are the measures that are told.
    """
    columns = [MEASURES.index(name) for name in wanted]
    if not len(left):
        none = np.zeros(0)
        return Found(np.zeros(0, np.int8), none, none, none, np.zeros((0, len(columns)), np.float32))
    if sizes is None:
        sizes = np.zeros(max(left.max(), right.max()) + 1, np.uint32)
    groups = list(partitions(left, right, sizes, _BYTES, _PAIRS))
    parts = []
    for some in groups:
        found = _verify(left[some], right[some], texts, settings)
        parts.append(found._replace(measures=found.measures[:, columns]))
    back = np.argsort(np.concatenate(groups))
    return Found(*(np.concatenate(column)[back] for column in zip(*parts, strict=True)))


def _verify(
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    texts: TextSource,
    settings: RewordingSettings,
) -> Found:
    rows, places = np.unique(np.concatenate([left, right]), return_inverse=True)
    prepared = prepare(texts(rows))
    return judge(prepared, np.stack([places[: len(left)], places[len(left) :]], axis=1).astype(np.int64), settings)


def judge(prepared: Prepared, pairs: NDArray[np.int64], settings: RewordingSettings) -> Found:
    """Return what each pair (k, 2) of rows of prepared texts is."""
    figures = measures(prepared, pairs)
    words = prepared.words[pairs].min(axis=1)
    reworded, overlap = (score(models()[name], figures, words) for name in ("reworded", "overlap"))
    languages = prepared.language[pairs]
    foreign = (languages[:, 0] != languages[:, 1]) & (languages >= 0).all(axis=1)
    foreign &= figures[:, _VERBATIM] < _ONE_LANGUAGE
    enough = (words >= settings.least_words) & (figures[:, _JACCARD] >= LEAST_SHARED)
    copy = enough & (reworded >= settings.threshold) & (figures[:, _BALANCE] >= settings.least_balance) & ~foreign
    copy &= ~_filled_in_anew(figures)
    shares = enough & (overlap >= settings.overlap)
    kind = np.select([copy, shares & foreign, shares], [0, 2, 1], NOTHING).astype(np.int8)
    return Found(kind, np.where(kind > 0, overlap, reworded), reworded, overlap, figures)


def _filled_in_anew(figures: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Tell which pairs (k,) have the same words but other facts: a rewording has the same facts in other words."""
    changed = (figures[:, _NAMES] >= _OTHER_NAMES) | (figures[:, _NUMBERS] >= _OTHER_NUMBERS)
    same: NDArray[np.bool_] = (figures[:, _PLAIN] >= _SAME_WORDS).all(axis=1) & changed
    return same


@functools.cache
def version() -> str:
    """Return twelve hexadecimal digits that change with what decides: coefficients, sieve, measures, words, bounds."""
    files = importlib.resources.files(__package__)
    trained = [files.joinpath(name).read_bytes() for name in ("coefficients.toml", "machine.toml", "glance.toml")]
    bounds = repr(
        (VERSION, LEAST_SHARED, PRIOR, SLOTS, _ONE_LANGUAGE, _SAME_WORDS, _OTHER_NAMES, _OTHER_NUMBERS)
    ).encode()
    words = f"{rarity.version()} {unicodedata.unidata_version}".encode()
    return hashlib.sha256(b"".join([*trained, words, bounds])).hexdigest()[:12]
