"""How much a line is worded like residue: a linear model over its words, as plain to read as a rule.

Rules know phrases; the next site words the same invitation in another way. The model knows which words and pairs of
words such lines are made of, in every language at once, and adds their weights up. The weights stand in
``wording.json``; `tests/benchmarks/train_wording.py` makes them and prints how well they do. Source of the method:
logistic regression with an L1 penalty (Tibshirani 1996), which leaves most of the weights at zero.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cleaners.kernels import njit
from cleaners.shingles.words import BEGINS, CODE_POINT, ENDS, alphabet
from cleaners.strip.shape import ends
from cleaners.text import fold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

MODEL = Path(__file__).parent / "wording.json"
NOTHING, ENOUGH = 0.0, 8.0
"""Log-odds up to which wording tells nothing, and from which it decides alone."""
DOUBT = -4.5
"""Log-odds below which a sentence that a rule matches is worded like the story: the rule then counts half."""
LONGEST = 600
"""Characters of the longest line that is weighed; what is longer is a paragraph of the story."""
STEM = 5
"""Letters that make the stem of a word."""

_START, _END, _NUMBER = "⊢", "⊣", "0"
_SIGNS = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^`{|}~©")
_BASIS, _PRIME, _PAIR = 0xCBF29CE484222325, 0x100000001B3, 0x9E3779B97F4A7C15
_OF_STEM = 0x9E3779B185EBCA87
_MASK = (1 << 64) - 1
_LINE_BREAK = 10
_QUOTES = ('"', "“", "«", "„", "「")


class Model(NamedTuple):
    """Weights by feature, the category each feature is most typical of, and the same weights by hash."""

    intercept: float
    shape: Mapping[str, float]
    features: Mapping[str, tuple[float, str]]
    keys: NDArray[np.uint64]  # (slots,), 0 where free; slots is a power of two
    weights: NDArray[np.float64]  # (slots,)


def points(score: float) -> float:
    """Return what a score counts as evidence, 0 to 1."""
    return min(1.0, max(0.0, (score - NOTHING) / (ENOUGH - NOTHING)))


def tokens(line: str) -> list[str]:
    """Return the words and signs of a line: numbers as one, unspaced characters one by one.

    >>> tokens("Sign up: 3 e-mails a week!")
    ['sign', 'up', ':', '0', 'e', '-', 'mails', 'a', 'week', '!']
    """
    letters = alphabet()
    found: list[str] = []
    word = ""
    for sign in [*fold(line), "\n"]:
        entry = int(letters[ord(sign)])
        if word and (not entry or entry & BEGINS):
            found.append(_NUMBER if word[0].isascii() and word[0].isdigit() else word)
            word = ""
        if entry:
            word += chr(entry & CODE_POINT)
            if entry & ENDS:
                found.append(word)
                word = ""
        elif sign in _SIGNS:
            found.append(sign)
    return found


def features(line: str) -> list[str]:
    """Return what the model looks at in a line: words, stems of long words, and pairs of neighbouring stems.

    >>> features("Follow us!")
    ['follow', 'us', '!', 'follo*', '⊢ follo', 'follo us', 'us !', '! ⊣']
    """
    words = tokens(line)
    stems = [_START, *(word[:STEM] for word in words), _END]
    long = [f"{word[:STEM]}*" for word in words if len(word) > STEM]
    return [*words, *long, *(f"{one} {two}" for one, two in itertools.pairwise(stems))]


def shape(line: str, count: int) -> dict[str, float]:
    """Return the shape of a line of `count` words and signs: how long it is, how it begins and ends."""
    return {"length": math.log1p(count), "ends": float(ends(line)), "quoted": float(_is_quoted(line))}


def _is_quoted(line: str) -> bool:
    return line.lstrip()[:1] in _QUOTES


def weigh(lines: Sequence[str], model: Model | None = None) -> list[float]:
    """Return for each line the log-odds that it is residue, by its words; 0 for lines that are not weighed.

    >>> weigh(["Sign up for our free newsletter", "They signed up to fight, the general said."])[0] > 0
    True
    """
    model = model or trained()
    asked = [line if 0 < len(line) <= LONGEST else "" for line in lines]
    text = np.frombuffer(fold("\n".join([*asked, ""])).encode("utf-32-le", "surrogatepass"), np.uint32)
    sums, counts = np.zeros(len(lines)), np.zeros(len(lines), np.int64)
    _weigh(text, alphabet(), _ascii_signs(), model.keys, model.weights, sums, counts)
    length, ended, quoted = (model.shape[name] for name in ("length", "ends", "quoted"))
    return [
        model.intercept + total + length * math.log1p(count) + ended * ends(line) + quoted * _is_quoted(line)
        if count
        else 0.0
        for line, total, count in zip(asked, sums.tolist(), counts.tolist(), strict=True)
    ]


@functools.lru_cache(maxsize=1024)
def loudest(line: str) -> tuple[str, tuple[str, ...]]:
    """Return the category that a line's words are most typical of, and the five that speak loudest for residue."""
    known = trained().features
    found = {name: known[name] for name in features(line) if name in known}
    categories: dict[str, float] = {}
    for weight, category in found.values():
        categories[category] = categories.get(category, 0.0) + max(weight, 0.0)
    category = min(categories, key=lambda name: (-categories[name], name), default="related_links")
    loud = sorted((-weight, name) for name, (weight, _) in found.items() if weight > 0)
    return category, tuple(name for _, name in loud[:5])


