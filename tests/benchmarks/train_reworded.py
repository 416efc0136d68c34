"""Train the coefficients of the rewording verifier, and print what they reach on sets they were not trained on.

    python tests/benchmarks/train_reworded.py ../shared/data/rewrites ../shared/data/matching/* \
        --background ../shared/data/news/allsides.parquet ../shared/data/news/reuters_fin.parquet [--write]

A SET_DIR holds docs.jsonl ({"id", "text"}) and pairs.jsonl ({"a", "b", "label", "style"}). Plain logistic regression
over measures, squares and a few products, each group of pairs weighed by the root of its size, so that no large set
drowns a small one. Every pair is measured three times: with rarities learned from the sets, from sets and background,
and with those of the built-in word lists alone, because `match_texts` on two texts knows no more.

Background articles are by people and hold no rewordings by machine. Pairs among them that meet and share words but
hardly any wording are independent reports of one affair: the hardest negatives there are, and more than the sets have.
With --write, the coefficients go to cleaners/rewording/coefficients.toml.
"""

import argparse
import collections
import json
import pathlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cleaners.config import FingerprintSettings, Settings
from cleaners.facts import rarity, sets
from cleaners.fingerprint.minhash import signatures
from cleaners.match.bands import Bands
from cleaners.match.candidates import candidates
from cleaners.match.pairs import pairs as met_pairs
from cleaners.rewording.measures import MEASURES, measures
from cleaners.rewording.prepare import prepare
from cleaners.rewording.verify import TERMS, terms

FILE = pathlib.Path(__file__).parents[2] / "cleaners" / "rewording" / "coefficients.toml"
CLASSES = (25, 40, 60, 100, 200)
BALANCE, JACCARD, VERBATIM = (MEASURES.index(name) for name in ("balance", "jaccard", "verbatim_of_b"))
RIDGE = 5.0
COPY = {"reworded", "dup"}
SHARES = COPY | {"partial", "brief", "update", "translated"}
# Made from reports by changing what they say: negatives to learn from, but no measure of how independent reports score.
CHANGED = "fakenews_amt"
BACKGROUND = "background"


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
    return pa.array(texts, pa.large_string()), pairs


def read(paths):
    """Return the texts of all Parquet files as one column."""
    columns = [pq.read_table(path).column("text").cast(pa.large_string()).combine_chunks() for path in paths]
    return pa.concat_arrays(columns) if columns else pa.array([], pa.large_string())


