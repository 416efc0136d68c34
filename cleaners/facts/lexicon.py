"""Words with a value, and common words with their languages, as one table the scanner can look into.

Common words come from jusText's stop lists, which give the words of a hundred languages in order of frequency (they
were counted on Wikipedia). Their order tells how rare a word is in languages that were not counted in news.
"""

from __future__ import annotations

import functools
import importlib.resources
import pkgutil
import tomllib
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

FILE = "lexicon.toml"
# What a word is. 0 is an empty slot of the table.
COMMON, MONTH, AMBIGUOUS_MONTH, WEEKDAY, NUMBER_WORD, SCALE, ABBREVIATION = range(1, 8)
_KINDS = {
    "month": MONTH,
    "ambiguous_month": AMBIGUOUS_MONTH,
    "weekday": WEEKDAY,
    "number": NUMBER_WORD,
    "scale": SCALE,
    "abbreviation": ABBREVIATION,
}

LANGUAGES = {
    "en": "English", "de": "German", "es": "Spanish", "fr": "French", "it": "Italian", "pt": "Portuguese",
    "nl": "Dutch",
    "pl": "Polish", "ru": "Russian", "uk": "Ukrainian", "cs": "Czech", "sk": "Slovak", "sv": "Swedish", "da": "Danish",
    "no": "Norwegian_Bokmal", "fi": "Finnish", "et": "Estonian", "lv": "Latvian", "lt": "Lithuanian", "hu": "Hungarian",
    "ro": "Romanian", "bg": "Bulgarian", "sr": "Serbian", "hr": "Croatian", "sl": "Slovenian", "mk": "Macedonian",
    "el": "Greek", "tr": "Turkish", "az": "Azerbaijani", "kk": "Kazakh", "ar": "Arabic", "fa": "Persian", "ur": "Urdu",
    "he": "Hebrew", "hi": "Hindi", "bn": "Bengali", "mr": "Marathi", "ta": "Tamil", "te": "Telugu", "ml": "Malayalam",
    "kn": "Kannada", "gu": "Gujarati", "ne": "Nepali", "ko": "Korean", "vi": "Vietnamese", "id": "Indonesian",
    "ms": "Malay", "tl": "Tagalog", "sw": "Swahili", "ca": "Catalan", "gl": "Galician", "eu": "Basque",
    "sq": "Albanian",
    "hy": "Armenian", "ka": "Georgian", "af": "Afrikaans", "is": "Icelandic", "be": "Belarusian",
}  # fmt: skip
"""ISO 639-1 code → name of jusText's list. The position of a language is its bit in `Lexicon.languages`."""

_RANKS = 400
"""Words of each list that are looked up while a text is read. What stands behind them counts for rarity only."""


class Lexicon(NamedTuple):
    """An open-addressing hash table of words; the slot of a word is its hash modulo the size, or the next free one."""

    keys: NDArray[np.uint32]  # hash of the whole folded word
    kinds: NDArray[np.uint8]
    values: NDArray[np.float64]  # of a word with a value; for a common word its rank, from 1
    languages: NDArray[np.uint64]  # one bit for each language in which the word is common


@functools.cache
def words() -> tuple[tuple[str, int, float, int], ...]:
    """Return every word of the lexicon with kind, value and language bits; each word once.

    >>> {word: (kind, value) for word, kind, value, _ in words()}["wednesday"] == (WEEKDAY, 3.0)
    True
    """
    known: dict[str, tuple[int, float, int]] = {}
    for bit, name in enumerate(LANGUAGES.values()):
        for rank, word in enumerate(common(name)[:_RANKS], start=1):
            _, best, bits = known.get(word, (COMMON, float(rank), 0))
            known[word] = COMMON, min(best, float(rank)), bits | 1 << bit
    table = tomllib.loads(importlib.resources.files(__package__).joinpath(FILE).read_text(encoding="utf-8"))
    for section, entries in table.items():
        for value, spellings in entries.items():
            for word in spellings.split():
                known[word] = _KINDS[section], float(value), known.get(word, (0, 0.0, 0))[2]
    return tuple((word, *entry) for word, entry in known.items())


def common(name: str) -> list[str]:
    """Return the words of one of jusText's lists, the commonest first, lower-cased, without its punctuation."""
    listed = (pkgutil.get_data("justext", f"stoplists/{name}.txt") or b"").decode("utf-8")
    cleaned = (word.strip("\"'„“”()[].,:;!?/>").lower() for word in listed.split())
    return list(dict.fromkeys(word for word in cleaned if word))


def table(hashes: NDArray[np.uint32]) -> Lexicon:
    """Return the lexicon under the scanner's hashes of `words()`, in the same order; 0 marks one it cannot read."""
    size = 1 << 17
    lexicon = Lexicon(
        np.zeros(size, np.uint32), np.zeros(size, np.uint8), np.zeros(size, np.float64), np.zeros(size, np.uint64)
    )
    for (_, kind, value, languages), key in zip(words(), hashes.tolist(), strict=True):
        if key == 0:
            continue
        slot = key % size
        while lexicon.keys[slot] not in (0, key):
            slot = (slot + 1) % size
        # Two spellings may fold to one ("on", "ön"): a value beats a mere frequency, the commoner the rarer.
        held = lexicon.kinds[slot]
        if held == 0 or (held == COMMON and (kind != COMMON or value < lexicon.values[slot])):
            lexicon.kinds[slot], lexicon.values[slot] = kind, value
        lexicon.keys[slot] = key
        lexicon.languages[slot] |= np.uint64(languages)
    return lexicon
