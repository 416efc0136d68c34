"""Pairs → what two texts share by their telling terms alone: looked at before the texts are read.

Nearly all pairs that met by chance, or report one affair independently, are told from copies by this. The score is a
plain logistic regression over the first measures, as exact here as in `measures`; its bar is so low that hardly any
pair is refused that the verifier would call a copy. Both were set by tests/benchmarks/train_glance.py.
"""

from __future__ import annotations

import functools
import importlib.resources
import itertools
import tomllib
from typing import TYPE_CHECKING

import numpy as np

from cleaners.facts import rarity
from cleaners.facts.sets import FACT, FIGURE
from cleaners.kernels import lean, njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cleaners.facts.sets import Sets

MEASURES = (
    "jaccard", "of_a", "of_b", "facts_of_a", "facts_of_b", "numbers_of_a", "numbers_of_b", "rare_of_a", "rare_of_b",
    "balance", "length",
)  # fmt: skip
"""Columns of `figures`; what they mean stands in `measures`. `a` is the text with more to tell."""
TERMS = (
    *((name,) for name in MEASURES),
    *itertools.combinations_with_replacement(MEASURES, 2),
)
"""Each term of the score: the measures it is the product of."""
_ALL, _FACTS, _FIGURES, _RARE = range(4)  # kinds of terms that are weighed up apart
_RARE_FROM, _PRIOR_WEIGHT, _PRIOR_RARE = 5.5, 10.0, 2.0  # as in `measures`
_PAIRS = 200_000  # pairs looked at at a time
_PLACES = 1 << 12  # of the table that tells where a term stands in a text
_NOWHERE, _SEVERAL = -1, -2


