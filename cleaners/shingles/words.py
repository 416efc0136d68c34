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

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cleaners.kernels import njit
from cleaners.text import UNSPACED

# An entry of the alphabet is the lower-case code point of a character of a word, 0 for any other, and two flags.
BEGINS = 1 << 30  # a word begins with this character
ENDS = 1 << 31  # and with this one it ends
CODE_POINT = (1 << 21) - 1
_CHARACTERS = 0x110000
_LETTERS = 0x40000  # all letters of Unicode lie below; the rest is unassigned, private, or variation selectors

# For the kernels. Numbers are unsigned throughout: a signed index costs a look at its sign each time, and eight loads
# of a byte are then no longer one of eight.
U64 = np.uint64
_SPACE = np.uint8(0x20)
_EACH = 0x0101010101010101  # times n: the byte n, eight times
_HIGH = U64(0x80 * _EACH)

_CHUNK_BYTES = 1 << 20
"""Bytes of text to work on at a time: what is made on the way stays small, whatever the length of the column. With more
the allocator returns it to the system after each chunk, and half as much time again goes into fetching it back."""


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
    _words(content, offsets, alphabet(), out, out_offsets, numbers)
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


@njit(cache=True, nogil=True)
def _words(
    content: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    alphabet: npt.NDArray[np.uint32],
    out: npt.NDArray[np.uint8],
    out_offsets: npt.NDArray[np.int64],
    numbers: npt.NDArray[np.int64],
) -> None:
    """Write the words of each text to `out`; see `words` for what they are."""
    one, eight = U64(1), U64(8)
    longest = 0
    for row in range(len(numbers)):
        longest = max(longest, offsets[row + 1] - offsets[row])
    text = np.empty(longest, np.uint8)
    at = U64(0)
    for row in range(len(numbers)):
        _lower(content, U64(offsets[row]), U64(offsets[row + 1]), text)
        i, end, begin = U64(0), U64(offsets[row + 1] - offsets[row]), at
        last = _SPACE
        while i < end:
            # Nearly all bytes go eight at a time.
            block = load_eight(text, i) if i + eight <= end else _HIGH
            if block & _HIGH == 0:
                at = _copy_eight(text, i, block, last, out, at)
                i += eight
                last = text[i - one]
                continue
            if text[i] < 0x80:
                out[at] = text[i]
                at += U64((text[i] != _SPACE) | (last != _SPACE))
                last = text[i]
                i += one
                continue
            point, i = _decode(text, i, end)
            entry = alphabet[point]
            if last != _SPACE and (entry == 0 or entry & BEGINS):
                out[at] = last = _SPACE
                at += one
            if entry == 0:
                continue
            at = _encode(out, at, U64(entry & CODE_POINT))
            last = np.uint8(0)
            if entry & ENDS:
                out[at] = last = _SPACE
                at += one
        at -= U64(at > begin and last == _SPACE)
        out_offsets[row + 1] = at
        spaces = 0
        for place in range(begin, at):
            spaces += out[place] == _SPACE
        numbers[row] = spaces + (at > begin)


@njit(nogil=True)
def _lower(content: npt.NDArray[np.uint8], begin: np.uint64, end: np.uint64, out: npt.NDArray[np.uint8]) -> None:
    """Write ASCII letters in lower case, digits and _ as they are, other ASCII as a space, and leave the rest."""
    for i in range(end - begin):
        byte = content[begin + i]
        lower = byte | (_SPACE if np.uint8(byte - np.uint8(0x41)) < np.uint8(26) else np.uint8(0))
        letter = np.uint8(lower - np.uint8(0x61)) < np.uint8(26)
        digit = np.uint8(byte - np.uint8(0x30)) < np.uint8(10)
        out[i] = lower if letter | digit | (byte == np.uint8(0x5F)) | (byte >= np.uint8(0x80)) else _SPACE


@njit(nogil=True)
def _copy_eight(
    text: npt.NDArray[np.uint8],
    i: np.uint64,
    block: np.uint64,
    last: np.uint8,
    out: npt.NDArray[np.uint8],
    at: np.uint64,
) -> np.uint64:
    """Copy eight ASCII bytes but for spaces after a space; return where `out` goes on.

    `block` is those bytes as one number; the highest bit of each byte says what it is.
    """
    one, eight = U64(1), U64(8)
    blank = (_HIGH - (block ^ U64(0x20 * _EACH))) & _HIGH
    after_blank = (blank >> eight) | (U64(0x80 << 56) if last == _SPACE else U64(0))
    superfluous = blank & after_blank
    if superfluous == 0:
        for j in range(eight):
            out[at + j] = text[i + j]
        return at + eight
    for j in range(eight):
        out[at] = text[i + j]
        at += one - ((superfluous >> (U64(63) - eight * j)) & one)
    return at


@njit(nogil=True)
def load_eight(content: npt.NDArray[np.uint8], at: np.uint64) -> np.uint64:
    """Return eight bytes as one number, the first as the highest; the compiler makes it one load."""
    return (
        (U64(content[at]) << U64(56))
        | (U64(content[at + U64(1)]) << U64(48))
        | (U64(content[at + U64(2)]) << U64(40))
        | (U64(content[at + U64(3)]) << U64(32))
        | (U64(content[at + U64(4)]) << U64(24))
        | (U64(content[at + U64(5)]) << U64(16))
        | (U64(content[at + U64(6)]) << U64(8))
        | U64(content[at + U64(7)])
    )


@njit(nogil=True)
def _decode(content: npt.NDArray[np.uint8], i: np.uint64, end: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Return the code point at i, which is not ASCII, and where the next begins; U+FFFD for what is no UTF-8."""
    lead = U64(content[i])
    size = U64(2) if lead < 0xE0 else U64(3) if lead < 0xF0 else U64(4)
    if lead < 0xC0 or i + size > end:
        return U64(0xFFFD), i + U64(1)
    point = lead & (U64(0x7F) >> size)
    for j in range(i + U64(1), i + size):
        point = point << U64(6) | (U64(content[j]) & U64(0x3F))
    return (point if point < _CHARACTERS else U64(0xFFFD)), i + size


@njit(nogil=True)
def _encode(out: npt.NDArray[np.uint8], at: np.uint64, letter: np.uint64) -> np.uint64:
    """Write a code point as UTF-8, and return where the next one goes."""
    if letter < 0x80:
        out[at] = letter
        return at + U64(1)
    size = U64(2) if letter < 0x800 else U64(3) if letter < 0x10000 else U64(4)
    out[at] = (U64(0xF00) >> size & U64(0xFF)) | letter >> U64(6) * (size - U64(1))
    for j in range(U64(1), size):
        out[at + j] = U64(0x80) | (letter >> U64(6) * (size - U64(1) - j) & U64(0x3F))
    return at + size
