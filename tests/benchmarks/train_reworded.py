"""Train the coefficients of the rewording verifier, and tell what they reach on sets they were not trained on.

    python tests/benchmarks/train_reworded.py ../shared/data/rewrites ../shared/data/matching/* \
        --background ../shared/data/news/allsides.parquet ../shared/data/news/reuters_fin.parquet \
        --wire ../shared/data/news/reuters21578.parquet [--write] [--quick] [--report FOLDER]

Plain logistic regression over measures, squares and products, each group of pairs weighed by the root of its size, so
that no large set drowns a small one. What a SET_DIR holds and which pairs are learned from is told in reworded_pairs.py
and reworded_further.py.

The bars are set on scores of pairs by coefficients that saw neither article: each fold of the articles in turn is
scored by what was trained on the others. So a bar lets through of new pairs what it is meant to, not of those learned
by heart.

With --write, coefficients go to cleaners/rewording/coefficients.toml and the figures to figures.md beside them. With
--report, the precision-recall curve and the worst misses go to FOLDER.
"""

import argparse
import collections
import pathlib

import numpy as np
import reworded_further
import reworded_report
from reworded_pairs import FOLDS, INDEPENDENT, JACCARD, SERIES, WIRE, all_pairs

from cleaners.config import Settings
from cleaners.rewording.columns import MEASURES
from cleaners.rewording.measures import LEAST_SHARED
from cleaners.rewording.verify import TERMS, terms

FOLDER = pathlib.Path(__file__).parents[2] / "cleaners" / "rewording"
CLASSES = (25, 60, 150, 250)
"""Fewest words of the shorter text, for each length class."""
BALANCE = MEASURES.index("balance")
RIDGE = 2.0
COPY = {"reworded", "dup"}
SHARES = COPY | {"partial", "brief", "update", "translated"}
# Made from reports by changing what they say: negatives to learn from, but no measure of how independent reports score.
CHANGED = "fakenews_amt"
BACKGROUND = (INDEPENDENT, SERIES)

MASS = {True: 15_000.0, False: 11_000.0}
"""Weight of all that is a copy, and of all that is none, against RIDGE."""
WEIGHTS = {"unrelated": 0.3, "partial": 0.4, "dup": 0.2, "same_event": 3.0, INDEPENDENT: 11.0, SERIES: 6.0}
"""What the pairs of a label weigh, the others 1: near-copies are easy to tell, reports of one event are not."""
FROM_TITLE = "gpt35_rephrase", 5.0
"""What the reports of an event weigh more that a model made up from a title: few, and all alike."""
HARD = 0.06
"""Share of the background that is worth a second look."""
NEAR = 6.0
"""Distance from the bar at which a pair counts half in the last round. The coefficients serve the pairs in doubt."""


def fit(x, y, w, start=None):
    """Intercept and coefficients of a ridge logistic regression, by Newton's method.

    It begins with those of `start`. If they are near, it ends sooner; if they are far, it may not end.
    """
    mean, deviation = x.mean(axis=0), x.std(axis=0) + 1e-6
    z = np.column_stack([np.ones(len(x), np.float32), (x - mean) / deviation])
    beta, ridge = np.zeros(z.shape[1]), np.eye(z.shape[1]) * RIDGE
    ridge[0, 0] = 1e-6
    if start:
        beta[0], beta[1:] = start[0] + start[1] @ mean, start[1] * deviation
    for _ in range(25):
        p = 1 / (1 + np.exp(-np.clip(z @ beta, -30, 30)))
        half = z * np.sqrt(w * p * (1 - p)).astype(np.float32)[:, None]
        downhill = z.T @ (w * (p - y)).astype(np.float32) + ridge @ beta
        step = np.linalg.solve((half.T @ half).astype(float) + ridge, downhill)
        beta -= step
        if abs(step).max() < 1e-2:
            break
    slope = beta[1:] / deviation
    return beta[0] - slope @ mean, slope


def bars(score, words, negative, rates):
    """For each length class the score that about the wanted share of its negatives passes."""
    found = []
    for low, high, rate in zip(CLASSES, (*CLASSES[1:], 10**9), rates, strict=True):
        of_class = np.sort(score[negative & (words >= low) & (words < high)])[::-1]
        at = max(rate * len(of_class) - 0.5, 0.0)
        found.append(np.interp(at, np.arange(len(of_class)), of_class) if len(of_class) > 20 else -np.inf)
    return np.array(found)


def passes(score, words, bar):
    """Which pairs reach the bar of their class."""
    return (words >= CLASSES[0]) & (score >= of_words(bar, words))


def weigh(groups, label, wanted):
    """Weight of each pair: groups by the root of their size, both answers MASS in sum."""
    sizes = collections.Counter(groups)
    w = np.array([sizes[group] ** -0.5 * (FROM_TITLE[1] if group[0] == FROM_TITLE[0] else 1.0) for group in groups])
    w[wanted] = [sizes[group] ** -0.5 for group, copy in zip(groups, wanted, strict=True) if copy]
    w *= np.select([label == name for name in WEIGHTS], list(WEIGHTS.values()), 1.0)
    w *= [reworded_further.weight(group[2], copy) for group, copy in zip(groups, wanted, strict=True)]
    for answer, mass in MASS.items():
        w[wanted == answer] *= mass / w[wanted == answer].sum()
    return w


def of_words(bar, words):
    """Return the bar of each pair."""
    return bar[np.maximum(np.searchsorted(CLASSES, words, side="right") - 1, 0)]


