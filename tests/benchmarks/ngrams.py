"""A language model of word n-grams with modified Kneser-Ney smoothing, on columns: for `bench_training.py`.

Chen and Goodman, "An Empirical Study of Smoothing Techniques for Language Modeling" (TR-10-98), section 4.1.6:
interpolated, three discounts an order, all from the counts. A document begins with padding that is never predicted.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

ORDER = 5
PAD, UNKNOWN, BREAK = 0, 1, 2
_TOKEN = re.compile(r"\n|\w+(?:['’]\w+)*|[^\w\s]")


def tokens(text: str) -> list[str]:
    r"""Return words, signs and line breaks of a text, in lower case.

    >>> tokens("It's 5 p.m.\nGo!")
    ["it's", '5', 'p', '.', 'm', '.', '\n', 'go', '!']
    """
    return _TOKEN.findall(text.lower())


def numbered(documents: Iterable[Sequence[str]], least: int) -> dict[str, int]:
    """Return a number for each token that stands there so many times or more."""
    counts: dict[str, int] = {}
    for document in documents:
        for token in document:
            counts[token] = counts.get(token, 0) + 1
    counts.pop("\n", None)
    known = sorted(token for token, count in counts.items() if count >= least)
    return {"\n": BREAK} | {token: number for number, token in enumerate(known, 3)}


def encode(document: Sequence[str], words: Mapping[str, int]) -> NDArray[np.int64]:
    """Return a document as numbers."""
    return np.array([words.get(token, UNKNOWN) for token in document], np.int64)


class _Order(NamedTuple):
    """What is known of the n-grams of one order, sorted by context and word."""

    keys: NDArray[np.int64]  # context · size of the vocabulary + word
    counts: NDArray[np.float64]  # less the discount
    total: NDArray[np.float64]  # by context: all counts before the discount
    rest: NDArray[np.float64]  # by context: the share that the discounts leave to the order below


class Model:
    """Probabilities of words after words.

    >>> chance = np.random.default_rng(1)
    >>> model = Model([chance.integers(2, 9, 30) for _ in range(40)], 9)
    >>> bool(abs(model.distribution(np.array([3, 4, 5, 6])).sum() - 1) < 1e-9)
    True
    """

    def __init__(self, documents: Sequence[NDArray[np.int64]], size: int, order: int = ORDER) -> None:
        self.size, self.order = size, order
        padded, targets = _padded(documents, order)
        context = np.zeros(len(padded), np.int64)  # of the tokens before each place, none of them at first
        contexts: list[NDArray[np.int64]] = [context]
        self._contexts: list[NDArray[np.int64]] = [np.zeros(1, np.int64)]
        for _ in range(1, order):
            key = np.concatenate([[0], contexts[-1][:-1] * size + padded[:-1]])
            known, number = np.unique(key, return_inverse=True)
            self._contexts.append(known)
            contexts.append(number.astype(np.int64))
        self._orders: list[_Order] = []
        grams = [np.unique(each[targets] * size + padded[targets], return_inverse=True) for each in contexts]
        for n, (keys, number) in enumerate(grams):
            if n + 1 < order:  # in how many different words before it does the n-gram stand
                longer, suffix = grams[n + 1], np.empty(len(grams[n + 1][0]), np.int64)
                suffix[longer[1]] = number
                counts = np.bincount(suffix, minlength=len(keys))
            else:
                counts = np.bincount(number, minlength=len(keys))
            self._orders.append(_smoothed(keys, counts, len(self._contexts[n]), size))

    def bits(self, document: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return what each token of a document costs in bits."""
        padded, targets = _padded([document], self.order)
        probability = np.full(len(targets), 1 / (self.size - 1))
        for order, context in zip(self._orders, self._walk(padded), strict=True):
            probability = _mixed(order, context[targets], padded[targets], probability, self.size)
        return -np.log2(probability)

    def distribution(self, before: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the probability of every word after these."""
        padded = np.concatenate([np.zeros(self.order, np.int64), before, [0]])
        probability = np.full(self.size, 1 / (self.size - 1))
        probability[PAD] = 0
        for order, context in zip(self._orders, self._walk(padded), strict=True):
            if (place := context[-1]) < 0 or not order.total[place]:
                continue
            first, last = np.searchsorted(order.keys, [place * self.size, (place + 1) * self.size])
            probability *= order.rest[place]
            probability[order.keys[first:last] - place * self.size] += order.counts[first:last] / order.total[place]
        return probability

    def _walk(self, padded: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        """Return for each order the number of the context before each place, -1 where it was never seen."""
        walked = [np.zeros(len(padded), np.int64)]
        for known in self._contexts[1:]:
            before = walked[-1][:-1]
            key = np.concatenate([[0], np.where(before < 0, -1, before * self.size + padded[:-1])])
            place = np.minimum(np.searchsorted(known, key), len(known) - 1)
            walked.append(np.where(known[place] == key, place, -1))
        return walked


def _padded(documents: Sequence[NDArray[np.int64]], order: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return all documents in one, each behind its padding, and the places of their tokens."""
    pad = np.zeros(order - 1, np.int64)
    padded = np.concatenate([part for document in documents for part in (pad, document)])
    return padded, np.flatnonzero(padded != PAD)


def _smoothed(keys: NDArray[np.int64], counts: NDArray[np.int64], contexts: int, size: int) -> _Order:
    """Return the n-grams of one order with their discounts taken off."""
    once, twice, thrice, more = (max(int((counts == n).sum()), 1) for n in (1, 2, 3, 4))
    share = once / (once + 2 * twice)
    discounts = np.array(
        [0, 1 - 2 * share * twice / once, 2 - 3 * share * thrice / twice, 3 - 4 * share * more / thrice]
    )
    discount = np.clip(discounts, 0, [0, 1, 2, 3])[np.minimum(counts, 3)]
    context = keys // size
    total = np.bincount(context, counts, contexts)
    rest = np.bincount(context, discount, contexts) / np.maximum(total, 1)
    return _Order(keys, counts - discount, total, rest)


def _mixed(
    order: _Order,
    context: NDArray[np.int64],
    words: NDArray[np.int64],
    below: NDArray[np.float64],
    size: int,
) -> NDArray[np.float64]:
    """Return the probabilities of words by this order, mixed with those of the order below."""
    seen = (context >= 0) & (order.total[context] > 0)
    key = context * size + words
    place = np.minimum(np.searchsorted(order.keys, key), len(order.keys) - 1)
    count = np.where(order.keys[place] == key, order.counts[place], 0.0)
    mixed = count / np.maximum(order.total[context], 1) + order.rest[context] * below
    return np.where(seen, mixed, below)
