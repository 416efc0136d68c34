"""MinHash signatures of any sets of hashes, bit for bit those of `datasketch.MinHash` in its default scheme.

A signature holds, for each of k permutations of the 32-bit integers, the least value that an element of the set takes.
Two signatures agree in a place with a probability that is the Jaccard similarity of the sets.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from cleaners.kernels import njit
from cleaners.shingles.sets import HASH

if TYPE_CHECKING:
    from cleaners.config import FingerprintSettings

SCHEME = "affine32"
"""datasketch's name for its default: murmur finalizer, then `a·h + b mod 2³²` with odd a."""


def scheme(settings: FingerprintSettings) -> dict[str, str]:
    """Return what a signature depends on beside the text, as plain strings: store it with signatures.

    Compared with signatures of another scheme they would silently say 0.

    >>> from cleaners.config import FingerprintSettings
    >>> scheme(FingerprintSettings())["scheme"], scheme(FingerprintSettings())["shingle_words"]
    ('affine32', '5')
    """
    return {
        "scheme": SCHEME,
        "hash": HASH,
        "unicode": unicodedata.unidata_version,  # decides what a letter is
        **{name: str(value) for name, value in settings.model_dump().items()},
    }


def signatures(
    offsets: npt.NDArray[np.int64], hashes: npt.NDArray[np.uint32], settings: FingerprintSettings
) -> npt.NDArray[np.uint32]:
    """Return the signature of each set: `(n, permutations) uint32`.

    The elements of set i are `hashes[offsets[i]:offsets[i + 1]]`; repeated ones change nothing. An empty set has the
    signature that is 2³²−1 throughout, which equals that of any other empty set: keep those out of bands.

    >>> from datasketch import MinHash
    >>> from cleaners.config import FingerprintSettings
    >>> reference = MinHash(num_perm=128, seed=1, hashfunc=int)
    >>> reference.update_batch([3, 14, 15])
    >>> ours = signatures(np.array([0, 3]), np.array([3, 14, 15], np.uint32), FingerprintSettings())
    >>> bool((ours[0] == reference.hashvalues).all())
    True
    """
    a, b = _permutations(settings.permutations, settings.seed)
    least = np.full((len(offsets) - 1, settings.permutations), 2**32 - 1, np.uint32)
    _least(offsets, hashes, a, b, least)
    return least


def _permutations(count: int, seed: int) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """Return the odd factors and the addends that datasketch draws for a seed.

    Drawn as `MinHash._init_permutations` does it instead of by calling it: importing datasketch loads scipy, 0.7 s in
    every worker. numpy promises that RandomState never changes, and a test compares.
    """
    draw = np.random.RandomState(seed)
    factors = draw.randint(0, 2**31, count, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return factors, draw.randint(0, 2**32, count, dtype=np.uint32)


@njit(cache=True, nogil=True)
def _least(
    offsets: npt.NDArray[np.int64],
    hashes: npt.NDArray[np.uint32],
    a: npt.NDArray[np.uint32],
    b: npt.NDArray[np.uint32],
    least: npt.NDArray[np.uint32],
) -> None:
    """Lower each place of each signature to the least permuted hash."""
    # Four hashes a turn: a signature is then loaded and stored once for four.
    four = np.empty(4, np.uint32)
    for row in range(len(least)):
        signature = least[row]
        end = offsets[row + 1]
        for begin in range(offsets[row], end, 4):
            for i in range(4):
                four[i] = _mixed(hashes[min(begin + i, end - 1)])
            h, j, k, m = four
            for place in range(len(a)):
                left = min(np.uint32(a[place] * h + b[place]), np.uint32(a[place] * j + b[place]))
                right = min(np.uint32(a[place] * k + b[place]), np.uint32(a[place] * m + b[place]))
                signature[place] = min(signature[place], min(left, right))  # noqa: PLW3301  (of two it is one instruction)


@njit(nogil=True)
def _mixed(h: np.uint32) -> np.uint32:
    """Return the 32-bit finalizer of MurmurHash3, which datasketch applies before its permutations."""
    h ^= h >> np.uint32(16)
    h = np.uint32(h * np.uint32(0x85EBCA6B))
    h ^= h >> np.uint32(13)
    h = np.uint32(h * np.uint32(0xC2B2AE35))
    return h ^ (h >> np.uint32(16))
