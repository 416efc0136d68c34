"""Rewordings among (id, text), all steps in a row; for score_matches.py while the public function is without them.

PYTHONPATH=tests/benchmarks python ../shared/bench/score_matches.py SET... --match reworded:match_texts
"""

import sys
import time

import numpy as np
import pyarrow as pa

from cleaners.config import FingerprintSettings, Settings
from cleaners.facts import rarity, sets
from cleaners.fingerprint.columns import fingerprint
from cleaners.fingerprint.minhash import signatures
from cleaners.match.bands import Bands
from cleaners.match.candidates import candidates
from cleaners.match.pairs import match, pairs
from cleaners.model import Match
from cleaners.rewording.verify import KINDS, verify


def step(name, since, count):
    """Print what a step took; return the time now."""
    now = time.perf_counter()
    print(f"{name:12} {now - since:6.2f} s {1e6 * (now - since) / count:7.1f} µs a text", file=sys.stderr)
    return now


def reworded(column, settings):
    """Left and right rows of the candidates among the texts, what they are, and the weights of the terms."""
    s = settings.rewording
    at = time.perf_counter()
    weights = rarity.weights(rarity.learn(column))
    at = step("rarity", at, len(column))
    found = sets.fact_sets(column, weights, s)
    at = step("sets", at, len(column))
    prints = signatures(found.offsets, found.hashes, FingerprintSettings(permutations=s.permutations, seed=s.seed))
    at = step("signatures", at, len(column))
    valid = np.diff(found.offsets) >= s.least_facts
    met = candidates(prints, valid, Bands(s.bands, s.permutations // s.bands))
    at = step("meetings", at, len(column))
    left, right = pairs(met, round(s.least_agreement * s.permutations))
    at = step(f"{len(left)} pairs", at, len(column))
    verdicts = verify(left, right, column.take, weights, s)
    step("verify", at, len(column))
    return left, right, verdicts


def match_texts(texts, settings=None):
    """Return matches of every kind."""
    settings = settings or Settings()
    ids, contents = zip(*texts, strict=True)
    column = pa.array([text.encode("utf-8", "replace").decode() for text in contents], pa.large_string())
    at = time.perf_counter()
    prints = fingerprint(column, settings.fingerprint)
    table = match(column.take, prints, settings.match, shingle_words=settings.fingerprint.shingle_words).to_pylist()
    step("exact, near", at, len(column))
    found = {(row["left"], row["right"]): (row["kind"], row["similarity"]) for row in table}
    left, right, verdicts = reworded(column, settings)
    for pair in np.flatnonzero(verdicts.kind >= 0).tolist():
        key = int(min(left[pair], right[pair])), int(max(left[pair], right[pair]))
        kind = KINDS[verdicts.kind[pair]]
        if found.get(key, ("overlap",))[0] == "overlap":
            found[key] = kind, float(verdicts.similarity[pair])
    return [Match(ids[a], ids[b], kind, similarity, {}) for (a, b), (kind, similarity) in found.items()]
