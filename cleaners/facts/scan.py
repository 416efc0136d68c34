"""Texts as columns of terms: one compiled pass over the UTF-8 bytes, no Python object for a word.

A term is a word cut to its first letters, a number by its value, a date by month and day, a weekday, a handle or address,
or a pair of characters where the script has no spaces. Terms are hashes; what each one is stands beside it as flags.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray  # noqa: TC002 - a NamedTuple reads its annotations

from cleaners.facts import alphabet as a
from cleaners.facts import lexicon as lx

# What a term is; the flags add up.
COMMON, NAME, NUMBER, DATE, QUOTED, HANDLE, HEAD, CAPITAL = (1 << bit for bit in range(8))

# Letters of a word that count. Cutting words to a fixed length does the work of a stemmer in all European languages
# (McNamee and Mayfield 2004: Character n-gram tokenization for European language text retrieval); six keeps names apart.
_LETTERS = 6
# Syllables of a Korean word that count: behind them stand particles.
_SYLLABLES = 3
# A common word is one of the first so many of a stop list: function words; behind them the list holds words that tell.
_COMMON_RANKS = 120
# Common words of a text that vote for its language.
_VOTERS = 60
# Half a dozen of them are the least that tells one language from its neighbours.
_LEAST_VOTES = 6
# A quotation that does not close within so many terms was no quotation.
_QUOTE_TERMS = 120
# Where more than this share of the words inside sentences is capitalised, capitals do not mark names (titles, shouting).
_CAPITALISED = 0.5

_OTHER, _LOWER, _UPPER, _CASELESS, _UNSPACED, _DIGIT, _JOINER = range(7)
_STOP, _HARD_STOP, _LINE_END, _OPEN, _CLOSE, _STRAIGHT, _APOSTROPHE = range(7, 14)
_MONTH, _AMBIGUOUS, _WEEKDAY, _NUMBER_WORD, _SCALE, _ABBREVIATION = range(2, 8)


class Terms(NamedTuple):
    """The terms of n texts, one after the other: text i has the rows `offsets[i]:offsets[i + 1]`."""

    offsets: NDArray[np.int64]  # (n + 1,)
    term: NDArray[np.uint32]  # (m,) hash
    flags: NDArray[np.uint8]  # (m,)
    sentence: NDArray[np.uint16]  # (m,) counted from 0 in each text
    start: NDArray[np.uint32]  # (m,) byte offset in the text
    end: NDArray[np.uint32]  # (m,)
    language: NDArray[np.int16]  # (n,) place in lexicon.LANGUAGES, -1 where the common words do not tell
    sentences: NDArray[np.int32]  # (n,)


def terms(texts: pa.LargeStringArray) -> Terms:
    """Return the terms of each text; a null has none.

    >>> found = terms(pa.array(["Five people met on Nov. 19."], pa.large_string()))
    >>> found.term.shape, bool(found.flags[0] & NUMBER), bool(found.flags[-1] & DATE)
    ((5,), True, True)
    """
    return _scan(texts, lexicon())


@functools.cache
def lexicon() -> lx.Lexicon:
    """Return the lexicon under this scanner's hashes. Built once in a process, by scanning the words themselves."""
    spelled = [word for word, *_ in lx.words()]
    classes, folded = a.alphabet()
    data, offsets = buffers(pa.array(spelled, pa.large_string()))
    return lx.table(_whole_words(data, offsets, classes, folded))


@functools.cache
def lexicon_terms() -> NDArray[np.uint32]:
    """Return the term that each word of `lexicon.words()` becomes where it stands in a text as a plain word."""
    classes, folded = a.alphabet()
    data, offsets = buffers(pa.array([word for word, *_ in lx.words()], pa.large_string()))
    return _cut_words(data, offsets, classes, folded)


