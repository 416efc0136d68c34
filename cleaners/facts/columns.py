"""The columns that texts are read into."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Page(NamedTuple):
    """UTF-8 bytes, and what their characters are (see `alphabet`)."""

    data: NDArray[np.uint8]
    classes: NDArray[np.uint8]  # (65536,)
    folded: NDArray[np.uint32]  # (65536,)
    plain: NDArray[np.uint8]  # (256,) small letter of each byte that is an ASCII letter, 0 for any other


class Terms(NamedTuple):
    """The terms of n texts, one after the other: text i has the rows `offsets[i]:offsets[i + 1]`."""

    offsets: NDArray[np.int64]  # (n + 1,)
    term: NDArray[np.uint32]  # (m,) hash
    flags: NDArray[np.uint8]  # (m,) of cleaners.facts.marks
    sentence: NDArray[np.uint16]  # (m,) counted from 0 in each text
    start: NDArray[np.uint32]  # (m,) byte offset in the text
    end: NDArray[np.uint32]  # (m,)
    language: NDArray[np.int16]  # (n,) place in lexicon.LANGUAGES, -1 where the common words do not tell


class Lookups(NamedTuple):
    """What the lexicon knows of the terms of one text while it is read, and arrays to work in."""

    slot: NDArray[np.int32]  # (longest,) place in the lexicon, -1 for a word it does not have
    entry: NDArray[np.uint8]  # (longest,) what the word is there, 0 for nothing
    value: NDArray[np.float64]  # (longest,) its value or rank there; of figures, their value
    votes: NDArray[np.int64]  # (64,) for each language
    hashes: NDArray[np.uint32]  # (plain.MOST,) of the beginnings of a word
    seen: NDArray[np.int32]  # (65536,) the last text with a name of this hash
