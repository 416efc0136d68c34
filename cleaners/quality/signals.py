"""A column of clean texts → figures on each, a column each: the quality signals of the dataset."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cleaners.columns import SIGNALS
from cleaners.facts.lexicon import ABBREVIATION, LANGUAGES, common, words
from cleaners.kernels import njit
from cleaners.quality import characters, lines, page_kind, repetition, tokens
from cleaners.quality.tokens import Tables, Tokens, table_of
from cleaners.shingles.words import buffers

if TYPE_CHECKING:
    from cleaners.quality.lines import Phrases, Pieces
    from cleaners.quality.repetition import Seen, Sums

VERSION = 2
"""Raised when a signal changes its meaning: what was made from other ones is made again."""

MOST_BYTES = 1_000_000
"""Bytes of a text that are looked at: 170,000 words. Longer ones are no articles, and memory stays bounded."""

GOPHER_WORDS = ["the", "be", "to", "of", "and", "that", "have", "with"]
"""Of these eight a text needs two: Rae et al. 2021, A.1.1."""

_SHORT_FORMS = (
    "adm ariz aug calif co colo conn corp dec feb fla gen inc jan jul jun messrs minn nov oct okla sep sept tenn wis"
)
"""Of English, beside those of the lexicon; none that is a word a sentence could end in."""
_STOP_WORDS = 200  # of each of jusText's lists, the most frequent; they make up about half of a text

RATIOS = (
    "mean_word_length", "digits", "symbols", "alphabetic", "stop_words", "hashes", "ellipses", "bullet_lines",
    "ellipsis_lines", "duplicate_lines", "duplicate_line_characters", "duplicate_paragraphs",
    "duplicate_paragraph_characters", "top_2gram", "top_3gram", "top_4gram", "duplicate_5gram", "duplicate_6gram",
    "duplicate_7gram", "duplicate_8gram", "duplicate_9gram", "duplicate_10gram", "punctuated_lines", "short_lines",
    "line_breaks", "duplicate_characters",
)  # fmt: skip
"""Columns of shares and ratios, in the order in which the kernel writes them."""
NUMBERS = (
    "sentences",
    "c4_sentences",
    "gopher_words",
    "phrases",
    "braces",
    "lines",
    "numbered",
    "timed",
    "counted",
    "word_tokens",
    "listed",
    "lined",
)
"""Columns of whole numbers, in the order in which the kernel writes them; some are only steps to others."""

_MEAN_WORD, _DIGITS, _SYMBOLS, _ALPHABETIC, _STOPS, _HASHES, _ELLIPSES, _BULLETS, _TRAILING = range(9)
_LINES, _TOP, _DUPLICATE, _PUNCTUATED, _SHORT, _BREAKS, _CHARACTERS = 9, 13, 16, 22, 23, 24, 25


class Knowledge(NamedTuple):
    """What words mean: hash tables of stop words one after the other, where each begins, and other lists of hashes."""

    stops: npt.NDArray[np.uint64]
    begins: npt.NDArray[np.int64]
    gopher: npt.NDArray[np.uint64]
    phrases: Phrases


class Room(NamedTuple):
    """What is written over and over while texts are read."""

    tokens: Tokens
    pieces: Pieces
    sums: Sums
    seen: Seen
    counts: npt.NDArray[np.int64]
    points: npt.NDArray[np.uint32]


def signals(rows: pa.Table) -> pa.Table:
    """Return the signals (`SIGNALS`) of rows that have `text`, `language` and `page_types`.

    >>> rows = pa.table({"text": ["The bridge is open. It was shut."], "language": ["en"], "page_types": [None]})
    >>> found = signals(rows).to_pylist()[0]
    >>> found["sentences"], found["stop_words"], found["page_kind"]
    (2, 0.5714, 'stub')
    """
    texts = rows["text"].combine_chunks().cast(pa.large_string())
    languages = rows["language"].to_pylist()
    spoken = [_places().get(language or "", -1) for language in languages]
    ratios, numbers = _measured(texts, np.array(spoken, np.int64))
    found = {name: np.round(ratios[:, place], 4) for place, name in enumerate(RATIOS)}
    steps = {name: numbers[:, place] for place, name in enumerate(NUMBERS)}
    kinds = page_kind.kinds(steps, rows["page_types"].to_pylist())
    columns = {**found, **steps, "page_kind": kinds}
    columns["javascript"] = steps["phrases"] & lines.JAVASCRIPT > 0
    columns["lorem_ipsum"] = steps["phrases"] & lines.LOREM_IPSUM > 0
    columns["curly_bracket"] = steps["braces"] > 0
    columns["stop_words"] = pa.array(columns["stop_words"], mask=np.array(spoken, np.int64) < 0)
    return pa.table({field.name: pa.array(columns[field.name]).cast(field.type) for field in SIGNALS}, SIGNALS)


@functools.cache
def _places() -> dict[str, int]:
    """Return the number of each language that has a list of stop words."""
    return {code: place for place, code in enumerate(LANGUAGES)}


@functools.cache
def _knowledge() -> Knowledge:
    tables = [table_of(common(name)[:_STOP_WORDS]) for name in LANGUAGES.values()]
    begins = np.cumsum([0, *map(len, tables)])
    gopher = np.array([tokens.hash_of(word) for word in GOPHER_WORDS], np.uint64)
    return Knowledge(np.concatenate(tables), begins, gopher, lines.phrases())


@functools.cache
def _tables() -> Tables:
    short = [word for word, kind, _, _ in words() if kind == ABBREVIATION]
    return Tables(characters.flags(), characters.lower(), table_of([*short, *_SHORT_FORMS.split()]))


def _measured(
    texts: pa.LargeStringArray, spoken: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Return the ratios and the numbers of each text; `spoken` are the languages by number, -1 for one without list."""
    content, offsets = buffers(texts)
    ratios = np.zeros((len(texts), len(RATIOS)))
    numbers = np.zeros((len(texts), len(NUMBERS)), np.int64)
    if len(texts):
        most = min(int(np.diff(offsets).max()), MOST_BYTES) + 1
        room = Room(
            tokens.room(most),
            lines.room(most),
            repetition.sums(most),
            repetition.seen(most),
            np.zeros(lines.COUNTS, np.int64),
            np.empty(most, np.uint32),
        )
        _measure(content, offsets, spoken, (_tables(), _knowledge()), room, ratios, numbers)
    return ratios, numbers