def buffers(texts: pa.LargeStringArray) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the UTF-8 bytes and the offsets (n + 1,) of a column, without copying it."""
    texts = texts.fill_null("") if texts.null_count else texts
    _, offsets, data = texts.buffers()
    places = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    content = np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(0, np.uint8)
    return content, places


def _scan(texts: pa.LargeStringArray, lex: lx.Lexicon) -> Terms:
    data, offsets = buffers(texts)
    n = len(texts)
    # Every term takes at least two bytes with what separates it from the next.
    room = int(offsets[-1] - offsets[0]) // 2 + n + 1
    term, flags = np.empty(room, np.uint32), np.empty(room, np.uint8)
    sentence = np.empty(room, np.uint16)
    start, end = np.empty(room, np.uint32), np.empty(room, np.uint32)
    places = np.zeros(n + 1, np.int64)
    language, sentences = np.full(n, -1, np.int16), np.zeros(n, np.int32)
    classes, folded = a.alphabet()
    _scan_all(data, offsets, classes, folded, lex.keys, lex.kinds, lex.values, lex.languages,
              term, flags, sentence, start, end, places, language, sentences)  # fmt: skip
    m = places[-1]
    return Terms(places, term[:m].copy(), flags[:m].copy(), sentence[:m].copy(), start[:m].copy(), end[:m].copy(), language, sentences)


@njit(cache=True, nogil=True)
def _mix(h):
    """Scatter the bits of a 32-bit hash (the finalizer of MurmurHash3). Never 0, which marks an empty slot."""
    h = np.uint32(h)
    h ^= h >> np.uint32(16)
    h = np.uint32(h * np.uint32(0x85EBCA6B))
    h ^= h >> np.uint32(13)
    h = np.uint32(h * np.uint32(0xC2B2AE35))
    h ^= h >> np.uint32(16)
    return h if h != 0 else np.uint32(1)


@njit(cache=True, nogil=True)
def _decode(data, i):
    """Return the code point at byte i and the byte after it. Arrow holds valid UTF-8 only."""
    b = data[i]
    if b < 0x80:
        return np.int64(b), i + 1
    if b < 0xE0:
        return (np.int64(b & 0x1F) << 6) | np.int64(data[i + 1] & 0x3F), i + 2
    if b < 0xF0:
        return (np.int64(b & 0x0F) << 12) | (np.int64(data[i + 1] & 0x3F) << 6) | np.int64(data[i + 2] & 0x3F), i + 3
    return (
        (np.int64(b & 0x07) << 18)
        | (np.int64(data[i + 1] & 0x3F) << 12)
        | (np.int64(data[i + 2] & 0x3F) << 6)
        | np.int64(data[i + 3] & 0x3F)
    ), i + 4


@njit(cache=True, nogil=True)
def _class(classes, code):
    if code < 65536:
        return classes[code]
    return _UNSPACED if 0x20000 <= code < 0x40000 else _OTHER


@njit(cache=True, nogil=True)
def _word(data, i, stop, classes, folded):
    """Read the word at byte i: (end, hash of all of it, hash of its first letters, letters, capitals)."""
    whole = np.uint32(2166136261)
    cut = whole
    letters = capitals = 0
    limit = _LETTERS
    while i < stop:
        code, after = _decode(data, i)
        kind = _class(classes, code)
        if kind == _JOINER:
            i = after
            continue
        if kind not in (_LOWER, _UPPER, _CASELESS):
            break
        if code >= 0xAC00 and code < 0xD7A4:
            limit = _SYLLABLES
        whole = np.uint32((whole ^ np.uint32(folded[code])) * np.uint32(16777619))
        letters += 1
        capitals += kind == _UPPER
        if letters <= limit:
            cut = whole
        i = after
    return i, _mix(whole), _mix(cut), letters, capitals


@njit(cache=True, nogil=True)
def _whole_words(data, offsets, classes, folded):
    """Return the hash of each text that is one word, 0 for any other."""
    hashes = np.zeros(len(offsets) - 1, np.uint32)
    for t in range(len(hashes)):
        end, whole, _, letters, _ = _word(data, offsets[t], offsets[t + 1], classes, folded)
        if letters and end == offsets[t + 1]:
            hashes[t] = whole
    return hashes


@njit(cache=True, nogil=True)
def _cut_words(data, offsets, classes, folded):
    """Return the term of the first word of each text, 0 where there is none."""
    cuts = np.zeros(len(offsets) - 1, np.uint32)
    for t in range(len(cuts)):
        _, _, cut, letters, _ = _word(data, offsets[t], offsets[t + 1], classes, folded)
        cuts[t] = cut if letters else 0
    return cuts


@njit(cache=True, nogil=True)
def _digits(data, i, stop, classes, folded):
    """Read the digits at byte i: (end, value, how many)."""
    value, count = 0.0, 0
    while i < stop:
        code, after = _decode(data, i)
        if _class(classes, code) != _DIGIT:
            break
        value = value * 10.0 + folded[code]
        count += 1
        i = after
    return i, value, count


@njit(cache=True, nogil=True)
def _day(data, i, stop, classes, folded):
    """Read a date in figures at byte i: (end, month, day), or (i, 0, 0).

    2019-11-19 and 19.11.2019 and 11/19/2019. With slashes the month comes first unless it cannot be one.
    """
    at, first, n1 = _digits(data, i, stop, classes, folded)
    if at < stop and data[at] >= 0xE0:
        # 3月5日, 3월 5일
        code, after = _decode(data, at)
        if code in (0x6708, 0xC6D4) and 1 <= first <= 12:
            after += after < stop and data[after] == 32
            end, second, n2 = _digits(data, after, stop, classes, folded)
            if n2 and end < stop and data[end] >= 0xE0 and 1 <= second <= 31:
                code, end = _decode(data, end)
                if code in (0x65E5, 0xC77C):
                    return end, np.int64(first), np.int64(second)
        return i, 0, 0
    if at + 2 >= stop or n1 > 4:
        return i, 0, 0
    mark = data[at]
    if mark not in (45, 46, 47):  # - . /
        return i, 0, 0
    at, second, n2 = _digits(data, at + 1, stop, classes, folded)
    if n2 == 0 or n2 > 2 or at + 1 >= stop or data[at] != mark:
        return i, 0, 0
    at, third, n3 = _digits(data, at + 1, stop, classes, folded)
    if n1 == 4 and n2 == 2 and n3 == 2 and 1 <= second <= 12 and 1 <= third <= 31:
        return at, np.int64(second), np.int64(third)
    if n1 > 2 or n3 not in (2, 4):
        return i, 0, 0
    month, day = (first, second) if mark == 47 and first <= 12 else (second, first)
    if 1 <= month <= 12 and 1 <= day <= 31:
        return at, np.int64(month), np.int64(day)
    return i, 0, 0


@njit(cache=True, nogil=True)
def _number(data, i, stop, classes, folded):
    """Read the number at byte i: (end, value).

    A mark before exactly three digits groups thousands ("12,000", "12.000", "12 000"); any other splits off decimals
    ("12,9"). "10:30" is a time and becomes its minutes.
    """
    at, value, count = _digits(data, i, stop, classes, folded)
    last_mark = 0
    while at < stop:
        mark, after = _decode(data, at)
        spaced = mark in (32, 0xA0, 0x2009, 0x202F)
        if not (spaced or mark in (39, 44, 46, 58, 0x2019)):
            break
        end, group, n = _digits(data, after, stop, classes, folded)
        if n == 0 or (spaced and (n != 3 or count > 3)) or (mark == 32 and last_mark not in (0, 32)):
            break
        if mark == 58:
            if n != 2 or last_mark not in (0, 58):
                break
            value = value * 60.0 + group
        elif n == 3 and value != 0.0 and last_mark in (0, mark) and (count <= 3 or last_mark == mark):
            value = value * 1000.0 + group
        elif spaced or n > 15:
            break
        else:
            return end, value + group / 10.0**n
        last_mark = mark
        at = end
    return at, value


@njit(cache=True, nogil=True)
def _find(keys, key):
    """Return the slot of a word in the lexicon, or of the empty place where it would be."""
    slot = np.int64(key) % len(keys)
    while keys[slot] != 0 and keys[slot] != key:
        slot = (slot + 1) % len(keys)
    return slot


@njit(cache=True, nogil=True)
def _number_hash(value):
    # Seven digits are more than any two reports agree on, and hide how the value was written.
    single = np.empty(1, np.float32)
    single[0] = np.float32(value)
    return _mix(single.view(np.uint32)[0] ^ np.uint32(0x9E3779B9))


@njit(cache=True, nogil=True)
def _date_hash(month, day):
    return _mix(np.uint32(month * 32 + day) ^ np.uint32(0x51ED270B))


@njit(cache=True, nogil=True)
def _address(data, i, stop):
    """Return the end and the hash of a handle or address: up to a space, a quote, a bracket or a query."""
    h = np.uint32(2166136261)
    end = i
    while end < stop and data[end] > 32 and data[end] not in (34, 39, 40, 41, 44, 60, 62, 91, 93) and data[end] < 0x80:
        end += 1
    while end > i and data[end - 1] in (33, 46, 58, 59, 63):
        end -= 1
    for k in range(i, end):
        b = data[k]
        if b in (35, 63) and k > i:
            break
        h = np.uint32((h ^ np.uint32(b | 0x20 if 65 <= b <= 90 else b)) * np.uint32(16777619))
    return end, _mix(h ^ np.uint32(0x2545F491))


@njit(cache=True, nogil=True)
def _mark_names(term, flags, first, last, seen, stamp):
    """Flag as names the capitalised words, where capitals mean something.

    A word that only opens a sentence is a name if it stands capitalised inside another one or is followed by a name.
    """
    inside = capital = 0
    for k in range(first, last):
        if not flags[k] & (HEAD | NUMBER | DATE | HANDLE):
            inside += 1
            capital += (flags[k] & CAPITAL) != 0
    if capital > _CAPITALISED * inside:
        return
    for k in range(first, last):
        if flags[k] & CAPITAL and not flags[k] & (COMMON | HEAD):
            flags[k] |= NAME
            seen[term[k] & 0xFFFF] = stamp
    for k in range(first, last):
        if flags[k] & CAPITAL and flags[k] & HEAD and not flags[k] & COMMON:
            followed = k + 1 < last and flags[k + 1] & NAME and not flags[k + 1] & HEAD
            if followed or seen[term[k] & 0xFFFF] == stamp:
                flags[k] |= NAME


@njit(cache=True, nogil=True)
def _scan_all(data, offsets, classes, folded, keys, kinds, values, languages,
              term, flags, sentence, start, end, places, language, sentences):  # fmt: skip
    """Fill the columns of `Terms`, text by text."""
    at = 0
    votes = np.zeros(64, np.int64)
    seen = np.full(65536, -1, np.int64)
    spoken = np.empty(len(term), np.int64)
    for t in range(len(offsets) - 1):
        votes[:] = 0
        first = at
        at, sentences[t] = _scan_one(data, offsets[t], offsets[t + 1], classes, folded, keys, kinds, values, languages,
                                     term, flags, sentence, start, end, at, votes, spoken)  # fmt: skip
        best = np.argmax(votes)
        if votes[best] >= _LEAST_VOTES:
            language[t] = best
            # "Ada" is common in Indonesian only.
            for k in range(first, at):
                if flags[k] & COMMON and spoken[k] >= 0 and not (languages[spoken[k]] >> np.uint64(best)) & np.uint64(1):
                    flags[k] &= ~np.uint8(COMMON)
        _mark_names(term, flags, first, at, seen, t)
        places[t + 1] = at


@njit(cache=True, nogil=True)
def _scan_one(data, begin, stop, classes, folded, keys, kinds, values, languages,
              term, flags, sentence, start, end, at, votes, spoken):  # fmt: skip
    """Write the terms of one text from row `at` on; return the next free row and the number of sentences."""
    i, line = begin, 0
    first = at
    pending, opener, quoted_from = False, 0, 0
    month_row, month, number_row, number, tens_row = -1, 0, -1, 0.0, -1
    abbreviated, voters = False, 0
    while i < stop:
        code, after = _decode(data, i)
        kind = _class(classes, code)

        if kind in (_STOP, _HARD_STOP, _LINE_END):
            if not (kind == _STOP and abbreviated):
                pending = True
            if kind == _LINE_END:
                opener = 0
            i = after
            continue
        if kind in (_OPEN, _CLOSE, _STRAIGHT):
            # „…“ closes with a mark that opens elsewhere, »…« opens with one that closes.
            if opener == 0 and (kind != _CLOSE or code in (0xBB, 0x203A)):
                opener, quoted_from = code, at
            else:
                opener = 0
            i = after
            continue
        if kind in (_OTHER, _JOINER, _APOSTROPHE) and not (code == 64 and after < stop):
            i = after
            continue

        new_line = line + 1 if pending and at > first and kind != _LOWER else line
        flag = HEAD if (pending and kind != _LOWER) or at == first else 0
        if opener != 0 and at - quoted_from < _QUOTE_TERMS:
            flag |= QUOTED
        begun = closing = i
        value_of_word = -1.0
        row_term = np.uint32(0)
        abbreviated = False

        if kind == _DIGIT:
            i, m, d = _day(data, begun, stop, classes, folded)
            if m:
                row_term = _date_hash(m, d)
                flag |= DATE
            else:
                i, value = _number(data, begun, stop, classes, folded)
                value_of_word = value
                abbreviated = i - begun <= 2  # "19. November": an ordinal, not the end of a sentence
                # A scale, a unit or an ordinal ending may hang on the number: 12.9bn, 20k, 4th.
                if i < stop and _class(classes, _decode(data, i)[0]) in (_LOWER, _UPPER):
                    tail, whole, _, letters, _ = _word(data, i, stop, classes, folded)
                    slot = _find(keys, whole)
                    if keys[slot] != 0 and kinds[slot] == _SCALE:
                        value_of_word *= values[slot]
                        i = tail
                    elif letters <= 2:
                        i = tail
        elif code == 64:
            i, row_term = _address(data, begun, stop)
            if i - begun < 3:
                i = max(i, after)
                continue
            flag |= HANDLE
        elif kind == _UNSPACED:
            width = 3 if code < 0x2000 else 2
            # A run of such characters gives one term for each two (three) neighbours.
            i = closing = after
            if i < stop and _class(classes, _decode(data, i)[0]) == _UNSPACED:
                c2, closing = _decode(data, i)
                h = np.uint32((np.uint32(2166136261) ^ np.uint32(code)) * np.uint32(16777619))
                h = np.uint32((h ^ np.uint32(c2)) * np.uint32(16777619))
                if width == 3 and closing < stop and _class(classes, _decode(data, closing)[0]) == _UNSPACED:
                    c3, closing = _decode(data, closing)
                    h = np.uint32((h ^ np.uint32(c3)) * np.uint32(16777619))
                row_term = _mix(h)
            else:
                continue
        else:
            i, whole, cut, letters, capitals = _word(data, begun, stop, classes, folded)
            if letters == 0:
                i = after
                continue
            if letters == 1:
                # U.S. is one word, J. an initial, s what an apostrophe left.
                abbreviated = capitals == 1
                h = np.uint32(2166136261)
                dotted, k = 0, begun
                while k + 1 < stop and 65 <= data[k] <= 90 and data[k + 1] == 46:
                    h = np.uint32((h ^ np.uint32(data[k] | 0x20)) * np.uint32(16777619))
                    dotted += 1
                    k += 2
                if dotted < 2:
                    continue
                i, cut, whole, letters, capitals = k, _mix(h), _mix(h), dotted, dotted
            elif letters <= 5 and i + 3 < stop and data[i] == 58 and data[i + 1] == 47 and data[i + 2] == 47:
                i, row_term = _address(data, begun, stop)
                flag |= HANDLE
            elif letters == 3 and i + 1 < stop and data[i] == 46 and (data[begun] | 0x20) == 119 and (data[begun + 1] | 0x20) == 119:
                i, row_term = _address(data, begun, stop)
                flag |= HANDLE
            if not flag & HANDLE:
                row_term = cut
                flag |= CAPITAL if kind == _UPPER else 0
                slot = _find(keys, whole)
                entry = kinds[slot] if keys[slot] != 0 else 0
                bits = languages[slot] if keys[slot] != 0 else np.uint64(0)
                if bits != 0 and voters < _VOTERS:
                    voters += 1
                    for k in range(64):
                        votes[k] += np.int64((bits >> np.uint64(k)) & np.uint64(1))
                if entry == 1 and values[slot] <= _COMMON_RANKS and not (capitals == letters and letters > 1):
                    flag |= COMMON
                    spoken[at] = slot
                elif entry == _ABBREVIATION:
                    abbreviated = True
                    flag |= COMMON
                    spoken[at] = -1
                elif entry == _WEEKDAY:
                    abbreviated = letters <= 5
                    row_term = _mix(np.uint32(values[slot]) ^ np.uint32(0x27D4EB2F))
                elif entry in (_MONTH, _AMBIGUOUS):
                    abbreviated = letters <= 4
                    m = np.int64(values[slot])
                    if number_row >= 0 and at - number_row <= 2 and 1 <= number <= 31 and number == np.floor(number) and new_line == line:
                        term[number_row] = _date_hash(m, np.int64(number))
                        flags[number_row] = (flags[number_row] & ~np.uint8(NUMBER)) | DATE
                        end[number_row] = i - begin
                        number_row = -1
                        continue
                    month_row, month = at, m
                    if entry == _MONTH:
                        row_term = _mix(np.uint32(m) ^ np.uint32(0x165667B1))
                elif entry == _SCALE:
                    if number_row == at - 1 and number_row >= 0 and new_line == line:
                        number *= values[slot]
                        abbreviated = letters <= 4
                        term[number_row] = _number_hash(number)
                        end[number_row] = i - begin
                        continue
                elif entry == _NUMBER_WORD:
                    value_of_word = values[slot]
                    if tens_row == at - 1 and tens_row >= 0 and value_of_word < 10 and new_line == line:
                        number += value_of_word
                        term[number_row] = _number_hash(number)
                        end[number_row] = i - begin
                        tens_row = -1
                        continue
                    if value_of_word >= 20:
                        tens_row = at

        if value_of_word >= 0:
            if month_row == at - 1 and month_row >= 0 and 1 <= value_of_word <= 31 and value_of_word == np.floor(value_of_word):
                term[month_row] = _date_hash(month, np.int64(value_of_word))
                flags[month_row] |= DATE
                end[month_row] = i - begin
                month_row = -1
                pending = abbreviated = False
                continue
            row_term = _number_hash(value_of_word)
            flag |= NUMBER
            number_row, number = at, value_of_word
        line = new_line
        pending = False
        term[at], flags[at], sentence[at] = row_term, flag, min(line, 65535)
        start[at], end[at] = begun - begin, max(i, closing) - begin
        at += 1
    return at, (line + 1 if at > first else 0)
