"""Pairs → what two texts share by their telling terms alone: looked at before the texts are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from cleaners.facts import rarity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cleaners.facts.sets import Sets


def shared(telling: Sets, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the weighted Jaccard similarity of the telling terms of each pair of rows, (k,): measure `jaccard`.

    >>> import pyarrow as pa
    >>> from cleaners.config import RewordingSettings
    >>> from cleaners.facts.sets import fact_sets
    >>> texts = pa.array(["Ada Quill lost 12 hens.", "Ada Quill lost 12 geese.", "Rain."], pa.large_string())
    >>> telling = fact_sets(texts, RewordingSettings()).telling
    >>> shared(telling, np.array([0, 0]), np.array([1, 2])).round(1).tolist()
    [0.5, 0.0]
    """
    out = np.zeros(len(left), np.float32)
    _shared(telling.offsets, telling.hashes, left, right, rarity.weights(), out)
    return out


@njit(cache=True, nogil=True)
def _shared(
    offsets: NDArray[np.int64],
    hashes: NDArray[np.uint32],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    weights: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    slots = np.uint32(len(weights))
    for pair in range(len(left)):
        x, x1 = offsets[left[pair]], offsets[left[pair] + 1]
        y, y1 = offsets[right[pair]], offsets[right[pair] + 1]
        both = either = 0.0
        while x < x1 or y < y1:
            ahead = y >= y1 or (x < x1 and hashes[x] <= hashes[y])
            term = hashes[x] if ahead else hashes[y]
            weight = weights[term % slots]
            either += weight
            if ahead and y < y1 and hashes[y] == term:
                both += weight
                y += 1
            x += ahead
            y += not ahead
        if either > 0:
            out[pair] = both / either
