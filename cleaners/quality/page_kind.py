"""What kind of page a text comes from: what the page says it is, and where it says nothing, the shape of its lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KINDS = ("article", "list", "live blog", "gallery", "stub")

STATED = {
    "liveblogposting": "live blog",
    "imagegallery": "gallery",
    "mediagallery": "gallery",
}
"""Kind of a page whose JSON-LD describes it as this schema.org type, in small letters."""

_STUB_WORDS = 50
_LEAST_LINES = 5
_LISTED, _TIMED, _COUNTED = 0.5, 0.15, 0.2


def kinds(counted: Mapping[str, npt.NDArray[np.int64]], page_types: Sequence[Sequence[str] | None]) -> pa.Array:
    """Return the kind of each page, one of KINDS, from the figures of its text and the types it gives itself.

    live blog  five lines and 15 % of them begin with a time
    gallery    five lines and 20 % of them begin with a number of so many (3/12)
    list       half of the text of five and more lines stands in those that begin with a bullet or a number
    stub       fewer than 50 words (characters, in scripts without spaces)

    Of 337 real pages the 5 that are told to be no articles are none; of the others, 5 are lists without marks or news
    of a day without times.
    """
    lines = np.maximum(counted["lines"], 1)
    enough = counted["lines"] >= _LEAST_LINES
    looks = np.full(len(lines), KINDS.index("article"))
    looks[counted["word_tokens"] < _STUB_WORDS] = KINDS.index("stub")
    looks[enough & (counted["listed"] >= _LISTED * counted["lined"])] = KINDS.index("list")
    looks[enough & (counted["counted"] / lines >= _COUNTED)] = KINDS.index("gallery")
    looks[enough & (counted["timed"] / lines >= _TIMED)] = KINDS.index("live blog")
    stated = (_stated(types) for types in page_types)
    return pa.array([said or KINDS[look] for said, look in zip(stated, looks.tolist(), strict=True)], pa.large_string())


def _stated(types: Sequence[str] | None) -> str | None:
    """Return the kind that a page's types say it is; None where they say no more than article, or nothing."""
    found = {STATED.get(name.lower()) for name in types or ()}
    if found == {"gallery"}:  # beside other types it is a gallery in an article
        return "gallery"
    return "live blog" if "live blog" in found else None
