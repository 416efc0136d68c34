"""Terms read one by one → terms as they are meant: figures joined, the language told, common words and names marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cleaners.facts.figures import date_hash, is_day, month_hash, number_hash
from cleaners.facts.lexicon import ABBREVIATION, AMBIGUOUS_MONTH, MONTH, NUMBER_WORD, SCALE
from cleaners.facts.lexicon import COMMON as COMMON_WORD
from cleaners.facts.marks import CAPITAL, COMMON, DATE, HANDLE, HEAD, NAME, NUMBER
from cleaners.kernels import njit

if TYPE_CHECKING:
    from cleaners.facts.columns import Lookups, Terms
    from cleaners.facts.lexicon import Lexicon

# A common word is one of the first so many of a stop list: function words; behind them the list holds words that tell.
_COMMON_RANKS = 120
# Common words of a text that vote for its language, and the least that tell one language from its neighbours.
_VOTERS, _LEAST_VOTES = 60, 6
# Where more than this share of the words inside sentences is capitalised, capitals mark no names (titles, shouting).
_CAPITALISED = 0.5


@njit(cache=True, nogil=True)
def join(lookups: Lookups, found: Terms, first: int, last: int) -> int:  # noqa: C901, PLR0912  # the ways figures are written
    """Make one term of number and scale, of tens and ones, of month and day; return the end of what is left."""
    at = first  # the row written next; `at - 1` is the neighbour before
    scaled = first - 1  # the last row a number stands in
    for k in range(first, last):
        entry = lookups.entry[k]
        if entry > COMMON_WORD or found.flags[k] & NUMBER:
            beside = at > first and found.sentence[at - 1] == found.sentence[k]
            before = lookups.entry[at - 1] if beside else 0
            near = beside and found.flags[at - 1] & NUMBER
            if entry == SCALE and near:
                lookups.value[at - 1] *= lookups.value[k]
                found.end[at - 1] = found.end[k]
                continue
            if (
                entry == NUMBER_WORD
                and near
                and before == NUMBER_WORD
                and lookups.value[at - 1] >= 20
                and lookups.value[k] < 10
            ):
                lookups.value[at - 1] += lookups.value[k]
                found.end[at - 1] = found.end[k]
                continue
            if (
                found.flags[k] & NUMBER
                and before in (MONTH, AMBIGUOUS_MONTH)
                and not found.flags[at - 1] & DATE
                and is_day(lookups.value[k])
            ):
                found.term[at - 1] = date_hash(int(lookups.value[at - 1]), int(lookups.value[k]))
                found.flags[at - 1] |= DATE
                found.end[at - 1] = found.end[k]
                continue
            if entry in (MONTH, AMBIGUOUS_MONTH):
                # "19 November", "19 de noviembre", "19th of November"
                near = scaled >= first and at - scaled <= 2 and found.sentence[scaled] == found.sentence[k]
                if near and found.flags[scaled] & NUMBER and is_day(lookups.value[scaled]):
                    found.term[scaled] = date_hash(int(lookups.value[k]), int(lookups.value[scaled]))
                    found.flags[scaled] = (found.flags[scaled] & ~NUMBER) | DATE
                    found.end[scaled] = found.end[k]
                    continue
                if entry == MONTH:
                    found.term[k] = month_hash(int(lookups.value[k]))
        if at < k:
            lookups.slot[at], lookups.entry[at], lookups.value[at] = lookups.slot[k], entry, lookups.value[k]
            found.term[at], found.flags[at], found.sentence[at], found.start[at], found.end[at] = (
                found.term[k],
                found.flags[k],
                found.sentence[k],
                found.start[k],
                found.end[k],
            )
        if found.flags[at] & NUMBER:
            scaled = at
        at += 1
    for k in range(first, at):
        if found.flags[k] & NUMBER:
            found.term[k] = number_hash(lookups.value[k])
        elif lookups.entry[k] == MONTH:
            found.flags[k] |= DATE
    return at


@njit(cache=True, nogil=True)
def language_of(lex: Lexicon, lookups: Lookups, first: int, last: int) -> int:
    """Return the language that most of the first common words belong to, -1 where too few tell."""
    votes, slots, languages = lookups.votes, lookups.slot, lex.languages
    votes[:] = 0
    voters = 0
    for k in range(first, last):
        if slots[k] >= 0 and languages[slots[k]]:
            bits = languages[slots[k]]
            for bit in range(64):
                votes[bit] += np.int64((bits >> np.uint64(bit)) & np.uint64(1))
            voters += 1
            if voters == _VOTERS:
                break
    best = int(np.argmax(votes))
    return best if votes[best] >= _LEAST_VOTES else -1


@njit(cache=True, nogil=True)
def settle(lex: Lexicon, lookups: Lookups, found: Terms, first: int, last: int, text: int) -> None:  # noqa: C901  # common words and names
    """Flag common words of the text's language, and names: capitalised words, where capitals mean something.

    A word that only opens a sentence is a name if it stands capitalised inside another one, or before a name.
    """
    slots, entries, values, seen = lookups.slot, lookups.entry, lookups.value, lookups.seen
    terms, flags, languages = found.term, found.flags, lex.languages
    language = found.language[text]
    inside = capital = 0
    for k in range(first, last):
        if entries[k] == COMMON_WORD and values[k] <= _COMMON_RANKS:
            # "Ada" is common in Indonesian only.
            if language < 0 or (languages[slots[k]] >> np.uint64(language)) & np.uint64(1):
                flags[k] |= COMMON
        elif entries[k] == ABBREVIATION:
            flags[k] |= COMMON
        if not flags[k] & (HEAD | NUMBER | DATE | HANDLE):
            inside += 1
            capital += (flags[k] & CAPITAL) != 0
    if capital > _CAPITALISED * inside:
        return
    for k in range(first, last):
        if flags[k] & CAPITAL and not flags[k] & (COMMON | HEAD | NUMBER | DATE):
            flags[k] |= NAME
            seen[terms[k] & 0xFFFF] = text
    for k in range(first, last):
        if flags[k] & CAPITAL and flags[k] & HEAD and not flags[k] & (COMMON | NUMBER | DATE):
            followed = k + 1 < last and flags[k + 1] & NAME and not flags[k + 1] & HEAD
            if followed or seen[terms[k] & 0xFFFF] == text:
                flags[k] |= NAME
