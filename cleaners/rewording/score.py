"""Figures → scores, by coefficients and trees that were trained once and lie beside this file.

The score of a pair is a sum of two plain parts. The one is a logistic regression over the measures, their squares, and
the products of those that only mean something together (a small text must be covered the better the smaller it is).
The other is hundreds of trees of two questions each ("is more than .4 of the beginning the other's? then, are the
sentences in order?"), which say what no product can: from where on a measure counts (gradient boosting, Friedman 2001).
Both were trained on the same pairs. The bar is set for each length class so that hardly any independent report passes:
fewer words say less, and their bar is never lower.
"""

from __future__ import annotations

import functools
import importlib.resources
import itertools
import tomllib
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cleaners.kernels import lean
from cleaners.rewording.columns import MEASURES

if TYPE_CHECKING:
    from numpy.typing import NDArray

TOGETHER = (
    "balance", "of_b", "facts_of_b", "order", "path_of_b", "straight", "chain_of_b", "verbatim_of_b", "bare_a",
    "aligned_b", "length", "numbers_of_a", "numbers_of_b", "apart", "lead_a", "lead_b", "jaccard", "chain",
    "neighbours", "cover_b", "agreeing", "own_facts_a", "own_facts_b", "own_words_b", "verbatim_of_a", "copied_of_b",
    "fresh_b", "lead_cover_a", "lead_cover_b", "uneven_verbatim_b", "lead_verbatim_b", "plain_of_b", "rare_of_b",
    "own_names_b", "changed_names", "mutual",
)  # fmt: skip
"""Measures whose products with one another count too."""

TERMS: tuple[tuple[str, ...], ...] = (
    *((name,) for name in MEASURES),
    *((name, name) for name in MEASURES),
    *itertools.combinations(TOGETHER, 2),
)
"""Each term of the regression: the measures it is the product of."""
FACTORS = np.array([[*map(MEASURES.index, term), len(MEASURES)][:2] for term in TERMS])
"""The places of both in a row of measures and a one, (len(TERMS), 2)."""
_UNFIT = "coefficients.toml does not fit the measures: train it anew"


class Trees(NamedTuple):
    """t trees of two questions each: first the one, then, by the answer, one of two others."""

    measure: NDArray[np.int64]  # (t, 3) that each question asks about
    limit: NDArray[np.float64]  # (t, 3) is it above?
    value: NDArray[np.float64]  # (t, 4) what is added after no and no, no and yes, yes and no, yes and yes


class Model(NamedTuple):
    """intercept + slope · products of measures + what the trees say, less the bar of the length class."""

    intercept: float
    slope: NDArray[np.float64]  # (len(TERMS),)
    trees: Trees
    words: NDArray[np.int64]  # (c,) fewest words of each length class, ascending
    bars: NDArray[np.float64]  # (c,)


def score(model: Model, figures: NDArray[np.float32], words: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return the score of each pair by its measures, (k,) float64 between 0 and 1; one half is the bar of its length.

    >>> same_event = np.zeros((1, len(MEASURES)), np.float32)
    >>> bool(score(models()["reworded"], same_event, np.array([400], np.int32))[0] < 0.01)
    True
    """
    bar = model.bars[np.maximum(np.searchsorted(model.words, words, side="right") - 1, 0)]
    odds: NDArray[np.float64] = np.exp(np.clip(bar - log_odds(model, figures), -30.0, 30.0))
    return 1.0 / (1.0 + odds)


def log_odds(model: Model, figures: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return what the measures say in all, (k,) float64, whatever the length of the texts."""
    total = np.empty(len(figures))
    known = np.append(figures, np.ones((len(figures), 1), np.float32), axis=1)
    _sum(known, FACTORS, model.intercept, model.slope, model.trees, total)
    return total


@lean(cache=True)
def _sum(  # a model in its parts, as a kernel takes it
    known: NDArray[np.float32],
    factors: NDArray[np.int64],
    intercept: float,
    slope: NDArray[np.float64],
    trees: Trees,
    out: NDArray[np.float64],
) -> None:
    """Write what each pair has in all, term after term: in another order the last digits would be others."""
    for pair in range(len(known)):
        total = intercept
        for term in range(len(slope)):
            total += slope[term] * np.float64(known[pair, factors[term, 0]] * known[pair, factors[term, 1]])
        for tree in range(len(trees.value)):
            yes = int(known[pair, trees.measure[tree, 0]] > trees.limit[tree, 0])
            then = int(known[pair, trees.measure[tree, 1 + yes]] > trees.limit[tree, 1 + yes])
            total += trees.value[tree, 2 * yes + then]
        out[pair] = total


@functools.cache
def models() -> dict[str, Model]:
    """Return the trained models: `reworded` and `overlap`."""
    text = importlib.resources.files(__package__).joinpath("coefficients.toml").read_text(encoding="utf-8")
    return {name: model_of(table) for name, table in tomllib.loads(text).items()}


def model_of(table: dict[str, Any]) -> Model:
    """Return a model from its table in the file."""
    try:
        slopes, bars = table["slopes"], table["bars"]
        model = Model(
            float(table["intercept"]),
            np.array([slopes[" * ".join(term)] for term in TERMS], np.float64),
            trees_of(table["trees"]),
            np.array([int(words) for words in bars], np.int64),
            np.array(list(bars.values()), np.float64),
        )
    except (LookupError, TypeError, ValueError) as why:
        raise ValueError(_UNFIT) from why
    numbers = model.slope, model.bars, model.trees.limit, model.trees.value
    ascending = len(model.words) > 0 and (np.diff(model.words) > 0).all()
    if len(slopes) != len(TERMS) or not ascending or not all(np.isfinite(each).all() for each in numbers):
        raise ValueError(_UNFIT)
    return model


def trees_of(rows: list[list[Any]]) -> Trees:
    """Return trees from rows of measure and limit of three questions, and four values; ValueError for any other."""
    trees = Trees(
        np.array([[MEASURES.index(name) for name in row[0:6:2]] for row in rows], np.int64),
        np.array([row[1:6:2] for row in rows], np.float64),
        np.array([row[6:] for row in rows], np.float64),
    )
    shapes = [column.shape for column in trees]
    if shapes != [(len(rows), 3), (len(rows), 3), (len(rows), 4)]:
        raise ValueError(f"trees ask three questions and have four values, not {shapes}")
    return trees
