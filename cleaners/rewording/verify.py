"""Figures → kind, similarity and evidence, by coefficients that were trained once and lie beside this file.

The score of a pair is a plain logistic regression over the measures, their squares, and the products of those that only
mean something together (a small text must be covered the better the smaller it is). Its zero is set for each length
class so that hardly any independent report passes: fewer words, less evidence, higher bar.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.resources
import itertools
import tomllib
import unicodedata
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cleaners.facts import rarity
from cleaners.pieces import partitions
from cleaners.rewording.columns import MEASURES, VERSION
from cleaners.rewording.measures import LEAST_SHARED, measures
from cleaners.rewording.prepare import Prepared, prepare

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cleaners.config import RewordingSettings
    from cleaners.model import Kind
    from cleaners.pieces import TextSource

KINDS: tuple[Kind, ...] = ("reworded", "overlap", "translated")
"""Names of the codes in `Found.kind`."""
NOTHING = -1

TOGETHER = (
    "balance", "of_b", "facts_of_b", "order", "path_of_b", "straight", "chain_of_b", "verbatim_of_b", "bare_a",
    "aligned_b", "length", "numbers_of_a", "numbers_of_b", "apart", "lead_a", "lead_b", "jaccard", "chain",
    "neighbours", "cover_b", "agreeing", "own_facts_a", "own_facts_b", "own_words_b",
)  # fmt: skip
"""Measures whose products with one another count too."""

TERMS: tuple[tuple[str, ...], ...] = (
    *((name,) for name in MEASURES),
    *((name, name) for name in MEASURES),
    *itertools.combinations(TOGETHER, 2),
)
"""Each term of the score: the measures it is the product of."""
_FACTORS = np.array([[*map(MEASURES.index, term), len(MEASURES)][:2] for term in TERMS])
"""The places of both in a row of measures and a one, (len(TERMS), 2)."""

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


class Model(NamedTuple):
    """One logistic regression: intercept + slope · terms(figures), less the bar of the length class."""

    intercept: float
    slope: NDArray[np.float64]  # (len(TERMS),)
    words: NDArray[np.int64]  # (c,) fewest words of each length class, ascending
    bars: NDArray[np.float64]  # (c,)


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
    products = terms(figures)
    reworded, overlap = (score(model, products, words) for model in ("reworded", "overlap"))
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


def score(model: str, products: NDArray[np.float32], words: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return the score of each pair by its `terms`, (k,) float64 between 0 and 1; one half is the bar of its length."""
    m = models()[model]
    # Summed pair by pair: the last digits of a matrix product depend on the company a pair is in.
    raw = m.intercept + (products * m.slope).sum(axis=1)
    bar = m.bars[np.maximum(np.searchsorted(m.words, words, side="right") - 1, 0)]
    odds: NDArray[np.float64] = np.exp(np.clip(bar - raw, -30.0, 30.0))
    return 1.0 / (1.0 + odds)


def terms(figures: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the terms of the score, (k, len(TERMS)), from measures (k, len(MEASURES))."""
    known = np.append(figures, np.ones((len(figures), 1), np.float32), axis=1)
    first, second = (known.take(places, axis=1) for places in _FACTORS.T)
    products: NDArray[np.float32] = first * second
    return products


@functools.cache
def models() -> dict[str, Model]:
    """Return the trained models: `reworded` and `overlap`."""
    text = importlib.resources.files(__package__).joinpath("coefficients.toml").read_text(encoding="utf-8")
    return {name: _model(table) for name, table in tomllib.loads(text).items()}


@functools.cache
def version() -> str:
    """Return twelve hexadecimal digits that change with what decides: coefficients, sieve, measures, words, bounds."""
    files = importlib.resources.files(__package__)
    trained = [files.joinpath(name).read_bytes() for name in ("coefficients.toml", "glance.toml")]
    bounds = repr((VERSION, LEAST_SHARED, _ONE_LANGUAGE, _SAME_WORDS, _OTHER_NAMES, _OTHER_NUMBERS)).encode()
    words = f"{rarity.version()} {unicodedata.unidata_version}".encode()
    return hashlib.sha256(b"".join([*trained, words, bounds])).hexdigest()[:12]


def _model(table: dict[str, Any]) -> Model:
    slopes, bars = table["slopes"], table["bars"]
    named = {" * ".join(term): at for at, term in enumerate(TERMS)}
    if set(slopes) != set(named):
        raise ValueError("coefficients.toml does not fit the measures: train it anew")
    return Model(
        float(table["intercept"]),
        np.array([slopes[name] for name in named], np.float64),
        np.array([int(words) for words in bars], np.int64),
        np.array(list(bars.values()), np.float64),
    )
