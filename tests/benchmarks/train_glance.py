"""Train the sieve before the verifier of rewordings, and tell what it spares and what it loses.

    python tests/benchmarks/train_glance.py ../shared/data/rewrites ../shared/data/matching/* \
        --background ../shared/data/news/allsides.parquet ../shared/data/news/reuters_fin.parquet [--write]

All pairs that meet by their facts are verified; the sieve learns which of them the verifier calls `reworded`. To be run
again when the verifier's coefficients change: without --write it prints what the sieve at hand loses.
"""

from __future__ import annotations

import argparse
import pathlib
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from reworded_fit import fit
from reworded_pairs import load, read

from cleaners.config import Settings
from cleaners.match.candidates import candidates
from cleaners.match.pairs import pairs
from cleaners.pairs import fact_bands, fact_prints
from cleaners.rewording import glance
from cleaners.rewording.measures import LEAST_SHARED
from cleaners.rewording.verify import KINDS, verify

if TYPE_CHECKING:
    from collections.abc import Iterator

PATH = pathlib.Path(glance.__file__).with_name("glance.toml")
LOST = 0.0001
"""Share of the copies that the bar may refuse."""
RIDGE = 2.0
"""How strongly the coefficients are drawn towards 0."""
HARD = 0.1
"""Share of the copies, those that look least like one, that the coefficients serve: all others pass with ease."""


def products(figures: np.ndarray) -> np.ndarray:
    """Return the terms of the score, (k, len(glance.TERMS))."""
    columns = [figures[:, [glance.MEASURES.index(name) for name in term]].prod(axis=1) for term in glance.TERMS]
    return np.stack(columns, axis=1).astype(float)


def train(x: np.ndarray, copy: np.ndarray) -> tuple[float, np.ndarray]:
    """Return intercept, less the bar, and slopes; in two rounds, the second for the copies that are hardest to see."""
    weight = np.ones(len(x))
    for _ in range(2):
        both = np.where(copy, weight / weight[copy].sum(), weight / weight[~copy].sum()) * len(x) / 2
        intercept, slopes = fit(x, copy.astype(float), both, RIDGE)
        score = intercept + x @ slopes
        weight = np.where(score <= np.quantile(score[copy], HARD), 1.0, 0.02)
    return float(intercept - np.quantile(score[copy], LOST)), slopes


def written(intercept: float, slopes: np.ndarray) -> str:
    """Return the sieve as TOML."""
    lines = [
        "# Written by tests/benchmarks/train_glance.py: a pair may be a copy where intercept + Σ slope · term ≥ 0."
    ]
    lines += [f"intercept = {intercept:.4f}", "", "[slopes]"]
    lines += [f'"{" * ".join(term)}" = {slope:.4f}' for term, slope in zip(glance.TERMS, slopes, strict=True)]
    return "\n".join(lines) + "\n"


def held_out(left: np.ndarray, right: np.ndarray, own: int) -> Iterator[tuple[str, np.ndarray]]:
    """Yield what is left out in turn, and which pairs that is."""
    labelled = np.minimum(left, right) < own
    yield "the labelled sets", labelled
    yield "the background", ~labelled
    for fold in range(4):
        yield f"a quarter of the articles ({fold})", left % 4 == fold


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("sets", nargs="+", type=pathlib.Path)
    parser.add_argument("--background", nargs="*", type=pathlib.Path, default=[])
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    settings = Settings()
    told = settings.rewording
    own, labelled = load(options.sets)
    texts = pa.concat_arrays([own, read(options.background)[0]])
    signed, valid, sets = fact_prints(texts, settings)
    met = candidates(signed, valid, fact_bands(told))
    left, right = pairs(met, round(told.copy_agreement * told.permutations))
    sieves = [("agreement", len(left))]
    close = glance.shared(sets.telling, left, right) >= LEAST_SHARED
    left, right = left[close], right[close]
    sieves.append(("shared terms", len(left)))
    figures = glance.figures(sets.telling, left, right)
    copy = verify(left, right, texts.take, told).kind == KINDS.index("reworded")
    x = products(figures)
    if options.write:
        PATH.write_text(written(*train(x, copy)), encoding="utf-8")
        glance.model.cache_clear()
    for name, some in held_out(left, right, len(own)):
        intercept, slopes = train(x[~some], copy[~some])
        refused = some & copy & (intercept + x @ slopes < 0)
        print(f"trained without {name}: of {int((some & copy).sum())} copies there {int(refused.sum())} are refused")
    passed = glance.likely(sets.telling, left, right, LEAST_SHARED)
    sieves += [("glance", int(passed.sum())), ("verified as copies", int(copy.sum()))]
    for name, count in sieves:
        print(f"{name:20} {count:8} pairs, {count / len(texts):6.2f} an article")
    of_label = {frozenset(pair[:2]) for pair in labelled if pair[3] in {"reworded", "dup"}}
    right_ones = np.array([frozenset(pair) in of_label for pair in zip(left.tolist(), right.tolist(), strict=True)])
    for name, some in (("copies", copy), ("labelled copies", copy & right_ones), ("other copies", copy & ~right_ones)):
        print(f"{name:20} {int(some.sum()):8}, lost by the glance {int((some & ~passed).sum())}")


if __name__ == "__main__":
    main()
