"""How much of a text repeats: lines, paragraphs and n-grams of tokens, as Gopher measures it.

Rae et al. 2021, Scaling Language Models: Methods, Analysis & Insights from Training Gopher, A.1.1, table A1: for 2 to 4
words the share of the text that its most frequent n-gram makes up, for 5 to 10 the share that stands in n-grams which
stood there before (each character counted once, so that overlapping ones do not add up).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cleaners.kernels import njit
from cleaners.quality.tokens import LINE, Tokens

_FACTOR = np.uint64(0x9E3779B97F4A7C15)
TOP, DUPLICATE, LONGEST = 2, 5, 10
"""The shortest n-grams of the two measures, and the longest of the second; the first ends where the second begins."""


class Seen(NamedTuple):
    """A hash table that is emptied by counting up `turn`, `(1,) int32`; a place is taken if its `stamp` is the turn."""

    keys: npt.NDArray[np.uint64]
    stamp: npt.NDArray[np.int32]
    times: npt.NDArray[np.int32]
    first: npt.NDArray[np.int32]
    turn: npt.NDArray[np.int32]


class Sums(NamedTuple):
    """Sums over the tokens of a text before each: of hashes as of polynomials, and of characters."""

    hashes: npt.NDArray[np.uint64]
    sizes: npt.NDArray[np.int64]


def seen(most: int) -> Seen:
    """Return an empty table for so many entries."""
    size = 1 << (2 * most + 1).bit_length()
    stamp, times, first = (np.zeros(size, np.int32) for _ in range(3))
    return Seen(np.zeros(size, np.uint64), stamp, times, first, np.zeros(1, np.int32))


def sums(most: int) -> Sums:
    """Return room for the sums over so many tokens."""
    return Sums(np.zeros(most + 1, np.uint64), np.zeros(most + 1, np.int64))


@njit(cache=True, nogil=True)
def add_up(tokens: Tokens, n: int, out: Sums) -> int:
    """Write the sums over the tokens of a text without its line breaks; return how many tokens that are."""
    m = 0
    for k in range(n):
        if not tokens.kind[k] & LINE:
            out.hashes[m + 1] = out.hashes[m] * _FACTOR + tokens.exact[k]
            out.sizes[m + 1] = out.sizes[m] + tokens.size[k]
            m += 1
    return m


@njit(cache=True, nogil=True)
def repeated(hashes: npt.NDArray[np.uint64], sizes: npt.NDArray[np.int32], n: int, table: Seen) -> tuple[int, int]:
    """Return how many of n pieces (lines, paragraphs) stood there before, and their characters."""
    pieces = characters = 0
    mask = _empty(table, n)
    for k in range(n):
        if _visit(table.keys, table.stamp, table.turn[0], mask, hashes[k]) >= 0:
            pieces += 1
            characters += sizes[k]
    return pieces, characters


@njit(cache=True, nogil=True)
def top(added: Sums, m: int, size: int, table: Seen) -> int:
    """Return the characters that the most frequent n-gram of `size` tokens makes up, spaces between them counted.

    Of several as frequent it is the one that stands first.
    """
    power = _power(size)
    mask = _empty(table, m)
    # Names of their own: numba counts references to an array each time it is taken from a tuple.
    hashes, sizes, keys, stamp, first = added.hashes, added.sizes, table.keys, table.stamp, table.first
    seen_times, turn = table.times, table.turn[0]
    best, times = 0, min(1, max(0, m - size + 1))
    for k in range(m - size + 1):
        slot = _visit(keys, stamp, turn, mask, hashes[k + size] - hashes[k] * power)
        if slot < 0:
            slot = -slot - 1
            seen_times[slot], first[slot] = 1, k
            continue
        seen_times[slot] += 1
        if seen_times[slot] > times or (seen_times[slot] == times and first[slot] < best):
            best, times = first[slot], seen_times[slot]
    return times * (sizes[best + size] - sizes[best] + size - 1) if times else 0


@njit(cache=True, nogil=True)
def duplicate(added: Sums, m: int, size: int, table: Seen) -> int:
    """Return the characters in n-grams of `size` tokens that stood there before; no token counts twice."""
    power = _power(size)
    mask = _empty(table, m)
    hashes, sizes, keys, stamp, turn = added.hashes, added.sizes, table.keys, table.stamp, table.turn[0]
    characters = k = 0
    while k < m - size + 1:
        if _visit(keys, stamp, turn, mask, hashes[k + size] - hashes[k] * power) < 0:
            k += 1
        else:
            characters += sizes[k + size] - sizes[k]
            k += size
    return characters


@njit(nogil=True)
def _power(size: int) -> np.uint64:
    power = np.uint64(1)
    for _ in range(size):
        power *= _FACTOR
    return power


@njit(nogil=True)
def _empty(table: Seen, n: int) -> int:
    """Empty a table for up to n entries; return the mask of the places used, few for few, which stay in the cache."""
    table.turn[0] += 1
    size = 16
    while size < 2 * n:
        size *= 2
    return min(size, len(table.keys)) - 1


@njit(nogil=True, inline="always")
def _visit(keys: npt.NDArray[np.uint64], stamp: npt.NDArray[np.int32], turn: int, mask: int, key: np.uint64) -> int:
    """Return the place of a key that is there already; else enter it, and return -1 - place."""
    slot = int((key ^ (key >> np.uint64(32))) * _FACTOR >> np.uint64(40)) & mask
    while stamp[slot] == turn:
        if keys[slot] == key:
            return slot
        slot = (slot + 1) & mask
    keys[slot], stamp[slot] = key, turn
    return -1 - slot
