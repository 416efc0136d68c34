"""The loop over the bytes of a column of texts, compiled: lines, their keys, and a sketch of each text.

Everything here works on arrays; what the numbers mean stands in `keys`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, no_type_check

import numpy as np

from cleaners.kernels import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

GAP, LETTER, DIGIT, NOTHING = 0, 1, 2, 3
"""Classes of characters: between words; part of a word; part of a number; not there (joiners, soft hyphens)."""
CLASS, UNSPACED, LOWER = 3, 4, 8
"""Bits of what is known about a character: one of the four classes; a word by itself; a lower-case letter."""

PRIME = np.uint64(0x100000001B3)
BASIS = np.uint64(0xCBF29CE484222325)
"""FNV-1a, 64 bits: the hash of a word, over its folded characters."""
CALENDAR_SLOTS = 4096
"""Size of the table of words that name dates, a power of two."""
SLOTS = 16
"""Places in a sketch, 4 bits each."""

_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2^64 divided by the golden ratio
_DATE = np.uint64(0xDA7E)  # what stands in a key for a run of dates and numbers
_OPENING = np.uint64(0x0BE9)  # what stands in the key of an opening instead of the rest
_OPENING_WORDS = 5
_COMMA, _BREAK = 44, 10


class Lines(NamedTuple):
    """The lines with a word in them, in order, as arrays of one length (n,)."""

    row: NDArray[np.int32]
    """Which text, counted from 0."""
    start: NDArray[np.int64]
    """First byte of the line in its text, UTF-8."""
    end: NDArray[np.int64]
    """Byte after the last."""
    key: NDArray[np.uint64]
    """Hash of the words, lower case, dates and numbers masked. 0 where the line can be no furniture: nothing else
    stands in it, or numbers in two places and no name of a date, as in a row of a table ("Shr 45 cts vs 43 cts")."""
    opening: NDArray[np.uint64]
    """Key of how the line opens: the words before its first colon, bar, arrow or dash, up to five ("READ MORE: …"). 0
    where it has none, or where it ends as a sentence does: then it opens with a speaker, or a place ("PARIS – …")."""
    exact: NDArray[np.uint64]
    """Hash of the words with their dates and numbers."""
    words: NDArray[np.int32]
    """Words; a run of dates and numbers is one; in scripts without spaces each character is one."""
    letters: NDArray[np.int32]
    """Letters and digits of the line."""
    before: NDArray[np.int64]
    """Letters and digits of the same text before the line."""
    runs_on: NDArray[np.bool_]
    """Whether the sentence of the line before goes on: that one ends in a word or comma, this begins lower case."""


class Scan(NamedTuple):
    """What one pass over n texts finds."""

    lines: Lines
    letters: NDArray[np.int64]
    """Letters and digits of each text, (n,)."""
    sketch: NDArray[np.uint64]
    """Sketch of each text, (n,): see `keys.agreement`."""


class Alphabet(NamedTuple):
    """What the loop must know about characters and words."""

    lower: NDArray[np.uint16]
    """Lower case of each character of the basic plane, (65536,)."""
    known: NDArray[np.uint8]
    """Its class and bits, (65536,)."""
    calendar: NDArray[np.uint64]
    """Hashes of the words that name a date, at their place modulo `CALENDAR_SLOTS` or after it; 0 is a free place."""


def _compiled(function: Any) -> Any:  # noqa: ANN401  (numba's decorator has no types)
    return njit(cache=True, nogil=True)(function)


@_compiled
def _mix(value):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202  (compiled: types follow from the call)
    """Return the value with every bit spread over all others (the finish of MurmurHash3)."""
    value ^= value >> np.uint64(33)
    value *= np.uint64(0xFF51AFD7ED558CCD)
    value ^= value >> np.uint64(33)
    value *= np.uint64(0xC4CEB9FE1A85EC53)
    return value ^ (value >> np.uint64(33))


@_compiled
def _joined(line, word):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return the hash of a line after one more word."""
    line = (line ^ word) * _SPREAD
    return line ^ (line >> np.uint64(32))


