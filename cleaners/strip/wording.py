"""How much a line is worded like residue: a linear model over its words, as plain to read as a rule.

Rules know phrases; a kept-back site words the same invitation in another way. The model knows which words and pairs of
words such lines are made of, in every language at once, and adds their weights up. The coefficients stand in
``wording.json`` with the figures of their training; `tests/benchmarks/train_wording.py` makes them. Source of the method:
logistic regression with an L1 penalty (Tibshirani 1996), which leaves most of the weights at zero.
"""

from __future__ import annotations

import functools
import json
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cleaners.text import UNSPACED, fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MODEL = Path(__file__).parent / "wording.json"
LONGEST = 600
"""Characters of the longest line that is weighed; what is longer is a paragraph of the story."""
NOTHING, ENOUGH = 0.0, 5.0
"""Log-odds up to which wording tells nothing, and from which it decides alone."""
DOUBT = -4.5
"""Log-odds below which a sentence that a rule matches is worded like the story: the rule then counts half."""
STEM = 5
"""Letters of a word that are looked at where it stands beside another, so that endings matter less."""

_TOKEN = re.compile(
    r"(?P<url>https?://\S+|www\.\S+)|(?P<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)|(?P<handle>[@#]\w+)"
    rf"|(?P<unspaced>[{UNSPACED}]+)|(?P<number>\d[\d.,:]*)|(?P<word>[^\W\d_{UNSPACED}]+)|(?P<sign>[^\w\s])"
)
_KINDS = {"url": "URL", "mail": "MAIL", "handle": "@NAME", "number": "0"}


class Wording(NamedTuple):
    """The verdict of the model on a line: log-odds that it is residue, and the words that speak loudest for it."""

    score: float
    category: str
    words: tuple[str, ...]

    @property
    def points(self) -> float:
        """Return what it counts as evidence, 0 to 1."""
        return min(1.0, max(0.0, (self.score - NOTHING) / (ENOUGH - NOTHING)))


class Weights(NamedTuple):
    """The model: a weight for each feature that has one, and the category that each feature is most typical of."""

    intercept: float
    shape: Mapping[str, float]
    features: Mapping[str, tuple[float, str]]
    telling: frozenset[str]  # words of which one must stand in a line for it to be weighed at all


def features(line: str) -> list[str]:
    """Return what the model looks at in a line: words, stems, pairs of neighbours, and its two ends.

    >>> features("Follow us!")
    ['<', 'follow', 'us', '!', '>', '~follo', '< follo', 'follo us', 'us !', '! >']
    """
    return list(_features(["<", *tokens(line), ">"]))


def tokens(line: str) -> list[str]:
    """Return the words and signs of a line; numbers, addresses and handles as one each, pairs of unspaced characters."""
    found: list[str] = []
    for match in _TOKEN.finditer(fold(line)):
        kind, text = match.lastgroup or "", match.group()
        if kind == "unspaced":
            found += [text[at : at + 2] for at in range(max(1, len(text) - 1))]
        else:
            found.append(_KINDS.get(kind, text))
    return found


def _features(words: Sequence[str]) -> Iterator[str]:
    stems = [word[:STEM] for word in words]
    yield from words
    yield from (f"~{stem}" for word, stem in zip(words, stems, strict=True) if word != stem)
    yield from (f"{one} {two}" for one, two in zip(stems, stems[1:], strict=False))


def shape(line: str, count: int) -> dict[str, float]:
    """Return the shape of a line of `count` tokens: its length, how it begins and ends."""
    end = line.rstrip(" \"'”’»)")[-1:]
    return {
        "length": math.log1p(count),
        "ends": float(end in ".!?。！？।۔"),
        "quoted": float(line.lstrip()[:1] in "\"“«„「"),
    }


def weigh(line: str, weights: Weights | None = None, *, asked: bool = False) -> Wording | None:
    """Return how much a line is worded like residue; None for lines without any telling word, unless it is asked.

    >>> weigh("Sign up for our free newsletter").score > 0 > weigh("They sign up to fight, the general said.").score
    True
    >>> weigh("The bridge reopened on Monday.") is None
    True
    """
    weights = weights or coefficients()
    if len(line) > LONGEST or (not asked and len(line) < 3):
        return None
    words = tokens(line)
    if not asked and weights.telling.isdisjoint(words) and weights.telling.isdisjoint(word[:STEM] for word in words):
        return None
    score = weights.intercept + sum(weights.shape[name] * value for name, value in shape(line, len(words)).items())
    loud: list[tuple[float, str]] = []
    categories: dict[str, float] = {}
    for feature in dict.fromkeys(_features(["<", *words, ">"])):
        if (known := weights.features.get(feature)) is None:
            continue
        weight, category = known
        score += weight
        if weight > 0:
            loud.append((-weight, feature))
            categories[category] = categories.get(category, 0.0) + weight
    category = min(categories, key=lambda name: (-categories[name], name), default="related_links")
    return Wording(score, category, tuple(feature for _, feature in sorted(loud)[:5]))


@functools.cache
def coefficients() -> Weights:
    """Return the coefficients that come with the package."""
    table = json.loads(MODEL.read_text(encoding="utf-8"))
    return Weights(
        table["intercept"],
        table["shape"],
        {feature: (weight, category) for category, row in table["features"].items() for feature, weight in row.items()},
        frozenset(table["telling"]),
    )
