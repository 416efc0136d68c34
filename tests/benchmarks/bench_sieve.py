"""How many labelled copies a dataset run would lose that `match_texts` finds, and to which of its sieves.

    python tests/benchmarks/bench_sieve.py ../shared/data/rewrites ../shared/data/matching/*

A run is in more of a hurry: articles meet in fewer bands, and of the pairs that met it asks the verifier only about
those whose sketches agree in more places, and that look like copies at a glance. All texts of all sets are matched in
one call. For each set and style are told: labelled pairs that `match_texts` calls reworded, and how many of them are
lost at meeting, and at the glance.
"""

from __future__ import annotations

import argparse
import collections
import pathlib

import numpy as np
from reworded_pairs import COPY, load

from cleaners.config import Settings
from cleaners.match.candidates import candidates
from cleaners.match.pairs import pairs
from cleaners.pairs import all_pairs, fact_bands, fact_prints
from cleaners.pieces import Pieces
from cleaners.rewording import glance
from cleaners.rewording.measures import LEAST_SHARED


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("sets", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    settings = Settings()
    told = settings.rewording
    texts, labelled = load(options.sets)
    group = {frozenset(pair[:2]): (pair[2], pair[4]) for pair in labelled if pair[3] in COPY}
    named = all_pairs(Pieces.of(texts), settings).to_pylist()
    found = {frozenset((row["left"], row["right"])) for row in named if row["kind"] == "reworded"} & group.keys()
    signed, valid, sets = fact_prints(texts, settings)
    met = candidates(signed, valid, fact_bands(told))
    left, right = pairs(met, round(told.copy_agreement * told.permutations))
    agreeing = set(map(frozenset, zip(left.tolist(), right.tolist(), strict=True)))
    passing = glance.likely(sets.telling, left, right, LEAST_SHARED)
    likely = set(map(frozenset, np.stack([left, right], axis=1)[passing].tolist()))
    counts = collections.Counter((group[pair], "found") for pair in found)
    counts.update((group[pair], "agreement") for pair in found - agreeing)
    counts.update((group[pair], "glance") for pair in (found & agreeing) - likely)
    print(f"{'set':16} {'style':28} {'found':>6} {'meeting':>10} {'glance':>7}")
    for name in sorted(set(group.values())):
        row = [counts[name, what] for what in ("found", "agreement", "glance")]
        print(f"{name[0]:16} {name[1]:28} {row[0]:6} {row[1]:10} {row[2]:7}")
    lost = len(found - likely)
    print(f"{len(found):,} labelled copies called reworded, {lost} of them lost by a run ({lost / len(found):.2%})")


if __name__ == "__main__":
    main()
