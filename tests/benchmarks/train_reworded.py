"""Train the coefficients of the rewording verifier, and print what they reach on sets they were not trained on.

    python tests/benchmarks/train_reworded.py ../shared/data/rewrites ../shared/data/matching/* [--write]

A SET_DIR holds docs.jsonl ({"id", "text"}) and pairs.jsonl ({"a", "b", "label", "style"}). Plain logistic regression over
the measures and their squares, each group of pairs weighed by the root of its size, so that no large set drowns a small
one. Every pair is measured twice: with rarities learned from all texts, and with those of the background alone, because
`match_texts` on two texts knows no more. With --write, the coefficients go to cleaners/rewording/coefficients.toml.
"""

import argparse
import collections
import json
import pathlib

import numpy as np
import pyarrow as pa

from cleaners.facts import rarity, sets
from cleaners.rewording.measures import MEASURES, measures
from cleaners.rewording.prepare import prepare

FILE = pathlib.Path(__file__).parents[2] / "cleaners" / "rewording" / "coefficients.toml"
CLASSES = (40, 60, 100, 200)
BALANCE = MEASURES.index("balance")
RIDGE = 3.0
COPY = {"reworded", "dup"}
SHARES = COPY | {"partial", "brief", "update", "translated"}
# Negative labels, and sets whose pairs of that label stand for independent reports.
INDEPENDENT = {"same_event", "unrelated"}
CHANGED = "fakenews_amt"


def load(folders):
    """Texts, and pairs as (row, row, set, label, style)."""
    texts, rows, pairs = [], {}, []
    for folder in folders:
        for line in (folder / "docs.jsonl").read_text(encoding="utf-8").splitlines():
            doc = json.loads(line)
            if "text" in doc:
                rows[folder.name, doc["id"]] = len(texts)
                texts.append(doc["text"])
        for line in (folder / "pairs.jsonl").read_text(encoding="utf-8").splitlines():
            pair = json.loads(line)
            ends = [rows.get((folder.name, pair[end])) for end in "ab"]
            if None not in ends:
                pairs.append((*ends, folder.name, pair["label"], pair.get("style", "").split("-")[0]))
    return texts, pairs


def measured(texts, pairs):
    """Measures with the corpus' rarities and with the background's, below one another; words of the shorter text."""
    column = pa.array(texts, pa.large_string())
    places = np.array([pair[:2] for pair in pairs])
    found, words = [], None
    for known in (sets.learn(column), rarity.empty()):
        prepared = prepare(column, rarity.weights(known))
        found.append(measures(prepared, places).astype(float))
        words = prepared.words[places].min(axis=1)
    return np.concatenate(found), np.tile(words, 2)


def fit(x, y, w):
    """Intercept and coefficients of a ridge logistic regression, by Newton's method."""
    mean, deviation = x.mean(axis=0), x.std(axis=0) + 1e-6
    z = np.column_stack([np.ones(len(x)), (x - mean) / deviation])
    beta, ridge = np.zeros(z.shape[1]), np.eye(z.shape[1]) * RIDGE
    ridge[0, 0] = 1e-6
    for _ in range(40):
        p = 1 / (1 + np.exp(-np.clip(z @ beta, -30, 30)))
        step = np.linalg.solve((z * (w * p * (1 - p))[:, None]).T @ z + ridge, z.T @ (w * (p - y)) + ridge @ beta)
        beta -= step
        if abs(step).max() < 1e-7:
            break
    slope = beta[1:] / deviation
    return beta[0] - slope @ mean, slope


def bars(score, words, negative, rate):
    """For each length class the score that the share `rate` of its negatives passes; never lower for fewer words."""
    found = []
    for low, high in zip(CLASSES, (*CLASSES[1:], 10**9), strict=True):
        of_class = np.sort(score[negative & (words >= low) & (words < high)])
        found.append(of_class[-1 - int(rate * len(of_class))] + 0.05 if len(of_class) else 0.0)
    return np.maximum.accumulate(np.array(found)[::-1])[::-1]


