"""How rare each term is: shares of articles that were counted once and lie beside this file.

They are the same for every corpus, so that what two texts have in common depends on the two texts alone: adding
articles changes nothing about those that are there. (Learned from the corpus at hand, rarities found no more copies,
and every new batch would have made all signatures anew.)
"""

from __future__ import annotations

import functools
import hashlib
import importlib.resources
from typing import TYPE_CHECKING

import numpy as np

from cleaners.facts import lexicon as lx
from cleaners.facts import scan
from cleaners.facts.figures import month_hash, weekday_hash
from cleaners.kernels import lean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_SLOTS = 1 << 21
_FILE = "frequencies.txt"
# Where nothing is known: one article in 2,000, a weight of 7.6. Beyond that rarity says no more.
_UNKNOWN = 1.0 / 2000
# Weekdays and months stand in many articles, and yet tell one report from the next in a series.
_DAY = 0.05
# Zipf: the share of articles with a word falls with its rank in the stop list. 30 puts rank 300 at a tenth of them.
_ZIPF = 30.0


def of_terms(found: NDArray[np.uint32]) -> NDArray[np.float32]:
    """Return the weight of each term, (m,): −ln of the share of articles it stands in, 0 … 7.6.

    >>> import pyarrow as pa
    >>> the, harvest, zyxwa = of_terms(scan.terms(pa.array(["the harvest Zyxwa"], pa.large_string())).term)
    >>> bool(the < harvest < zyxwa)
    True
    """
    chosen = np.empty(len(found), np.float32)
    _look_up(weights(), found, chosen)
    return chosen


@lean(cache=True)
def _look_up(weights: NDArray[np.float32], found: NDArray[np.uint32], chosen: NDArray[np.float32]) -> None:
    last = np.uint32(len(weights) - 1)
    for k in range(len(found)):
        chosen[k] = weights[found[k] & last]


@functools.cache
def weights() -> NDArray[np.float32]:
    """Return the weight of the terms of each slot, (2 ** 21,).

    Weights sit in a fixed number of slots under the term's hash (feature hashing). Of terms that share a slot each
    weighs as much as the commonest of them.
    """
    share = np.full(_SLOTS, _UNKNOWN)
    for terms, shares in _known():
        np.maximum.at(share, terms % _SLOTS, shares)
    days = [*(weekday_hash(day) for day in range(1, 8)), *(month_hash(month) for month in range(1, 13))]
    share[np.array(days, np.uint32) % _SLOTS] = _DAY
    weight: NDArray[np.float32] = -np.log(share).astype(np.float32)
    return weight


@functools.cache
def version() -> str:
    """Return twelve hexadecimal digits that change with what is made of words: the scanner, and what is known of them.

    Known are frequencies, lexicon and stop lists.
    """
    files = importlib.resources.files(__package__)
    known = [files.joinpath(name).read_bytes() for name in (_FILE, lx.FILE)]
    stops = [" ".join(lx.common(name)).encode() for name in lx.LANGUAGES.values()]
    return hashlib.sha256(b"\0".join([str(scan.VERSION).encode(), *known, *stops])).hexdigest()[:12]


def _known() -> Iterator[tuple[NDArray[np.uint32], NDArray[np.float64]]]:
    """Yield terms and the share of articles they stand in: counted in news, or expected of a stop list."""
    text = importlib.resources.files(__package__).joinpath(_FILE).read_text(encoding="ascii")
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        share, *hashes = line.split()
        yield np.array([int(term, 16) for term in hashes], np.uint32), np.full(len(hashes), float(share))
    for name in lx.LANGUAGES.values():
        words = lx.common(name)
        terms = scan.terms_of(words)
        yield terms, np.minimum(0.9, _ZIPF / np.arange(1, len(words) + 1)) * (terms > 0)