@functools.cache
def trained() -> Model:
    """Return the model that comes with the package."""
    return model_of(json.loads(MODEL.read_text(encoding="utf-8")))


@functools.cache
def version() -> str:
    """Return twelve hexadecimal digits that change with the model."""
    return hashlib.sha256(MODEL.read_bytes()).hexdigest()[:12]


def model_of(table: Mapping[str, object]) -> Model:
    """Return the model in a table as ``wording.json`` holds it."""
    rows: Mapping[str, Mapping[str, float]] = table["features"]  # type: ignore[assignment]
    weights = {name: (weight, category) for category, row in rows.items() for name, weight in row.items()}
    slots = 1 << max(4, (4 * len(weights)).bit_length())
    keys, values = np.zeros(slots, np.uint64), np.zeros(slots)
    for name, (weight, _) in sorted(weights.items()):
        key = _hash(name)
        slot = key % slots
        while keys[slot] not in (0, key):
            slot = (slot + 1) % slots
        keys[slot], values[slot] = key, weight
    return Model(table["intercept"], table["shape"], weights, keys, values)  # type: ignore[arg-type]


def _hash(feature: str) -> int:
    """Return the hash of a feature, as the kernel makes it of the line."""
    one, _, two = feature.partition(" ")
    if two:
        return _pair(_spell(one), _spell(two))
    if len(feature) > STEM and feature.endswith("*"):
        return _spell(feature[:-1]) * _OF_STEM & _MASK
    return _spell(feature)


def _spell(word: str) -> int:
    found = _BASIS
    for sign in word:
        found = (found ^ ord(sign)) * _PRIME & _MASK
    return found


def _pair(one: int, two: int) -> int:
    return (one * _PAIR & _MASK) ^ two


_START_HASH, _END_HASH, _NUMBER_HASH = (np.uint64(_spell(word)) for word in (_START, _END, _NUMBER))
_BASIS_HASH, _PRIME_HASH, _PAIR_HASH, _STEM_HASH = map(np.uint64, (_BASIS, _PRIME, _PAIR, _OF_STEM))


@functools.cache
def _ascii_signs() -> NDArray[np.bool_]:
    return np.array([chr(point) in _SIGNS for point in range(0x100)])


@njit(cache=True, nogil=True)
def _weigh(  # type: ignore[no-untyped-def]  # noqa: ANN202
    text: NDArray[np.uint32],
    letters: NDArray[np.uint32],
    signs: NDArray[np.bool_],
    keys: NDArray[np.uint64],
    weights: NDArray[np.float64],
    sums: NDArray[np.float64],
    counts: NDArray[np.int64],
):
    """Add up the weights of the features of every line of a folded text, each with its line break; count its tokens."""
    row, length = 0, 0
    before = _START_HASH  # the last token's stem
    word = stem = _BASIS_HASH
    for point in text:
        entry = letters[point]
        if length and (entry == 0 or entry & BEGINS):
            sums[row] += _told(word, stem, length, before, keys, weights)
            counts[row] += 1
            before, length = stem, 0
        if entry:
            code = np.uint64(entry & CODE_POINT)
            if length == 0:
                word = stem = _BASIS_HASH
            if length == 0 or word != _NUMBER_HASH:  # of what begins with a digit the rest is not spelt
                word = _NUMBER_HASH if length == 0 and 48 <= code <= 57 else (word ^ code) * _PRIME_HASH
                length += 1
                stem = word if length <= STEM else stem
        elif point < len(signs) and signs[point]:
            sign = (_BASIS_HASH ^ np.uint64(point)) * _PRIME_HASH
            sums[row] += _told(sign, sign, 1, before, keys, weights)
            counts[row] += 1
            before = sign
        if length and entry & ENDS:
            sums[row] += _told(word, stem, length, before, keys, weights)
            counts[row] += 1
            before, length = stem, 0
        if point == _LINE_BREAK:
            sums[row] += _weight(before * _PAIR_HASH ^ _END_HASH, keys, weights)
            before = _START_HASH
            row += 1


@njit(nogil=True)
def _told(word, stem, length, before, keys, weights):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return what a token tells: the word, its stem if it is a long one, and the pair of stems it makes."""
    told = _weight(word, keys, weights) + _weight(before * _PAIR_HASH ^ stem, keys, weights)
    return told + _weight(stem * _STEM_HASH, keys, weights) if length > STEM else told


@njit(nogil=True)
def _weight(key, keys, weights):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    slot = key & np.uint64(len(keys) - 1)
    while keys[slot] != 0:
        if keys[slot] == key:
            return weights[slot]
        slot = (slot + np.uint64(1)) & np.uint64(len(keys) - 1)
    return 0.0
