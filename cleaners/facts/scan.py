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
from numba import njit

from cleaners.facts import lexicon as lx
from cleaners.facts.alphabet import (
    APOSTROPHE,
    CLOSE,
    DIGIT,
    HARD_STOP,
    JOINER,
    LINE_END,
    LOWER,
    OPEN,
    OTHER,
    STOP,
    STRAIGHT,
    UNSPACED,
    UPPER,
    alphabet,
)  # fmt: skip
from cleaners.facts.characters import address, class_of, decode, initials, run, word
from cleaners.facts.columns import Lookups, Page, Terms
from cleaners.facts.figures import date, date_hash, number, weekday_hash
from cleaners.facts.lexicon import ABBREVIATION, AMBIGUOUS_MONTH, MONTH, NUMBER_WORD, SCALE, WEEKDAY
from cleaners.facts.marks import CAPITAL, DATE, HANDLE, HEAD, NUMBER, QUOTED
from cleaners.facts.settle import join, language_of, settle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# A quotation that does not close within so many terms was no quotation.
_QUOTE_TERMS = 120
# Bytes of text read at a time: the columns of terms take several times as much.
_BLOCK = 2 << 20


def terms(texts: pa.LargeStringArray) -> Terms:
    """Return the terms of each text; a null has none.

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
    lookups = Lookups(
        np.empty(room, np.int32), np.empty(room, np.uint8), np.empty(room, np.float64),
        np.zeros(64, np.int64), np.full(65536, -1, np.int64),
    )  # fmt: skip
    _scan(Page(data, *alphabet()), bounds, lexicon(), lookups, found)
    m = found.offsets[-1]
    return found._replace(
        term=found.term[:m].copy(), flags=found.flags[:m].copy(), sentence=found.sentence[:m].copy(),
        start=found.start[:m].copy(), end=found.end[:m].copy(),
    )  # fmt: skip


def blocks(texts: pa.LargeStringArray) -> list[pa.LargeStringArray]:
    """Return a column in slices of about two megabytes, for callers who need no more than one in memory as terms."""
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
    return _read_words(Page(data, *alphabet()), bounds)


@njit(cache=True, nogil=True)
def _read_words(page: Page, bounds: NDArray[np.int64]) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return for each text that is one word its whole hash and its term; 0 for any other."""
    wholes, cuts = np.zeros(len(bounds) - 1, np.uint32), np.zeros(len(bounds) - 1, np.uint32)
    for t in range(len(wholes)):
        end, whole, cut, letters, _ = word(page, bounds[t], bounds[t + 1])
        if letters and end == bounds[t + 1]:
            wholes[t], cuts[t] = whole, cut
    return wholes, cuts


@njit(cache=True, nogil=True)
def _find(keys: NDArray[np.uint32], key: np.uint32) -> int:
    """Return the slot of a word in the lexicon, -1 where it is not there."""
    slot = np.int64(key) & (len(keys) - 1)
    while keys[slot] != 0:
        if keys[slot] == key:
            return int(slot)
        slot = (slot + 1) & (len(keys) - 1)
    return -1


@njit(cache=True, nogil=True)
def _scan(page: Page, bounds: NDArray[np.int64], lex: lx.Lexicon, lookups: Lookups, found: Terms) -> None:
    """Fill the columns of `Terms`, text by text."""
    for text in range(len(bounds) - 1):
        first = found.offsets[text]
        last = _read(page, bounds[text], bounds[text + 1], lex, lookups, found, first)
        last = join(lookups, found, first, last)
        found.language[text] = language_of(lex, lookups, first, last)
        settle(lex, lookups, found, first, last, text)
        found.offsets[text + 1] = last