def of_pairs(column, places, weights):
    """Measures of pairs of rows, and words of the shorter text."""
    figures, words = [np.zeros((0, len(MEASURES)), np.float32)], [np.zeros(0, np.int32)]
    for some in np.array_split(places, len(places) // 5000 + 1):
        rows, back = np.unique(some, return_inverse=True)
        prepared = prepare(column.take(rows), weights)
        figures.append(measures(prepared, back.reshape(-1, 2)))
        words.append(prepared.words[back.reshape(-1, 2)].min(axis=1))
    return np.concatenate(figures), np.concatenate(words)


def independent(column, weights):
    """Measures and words of pairs that met in a band, share words, and hardly any wording."""
    s = Settings().rewording
    found = sets.fact_sets(column, weights, s)
    prints = signatures(found.offsets, found.hashes, FingerprintSettings(permutations=s.permutations, seed=s.seed))
    met = candidates(prints, np.diff(found.offsets) >= s.least_facts, Bands(s.bands, s.permutations // s.bands))
    places = np.stack(met_pairs(met, round(0.12 * s.permutations)), axis=1)
    figures, words = of_pairs(column, places, weights)
    kept = (figures[:, JACCARD] >= 0.15) & (figures[:, VERBATIM] < 0.25)
    return figures[kept], words[kept]


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
        if abs(step).max() < 1e-6:
            break
    slope = beta[1:] / deviation
    return beta[0] - slope @ mean, slope


def bars(score, words, negative, rate):
    """For each length class the score that about the share `rate` of its negatives passes; no lower for fewer words."""
    found = []
    for low, high in zip(CLASSES, (*CLASSES[1:], 10**9), strict=True):
        inside = (words >= low) & (words < high)
        of_class = np.sort(score[negative & inside])[::-1]
        at = max(rate * len(of_class) - 0.5, 0.0)
        found.append(np.interp(at, np.arange(len(of_class)), of_class) if len(of_class) > 20 else 0.0)
    return np.maximum.accumulate(np.array(found)[::-1])[::-1]


def passes(score, words, bar):
    """Which pairs reach the bar of their class."""
    return (words >= CLASSES[0]) & (score >= bar[np.maximum(np.searchsorted(CLASSES, words, side="right") - 1, 0)])


def weigh(groups, label, wanted):
    """Weight of each pair: groups by the root of their size, both answers alike in sum."""
    sizes = collections.Counter(groups)
    w = np.array([sizes[group] ** -0.5 for group in groups])
    w *= np.select([label == "unrelated", label == "partial", label == BACKGROUND], [0.3, 0.4, 1.5], 1.0)
    for answer in (False, True):
        w[wanted == answer] /= w[wanted == answer].sum()
    return w * len(w) / 4


def train(x, words, info, wanted, usable, rate):
    """Intercept, slope and bars from the usable pairs, in two rounds.

    Most pairs of the background are told apart with ease. The second round sees only the hardest of them, so that the
    coefficients serve the pairs that need them.
    """
    names, label, groups = info
    seen = usable
    for _ in range(2):
        w = weigh([group for group, use in zip(groups, seen, strict=True) if use], label[seen], wanted[seen])
        intercept, slope = fit(x[seen], wanted[seen].astype(float), w)
        score = intercept + x @ slope
        far = usable & (label == BACKGROUND)
        if not far.any():
            break
        seen = usable & ((label != BACKGROUND) | (score > np.quantile(score[far], 0.85)))
    negative = usable & (label == "same_event") & (names != CHANGED)
    return intercept, slope, bars(score, words, negative, rate)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("sets", nargs="+", type=pathlib.Path)
    parser.add_argument("--background", nargs="*", type=pathlib.Path, default=[])
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--quick", action="store_true", help="leave no set out")
    options = parser.parse_args()
    column, pairs = load(options.sets)
    everything = pa.concat_arrays([column, read(options.background)])
    places = np.array([pair[:2] for pair in pairs])
    large = rarity.weights(rarity.learn(everything))
    own, alone = rarity.weights(rarity.learn(column)), rarity.weights(rarity.empty())
    parts = [of_pairs(column, places, weights) for weights in (own, alone, large)]
    parts.append(independent(everything.slice(len(column)), large))
    figures = np.concatenate([figures for figures, _ in parts])
    words = np.concatenate([words for _, words in parts])
    far = len(parts[-1][0])
    groups = [pair[2:] for pair in pairs] * 3 + [(BACKGROUND, BACKGROUND, "")] * far
    names, label = (np.array([group[at] for group in groups]) for at in (0, 1))
    x = terms(figures).astype(float)
    info = names, label, groups
    enough, balanced = words >= CLASSES[0], figures[:, BALANCE] >= Settings().rewording.least_balance
    results, models = {}, {}
    for name, wanted, usable, gate, rate in (
        ("reworded", np.isin(label, list(COPY)), enough & balanced & (label != "translated"), balanced, 0.003),
        ("overlap", np.isin(label, list(SHARES)), enough, enough, 0.01),
    ):
        models[name] = intercept, slope, bar = train(x, words, info, wanted, usable, rate)
        alike, apart = gate & passes(intercept + x @ slope, words, bar), np.zeros(len(x), bool)
        for left_out in [] if options.quick else np.unique(names):
            intercept, slope, bar = train(x, words, info, wanted, usable & (names != left_out), rate)
            apart |= (names == left_out) & gate & passes(intercept + x @ slope, words, bar)
        results[name] = alike, apart
    if options.write:
        FILE.write_text(written(models), encoding="utf-8")
    show(results, groups, words, len(pairs))


def show(results, groups, words, count):
    """Print for each group of pairs the share that passes, on development data and left out."""
    print(
        "share called so, development/left out; rarities of the sets, of the word lists alone, of sets and background"
    )
    for group in sorted(set(groups)):
        chosen = np.array([g == group for g in groups])
        if group[0] == "l2r":
            chosen &= words >= 90
        if group[0] == "pan13_passages":
            chosen &= words >= 55
        thirds = [chosen & (np.arange(len(chosen)) // count == third) for third in range(3)]
        thirds = [third for third in thirds if third.any()] or [chosen]
        row = " | ".join(
            f"{name} " + " ".join(f"{a[third].mean():.3f}/{b[third].mean():.3f}" for third in thirds)
            for name, (a, b) in results.items()
        )
        print(f"{group[0][:15]:15} {group[1][:10]:10} {group[2][:24]:24} {thirds[0].sum():5}  {row}")


def written(models):
    """Return the models as TOML."""
    lines = [
        "# Written by tests/benchmarks/train_reworded.py: score = intercept + Σ slope · term − bar of the length class."
    ]
    for name, (intercept, slope, bar) in models.items():
        lines += ["", f"[{name}]", f"intercept = {intercept:.4f}"]
        lines += ["", f"[{name}.bars]  # fewest words of the class"]
        lines += [f"{low} = {value:.4f}" for low, value in zip(CLASSES, bar, strict=True)]
        lines += ["", f"[{name}.slopes]"]
        lines += [f'"{" * ".join(term)}" = {value:.4f}' for term, value in zip(TERMS, slope, strict=True)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
