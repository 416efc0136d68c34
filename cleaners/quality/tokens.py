"""A text → its tokens: words, punctuation marks and line breaks, without a Python object for each.

Words are cut as spaCy cuts English, as far as that changes figures: at hyphens, and before an apostrophe (`it 's`);
`10.5`, `10:30`, `U.S.` and `example.org` are one word, a run of the same sign is one mark. In scripts without spaces
each letter is a word of its own.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cleaners.kernels import njit
from cleaners.quality.characters import ALONE, BREAK, DIGIT, FINAL, HIDDEN, JOINING, LETTER, POINTS, SPACE, SYMBOL

WORD, ALPHA, STOP, SPACED, LINE, STOPPED = 1, 2, 4, 8, 16, 32
"""What a token is: a word; with a letter in it; a mark that ends a sentence; white space stands before it; it is a line
break; a word with a full stop of its own."""

_BASIS, _PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)  # FNV-1a, on whole code points
_DOT, _COMMA, _HYPHEN, _AND, _AT, _HASH, _BRACE = map(ord, ".,-&@#{")
_APOSTROPHE, _QUOTE, _ELLIPSIS = 0x27, 0x2019, 0x2026
_TRAILING = 3  # full stops in a row that are an ellipsis, which ends no sentence
_OBJECT = 0xFFFC  # stands for what is beyond the tables


class Tables(NamedTuple):
    """What characters are, `flags` and small letters (see `characters`), and `short` forms that a full stop ends."""

    flags: npt.NDArray[np.uint16]
    lower: npt.NDArray[np.uint32]
    short: npt.NDArray[np.uint64]


class Tokens(NamedTuple):
    """Room for the tokens of one text, and of what is counted on the way in `counts`.

    exact  hash of the token as it stands, `uint64`; low: of its small letters
    at     place of its first character, `int32`; size: its characters
    kind   what it is, `uint8`
    sign   of a mark its character, of a word the last sign inside it (`:` of 10:30) or 0, `uint32`
    counts characters, visible ones, digits, symbols, `#`, ellipses, line breaks, `{`: `(8,) int64`
    """

    exact: npt.NDArray[np.uint64]
    low: npt.NDArray[np.uint64]
    at: npt.NDArray[np.int32]
    size: npt.NDArray[np.int32]
    kind: npt.NDArray[np.uint8]
    sign: npt.NDArray[np.uint32]
    counts: npt.NDArray[np.int64]


CHARACTERS, VISIBLE, DIGITS, SYMBOLS, HASHES, ELLIPSES, BREAKS, BRACES = range(8)


def room(size: int) -> Tokens:
    """Return room for a text of so many bytes."""
    return Tokens(
        np.empty(size, np.uint64),
        np.empty(size, np.uint64),
        np.empty(size, np.int32),
        np.empty(size, np.int32),
        np.empty(size, np.uint8),
        np.empty(size, np.uint32),
        np.zeros(8, np.int64),
    )


def hash_of(word: str) -> int:
    """Return what `low` holds for a word of small letters."""
    value = int(_BASIS)
    for sign in word:
        value = (value ^ ord(sign)) * int(_PRIME) % 2**64
    return value


@njit(nogil=True, inline="always")
def holds(table: npt.NDArray[np.uint64], value: np.uint64) -> bool:
    """Tell whether a hash stands in a table made by `table_of`."""
    slot = np.int64(value % np.uint64(len(table)))
    while table[slot] != 0:
        if table[slot] == value:
            return True
        slot = (slot + 1) % len(table)
    return False


def table_of(words: list[str]) -> npt.NDArray[np.uint64]:
    """Return the hashes of words as an open-addressing table of a size that has free places for `holds` to end at."""
    size = 1 << (4 * len(words) + 1).bit_length()
    table = np.zeros(size, np.uint64)
    for value in map(hash_of, words):
        slot = value % size
        while table[slot] not in (0, value):
            slot = (slot + 1) % size
        table[slot] = value
    return table


@njit(cache=True, nogil=True)
def characters(content: npt.NDArray[np.uint8], start: int, stop: int, out: npt.NDArray[np.uint32]) -> int:
    """Write the code points of `content[start:stop]`, 0xFFFC for those beyond the tables; return how many there are."""
    n, i = 0, start
    while i < stop:
        if content[i] < 0x80:
            out[n] = content[i]
            i += 1
        else:
            size = 2 if content[i] < 0xE0 else 3 if content[i] < 0xF0 else 4
            point = int(content[i]) & (0x7F >> size)
            for k in range(i + 1, min(i + size, stop)):  # Arrow holds valid UTF-8 only
                point = point << 6 | int(content[k]) & 0x3F
            out[n] = point if point < POINTS else _OBJECT
            i += size
        n += 1
    return n


@njit(cache=True, nogil=True)
def read(points: npt.NDArray[np.uint32], stop: int, tables: Tables, out: Tokens) -> int:
    """Write the tokens of a text of `stop` characters; return how many there are."""
    flags, lower, short = tables.flags, tables.lower, tables.short
    # Names of their own: numba counts references to an array each time it is taken from a tuple.
    exact, low, at, size, kind, sign, counts = out.exact, out.low, out.at, out.size, out.kind, out.sign, out.counts
    counts[:] = 0
    counts[CHARACTERS] = counts[VISIBLE] = stop
    i = n = 0
    spaced = True
    while i < stop:
        flag = flags[points[i]]
        if flag & (SPACE | BREAK | HIDDEN):
            counts[VISIBLE] -= 1
            spaced = spaced or not flag & HIDDEN
            if flag & BREAK:
                counts[BREAKS] += 1
                kind[n], at[n], size[n] = LINE, i, 0
                n += 1
            i += 1
            continue
        at[n] = i
        if flag & (LETTER | DIGIT) or (not spaced and _continues(points, i, stop, flags)):
            i, exact[n], low[n], sign[n], kind[n], digits = _word(points, i, stop, flags, lower)
            counts[DIGITS] += digits
            if i < stop and points[i] == _DOT and _takes_stop(i - at[n], exact[n], low[n], sign[n], short):
                exact[n] *= _PRIME
                kind[n] |= STOPPED
                i += 1
        else:
            sign[n] = points[i]
            i, exact[n], kind[n] = _mark(points, i, stop, flag)
            low[n] = exact[n]
            _count(sign[n], i - at[n], flag, counts)
        size[n] = i - at[n]
        if spaced:
            kind[n] |= SPACED
        spaced = False
        n += 1
    return n


@njit(nogil=True, inline="always")
def _continues(points: npt.NDArray[np.uint32], i: int, stop: int, flags: npt.NDArray[np.uint16]) -> bool:
    """Tell whether an apostrophe inside a word stands here: the rest (`'s`) is a word of its own."""
    if points[i] not in (_APOSTROPHE, _QUOTE) or i + 1 >= stop:
        return False
    return bool(flags[points[i + 1]] & LETTER)


@njit(nogil=True, inline="always")
def _word(
    points: npt.NDArray[np.uint32], i: int, stop: int, flags: npt.NDArray[np.uint16], lower: npt.NDArray[np.uint32]
) -> tuple[int, np.uint64, np.uint64, int, int, int]:
    """Read the word that begins at a character: its end, two hashes, the last sign inside it, its kind, its digits."""
    begin = i
    exact = low = _BASIS
    digits, sign, before, kinds = 0, 0, 0, 0
    while i < stop:
        point = int(points[i])
        flag = int(flags[point])
        if flag & (LETTER | DIGIT):
            digits += flag & DIGIT > 0
            kinds |= flag
        elif i > begin:
            if i + 1 >= stop or not before & (LETTER | DIGIT) or not flag & JOINING:
                break
            following = int(points[i + 1])
            if not _joins(point, int(points[i - 1]), before, following, int(flags[following]), lower):
                break
            sign = point
        exact = (exact ^ np.uint64(point)) * _PRIME
        low = (low ^ np.uint64(lower[point])) * _PRIME
        before = flag
        i += 1
    return i, exact, low, sign, WORD | ALPHA if kinds & LETTER else WORD, digits


@njit(nogil=True, inline="always")
def _joins(point: int, last: int, before: int, following: int, after: int, lower: npt.NDArray[np.uint32]) -> bool:
    """Tell whether a sign between two characters, `last` and `following`, belongs to one word with them."""
    if not after & (LETTER | DIGIT):
        return False
    both = before | after
    if point == _DOT:  # where a sentence ends without a space, a capital follows a small letter
        return bool(lower[last] != last or lower[following] == following)
    if point == _HYPHEN:  # COVID-19, and neither ice-cold nor 2-1
        return both & LETTER > 0 and both & DIGIT > 0
    if point == _COMMA:
        return both & DIGIT > 0
    return after & DIGIT > 0 or point in (_AND, _AT)


@njit(nogil=True, inline="always")
def _takes_stop(size: int, exact: np.uint64, low: np.uint64, sign: int, short: npt.NDArray[np.uint64]) -> bool:
    """Tell whether a full stop after a word belongs to it: of an initial, U.S., or a short form (Mr.)."""
    return (size == 1 and exact != low) or (size == 3 and sign == _DOT) or holds(short, low)


@njit(nogil=True, inline="always")
def _mark(points: npt.NDArray[np.uint32], i: int, stop: int, flag: int) -> tuple[int, np.uint64, int]:
    """Read a run of one sign, or one letter of a script without spaces: its end, hash and kind."""
    begin, point = i, points[i]
    i += 1
    while i < stop and points[i] == point and not flag & ALONE:
        i += 1
    value = ((_BASIS ^ np.uint64(point)) * _PRIME ^ np.uint64(i - begin)) * _PRIME
    return i, value, WORD | ALPHA if flag & ALONE else STOP if flag & FINAL and i - begin < _TRAILING else 0


@njit(nogil=True, inline="always")
def _count(point: int, size: int, flag: int, counts: npt.NDArray[np.int64]) -> None:
    """Count a run of one sign for what it is."""
    if flag & SYMBOL:
        counts[SYMBOLS] += size
    if point == _HASH:
        counts[HASHES] += size
    elif point == _ELLIPSIS:
        counts[ELLIPSES] += size
    elif point == _DOT:
        counts[ELLIPSES] += size // 3
    elif point == _BRACE:
        counts[BRACES] += size