@_compiled
def row_key(line, site):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Return the key of a line on a site; site 0 stands for all together."""
    return line ^ (site * _SPREAD)


@_compiled
def _decoded(content, at, stop):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return the character at a place of UTF-8 and its bytes; a line break at the end of the text."""
    if at == stop:
        return np.int64(_BREAK), 1
    code = np.int64(content[at])
    if code < 0xC0:
        return code, 1
    if code < 0xE0 and at + 1 < stop:
        return (code & 31) << 6 | content[at + 1] & 63, 2
    if code < 0xF0 and at + 2 < stop:
        return (code & 15) << 12 | (content[at + 1] & 63) << 6 | content[at + 2] & 63, 3
    if at + 3 < stop:
        high = (code & 7) << 18 | (content[at + 1] & 63) << 12
        return high | (content[at + 2] & 63) << 6 | content[at + 3] & 63, 4
    return code, 1


@_compiled
def _names_date(word, calendar):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Tell whether a word names a month or a day."""
    slot = word & np.uint64(CALENDAR_SLOTS - 1)
    while calendar[slot] != 0 and calendar[slot] != word:
        slot = (slot + np.uint64(1)) & np.uint64(CALENDAR_SLOTS - 1)
    return calendar[slot] == word


@_compiled
def _separates(code):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Tell a colon (also full-width), bar, dash or arrow that sets apart how a line opens."""
    return code in (0x3A, 0x7C, 0x2013, 0x2014, 0xBB, 0x203A, 0x3E, 0x25B6, 0xFF1A)


@_compiled
def _ends_sentence(code):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Tell a full stop, question mark, ellipsis or closing quotation mark, in any of several scripts."""
    return code in (0x2E, 0x3F, 0x22, 0x201D, 0x2026, 0xBB, 0x3002, 0xFF1F, 0x300D, 0x61F, 0x6D4, 0x964)


@_compiled
def _draw(least, places, key, letters):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return the sketch after one more line, and lower `least` (16,) where the line was drawn.

    Each place goes to the line with the smallest hash / length: so long lines are drawn more often than short ones, and
    two texts draw the same line as often as it weighs in both.
    """
    share = 1.0 / letters
    for slot in range(SLOTS):
        drawn = _mix(key ^ (np.uint64(slot + 1) * _SPREAD))
        rank = np.float64(drawn >> np.uint64(11)) * share  # the 53 bits that a float holds
        if rank < least[slot]:
            least[slot] = rank
            shift = np.uint64(4 * slot)
            places = places & ~(np.uint64(15) << shift) | (drawn & np.uint64(15)) << shift
    return places


