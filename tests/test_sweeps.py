"""Sweeps that go on from the one before end as ones that each begin anew."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from test_cluster import growths, told

from cleaners.cluster import Verified, cluster, sweep
from cleaners.config import ClusterSettings


def begun_anew(rank, comparisons, verify, settings):
    """Sweep and verify until all is known, without remembering anything but what was verified."""
    known = [Verified(*(np.zeros(0, kind) for kind in (np.int64, np.int64, np.float64)))] * len(comparisons)
    while True:
        walk = sweep(rank, np.arange(len(rank)), comparisons, known, settings)
        if not any(len(left) for left, _ in walk.asked):
            return walk
        for number, (left, right) in enumerate(walk.asked):
            answer = left, right, verify[number](left, right)
            known[number] = Verified(*map(np.concatenate, zip(known[number], answer, strict=True)))


@given(growths(), st.sampled_from([2, 8, 2**62]), st.sampled_from([1, 2, 5, 1000]), st.integers(2, 7))
def test_what_was_compared_is_not_compared_again_and_nothing_else_is_passed_over(growth, most, room, likely):
    settings, n = ClusterSettings.model_construct(bucket_leaders=room), len(growth.rank)
    comparisons = growth.comparisons(n, most, likely)
    wanted = begun_anew(growth.rank, comparisons, growth.verify([]), settings)
    _, found = cluster(growth.rank, np.arange(n), comparisons, growth.verify([]), settings)

    assert told(found.verdicts) == told(wanted.verdicts)
    assert found.bounds.short.tolist() == wanted.bounds.short.tolist()
    assert sorted(found.bounds.crowded.tolist()) == sorted(wanted.bounds.crowded.tolist())
    assert found.memory.left_out.tolist() == wanted.memory.left_out.tolist()
