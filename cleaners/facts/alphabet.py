"""What each character is, and what it folds to: two lookup tables over the Basic Multilingual Plane.

Folding takes a character to the base letter of its lower case, without accents ("É" → "e", "Ł" → "l", "أ" → "ا"), so
that names match across keyboards and languages. One character folds to one: offsets stay those of the text.
"""

from __future__ import annotations

import functools
import unicodedata
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Classes of characters. Plain integers, because the compiled scanner compares them.
OTHER, LOWER, UPPER, CASELESS, UNSPACED, DIGIT, JOINER, STOP, HARD_STOP, LINE_END, OPEN, CLOSE, STRAIGHT, APOSTROPHE = (
    range(14)
)

# Scripts that put no space between words, as in cleaners.text: Thai, Lao, Burmese, Khmer, kana, Han.
_UNSPACED = (
    (0x0E01, 0x0E3A),
    (0x0E40, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x3040, 0x30FF),
    (0x3400, 0x9FFF),
    (0xF900, 0xFAFF),
)

# Vowel points, harakat, tatweel, soft hyphen, joiners: written or left out at will, so words are read through them.
_JOINERS = ((0x00AD, 0x00AD), (0x0300, 0x036F), (0x0591, 0x05C7), (0x0610, 0x061A), (0x0640, 0x0640), (0x064B, 0x065F),
            (0x0670, 0x0670), (0x200B, 0x200F), (0x2060, 0x2064), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF))  # fmt: skip

_SINGLE = {
    STOP: ".",
    HARD_STOP: "!?…。！？।॥؟۔։።",
    LINE_END: "\n\r\v\f\x85\u2028\u2029",
    OPEN: "«“„‟「『‹《",
    CLOSE: "»”」』›》",
    STRAIGHT: '"',
    APOSTROPHE: "'’‘ʼ＇",
}

# Letters that Unicode does not decompose although their readers do.
_FOLDED = {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ß": "s", "æ": "a", "œ": "o", "ı": "i", "þ": "t", "ħ": "h",
           "ё": "е", "ى": "ي", "ی": "ي", "ک": "ك", "ۀ": "ه", "ة": "ه", "ς": "σ"}  # fmt: skip


@functools.cache
def alphabet() -> tuple[NDArray[np.uint8], NDArray[np.uint32]]:
    """Return the class and the folded character (for digits: the value) of each code point below 65,536.

    Two arrays of shape (65536,), uint8 and uint32. Built once in a process, in a few hundredths of a second.

    >>> classes, folded = alphabet()
    >>> chr(folded[ord("É")]), bool(classes[ord("É")] == UPPER), int(folded[ord("٣")])
    ('e', True, 3)
    """
    classes = np.zeros(65536, dtype=np.uint8)
    folded = np.arange(65536, dtype=np.uint32)
    for code in range(0x3400):
        classes[code], folded[code] = _describe(chr(code))
    for code in (*range(0xA000, 0xAC00), *range(0xFB00, 0x10000)):
        classes[code], folded[code] = _describe(chr(code))
    classes[0xAC00:0xD7A4] = CASELESS  # Hangul syllables
    for first, last in _UNSPACED:
        span = slice(first, last + 1)
        classes[span] = np.where(np.isin(classes[span], (DIGIT, HARD_STOP)), classes[span], UNSPACED)
    for first, last in _JOINERS:
        classes[first : last + 1] = JOINER
    for kind, characters in _SINGLE.items():
        classes[[ord(character) for character in characters]] = kind
    return classes, folded


@functools.cache
def plain_letters() -> NDArray[np.uint8]:
    r"""Return the small letter of each byte that is a letter in ASCII, 0 for any other byte, (256,) uint8.

    >>> bytes(plain_letters()[[ord("Q"), ord("q"), ord("!"), 0xC3]])
    b'qq\x00\x00'
    """
    letters = np.zeros(256, np.uint8)
    for code in range(128):
        if chr(code).isalpha():
            letters[code] = code | 0x20
    return letters


def _describe(character: str) -> tuple[int, int]:
    category = unicodedata.category(character)
    if category == "Nd":
        return DIGIT, unicodedata.digit(character)
    if category[0] not in "LM":
        return OTHER, ord(character)
    lower = character.lower()[0]
    base = _FOLDED.get(lower) or unicodedata.normalize("NFKD", lower)[0]
    base = _FOLDED.get(base, base)
    kind = UPPER if category in {"Lu", "Lt"} else LOWER if category == "Ll" else CASELESS
    return kind, ord(base)