def passes(score, words, bar):
    """Which pairs reach the bar of their class."""
    return (words >= CLASSES[0]) & (score >= bar[np.maximum(np.searchsorted(CLASSES, words, side="right") - 1, 0)])


def weigh(groups, label, wanted):
    """Weight of each pair: groups by the root of their size, both answers alike in sum."""
    sizes = collections.Counter(groups)
    w = np.array([sizes[group] ** -0.5 for group in groups])
    w[label == "unrelated"] *= 0.3
    w[label == "partial"] *= 0.4
    for answer in (0, 1):
        if (wanted == answer).any():
            w[wanted == answer] /= w[wanted == answer].sum()
    return w * len(w) / 4


def train(x, words, info, wanted, usable, rate):
    """Intercept, slope and bars from the usable pairs."""
    names, label, groups = info
    w = np.zeros(len(x))
    w[usable] = weigh([group for group, use in zip(groups, usable, strict=True) if use], label[usable], wanted[usable])
    intercept, slope = fit(x[usable], wanted[usable].astype(float), w[usable])
    negative = usable & (label == "same_event") & (names != CHANGED)
    return intercept, slope, bars(intercept + x @ slope, words, negative, rate)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("sets", nargs="+", type=pathlib.Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    texts, pairs = load(options.sets)
    figures, words = measured(texts, pairs)
    x = np.column_stack([figures, figures**2])
    names = np.array([pair[2] for pair in pairs] * 2)
    label = np.array([pair[3] for pair in pairs] * 2)
    groups = [pair[2:] for pair in pairs] * 2
    enough = words >= CLASSES[0]
    balanced = figures[:, BALANCE] >= 0.2
    results, models = {}, {}
    for name, wanted, usable, rate in (
        ("reworded", np.isin(label, list(COPY)), enough & balanced, 0.002),
        ("overlap", np.isin(label, list(SHARES)), enough, 0.01),
    ):
        usable = usable & ~((name == "reworded") & (label == "translated"))
        info = (names, label, groups)
        models[name] = intercept, slope, bar = train(x, words, info, wanted, usable, rate)
        gate = balanced if name == "reworded" else enough
        alike = gate & passes(intercept + x @ slope, words, bar)
        apart = np.zeros(len(x), bool)
        for left_out in np.unique(names):
            rest = usable & (names != left_out)
            intercept, slope, bar = train(x, words, info, wanted, rest, rate)
            apart |= (names == left_out) & gate & passes(intercept + x @ slope, words, bar)
        results[name] = alike, apart
    half = len(pairs)
    print("share called so: development / left out, with the corpus' rarities; the same with the background's alone")
    for group in sorted(set(groups)):
        chosen = np.array([g == group for g in groups])
        if group[0] == "l2r":
            chosen &= words >= 90
        if group[0] == "pan13_passages":
            chosen &= words >= 55
        first, second = chosen.copy(), chosen.copy()
        first[half:] = False
        second[:half] = False
        row = " | ".join(
            f"{name} " + "  ".join(f"{a[part].mean():.3f}/{b[part].mean():.3f}" for part in (first, second))
            for name, (a, b) in results.items()
        )
        if first.any():
            print(f"{group[0][:15]:15} {group[1][:10]:10} {group[2][:24]:24} {first.sum():4}  {row}")
    if options.write:
        FILE.write_text(written(models), encoding="utf-8")


def written(models):
    """The models as TOML."""
    lines = ["# Written by tests/benchmarks/train_reworded.py: score = intercept + Σ linear·x + square·x² − bar."]
    for name, (intercept, slope, bar) in models.items():
        lines += ["", f"[{name}]", f"intercept = {intercept:.4f}", "", f"[{name}.bars]  # fewest words of the class → bar"]
        lines += [f"{low} = {value:.4f}" for low, value in zip(CLASSES, bar, strict=True)]
        lines += ["", f"[{name}.measures]  # measure = [linear, square]"]
        lines += [f"{m} = [{slope[k]:.4f}, {slope[k + len(MEASURES)]:.4f}]" for k, m in enumerate(MEASURES)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
