"""How many bands of how many rows: the least work that finds the wanted share of the pairs at the threshold."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Bands(NamedTuple):
    """Cut a signature into `bands` runs of `rows` places; two articles meet where they agree in a whole run.

    A pair of similarity s meets with probability 1 − (1 − sʳ)ᵇ. Bands that a signature has no room for are cut from it
    once more, one place further on, and where that has been done from every place, with more room between the places:
    they overlap with others, but share all of their places with none (as long as `rows` divides the permutations).
    """

    bands: int
    rows: int

    def places(self, permutations: int) -> NDArray[np.int64]:
        """Return the places of each band in a signature, (bands, rows).

        >>> Bands(5, 2).places(4).tolist()
        [[0, 1], [2, 3], [1, 2], [3, 0], [0, 2]]
        """
        first = np.arange(self.bands)[:, None] * self.rows
        stride, further = np.divmod(first // permutations, self.rows)
        places: NDArray[np.int64] = (first + further + np.arange(self.rows) * (stride + 1)) % permutations
        return places

    def recall(self, similarity: float) -> float:
        """Return the share of pairs of this similarity that meet.

        >>> [round(Bands(25, 5).recall(s), 4) for s in (0.3, 0.7, 0.8)]
        [0.059, 0.9899, 1.0]
        """
        return float(1 - (1 - similarity**self.rows) ** self.bands)


@functools.cache
def bands_for(threshold: float, recall: float, permutations: int) -> Bands:
    """Return the bands with most rows, so fewest chance meetings, that find `recall` of the pairs at `threshold`.

    One row a band where even that finds fewer.

    >>> bands_for(0.7, 0.97, 128), bands_for(0.8, 0.97, 128), bands_for(0.1, 0.999999, 16)
    (Bands(bands=25, rows=5), Bands(bands=18, rows=7), Bands(bands=16, rows=1))
    """
    cuts = (Bands(permutations // rows, rows) for rows in range(permutations, 0, -1))
    return next((cut for cut in cuts if cut.recall(threshold) >= recall), Bands(permutations, 1))


def least_agreement(threshold: float, permutations: int, deviations: float) -> int:
    """Return the number of equal places below which a pair that met is not worth reading.

    Equal places are binomial: s·k on average, with a standard deviation of √(k·s·(1 − s)). At 2.5 deviations 6 in 1,000
    pairs at the threshold are lost, and hardly any a little above it.

    >>> least_agreement(0.7, 128, 2.5)
    76
    """
    mean, deviation = permutations * threshold, math.sqrt(permutations * threshold * (1 - threshold))
    return max(0, math.floor(mean - deviations * deviation))


def least_recall(similarity: float, bands: Bands, permutations: int, least: int) -> float:
    """Return the least share of pairs of this similarity that are found: they meet, and `least` places agree.

    Either makes the other likelier, so the share of both is at least the product of the two.

    >>> bands, least = bands_for(0.7, 0.97, 128), least_agreement(0.7, 128, 2.5)
    >>> [round(least_recall(s, bands, 128, least), 4) for s in (0.7, 0.75, 0.8)]
    [0.986, 0.9988, 1.0]
    """
    chance = [
        math.comb(permutations, places) * similarity**places * (1 - similarity) ** (permutations - places)
        for places in range(least, permutations + 1)
    ]
    return bands.recall(similarity) * min(1.0, math.fsum(chance))
