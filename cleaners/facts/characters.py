"""Reading characters, words, digits and addresses from UTF-8 bytes: the compiled primitives of the scanner."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cleaners.facts.alphabet import CASELESS, DIGIT, JOINER, LOWER, OTHER, UNSPACED, UPPER
from cleaners.kernels import lean

if TYPE_CHECKING:
    from cleaners.facts.columns import Page

# Letters of a word that count. Cutting words to a fixed length does the work of a stemmer in all European languages
# (McNamee and Mayfield 2004: Character n-gram tokenization for European language text retrieval); six keep names apart.
LETTERS = 6
# Syllables of a Korean word that count: behind them stand particles.
_SYLLABLES = 3

SEED = np.uint32(2166136261)
_PRIME = np.uint32(16777619)


@lean(forceinline=True)
def add(h: np.uint32, value: int) -> np.uint32:
    """Return the hash of what was hashed and one more value (FNV-1a on whole code points)."""
    return np.uint32((h ^ np.uint32(value)) * _PRIME)


@lean(forceinline=True)
def mix(h: np.uint32) -> np.uint32:
    """Scatter the bits of a hash (the finalizer of MurmurHash3). Never 0, which marks an empty slot."""
    h ^= h >> np.uint32(16)
    h = np.uint32(h * np.uint32(0x85EBCA6B))
    h ^= h >> np.uint32(13)
    h = np.uint32(h * np.uint32(0xC2B2AE35))
    h ^= h >> np.uint32(16)
    return h if h != 0 else np.uint32(1)


@lean(forceinline=True)
def decode(page: Page, at: int) -> tuple[int, int]:
    """Return the code point at a byte and the byte after it. Arrow holds valid UTF-8 only, so nothing is checked."""
    b = int(np.int64(page.data[at]))
    if b < 0x80:
        return b, at + 1
    if b < 0xE0:
        return (b & 0x1F) << 6 | int(np.int64(page.data[at + 1] & 0x3F)), at + 2
    middle = int(np.int64(page.data[at + 1] & 0x3F)) << 6 | int(np.int64(page.data[at + 2] & 0x3F))
    if b < 0xF0:
        return (b & 0x0F) << 12 | middle, at + 3
    return (b & 0x07) << 18 | middle << 6 | int(np.int64(page.data[at + 3] & 0x3F)), at + 4


@lean(forceinline=True)
def class_of(page: Page, code: int) -> int:
    """Return the class of a code point; beyond the table there are only Han and what is no letter of news."""
    if code < 65536:
        return int(np.int64(page.classes[code]))
    return UNSPACED if 0x20000 <= code < 0x40000 else OTHER


@lean(forceinline=True)
def word(page: Page, at: int, stop: int) -> tuple[int, np.uint32, np.uint32, int, int]:
    """Read the word at a byte: its end, hash of all of it, hash of its first letters, letters, capitals."""
    whole = cut = SEED
    letters = capitals = 0
    limit = LETTERS
    while at < stop:
        if page.data[at] < 0x80:  # most of what there is to read
            code, after = int(np.int64(page.data[at])), at + 1
            kind = int(np.int64(page.classes[code]))
        else:
            code, after = decode(page, at)
            kind = class_of(page, code)
            if 0xAC00 <= code < 0xD7A4:
                limit = _SYLLABLES
        if kind in (LOWER, UPPER, CASELESS):
            whole = add(whole, page.folded[code])
            letters += 1
            capitals += kind == UPPER
            if letters <= limit:
                cut = whole
        elif kind != JOINER:
            break
        at = after
    return at, mix(whole), mix(cut), letters, capitals


@lean(forceinline=True)
def initials(page: Page, at: int, stop: int) -> tuple[int, np.uint32, int]:
    """Read capitals with full stops, as in U.S.: their end, their hash as one word, how many."""
    h, letters = SEED, 0
    while at + 1 < stop and 65 <= page.data[at] <= 90 and page.data[at + 1] == 46:
        h = add(h, page.data[at] | 0x20)
        letters += 1
        at += 2
    return at, mix(h), letters


@lean(forceinline=True)
def run(page: Page, at: int, stop: int) -> tuple[int, int, np.uint32]:
    """Read two characters of a script without spaces (three of an alphabet): next character, end, hash.

    The hash of a character that stands alone is 0.
    """
    code, after = decode(page, at)
    width = 3 if code < 0x2000 else 2  # Thai, Lao, Burmese, Khmer spell syllables; Han and kana are syllables
    h, end = add(SEED, code), after
    count = 1
    while count < width and end < stop:
        code, beyond = decode(page, end)
        if class_of(page, code) != UNSPACED:
            break
        h, end = add(h, code), beyond
        count += 1
    return after, end, mix(h) if count > 1 else np.uint32(0)


@lean(forceinline=True)
def address(page: Page, at: int, stop: int) -> tuple[int, np.uint32]:
    """Read a handle or an address up to a space, quote or bracket: its end, and its hash without query and fragment."""
    end = at
    while end < stop and 32 < page.data[end] < 0x80 and page.data[end] not in (34, 39, 40, 41, 44, 60, 62, 91, 93):
        end += 1
    while end > at and page.data[end - 1] in (33, 46, 58, 59, 63):
        end -= 1
    h = SEED
    for k in range(at, end):
        b = page.data[k]
        if b in (35, 63) and k > at:
            break
        h = add(h, b | 0x20 if 65 <= b <= 90 else b)
    return end, mix(h ^ np.uint32(0x2545F491))


@lean(forceinline=True)
def digits(page: Page, at: int, stop: int) -> tuple[int, float, int]:
    """Read the digits at a byte: their end, their value, how many."""
    data = page.data
    value, count = 0.0, 0
    while at < stop:
        if data[at] < 0x80:
            if not 48 <= data[at] <= 57:
                break
            code, after = int(np.int64(data[at])) - 48, at + 1
        else:
            code, after = decode(page, at)
            if class_of(page, code) != DIGIT:
                break
            code = int(np.int64(page.folded[code]))
        value = value * 10.0 + code
        count += 1
        at = after
    return at, value, count