@_compiled
@no_type_check  # numpy's and Python's integers mix here as they do once compiled
def _fill(content, offsets, alphabet, out):  # noqa: ANN001, ANN202, C901, PLR0912, PLR0915
    """Fill `out` (a `Scan` with room) from UTF-8 `content` and `offsets` (n + 1,) of texts; return the lines found.

    One character after the other; what ends where the class of characters changes is a word or a number.
    """
    lines, found = out.lines, 0
    least = np.empty(SLOTS, np.float64)
    for text in range(len(offsets) - 1):
        first, at, stop = offsets[text], offsets[text], offsets[text + 1]
        least[:] = np.inf
        sketch, seen, runs_on = np.uint64(0), 0, False
        state, word, length, unspaced = (
            np.int64(GAP),
            BASIS,
            0,
            np.int64(0),
        )  # of the word at hand: class, hash, bytes, words by themselves
        glued, dated = False, False  # whether digits stand right before it; whether the word before was masked
        start, key, exact, opening = at, BASIS, BASIS, np.uint64(0)  # of the line at hand, and how many in it:
        words, letters, named, masks, names = 0, 0, 0, 0, 0
        begins, last = 0, 0
        while at <= stop:
            if state == LETTER:  # most characters go on with a word in ASCII
                begun = at
                while at < stop and content[at] < 128 and alphabet.known[content[at]] & CLASS == LETTER:
                    word = (word ^ np.uint64(alphabet.lower[content[at]])) * PRIME
                    at += 1
                length += at - begun
                letters += at - begun
            code, size = _decoded(content, at, stop)
            if code < 65536:
                known, folded = np.int64(alphabet.known[code]), np.int64(alphabet.lower[code])
            else:  # beyond the basic plane: rare scripts and Han are words, emoji are not
                known = np.int64(LETTER if code < 0x1F000 else LETTER | UNSPACED if 0x20000 <= code < 0x40000 else GAP)
                folded = code
            kind = known & CLASS
            if kind == NOTHING:
                at += size
                continue
            if kind != state:
                if state != GAP:
                    is_name = state == LETTER and _names_date(word, alphabet.calendar)
                    # Letters glued to a number ("3rd", "14h") belong to it.
                    masked = state == DIGIT or is_name or (glued and length <= 2)
                    exact = _joined(exact, word)
                    names += is_name
                    if not masked:
                        key = _joined(key, word)
                        named += 1
                        words += max(1, unspaced)
                    elif not dated:
                        key = _joined(key, _DATE)
                        masks += 1
                        words += 1
                    dated = masked
                glued = state == DIGIT
                state, word, length, unspaced = kind, BASIS, 0, 0
            if kind != GAP:
                word = (word ^ np.uint64(folded)) * PRIME
                length += size
                unspaced += (known & UNSPACED) >> 2
                if letters == 0:
                    begins = known
                letters += 1
                last = code
            elif code == _BREAK:
                if letters:
                    is_row = named == 0 or (masks > 1 and names == 0)
                    lines.row[found] = text
                    lines.start[found], lines.end[found] = start - first, at - first
                    lines.key[found], lines.exact[found] = np.uint64(0) if is_row else key, exact
                    lines.opening[found] = np.uint64(0) if _ends_sentence(last) else opening
                    lines.words[found], lines.letters[found], lines.before[found] = words, letters, seen
                    lines.runs_on[found] = runs_on and begins & LOWER != 0
                    runs_on = last == _COMMA or alphabet.known[min(last, 65535)] & CLASS != GAP
                    sketch = _draw(least, sketch, key if named else exact, letters)
                    seen += letters
                    found += 1
                start, key, exact, opening, dated = at + 1, BASIS, BASIS, np.uint64(0), False
                words, letters, named, masks, names = 0, 0, 0, 0, 0
            elif code > 32 and code != 160:
                if opening == 0 and named > 0 and words <= _OPENING_WORDS and not glued and _separates(code):
                    opening = _joined(key, _OPENING)
                last = code
            at += size
        out.letters[text], out.sketch[text] = seen, sketch
    return found


@_compiled
@no_type_check
def scan_all(content, offsets, alphabet):  # noqa: ANN001, ANN201
    """Return the `Scan` of texts: UTF-8 `content` and `offsets` (n + 1,)."""
    texts, room = len(offsets) - 1, len(offsets) - 1
    for at in range(offsets[0], offsets[-1]):
        room += content[at] == _BREAK
    lines = Lines(
        np.empty(room, np.int32),
        np.empty(room, np.int64),
        np.empty(room, np.int64),
        np.empty(room, np.uint64),
        np.empty(room, np.uint64),
        np.empty(room, np.uint64),
        np.empty(room, np.int32),
        np.empty(room, np.int32),
        np.empty(room, np.int64),
        np.empty(room, np.bool_),
    )
    out = Scan(lines, np.empty(texts, np.int64), np.empty(texts, np.uint64))
    return out, _fill(content, offsets, alphabet, out)


@_compiled
@no_type_check
def rows_of_lines(content, alphabet, keys, belief, sites):  # noqa: ANN001, ANN201
    """Return the row of a table for each line of one text, (lines,) int64: the most believed one, -1 where none is.

    `keys` (rows,) uint64, sorted, are those of the table, `belief` (rows,) stands beside them. A row speaks of a
    line if its key is that of the line, or of how it opens, joined with one of `sites`.
    """
    offsets = np.array([0, len(content)])
    scanned, found = scan_all(content, offsets, alphabet)
    breaks = 0
    for at in range(len(content)):
        breaks += content[at] == _BREAK
    best = np.full(breaks + 1, -1)
    number, at = 0, 0
    for line in range(found):
        while at < scanned.lines.start[line]:
            number += content[at] == _BREAK
            at += 1
        for key in (scanned.lines.key[line], scanned.lines.opening[line]):
            if key == 0:
                continue
            for site in sites:
                asked = row_key(key, site)
                row = np.searchsorted(keys, asked)
                if row < len(keys) and keys[row] == asked and (best[number] < 0 or belief[row] > belief[best[number]]):
                    best[number] = row
    return best
