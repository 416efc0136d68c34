"""Terms as they are meant: figures joined, the language told, common words and names marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cleaners.facts.figures import date_hash, is_day, number_hash
from cleaners.facts.lexicon import ABBREVIATION, AMBIGUOUS_MONTH, MONTH, NUMBER_WORD, SCALE
from cleaners.facts.lexicon import COMMON as COMMON_WORD
from cleaners.facts.marks import CAPITAL, COMMON, DATE, HANDLE, HEAD, NAME, NUMBER
from cleaners.kernels import lean

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cleaners.facts.columns import Lookups, Terms
    from cleaners.facts.lexicon import Lexicon

# A common word is one of the first so many of a stop list: function words; behind them the list holds words that tell.
_COMMON_RANKS = 120
# Common words of a text that vote for its language, and the least that tell one language from its neighbours.
_VOTERS, _LEAST_VOTES = 60, 6
# Where more than this share of the words inside sentences is capitalised, capitals mark no names (titles, shouting).
_CAPITALISED = 0.5


@lean(forceinline=True)
def joins(  # noqa: PLR0913, PLR0917  # what is known of a term before it has a row
    entries: NDArray[np.uint8], values: NDArray[np.float64], terms: NDArray[np.uint32], flags: NDArray[np.uint8],
    sentences: NDArray[np.uint16], ends: NDArray[np.uint32], row: int, scaled: int,
    entry: int, figure: float, flag: int, sentence: int, end: int,
) -> bool:  # fmt: skip
    """Make one term of number and scale, of tens and ones, of month and day: tell whether a term joins one before it.

    `row` is where it would stand, `scaled` the last row a number stands in.
    """
    beside = row > 0 and sentences[row - 1] == sentence
    before = entries[row - 1] if beside else 0
    if beside and flags[row - 1] & NUMBER:
        tens = entry == NUMBER_WORD and before == NUMBER_WORD and values[row - 1] >= 20 and figure < 10
        if tens or entry == SCALE:
            values[row - 1] = values[row - 1] + figure if tens else values[row - 1] * figure
            terms[row - 1], ends[row - 1] = number_hash(values[row - 1]), end
            return True
    if flag & NUMBER and before in (MONTH, AMBIGUOUS_MONTH) and is_day(figure):
        terms[row - 1], ends[row - 1] = date_hash(int(values[row - 1]), int(figure)), end
        flags[row - 1] |= DATE
        entries[row - 1] = 0  # it has its day
        return True
    # "19 November", "19 de noviembre", "19th of November"
    near = scaled >= 0 and row - scaled <= 2 and sentences[scaled] == sentence
    if entry in (MONTH, AMBIGUOUS_MONTH) and near and flags[scaled] & NUMBER and is_day(values[scaled]):
        terms[scaled], ends[scaled] = date_hash(int(figure), int(values[scaled])), end
        flags[scaled] = (flags[scaled] & ~NUMBER) | DATE
        return True
    return False


@lean(cache=True)
def language_of(lex: Lexicon, lookups: Lookups, count: int) -> int:
    """Return the language that most of the first common words belong to, -1 where too few tell."""
    votes, slots, languages = lookups.votes, lookups.slot, lex.languages
    votes[:] = 0
    voters = 0
    for k in range(count):
        if slots[k] >= 0 and languages[slots[k]]:
            bits = languages[slots[k]]
            for bit in range(64):
                votes[bit] += np.int64((bits >> np.uint64(bit)) & np.uint64(1))
            voters += 1
            if voters == _VOTERS:
                break
    best = int(np.argmax(votes))
    return best if votes[best] >= _LEAST_VOTES else -1


@lean(cache=True)
def settle(lex: Lexicon, lookups: Lookups, found: Terms, count: int, text: int) -> None:
    """Flag common words of the text's language, and names: capitalised words, where capitals mean something.

    A word that only opens a sentence is a name if it stands capitalised inside another one, or before a name.
    """
    slots, entries, values, seen = lookups.slot, lookups.entry, lookups.value, lookups.seen
    terms, flags, languages = found.term, found.flags, lex.languages
    language = found.language[text]
    any_language = language < 0
    told = np.uint64(max(language, 0))
    inside = capital = 0
    for k in range(count):  # without branches: of these every third would be guessed wrong
        among = (entries[k] == COMMON_WORD) & (values[k] <= _COMMON_RANKS)
        # "Ada" is common in Indonesian only.
        spoken = any_language | (((languages[max(slots[k], 0)] >> told) & np.uint64(1)) != 0)
        flags[k] |= COMMON * np.uint8((among & spoken) | (entries[k] == ABBREVIATION))
        within = (flags[k] & (HEAD | NUMBER | DATE | HANDLE)) == 0
        inside += int(within)
        capital += int(within & ((flags[k] & CAPITAL) != 0))
    if capital > _CAPITALISED * inside:
        return
    for k in range(count):
        if flags[k] & (CAPITAL | COMMON | HEAD | NUMBER | DATE) == CAPITAL:
            flags[k] |= NAME
            seen[terms[k] & 0xFFFF] = text
    for k in range(count):
        if flags[k] & (CAPITAL | COMMON | HEAD | NUMBER | DATE) == CAPITAL | HEAD:
            followed = k + 1 < count and flags[k + 1] & NAME and not flags[k + 1] & HEAD
            if followed or seen[terms[k] & 0xFFFF] == text:
                flags[k] |= NAME