def train(x, words, info, wanted, usable, rates, start=None):
    """Intercept, slope and bars from the usable pairs, in three rounds.

    Most pairs of the backgrounds are told apart with ease: the first round, by the measures and their squares alone,
    finds the hardest of them, and only these are seen by the second. In the third all pairs count the more the nearer
    they are to the bar, so that the coefficients serve the pairs in doubt. A model of nearly the same pairs may stand
    for the first round, as `start`: the others end sooner, and in the same place.
    """
    _, label, groups, plain = info
    distant = usable & plain & np.isin(label, BACKGROUND)
    care, model, columns = usable.astype(float), start, slice(None if start else 2 * len(MEASURES))
    for turn in range(3):
        if turn or not start:
            seen = np.flatnonzero(care)
            w = weigh([groups[row] for row in seen], label[seen], wanted[seen]) * care[seen] / care[seen].mean()
            near = model if turn == 2 or start else None
            model = fit(x[seen, columns], wanted[seen].astype(float), w, near)
        score = model[0] + x[:, columns] @ model[1]
        columns = slice(None)
        if turn == 0 and distant.any():
            care = care * (~distant | (score > np.quantile(score[distant], 1 - HARD)))
        elif turn == 1:
            bar = bars_of(score, words, info, usable, rates)
            care = care / (1 + ((score - of_words(bar, words)) / NEAR) ** 2)
    return *model, bars_of(score, words, info, usable, rates)


def bars_of(score, words, info, usable, rates):
    """Return the score of each length class that none of three kinds of negatives passes more often than it may.

    `rates` are the shares of same-event pairs, of background pairs and of a wire's that may pass in each length class.
    No bar is lower for fewer words.
    """
    names, label, _, plain = info
    usable = usable & plain
    distant = usable & np.isin(label, BACKGROUND)
    kinds = usable & (label == "same_event") & (names != CHANGED), distant & (names != WIRE), distant & (names == WIRE)
    bar = np.max([bars(score, words, *kind) for kind in zip(kinds, rates, strict=True)], axis=0)
    bar = np.where(np.isfinite(bar), bar, 0.0)
    return np.maximum.accumulate(bar[::-1])[::-1]


def crossed(x, words, info, wanted, usable, rates, ends, start):  # noqa: PLR0913, PLR0917
    """Score of each pair by coefficients that saw neither of its articles; `ends` are the folds of the two."""
    score = np.empty(len(x))
    for fold in range(FOLDS):
        intercept, slope, _ = train(x, words, info, wanted, usable & (ends != fold).all(axis=1), rates, start)
        score[ends[:, 0] == fold] = intercept + x[ends[:, 0] == fold] @ slope
    return score


SAME_EVENT_RATES = (0.1, 0.1, 0.03, 0.008)
"""Two short reports of one event say the same and no more: of those one in ten may pass, of long ones one in 125."""
BACKGROUND_RATES = (0.004, 0.003, 0.0019, 0.00033)
"""The same for pairs of the background: they met and share words, so they are the hardest of all that there are."""
WIRE_RATES = (0.0012, 0.00075, 0.015, 0.04)
"""The same for a wire; of its few long reports nothing is asked."""
MODELS = {
    "reworded": (COPY, {"translated"}, (SAME_EVENT_RATES, BACKGROUND_RATES, WIRE_RATES)),
    "overlap": (SHARES, {SERIES}, ((0.1, 0.1, 0.03, 0.005), (0.03, 0.03, 0.01, 0.004), (0.03, 0.03, 0.1, 0.1))),
}
"""Name → labels it is to find, labels it does not see, rates for its bars."""


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("sets", nargs="+", type=pathlib.Path)
    parser.add_argument("--background", nargs="*", type=pathlib.Path, default=[])
    parser.add_argument("--wire", type=pathlib.Path, required=True)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--quick", action="store_true", help="leave no set out, and the third figure")
    parser.add_argument("--report", type=pathlib.Path, help="folder for the curve and the worst misses")
    options = parser.parse_args()
    pairs, groups, figures, words, ends = all_pairs(options.sets, options.background, options.wire)
    names, label, style_of = (np.array([group[at] for group in groups]) for at in range(3))
    x = terms(figures)
    info = names, label, groups, np.char.find(style_of, "~") < 0
    enough = (words >= CLASSES[0]) & (figures[:, JACCARD] >= LEAST_SHARED)
    balanced = figures[:, BALANCE] >= Settings().rewording.least_balance
    results, models = {}, {}
    for name, (positive, unseen, rates) in MODELS.items():
        gate = enough & balanced if name == "reworded" else enough
        wanted, usable = np.isin(label, list(positive)), gate & ~np.isin(label, list(unseen))
        *start, seen = train(x, words, info, wanted, usable, rates)
        intercept, slope = start
        unknown = crossed(x, words, info, wanted, usable, rates, ends, start)
        bar = bars_of(unknown, words, info, usable, rates)
        models[name] = intercept, slope, bar
        print(name, "bars", bar.round(2), "by pairs learned from", seen.round(2), flush=True)
        score = intercept + x @ slope
        results[name] = [gate & passes(each, words, bar) for each in (score, unknown)]
        results[name] += [] if options.quick else [np.zeros(len(x), bool)]
        apart = np.full(len(x), -np.inf)
        for left_out in [] if options.quick else np.unique(names):
            intercept, slope, own = train(x, words, info, wanted, usable & (names != left_out), rates, start)
            out = (names == left_out) & gate
            apart[out] = intercept + x[out] @ slope - of_words(own + bar - seen, words[out])
            results[name][2] |= out & (apart >= 0)
        if options.report and name == "reworded":
            reworded_report.write(options.report, pairs, figures, words, score, apart, wanted, results[name], enough)
    lines = reworded_report.table(results, groups, words)
    print("\n".join(lines))
    if options.write:
        (FOLDER / "coefficients.toml").write_text(written(models), encoding="utf-8")
        (FOLDER / "figures.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


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
