"""What each character is to the figures: a table of flags over code points."""

from __future__ import annotations

import functools
import re
import unicodedata

import numpy as np
import numpy.typing as npt

from cleaners.text import UNSPACED

SPACE, BREAK, LETTER, DIGIT, ALONE, MARK, SYMBOL, FINAL, HIDDEN, JOINING = (1 << bit for bit in range(10))
"""Flags: white space; a line break; letters with their signs; digits; letters of scripts without spaces, each a word;
punctuation; other signs; what ends a sentence; what cannot be seen; what may stand inside a word."""

POINTS = 0x40000
"""Code points in the table; beyond there are no letters."""

FINALS = "!.?։؝؞؟۔܀܁܂߹।॥၊။።፧፨᙮។៕᠃᠉‼‽⁇⁈⁉⸮。꓿꘎꘏꛳꛷꡶꡷꣎꣏꤯꧈꧉꩝꩞꩟꫰꫱꯫﹒﹖﹗！．？｡"
"""Characters with which sentences end in their scripts (Unicode: Sentence_Terminal)."""

_SIGNS = "#%&*@/\\^_`|~§¶†‡※"  # punctuation to Unicode, and no part of a sentence
_JOINING = ".,:/-&@_"
_GROUPS = {"L": LETTER, "M": LETTER, "N": DIGIT, "P": MARK, "S": SYMBOL, "Z": SPACE, "C": HIDDEN}


@functools.cache
def flags() -> npt.NDArray[np.uint16]:
    """Return the flags of each code point, `(POINTS,) uint16`."""
    groups = [_GROUPS[unicodedata.category(chr(point))[0]] for point in range(POINTS)]
    table = np.array(groups, np.uint16)
    for run in re.finditer(f"[{UNSPACED}]+", "".join(map(chr, range(0xD800)))):
        places = np.arange(run.start(), run.end())
        table[places[table[places] == LETTER]] = ALONE
    for low, high in ((0xF900, 0xFB00), (0x20000, POINTS)):
        table[low:high] = ALONE
    for sign in _SIGNS:
        table[ord(sign)] = SYMBOL
    for sign in "\t\x0b\x0c\r\x1c\x1d\x1e\x1f\x85":
        table[ord(sign)] = SPACE
    table[ord("\n")] = BREAK
    table[0xFE00:0xFE10] = HIDDEN  # which of two shapes an emoji has
    for sign in FINALS:
        table[ord(sign)] |= FINAL
    for sign in _JOINING:
        table[ord(sign)] |= JOINING
    return table


@functools.cache
def lower() -> npt.NDArray[np.uint32]:
    """Return the small letter of each code point, `(POINTS,) uint32`; itself where that is not one character."""
    table = np.arange(POINTS, dtype=np.uint32)
    for point in range(POINTS):
        small = chr(point).lower()
        if len(small) == 1:
            table[point] = ord(small)
    return table
