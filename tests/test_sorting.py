"""Short runs of hashes are sorted by 32 of their bits, in linear time however little they differ."""

from __future__ import annotations

import numpy as np
import pytest

from cleaners.facts.sorting import sort

DRAW = np.random.default_rng(7)
RUNS = {
    "none": np.zeros(0, np.uint64),
    "spread": DRAW.integers(0, 2**32, 500, np.uint64),
    "repeated": DRAW.integers(0, 40, 500, np.uint64) << np.uint64(20),
    "alike in the upper half": DRAW.integers(0, 2**16, 3000, np.uint64),  # as somebody might want them
}


@pytest.mark.parametrize("keys", RUNS.values(), ids=list(RUNS))
@pytest.mark.parametrize("low", [0, 2, 32])
def test_values_are_sorted_stably_by_their_bits(keys, low):
    values = keys << np.uint64(low)
    if low == 32:  # where there is room, who came first can be told
        values |= np.arange(len(keys), dtype=np.uint64)[::-1]
    wanted = values[np.argsort(keys, kind="stable")]

    sort(values, np.empty_like(values), low)

    assert values.tolist() == wanted.tolist()