@njit(cache=True, nogil=True)
def _measure(
    content: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    spoken: npt.NDArray[np.int64],
    known: tuple[Tables, Knowledge],
    room: Room,
    ratios: npt.NDArray[np.float64],
    numbers: npt.NDArray[np.int64],
) -> None:
    """Write the figures of every text."""
    tables, words = known
    for row in range(len(offsets) - 1):
        start, stop = offsets[row], offsets[row + 1]
        if stop > start + MOST_BYTES:
            stop = start + MOST_BYTES
            while content[stop] & 0xC0 == 0x80:
                stop -= 1
        n = tokens.characters(content, start, stop, room.points)
        n = tokens.read(room.points, n, tables, room.tokens)
        numbers[row, 3] = lines.walk(room.tokens, n, tables, words.phrases, room.pieces, room.counts)
        m = repetition.add_up(room.tokens, n, room.sums)
        if m == 0:
            continue
        _words(room.tokens, n, spoken[row], words, ratios[row], numbers[row])
        _lines(room, m, ratios[row], numbers[row])
        _repetition(room, m, ratios[row])


@njit(nogil=True)
def _words(
    found: Tokens,
    n: int,
    spoken: int,
    known: Knowledge,
    ratios: npt.NDArray[np.float64],
    numbers: npt.NDArray[np.int64],
) -> None:
    """Write what the words of one text tell."""
    stops = known.stops[known.begins[spoken] : known.begins[spoken + 1]] if spoken >= 0 else known.stops[:1]
    kind, size, low, exact, eight = found.kind, found.size, found.low, found.exact, known.gopher
    words = letters = alphabetic = common_ones = gopher = 0
    for k in range(n):
        if not kind[k] & tokens.WORD:
            continue
        words += 1
        letters += size[k]
        alphabetic += kind[k] & tokens.ALPHA > 0
        if spoken >= 0:
            common_ones += tokens.holds(stops, low[k])
        if size[k] <= 4:
            for place in range(len(eight)):
                if exact[k] == eight[place]:
                    gopher |= 1 << place
    numbers[9] = words
    if words:
        ratios[_MEAN_WORD] = letters / words
        ratios[_STOPS] = common_ones / words
    ratios[_ALPHABETIC] = alphabetic
    while gopher:
        numbers[2] += gopher & 1
        gopher >>= 1