@njit(cache=True, nogil=True)
def _read(  # noqa: C901, PLR0912, PLR0915  # one walk, a branch for each kind of character
    page: Page, begin: int, stop: int, lex: lx.Lexicon, lookups: Lookups, found: Terms, row: int
) -> int:
    """Write the terms of one text from `row` on, each by itself; return the next free row."""
    first, at, line = row, begin, 0
    pending = abbreviated = False  # a sentence may begin; the last word ends in a full stop of its own
    opener, quoted_from = 0, 0
    while at < stop:
        code, after = decode(page, at)
        kind = class_of(page, code)
        if kind == OTHER and code != 64:
            at = after
            continue
        if kind in (STOP, HARD_STOP, LINE_END):
            pending |= kind != STOP or not abbreviated
            opener = 0 if kind == LINE_END else opener
            at = after
            continue
        if kind in (OPEN, CLOSE, STRAIGHT):
            # „…“ closes with a mark that opens elsewhere, »…« opens with one that closes.
            opens = opener == 0 and (kind != CLOSE or code in (0xBB, 0x203A))
            opener, quoted_from = (code, row) if opens else (0, row)
            at = after
            continue
        if kind in (JOINER, APOSTROPHE):
            at = after
            continue

        head = row == first or (pending and kind != LOWER)
        flag = HEAD if head else 0
        if opener and row - quoted_from < _QUOTE_TERMS:
            flag |= QUOTED
        begun, slot, entry, figure, h = at, -1, 0, -1.0, np.uint32(0)
        abbreviated = False
        if kind == DIGIT:
            at, month, day = date(page, begun, stop)
            if month:
                h, flag = date_hash(month, day), flag | DATE
            else:
                at, figure = number(page, begun, stop)
                # "19. November": an ordinal, not the end of a sentence; but "on Nov. 19." is.
                beside = lookups.entry[row - 1] if row > first else 0
                abbreviated = at - begun <= 2 and beside not in (MONTH, AMBIGUOUS_MONTH)
                # A scale or an ending may hang on the number: 12.9bn, 20k, 4th.
                tail, whole, _, letters, _ = word(page, at, stop)
                scale = _find(lex.keys, whole) if letters else -1
                if scale >= 0 and lex.kinds[scale] == SCALE:
                    figure *= lex.values[scale]
                    at = tail
                elif 0 < letters <= 2:
                    at = tail
                flag |= NUMBER
            closed = at
        elif code == 64:
            closed, h = address(page, begun, stop)
            at = max(closed, after)
            if closed - begun < 3:
                continue
            flag |= HANDLE
        elif kind == UNSPACED:
            at, closed, h = run(page, begun, stop)
            if h == 0:
                continue
        else:
            closed, whole, h, letters, capitals = word(page, begun, stop)
            flag |= CAPITAL if kind == UPPER else 0
            if letters == 1:
                # U.S. is one word, J. an initial, s what an apostrophe left.
                abbreviated = capitals == 1
                at = closed
                closed, h, letters = initials(page, begun, stop)
                if letters < 2:
                    continue
            elif letters <= 5 and _is_address(page, begun, closed, stop):
                closed, h = address(page, begun, stop)
                flag = (flag | HANDLE) & ~CAPITAL
            else:
                slot = _find(lex.keys, whole)
                if slot >= 0:
                    entry, figure = lex.kinds[slot], lex.values[slot]
                if entry == NUMBER_WORD:
                    flag |= NUMBER
                elif entry == WEEKDAY:
                    h, flag = weekday_hash(int(figure)), flag | DATE
                elif entry == lx.COMMON and capitals == letters:
                    slot, entry = -1, 0  # WHO, IT, US
                abbreviated = entry == ABBREVIATION or (
                    letters <= 5 and entry in (MONTH, AMBIGUOUS_MONTH, WEEKDAY, SCALE)
                )
            at = max(closed, after)
        line += head and row > first
        pending = False
        lookups.slot[row], lookups.entry[row], lookups.value[row] = slot, entry, figure
        found.term[row], found.flags[row], found.sentence[row] = h, flag, min(line, 65535)
        found.start[row], found.end[row] = begun - begin, closed - begin
        row += 1
    return row


@njit(cache=True, nogil=True)
def _is_address(page: Page, at: int, end: int, stop: int) -> bool:
    """Tell whether the word from `at` to `end` begins an address: "https://" or "www."."""
    if end + 3 < stop and page.data[end] == 58 and page.data[end + 1] == 47 and page.data[end + 2] == 47:
        return True
    return (
        end - at == 3
        and end + 1 < stop
        and page.data[end] == 46
        and page.data[at] | 0x20 == 119
        and page.data[at + 1] | 0x20 == 119
    )
