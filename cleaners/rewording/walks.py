"""How far a sequence of places is in order: two classic counts, each in O(n log n)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleaners.kernels import lean

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@lean(cache=True)
def longest_rise(values: NDArray[np.int64], spare: NDArray[np.int64]) -> int:
    """Return the length of the longest rising subsequence (patience sorting); `spare` is overwritten.

    >>> import numpy as np
    >>> longest_rise(np.array([3, 1, 2, 5, 4]), np.zeros(5, np.int64))
    3
    """
    length = 0
    for value in values:
        low, high = 0, length
        while low < high:
            middle = (low + high) // 2
            if spare[middle] < value:
                low = middle + 1
            else:
                high = middle
        spare[low] = value
        length = max(length, low + 1)
    return length


@lean(cache=True)
def falling_pairs(values: NDArray[np.int64], spare: NDArray[np.int64]) -> int:
    """Return how many pairs stand in falling order (merge sort); `values` are sorted, `spare` is overwritten.

    Of n values there are n · (n − 1) / 2 pairs; half of them fall in a random order (Kendall 1938).

    >>> import numpy as np
    >>> falling_pairs(np.array([3, 1, 2]), np.zeros(3, np.int64))
    2
    """
    count, width, falling = len(values), 1, 0
    while width < count:
        for low in range(0, count - width, 2 * width):
            middle, high = low + width, min(low + 2 * width, count)
            x, y = low, middle
            for at in range(low, high):
                if y >= high or (x < middle and values[x] <= values[y]):
                    spare[at] = values[x]
                    x += 1
                else:
                    spare[at] = values[y]
                    falling += middle - x
                    y += 1
            for at in range(low, high):
                values[at] = spare[at]
        width *= 2
    return falling
