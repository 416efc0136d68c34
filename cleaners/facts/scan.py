"""Texts as columns of terms: one compiled pass over the UTF-8 bytes, no Python object for a word.

A term is a word cut to its first letters, a number by its value, a date by month and day, a weekday, a handle or an
address, or a pair of characters where the script has no spaces. Terms are hashes; what each one is stands beside it.
"""

from __future__ import annotations

import functools
import itertools
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from cleaners.facts import lexicon as lx
from cleaners.facts.alphabet import alphabet, plain_letters
from cleaners.facts.characters import word
from cleaners.facts.columns import Lookups, Page, Terms
from cleaners.facts.plain import MOST
from cleaners.facts.settle import language_of, settle
from cleaners.facts.walk import read
from cleaners.kernels import lean, njit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

VERSION = 2
"""Raised when any text gets other terms, sets of facts or another originality: what was made of these is made again."""

# Bytes of text read at a time: the columns of terms take several times as much.
_BLOCK = 256 << 10


def terms(texts: pa.LargeStringArray) -> Terms:
    """Return the terms of each text; a null has none.

    >>> from cleaners.facts.marks import DATE, NUMBER
    >>> found = terms(pa.array(["Five people met on Nov. 19."], pa.large_string()))
    >>> found.term.shape, bool(found.flags[0] & NUMBER), bool(found.flags[-1] & DATE)
    ((5,), True, True)
    """
    data, bounds = buffers(texts)
    n = len(texts)
    # Every term takes at least two bytes with what separates it from the next. Memory never touched costs nothing.
    room = int(bounds[-1] - bounds[0]) // 2 + n + 1
    found = Terms(
        np.zeros(n + 1, np.int64), np.empty(room, np.uint32), np.empty(room, np.uint8), np.empty(room, np.uint16),
        np.empty(room, np.uint32), np.empty(room, np.uint32), np.full(n, -1, np.int16),
    )  # fmt: skip
    longest = int(np.diff(bounds).max(initial=0)) // 2 + 2
    lookups = Lookups(
        np.empty(longest, np.int32), np.empty(longest, np.uint8), np.empty(longest, np.float64),
        np.zeros(64, np.int64), np.empty(MOST, np.uint32), np.full(65536, -1, np.int32),
    )  # fmt: skip
    _scan(_page(data), bounds, lexicon(), lookups, found)
    m = found.offsets[-1]
    return Terms(found.offsets, *(column[:m] for column in found[1:-1]), found.language)


def blocks(texts: pa.LargeStringArray) -> list[pa.LargeStringArray]:
    """Return a column in slices of about a quarter of a megabyte, for callers who need one at a time."""
    _, offsets = buffers(texts)
    number_of_block = (offsets[:-1] - offsets[0]) // _BLOCK
    cuts = [0, *(np.flatnonzero(np.diff(number_of_block)) + 1).tolist(), len(texts)]
    return [texts.slice(start, stop - start) for start, stop in itertools.pairwise(cuts) if stop > start]


def buffers(texts: pa.LargeStringArray) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the UTF-8 bytes and the offsets (n + 1,) of a column, without copying it."""
    texts = texts.fill_null("") if texts.null_count else texts
    _, offsets, data = texts.buffers()
    if not len(texts):
        return np.zeros(0, np.uint8), np.zeros(1, np.int64)
    places = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    return np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(0, np.uint8), places


@functools.cache
def lexicon() -> lx.Lexicon:
    """Return the lexicon under this scanner's hashes. Built once in a process, by reading the words themselves."""
    return lx.table(_hashes([word for word, *_ in lx.words()])[0])


def terms_of(words: Sequence[str]) -> NDArray[np.uint32]:
    """Return the term of each word, 0 where it is no single word to this scanner."""
    return _hashes(words)[1]


def _hashes(words: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    data, bounds = buffers(pa.array(words, pa.large_string()))
    return _read_words(_page(data), bounds)


def _page(data: NDArray[np.uint8]) -> Page:
    return Page(data, *alphabet(), plain_letters())


@njit(cache=True, nogil=True)
def _read_words(page: Page, bounds: NDArray[np.int64]) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return for each text that is one word its whole hash and its term; 0 for any other."""
    wholes, cuts = np.zeros(len(bounds) - 1, np.uint32), np.zeros(len(bounds) - 1, np.uint32)
    for t in range(len(wholes)):
        end, whole, cut, letters, _ = word(page, bounds[t], bounds[t + 1])
        if letters and end == bounds[t + 1]:
            wholes[t], cuts[t] = whole, cut
    return wholes, cuts


@lean(cache=True)
def _scan(page: Page, bounds: NDArray[np.int64], lex: lx.Lexicon, lookups: Lookups, found: Terms) -> None:
    """Fill the columns of `Terms`, text by text."""
    for text in range(len(bounds) - 1):
        first = found.offsets[text]
        own = Terms(
            found.offsets, found.term[first:], found.flags[first:], found.sentence[first:], found.start[first:],
            found.end[first:], found.language,
        )  # fmt: skip
        count = read(page, bounds[text], bounds[text + 1], lex, lookups, own)
        found.language[text] = language_of(lex, lookups, count)
        settle(lex, lookups, own, count, text)
        found.offsets[text + 1] = first + count