def shared(telling: Sets, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the weighted Jaccard similarity of the telling terms of each pair of rows, (k,): measure `jaccard`.

    >>> import pyarrow as pa
    >>> from cleaners.config import RewordingSettings
    >>> from cleaners.facts.sets import fact_sets
    >>> texts = pa.array(["Ada Quill lost 12 hens.", "Ada Quill lost 12 geese.", "Rain."], pa.large_string())
    >>> telling = fact_sets(texts, RewordingSettings()).telling
    >>> shared(telling, np.array([0, 0]), np.array([1, 2])).round(1).tolist()
    [0.5, 0.0]
    """
    return figures(telling, left, right)[:, 0]


def likely(telling: Sets, left: NDArray[np.int64], right: NDArray[np.int64], least: float) -> NDArray[np.bool_]:
    """Return which pairs share at least `least` and may be copies for all that their terms say, (k,)."""
    intercept, slopes = model()
    first = [MEASURES.index(term[0]) for term in TERMS]
    second = [MEASURES.index(term[1]) if term[1:] else -1 for term in TERMS]
    found = np.zeros(len(left), np.bool_)
    for begin in range(0, len(left), _PAIRS):
        some = slice(begin, begin + _PAIRS)
        seen = figures(telling, left[some], right[some])
        found[some] = _scores(seen, least, intercept, slopes, np.array(first), np.array(second)) >= 0.0
    return found


@functools.cache
def model() -> tuple[float, NDArray[np.float64]]:
    """Return intercept (less the bar) and slopes (len(TERMS),) of the score."""
    text = importlib.resources.files(__package__).joinpath("glance.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return float(table["intercept"]), np.array([table["slopes"][" * ".join(term)] for term in TERMS])


def figures(telling: Sets, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the measures of each pair of rows, (k, len(MEASURES)); the order of a pair does not matter."""
    wanted = np.zeros(len(telling.offsets) - 1, np.bool_)
    wanted[left] = wanted[right] = True
    sums = np.zeros((len(wanted), 4), np.float32)
    _sums(telling.offsets, telling.hashes, wanted, rarity.weights(), sums)
    longest = int(np.diff(telling.offsets).max(initial=0))
    scratch = np.empty(_PLACES, np.int32), np.empty(longest + 1, np.int64)
    out = np.zeros((len(left), len(MEASURES)), np.float32)
    _figures(telling.offsets, telling.hashes, left, right, sums, rarity.weights(), *scratch, out)
    return out


@lean(cache=True)
def _sums(
    offsets: NDArray[np.int64],
    hashes: NDArray[np.uint32],
    wanted: NDArray[np.bool_],
    weights: NDArray[np.float32],
    sums: NDArray[np.float32],
) -> None:
    """Write what all terms of each kind weigh in each text that is wanted (the rare are counted)."""
    last, none = np.uint32(len(weights) - 1), np.float32(0.0)  # a power of two less one
    for row in range(len(wanted)):
        every = facts = numbers = rare = none
        for k in range(offsets[row], offsets[row + 1] if wanted[row] else offsets[row]):
            weight = weights[(hashes[k] >> np.uint32(2)) & last]
            every += weight
            facts += weight if hashes[k] & FACT else none
            numbers += weight if hashes[k] & FIGURE else none
            rare += np.float32(weight >= _RARE_FROM)
        sums[row, _ALL], sums[row, _FACTS], sums[row, _FIGURES], sums[row, _RARE] = every, facts, numbers, rare


@lean(cache=True)
def _figures(  # noqa: PLR0913, PLR0917  # plain columns are what a kernel takes
    offsets: NDArray[np.int64],
    hashes: NDArray[np.uint32],
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    sums: NDArray[np.float32],
    weights: NDArray[np.float32],
    stands: NDArray[np.int32],
    shared: NDArray[np.int64],
    out: NDArray[np.float32],
) -> None:
    """Write the measures of each pair; `stands` and `shared` are overwritten.

    Pairs come with the same second text many times in a row. Where its terms stand is kept in a small hash table, so
    that of the first one all but those that may be shared are passed over without a branch, which would be guessed
    wrong.
    """
    last, two, places, none = np.uint32(len(weights) - 1), np.uint32(2), np.uint32(_PLACES - 1), np.float32(0.0)
    held = -1
    for pair in range(len(first)):
        a, b = first[pair], second[pair]
        begin, end = offsets[b], offsets[b + 1]
        if b != held:
            held = b
            _note(hashes, begin, end, stands)
        count, at = np.uint64(0), begin
        for x in range(np.uint64(offsets[a]), np.uint64(offsets[a + 1])):
            shared[count] = x
            count += np.uint64(stands[(hashes[x] >> two) & places] != _NOWHERE)
        both = facts_a = facts_b = numbers_a = numbers_b = rare = none
        for c in range(count):
            x = shared[c]
            term = hashes[x] >> two
            place = stands[term & places]
            y = begin + place
            if place == _SEVERAL:
                while at < end and hashes[at] >> two < term:
                    at += 1
                y = min(at, end - 1)
            weight = weights[term & last] if hashes[y] >> two == term else none
            both += weight
            facts_a += weight if hashes[x] & FACT else none
            numbers_a += weight if hashes[x] & FIGURE else none
            facts_b += weight if hashes[y] & FACT else none
            numbers_b += weight if hashes[y] & FIGURE else none
            rare += np.float32(weight >= _RARE_FROM)
        if _swapped(offsets, hashes, sums, a, b):
            a, b = b, a
            facts_a, facts_b, numbers_a, numbers_b = facts_b, facts_a, numbers_b, numbers_a
        whole_a, whole_b = sums[a, _ALL], sums[b, _ALL]
        out[pair, 0] = _share(both, whole_a + whole_b - both, 0.0)
        out[pair, 1], out[pair, 2] = _share(both, whole_a, 0.0), _share(both, whole_b, 0.0)
        out[pair, 3] = _share(facts_a, sums[a, _FACTS], _PRIOR_WEIGHT)
        out[pair, 4] = _share(facts_b, sums[b, _FACTS], _PRIOR_WEIGHT)
        out[pair, 5] = _share(numbers_a, sums[a, _FIGURES], _PRIOR_WEIGHT)
        out[pair, 6] = _share(numbers_b, sums[b, _FIGURES], _PRIOR_WEIGHT)
        out[pair, 7] = _share(rare, sums[a, _RARE], _PRIOR_RARE)
        out[pair, 8] = _share(rare, sums[b, _RARE], _PRIOR_RARE)
        out[pair, 9] = _share(whole_b, whole_a, 0.0)
        out[pair, 10] = min(np.log1p(whole_b) / 10.0, 1.0)


@lean()
def _note(hashes: NDArray[np.uint32], begin: int, end: int, stands: NDArray[np.int32]) -> None:
    """Write where each term stands in a text; of terms that share a place, that they do."""
    stands[:] = _NOWHERE
    for y in range(begin, end):
        place = (hashes[y] >> np.uint32(2)) & np.uint32(_PLACES - 1)
        stands[place] = y - begin if stands[place] == _NOWHERE else _SEVERAL


@lean(cache=True)
def _swapped(
    offsets: NDArray[np.int64],
    hashes: NDArray[np.uint32],
    sums: NDArray[np.float32],
    a: int,
    b: int,
) -> bool:
    """Tell whether b tells more than a; of equal ones that with the smaller first term goes first."""
    if sums[a, _ALL] != sums[b, _ALL]:
        return bool(sums[b, _ALL] > sums[a, _ALL])
    x, x1 = offsets[a], offsets[a + 1]
    y, y1 = offsets[b], offsets[b + 1]
    while x < x1 and y < y1 and hashes[x] == hashes[y]:
        x += 1
        y += 1
    return bool(y < y1 and (x == x1 or hashes[y] < hashes[x]))


@lean(cache=True)
def _share(part: float | np.float32, whole: float | np.float32, prior: float) -> float | np.float32:
    """Return part / whole, drawn towards one half as if `prior` more had been seen; 0 of nothing is 0."""
    return (part + 0.5 * prior) / (whole + prior) if whole + prior > 0 else 0.0


@njit(cache=True, nogil=True)
def _scores(
    seen: NDArray[np.float32],
    least: float,
    intercept: float,
    slopes: NDArray[np.float64],
    first: NDArray[np.int64],
    second: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Return the score of each pair, −∞ for those that share less than the least."""
    scores = np.full(len(seen), -np.inf)
    for pair in range(len(seen)):
        if seen[pair, 0] >= least:
            score = intercept
            for term in range(len(slopes)):
                factor = seen[pair, second[term]] if second[term] >= 0 else np.float32(1.0)
                score += slopes[term] * seen[pair, first[term]] * factor
            scores[pair] = score
    return scores
