"""Pairs that were verified, kept by id in `work`: a run that adds articles verifies only pairs with something new."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cleaners import mapped
from cleaners.cluster import Verified
from cleaners.fingerprint.minhash import scheme
from cleaners.pairs import fact_scheme
from cleaners.rewording import verify as rewording
from cleaners.shards.articles import stripped_with
from cleaners.shards.dataset import key
from cleaners.shards.quality import refusing

if TYPE_CHECKING:
    import numpy.typing as npt

    from cleaners.config import Settings

_KNOWN = pa.schema(
    [("left", pa.large_string()), ("right", pa.large_string()), ("words", pa.uint64()), ("similarity", pa.float64())]
)


def keys(settings: Settings, furniture: str | None) -> dict[str, str]:
    """Return the key of the verified pairs of each kind, and of the last walk: whatever decides on texts and pairs."""
    sections = settings.model_dump(mode="json", include={"extract", "strip", "fingerprint"})
    texts = [sections, stripped_with(settings), unicodedata.unidata_version]  # which decides what a letter is
    told: list[object] = [settings.rewording.model_dump(), rewording.version()]
    limits: list[object] = [settings.match.threshold, settings.match.containment]
    decide = settings.model_dump(mode="json", include={"match", "cluster"})
    schemes = [scheme(settings.fingerprint), scheme(fact_scheme(settings))]
    kept = [] if "near" in settings.cluster.remove else ["no near ones", settings.match.threshold]
    depends: dict[str, list[object]] = {
        "near": [],
        "reworded": [*told, *kept],
        "overlap": [*told, *kept],
        "translated": [*told, *kept],
        "evidence": told,
        "shared words": limits,
        "shared facts": told,
        "walk": ["reach", *told, decide, refusing(settings), *schemes],
    }
    return {kind: key(kind, "words", texts, furniture, *more) for kind, more in depends.items()}


def recall(path: str, ids: pa.Array, content: npt.NDArray[np.uint64], rows: npt.NDArray[np.int64]) -> Verified:
    """Return the pairs verified by earlier runs, as rows of this one; those whose texts are gone stay out.

    `content` `(n, 2) uint64`: with other words than then, one of them is another text of the same id.
    """
    if not mapped.read_note(path):
        return Verified(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    known = mapped.columns(path)
    present = ids.take(pa.array(rows))
    names = pa.chunked_array([*known["left"].chunks, *known["right"].chunks], pa.large_string())
    place = pc.fill_null(pc.index_in(names, value_set=present), -1).to_numpy()  # all at once: present is hashed once
    left, right = place[: len(known)], place[len(known) :]
    there = np.flatnonzero((left >= 0) & (right >= 0))
    left, right = rows[left[there]], rows[right[there]]
    same = words_of(content, left, right) == known["words"].to_numpy()[there]
    return Verified(left[same], right[same], known["similarity"].to_numpy()[there[same]])


def remember(path: str, ids: pa.Array, content: npt.NDArray[np.uint64], verified: Verified) -> None:
    """Keep the verified pairs by id, but for those that a glance sufficed for: another one costs less than a lookup."""
    read = ~np.isnan(verified.similarity)
    left, right = verified.left[read], verified.right[read]
    names = (ids.take(pa.array(rows)) for rows in (left, right))
    words = pa.array(words_of(content, left, right))
    table = pa.Table.from_arrays([*names, words, pa.array(verified.similarity[read])], schema=_KNOWN)
    mapped.write(path, table, {"pairs": len(table), "digest": mapped.digest(table)})


def words_of(
    content: npt.NDArray[np.uint64], left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]
) -> npt.NDArray[np.uint64]:
    """Return what tells the words of each pair, `(pairs,) uint64`: an id may come to stand for another text."""
    words: npt.NDArray[np.uint64] = content[left, 0] ^ content[right, 0]
    return words