@njit(nogil=True)
def _lines(room: Room, m: int, ratios: npt.NDArray[np.float64], numbers: npt.NDArray[np.int64]) -> None:
    """Write what the lines of one text of m words and marks tell."""
    counts, signs = room.counts, room.tokens.counts
    rows = counts[lines.LINES]
    visible = max(1, signs[tokens.VISIBLE])
    ratios[_DIGITS] = signs[tokens.DIGITS] / visible
    ratios[_SYMBOLS] = signs[tokens.SYMBOLS] / visible
    ratios[_ALPHABETIC] /= m
    ratios[_HASHES] = signs[tokens.HASHES] / m
    ratios[_ELLIPSES] = signs[tokens.ELLIPSES] / m
    ratios[_BREAKS] = signs[tokens.BREAKS] / m
    ratios[_BULLETS] = counts[lines.BULLETS] / rows
    ratios[_TRAILING] = counts[lines.ELLIPSIS_LINES] / rows
    ratios[_PUNCTUATED] = counts[lines.FINAL_LINES] / rows
    ratios[_SHORT] = counts[lines.SHORT_LINES] / rows
    numbers[0], numbers[1] = counts[lines.SENTENCES], counts[lines.KEPT_SENTENCES]
    numbers[4], numbers[5], numbers[6] = signs[tokens.BRACES], rows, counts[lines.NUMBERED]
    numbers[7], numbers[8] = counts[lines.TIMED], counts[lines.COUNTED]
    numbers[10], numbers[11] = counts[lines.LISTED], counts[lines.LINED]


@njit(nogil=True)
def _repetition(room: Room, m: int, ratios: npt.NDArray[np.float64]) -> None:
    """Write how much of one text of m words and marks repeats."""
    pieces, size = room.pieces, room.tokens.counts[tokens.CHARACTERS]
    rows, paragraphs = pieces.found
    again, signs = repetition.repeated(pieces.lines, pieces.line_sizes, rows, room.seen)
    ratios[_LINES], ratios[_LINES + 1] = again / rows, signs / size
    ratios[_CHARACTERS] = signs / (size - room.tokens.counts[tokens.BREAKS])
    again, signs = repetition.repeated(pieces.paragraphs, pieces.paragraph_sizes, paragraphs, room.seen)
    ratios[_LINES + 2], ratios[_LINES + 3] = again / paragraphs, signs / size
    for length in range(repetition.TOP, repetition.DUPLICATE):
        ratios[_TOP + length - repetition.TOP] = repetition.top(room.sums, m, length, room.seen) / size
    for length in range(repetition.DUPLICATE, repetition.LONGEST + 1):
        signs = repetition.duplicate(room.sums, m, length, room.seen)
        if signs == 0:  # then no longer n-gram stands twice
            return
        ratios[_DUPLICATE + length - repetition.DUPLICATE] = signs / size
