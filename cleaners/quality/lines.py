"""Tokens → figures about lines, paragraphs and sentences, and a hash of each line for `repetition`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cleaners.kernels import njit
from cleaners.quality.characters import FINAL
from cleaners.quality.tokens import ALPHA, CHARACTERS, LINE, SPACED, STOP, STOPPED, WORD, Tables, Tokens, hash_of

_SHORT = 30
"""Characters up to which a line is short: FineWeb."""
_KEPT_WORDS = 5
"""Words that a line needs for C4 to keep it."""
_BULLETS = np.array([ord(sign) for sign in "•-"], np.uint32)
_C4_ENDS = np.array([ord(sign) for sign in ".?!\"'”’"], np.uint32)
_DOT, _COLON, _SLASH, _ELLIPSIS, _ROUND = 0x2E, 0x3A, 0x2F, 0x2026, 0x29
_UHR = np.uint64(hash_of("uhr"))
_FACTOR = np.uint64(0x9E3779B97F4A7C15)

COUNTS = 12
LINES, FINAL_LINES, SHORT_LINES, BULLETS, ELLIPSIS_LINES, SENTENCES, KEPT_SENTENCES, NUMBERED, TIMED, COUNTED = range(
    10
)
LISTED, LINED = 10, 11
"""What is counted. Of lines: those with text, those with the mark of a sentence's end at theirs, short ones, with a
bullet, with an ellipsis at the end, with a number, a time, a number of so many (3/12). Sentences; those of the lines
that C4 keeps. Characters of the lines with a bullet or a number; of all lines."""

JAVASCRIPT, LOREM_IPSUM, POLICY, OF = 1, 2, 4, 8
_PHRASES = {
    "javascript": JAVASCRIPT,
    "lorem ipsum": LOREM_IPSUM,
    "terms of use": POLICY,
    "privacy policy": POLICY,
    "cookie policy": POLICY,
    "uses cookies": POLICY,
    "use of cookies": POLICY,
    "use cookies": POLICY,
}
"""What C4 looks for in a line; the policies stand in its code, not in the paper."""


class Phrases(NamedTuple):
    """Phrases as hashes of their words, `(n, 3) uint64`, 0 where there are fewer; and what each means, `(n,) uint8`."""

    words: npt.NDArray[np.uint64]
    means: npt.NDArray[np.uint8]


class Pieces(NamedTuple):
    """Room for hash and characters of each line and paragraph of a text, and their number in `found`, `(2,) int64`."""

    lines: npt.NDArray[np.uint64]
    line_sizes: npt.NDArray[np.int32]
    paragraphs: npt.NDArray[np.uint64]
    paragraph_sizes: npt.NDArray[np.int32]
    found: npt.NDArray[np.int64]


def phrases() -> Phrases:
    """Return the phrases C4 looks for."""
    words = np.zeros((len(_PHRASES), 3), np.uint64)
    for row, phrase in enumerate(_PHRASES):
        for place, word in enumerate(phrase.split()):
            words[row, place] = hash_of(word)
    return Phrases(words, np.array(list(_PHRASES.values()), np.uint8))


def room(size: int) -> Pieces:
    """Return room for the lines of a text of so many tokens."""
    line, paragraph = np.empty(size, np.uint64), np.empty(size, np.uint64)
    return Pieces(line, np.empty(size, np.int32), paragraph, np.empty(size, np.int32), np.zeros(2, np.int64))


@njit(cache=True, nogil=True)
def walk(
    tokens: Tokens,
    n: int,
    tables: Tables,
    asked: Phrases,
    pieces: Pieces,
    counts: npt.NDArray[np.int64],
) -> int:
    """Count what there is in the lines of a text of n tokens; return which phrases stand in it."""
    counts[:] = 0
    pieces.found[:] = 0
    phrases, begin, start, breaks = 0, 0, 0, 2
    for k in range(n + 1):
        if k < n and not tokens.kind[k] & LINE:
            continue
        stop = tokens.at[k] if k < n else tokens.counts[CHARACTERS]
        if k > begin:
            _add_piece(tokens, begin, k, stop - start, pieces, breaks > 1)
            counts[SHORT_LINES] += stop - start <= _SHORT
            counts[LINED] += stop - start
            listed = counts[BULLETS] + counts[NUMBERED]
            phrases |= _line(tokens, begin, k, tables, asked, counts)
            if counts[BULLETS] + counts[NUMBERED] > listed:
                counts[LISTED] += stop - start
            breaks = 0
        breaks += 1
        begin, start = k + 1, stop + 1
    return phrases


@njit(nogil=True, inline="always")
def _add_piece(tokens: Tokens, begin: int, end: int, size: int, pieces: Pieces, new_paragraph: bool) -> None:  # noqa: FBT001
    """Add a line, and, where it goes on with one, add it to the paragraph."""
    value = np.uint64(0)
    for k in range(begin, end):
        value = value * _FACTOR + tokens.exact[k]
    line, paragraph = pieces.found
    pieces.lines[line], pieces.line_sizes[line] = value, size
    pieces.found[0] += 1
    if new_paragraph:
        pieces.paragraphs[paragraph], pieces.paragraph_sizes[paragraph] = value, size
        pieces.found[1] += 1
    else:
        pieces.paragraphs[paragraph - 1] = (pieces.paragraphs[paragraph - 1] + np.uint64(1)) * _FACTOR + value
        pieces.paragraph_sizes[paragraph - 1] += size + 1


@njit(nogil=True, inline="always")
def _line(
    tokens: Tokens,
    begin: int,
    end: int,
    tables: Tables,
    asked: Phrases,
    counts: npt.NDArray[np.int64],
) -> int:
    """Count one line; return which phrases stand in it."""
    kind = tokens.kind[end - 1]
    last = _DOT if kind & STOPPED else 0 if kind & WORD else np.int64(tokens.sign[end - 1])
    trails = last == _ELLIPSIS or (last == _DOT and not kind & WORD and tokens.size[end - 1] > 2)
    counts[LINES] += 1
    counts[FINAL_LINES] += tables.flags[last] & FINAL > 0
    counts[ELLIPSIS_LINES] += trails
    _start(tokens, begin, end, counts)
    found = _found(tokens, begin, end, asked)
    sentences, words = _sentences(tokens, begin, end)
    counts[SENTENCES] += sentences
    dropped = found & (JAVASCRIPT | POLICY) or words < _KEPT_WORDS or trails
    if not dropped and np.any(last == _C4_ENDS):
        counts[KEPT_SENTENCES] += sentences
    return found


@njit(nogil=True, inline="always")
def _start(tokens: Tokens, begin: int, end: int, counts: npt.NDArray[np.int64]) -> None:
    """Count what a line begins with: a bullet, a number, a time, or 3/12."""
    kind, sign = tokens.kind[begin], tokens.sign[begin]
    if not kind & WORD:
        counts[BULLETS] += np.any(sign == _BULLETS)
        return
    if 4 <= tokens.size[begin] <= 7 and (sign == _COLON or _is_german_time(tokens, begin, end)):
        counts[TIMED] += 1
    elif not kind & ALPHA and sign == _SLASH:
        counts[COUNTED] += tokens.size[begin] <= 7
    elif end > begin + 2 and not kind & ALPHA and sign == 0 and tokens.size[begin] <= 3:
        counts[NUMBERED] += not tokens.kind[begin + 1] & (WORD | SPACED) and tokens.sign[begin + 1] in (_DOT, _ROUND)


@njit(nogil=True, inline="always")
def _is_german_time(tokens: Tokens, begin: int, end: int) -> bool:
    """Tell whether a line begins as in `12.31 Uhr`: other numbers have a point too."""
    number = tokens.sign[begin] == _DOT and not tokens.kind[begin] & ALPHA
    return number and begin + 1 < end and tokens.low[begin + 1] == _UHR


@njit(nogil=True, inline="always")
def _found(tokens: Tokens, begin: int, end: int, asked: Phrases) -> int:
    """Return which phrases stand in a line."""
    found = 0
    for k in range(begin, end):
        for row in range(len(asked.means)):
            if tokens.low[k] == asked.words[row, 0]:
                place = 1
                while place < 3 and asked.words[row, place] != 0:
                    if k + place >= end or tokens.low[k + place] != asked.words[row, place]:
                        break
                    place += 1
                if place == 3 or asked.words[row, place] == 0:
                    found |= asked.means[row]
    return found


@njit(nogil=True, inline="always")
def _sentences(tokens: Tokens, begin: int, end: int) -> tuple[int, int]:
    """Return the sentences of a line, at least one where it has a word, and its words as white space parts them."""
    kind = tokens.kind
    sentences = open_words = spaced = 0
    for k in range(begin, end):
        spaced += kind[k] & SPACED > 0
        if kind[k] & WORD:
            open_words += 1
        elif kind[k] & STOP and open_words:
            sentences, open_words = sentences + 1, 0
    return sentences + (open_words > 0), spaced
