"""One walk over the bytes of a text: its terms, before they are settled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cleaners.facts.alphabet import (
    APOSTROPHE,
    CLOSE,
    DIGIT,
    HARD_STOP,
    JOINER,
    LINE_END,
    LOWER,
    OPEN,
    OTHER,
    STOP,
    STRAIGHT,
    UNSPACED,
    UPPER,
)  # fmt: skip
from cleaners.facts.characters import SEED, address, class_of, decode, initials, mix, run, word
from cleaners.facts.figures import date, date_hash, month_hash, number, number_hash, weekday_hash
from cleaners.facts.lexicon import ABBREVIATION, AMBIGUOUS_MONTH, COMMON, MONTH, NUMBER_WORD, SCALE, WEEKDAY
from cleaners.facts.marks import CAPITAL, DATE, HANDLE, HEAD, NUMBER, QUOTED
from cleaners.facts.plain import plain_word
from cleaners.facts.settle import joins
from cleaners.kernels import lean

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cleaners.facts.columns import Lookups, Page, Terms
    from cleaners.facts.lexicon import Lexicon

# A quotation that does not close within so many terms was no quotation.
_QUOTE_TERMS = 120


@lean(cache=True)
def read(  # noqa: C901, PLR0912, PLR0915  # one walk, a branch for each kind of character
    page: Page, begin: int, stop: int, lex: Lexicon, lookups: Lookups, found: Terms
) -> int:
    """Write the terms of one text; return how many there are."""
    # Columns by themselves: taken out of their tuple term by term they are counted up and down each time, which took
    # most of the time there was.
    data, classes, plain = page.data, page.classes, page.plain
    keys, kinds, values = lex.keys, lex.kinds, lex.values
    slots, entries, figures = lookups.slot, lookups.entry, lookups.value
    terms, flags, sentences, starts, ends = found.term, found.flags, found.sentence, found.start, found.end
    hashes = lookups.hashes
    row, at, line, top = 0, begin, 0, len(keys) - 1
    pending = abbreviated = False  # a sentence may begin; the last word ends in a full stop of its own
    opener, quoted_from = 0, 0
    count, beside, scaled = 0, 0, -1  # terms so far; what the last one is; the last row with a number
    while at < stop:
        begun, code, after = at, int(np.int64(data[at])), at + 1
        # Of a word, as far as it is plain: letters, small letters, hash, hash of its first letters; then what to skip.
        letters = gap = 0
        small = False
        whole = cut = SEED
        if plain[code]:
            letters, small, whole, cut, gap = plain_word(data, plain, at, stop, hashes)
            at += letters
        if letters:
            kind = LOWER if code & 0x20 else UPPER
        else:
            if code < 0x80:
                kind = int(np.int64(classes[code]))
            else:
                code, after = decode(page, at)
                kind = class_of(page, code)
            if kind == OTHER and code != 64:
                at = after
                continue
            if kind in (STOP, HARD_STOP, LINE_END):
                pending |= kind != STOP or not abbreviated
                opener = 0 if kind == LINE_END else opener
                at = after
                continue
            if kind in (OPEN, CLOSE, STRAIGHT):
                # „…“ closes with a mark that opens elsewhere, »…« opens with one that closes.
                opens = opener == 0 and (kind != CLOSE or code in (0xBB, 0x203A))
                opener, quoted_from = (code, count) if opens else (0, count)
                at = after
                continue
            if kind in (JOINER, APOSTROPHE):
                at = after
                continue

        head = row == 0 or (pending and kind != LOWER)
        flag = HEAD if head else 0
        if opener and count - quoted_from < _QUOTE_TERMS:
            flag |= QUOTED
        slot, entry, figure, h = -1, 0, -1.0, np.uint32(0)
        abbreviated = False
        if kind == DIGIT:
            at, figure = _figure(data, plain, begun, stop)
            month = day = 0
            if figure < 0:
                at, month, day = date(page, begun, stop)
            if month:
                h, flag = date_hash(month, day), flag | DATE
            else:
                if figure < 0:
                    at, figure = number(page, begun, stop)
                # "19. November": an ordinal, not the end of a sentence; but "on Nov. 19." is.
                abbreviated = at - begun <= 2 and beside not in (MONTH, AMBIGUOUS_MONTH)
                # A scale or an ending may hang on the number: 12.9bn, 20k, 4th.
                if at < stop and (plain[data[at]] or data[at] >= 0x80):
                    tail, ending, _, length, _ = word(page, at, stop)
                    scale = _find(keys, ending) if length else -1
                    if scale >= 0 and kinds[scale] == SCALE:
                        figure *= values[scale]
                        at = tail
                    elif 0 < length <= 2:
                        at = tail
                flag |= NUMBER
            closed = at
        elif code == 64:
            closed, h = address(page, begun, stop)
            at = max(closed, after)
            if closed - begun < 3:
                continue
            flag |= HANDLE
        elif kind == UNSPACED:
            at, closed, h = run(page, begun, stop)
            if h == 0:
                continue
        else:
            if letters and (at == stop or data[at] < 0x80):
                closed, key, h, length, capitals = at, mix(whole), mix(cut), letters, 0 if small else letters
                at += gap
            else:
                closed, key, h, length, capitals = word(page, begun, stop)
                at = closed
            flag |= CAPITAL if kind == UPPER else 0
            if length == 1:
                # U.S. is one word, J. an initial, s what an apostrophe left.
                abbreviated = capitals == 1
                if closed == stop or data[closed] != 46:
                    continue
                closed, h, length = initials(page, begun, stop)
                if length < 2:
                    continue
                at = closed
            elif closed < stop and data[closed] in (46, 58) and length <= 5 and _is_address(data, begun, closed, stop):
                closed, h = address(page, begun, stop)
                flag = (flag | HANDLE) & ~CAPITAL
                at = max(closed, after)  # an address begins with no other letter
            else:
                slot = int(np.int64(key) & top)  # as `_find` does
                while keys[slot] != key and keys[slot] != 0:
                    slot = (slot + 1) & top
                # Without a branch for words that are there: half of them would be guessed wrong.
                entry, figure = kinds[slot], values[slot]  # a free slot says 0
                if entry > COMMON:
                    if entry == NUMBER_WORD:
                        flag |= NUMBER
                    elif entry == WEEKDAY:
                        h, flag = weekday_hash(int(figure)), flag | DATE
                    abbreviated = entry == ABBREVIATION or (
                        length <= 5 and entry in (MONTH, AMBIGUOUS_MONTH, WEEKDAY, SCALE)
                    )
                unknown = (keys[slot] == 0) | ((entry == COMMON) & (capitals == length))  # WHO, IT, US
                slot, entry = -1 if unknown else slot, 0 if unknown else entry
        line += head and row > 0
        sentence = min(line, 65535)
        pending = False
        count += 1
        beside = entry
        if entry > COMMON or flag & NUMBER:
            if joins(
                entries, figures, terms, flags, sentences, ends, row, scaled,
                entry, figure, flag, sentence, closed - begin,
            ):  # fmt: skip
                continue
            if flag & NUMBER:
                h, scaled = number_hash(figure), row
            elif entry == MONTH:
                h, flag = month_hash(int(figure)), flag | DATE
        out = np.uint64(row)  # a signed index costs a look at its sign each time
        slots[out], entries[out], figures[out] = slot, entry, figure
        terms[out], flags[out], sentences[out] = h, flag, sentence
        starts[out], ends[out] = begun - begin, closed - begin
        row += 1
    return row


@lean(forceinline=True)
def _figure(data: NDArray[np.uint8], plain: NDArray[np.uint8], at: int, stop: int) -> tuple[int, float]:
    """Read digits that nothing follows which could belong to them: their end and value, -1 for any other figure."""
    value = 0.0
    while at < stop and 48 <= data[at] <= 57:
        value = value * 10.0 + (data[at] - 48)
        at += 1
    for k in range(at, min(at + 2, stop)):
        if data[k] >= 0x80 or 48 <= data[k] <= 57 or plain[data[at]]:
            return at, -1.0
    return at, value


@lean(forceinline=True)
def _find(keys: NDArray[np.uint32], key: np.uint32) -> int:
    """Return the slot of a word in the lexicon, -1 where it is not there."""
    slot = np.int64(key) & (len(keys) - 1)
    while keys[slot] != 0:
        if keys[slot] == key:
            return int(slot)
        slot = (slot + 1) & (len(keys) - 1)
    return -1


@lean(forceinline=True)
def _is_address(data: NDArray[np.uint8], at: int, end: int, stop: int) -> bool:
    """Tell whether the word from `at` to `end` begins an address: "https://" or "www."."""
    if end + 3 < stop and data[end] == 58 and data[end + 1] == 47 and data[end + 2] == 47:
        return True
    return (
        end - at == 3 and end + 1 < stop and data[end] == 46 and data[at] | 0x20 == 119 and data[at + 1] | 0x20 == 119
    )
