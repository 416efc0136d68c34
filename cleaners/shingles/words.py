r"""The words of a column of texts: what `re.findall(r"\w+", text.lower())` finds, without a Python object for each.

Two differences, both on purpose. In scripts that write no spaces between words each character is a word of its own,
vowel signs included, because a run of them would make a whole clause one word. And final sigma is sigma: which of the
two `lower()` gives depends on the neighbours, so that `ΟΔΟΣ` and `οδος` would differ.
"""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cleaners.text import UNSPACED

# An entry of the alphabet is the lower-case code point of a character of a word, 0 for any other, and two flags.
BEGINS = 1 << 30  # a word begins with this character
ENDS = 1 << 31  # and with this one it ends
CODE_POINT = (1 << 21) - 1
_CHARACTERS = 0x110000
_LETTERS = 0x40000  # all letters of Unicode lie below; the rest is unassigned, private, or variation selectors

_CHUNK_BYTES = 4 << 20
"""Bytes of text to work on at a time: what is made on the way stays small, whatever the length of the column."""


@functools.cache
def alphabet() -> npt.NDArray[np.uint32]:
    """Return for each code point the lower-case letter it counts as, with flags: `(0x110000,) uint32`, 0: no letter.

    It follows the Unicode tables of the running Python, so its version belongs to whatever is made with it.
    """
    points = np.arange(_LETTERS, dtype=np.uint32)
    text = points.tobytes().decode("utf-32-le", "surrogatepass")
    # İ is the one character whose lower case is two, an i and a combining dot; the dot is no \w and ends the word.
    lowered = text.replace("İ", "i").replace("Σ", "σ").replace("ς", "σ").lower()
    lower = np.frombuffer(lowered.encode("utf-32-le", "surrogatepass"), np.uint32)
    entries = np.zeros(_CHARACTERS, np.uint32)
    for run in re.finditer(r"\w+", text):
        entries[run.start() : run.end()] = lower[run.start() : run.end()]
    entries[ord("İ")] |= ENDS
    for run in re.finditer(f"[{UNSPACED}]+", text):
        for point in range(run.start(), min(run.end(), 0x10000)):  # what follows is Han, without vowel signs
            if unicodedata.category(text[point]).startswith("M"):
                entries[point] = point
        unspaced = entries[run.start() : run.end()]
        unspaced[unspaced != 0] |= BEGINS | ENDS
    return entries


def words(texts: pa.LargeStringArray) -> tuple[pa.LargeStringArray, npt.NDArray[np.int64]]:
    """Return the words of each text joined by single spaces, and their number: `(n,) large_string`, `(n,) int64`.

    Null counts as empty. Bytes that are no UTF-8 separate words.

    >>> texts = pa.array(["It's 5 p.m. in KYIV!", "東京で", "—"], pa.large_string())
    >>> joined, numbers = words(texts)
    >>> joined.to_pylist(), numbers.tolist()
    (['it s 5 p m in kyiv', '東 京 で', ''], [7, 3, 0])
    """
    content, offsets = buffers(texts)
    # The lower case of Ⱥ has three bytes for two, and a character that becomes a word gets a space after its three.
    out = np.empty((offsets[-1] - offsets[0]) * 3 // 2 + 1, np.uint8)
    out_offsets = np.zeros(len(offsets), np.int64)
    numbers = np.zeros(len(offsets) - 1, np.int64)
    letters = alphabet()
    ascii_letters = np.where(letters[:0x80], letters[:0x80], 0x20).astype(np.uint8)
    _words(content, offsets, letters, ascii_letters, out, out_offsets, numbers)
    bodies = [None, pa.py_buffer(out_offsets), pa.py_buffer(out[: out_offsets[-1]])]
    return pa.LargeStringArray.from_buffers(len(numbers), bodies[1], bodies[2]), numbers


def buffers(texts: pa.LargeStringArray) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Return the bytes of a column and where each text begins and ends in them: `(bytes,) uint8`, `(n + 1,) int64`."""
    if texts.null_count:
        texts = texts.fill_null("")
    _, starts, content = texts.buffers()
    if len(texts) == 0 or content is None:
        return np.zeros(0, np.uint8), np.zeros(len(texts) + 1, np.int64)
    offsets = np.frombuffer(starts, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    return np.frombuffer(content, np.uint8), offsets


def chunks(texts: pa.LargeStringArray) -> list[pa.LargeStringArray]:
    """Return the column in slices of about _CHUNK_BYTES, at least one."""
    _, offsets = buffers(texts)
    marks = np.searchsorted(offsets, np.arange(offsets[0], offsets[-1], _CHUNK_BYTES))
    cuts = [0, *np.unique(marks[(marks > 0) & (marks < len(texts))]).tolist(), len(texts)]
    return [texts.slice(start, end - start) for start, end in itertools.pairwise(cuts)]


@numba.njit(cache=True, nogil=True)
def _words(
    content: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    alphabet: npt.NDArray[np.uint32],
    ascii_letters: npt.NDArray[np.uint8],
    out: npt.NDArray[np.uint8],
    out_offsets: npt.NDArray[np.int64],
    numbers: npt.NDArray[np.int64],
) -> None:
    """Write the words of each text to `out`; see `words` for what they are."""
    at, space = 0, np.uint8(0x20)
    for row in range(len(numbers)):
        i, end, begin = offsets[row], offsets[row + 1], at
        last = space
        number = 0
        while i < end:
            if content[i] < 0x80:
                # Nearly all bytes. No branch on what they are, because the processor cannot foresee where words end:
                # a space after a space is written, but the next byte then goes to the same place.
                letter = ascii_letters[content[i]]
                out[at] = letter
                at += (letter != space) | (last != space)
                number += (letter != space) & (last == space)
                last = letter
                i += 1
                continue
            point, i = decode(content, i, end)
            entry = alphabet[point]
            if last != space and (entry == 0 or entry & BEGINS):
                out[at] = last = space
                at += 1
            if entry == 0:
                continue
            number += last == space
            at = _encode(out, at, entry & CODE_POINT)
            last = np.uint8(0)
            if entry & ENDS:
                out[at] = last = space
                at += 1
        out_offsets[row + 1] = at = at - (at > begin and last == space)
        numbers[row] = number


@numba.njit(nogil=True)
def decode(content: npt.NDArray[np.uint8], i: int, end: int) -> tuple[np.int64 | int, int]:
    """Return the code point at i, which is not ASCII, and where the next begins; U+FFFD for what is no UTF-8."""
    lead = np.int64(content[i])
    size = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    if lead < 0xC0 or i + size > end:
        return 0xFFFD, i + 1
    point = lead & (0x7F >> size)
    for j in range(i + 1, i + size):
        point = point << 6 | (np.int64(content[j]) & 0x3F)
    return (point if point < _CHARACTERS else 0xFFFD), i + size


@numba.njit(nogil=True)
def _encode(out: npt.NDArray[np.uint8], at: int, letter: int) -> int:
    """Write a code point as UTF-8, and return where the next one goes."""
    if letter < 0x80:
        out[at] = letter
        return at + 1
    size = 2 if letter < 0x800 else 3 if letter < 0x10000 else 4
    out[at] = (0xF00 >> size & 0xFF) | letter >> 6 * (size - 1)
    for j in range(1, size):
        out[at + j] = 0x80 | (letter >> 6 * (size - 1 - j) & 0x3F)
    return at + size
