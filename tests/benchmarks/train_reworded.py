"""Train the coefficients of the rewording verifier, and tell what they reach on sets they were not trained on.

    python tests/benchmarks/train_reworded.py ../shared/data/rewrites ../shared/data/matching/* \
        --background ../shared/data/news/allsides.parquet ../shared/data/news/reuters_fin.parquet \
        --wire ../shared/data/news/reuters21578.parquet --pages ../shared/data/pages/*.gz \
        [--write] [--quick] [--report FOLDER]

Half of a score is a plain logistic regression over measures, squares and products, the other half what trees of two
questions say, grown by LightGBM on the same pairs (the group `train` of pyproject.toml; copydesk needs none). Each
group of pairs is weighed by the root of its size, so that no large set drowns a small one. What a SET_DIR holds and
which pairs are learned from is told in reworded_pairs.py and reworded_further.py.

The bars are set on scores of pairs by models that saw neither article: pairs of one fold or two are scored by what was
trained on the others. So a bar lets through of new pairs what it is meant to, not of those learned by heart. (An
article that stands in a background twice, far apart, is not known again, and which negatives are hard is known from
all.)

How much a text reads like a language model's is told by words that were learned without its fold (each end of a pair
by a table that may know the other, and the tables of the pairs learned from know the fold that is scored). To train
anew, run train_machine.py --write before this, and train_glance.py --write after it.

With --write, coefficients go to cleaners/rewording/coefficients.toml and the figures to figures.md beside them. With
--report, the precision-recall curve and the worst misses go to FOLDER.
"""

import argparse
import collections
import itertools
import pathlib
from typing import NamedTuple

import numpy as np
import reworded_further
import reworded_report
import train_machine
from reworded_fit import fit
from reworded_pairs import COPY, DERIVED, FOLDS, INDEPENDENT, JACCARD, SERIES, WIRE, all_pairs, load
from reworded_trees import grow

from cleaners.config import Settings
from cleaners.facts import scan
from cleaners.rewording.columns import MEASURES
from cleaners.rewording.machine import machine
from cleaners.rewording.measures import LEAST_SHARED
from cleaners.rewording.score import FACTORS, TERMS, Model, log_odds

DIGITS = 5
"""Decimals that the numbers of a model are written with."""
FOLDER = pathlib.Path(__file__).parents[2] / "cleaners" / "rewording"
CLASSES = (25, 60, 100)
"""Fewest words of the shorter text, for each length class."""
BALANCE = MEASURES.index("balance")
RIDGE = 4.0
"""How strongly the coefficients of the regression are drawn towards 0."""
SHARES = COPY | {"partial", "brief", "update", "translated"}
# Made from reports by changing what they say: negatives to learn from, but no measure of how independent reports score.
CHANGED = "fakenews_amt"
BACKGROUND = (INDEPENDENT, SERIES)

MASS = {True: 15_000.0, False: 11_000.0}
"""Weight of all that is a copy, and of all that is none, against RIDGE."""
WEIGHTS = {
    "unrelated": 0.3, "partial": 0.4, "dup": 0.2, "same_event": 3.0, INDEPENDENT: 11.0, SERIES: 6.0, DERIVED: 0.08,
}  # fmt: skip
"""What the pairs of a label weigh, the others 1: near-copies are easy to tell, reports of one event are not."""
MORE = {("gpt35_rephrase", False): 5.0, ("rewrites", True): 5.0, ("l2r", True): 2.0}
"""What pairs of a set weigh more, if they are a copy or if not: reports of an event that a model made up from a title,
few and all alike; rewordings of whole news articles in five languages, few too, and what all this is for; and those of
the newest models, which leave hardly a word as it was."""
HARD = 0.06
"""Share of the background that is worth a second look."""
NEAR, WIDE, FAR = 6.0, 12.0, 25.0
"""Distance from the bar at which a pair counts half for the coefficients, in the last round, and for the trees: both
serve the pairs in doubt. What lies far below grows no trees."""


def terms(figures):
    """Return the terms of the regression, (k, len(TERMS)), from measures (k, len(MEASURES))."""
    known = np.append(figures, np.ones((len(figures), 1), np.float32), axis=1)
    return known.take(FACTORS[:, 0], axis=1) * known.take(FACTORS[:, 1], axis=1)


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
    pairs = list(zip(groups, wanted.tolist(), strict=True))
    w = np.array([sizes[group] ** -0.5 * MORE.get((group[0], copy), 1.0) for group, copy in pairs])
    w *= np.select([label == name for name in WEIGHTS], list(WEIGHTS.values()), 1.0)
    w *= [reworded_further.weight(group[2], copy) for group, copy in pairs]
    for answer, mass in MASS.items():
        w[wanted == answer] *= mass / w[wanted == answer].sum()
    return w


def of_words(bar, words):
    """Return the bar of each pair."""
    return bar[np.maximum(np.searchsorted(CLASSES, words, side="right") - 1, 0)]


def train(lessons, usable, start=None):
    """Return the regression alone, and the model with its bars, from the usable pairs, in three rounds.

    Most pairs of the backgrounds are told apart with ease: the first round, by the measures and their squares alone,
    finds the hardest of them, and only these are seen by the second. In the third all pairs count the more the nearer
    they are to the bar. So they do for the trees, which see no pairs that are derived by hand: from those they would
    learn little about rewordings by machine. A regression over nearly the same pairs may stand for the first round,
    as `start`: the others end sooner, and in the same place.
    """
    distant = usable & lessons.plain & np.isin(lessons.label, BACKGROUND)
    care, found, columns = usable.astype(float), start, slice(None if start else 2 * len(MEASURES))
    for turn in range(3):
        if turn or not start:
            seen = np.flatnonzero(care)
            w = weigh([lessons.groups[row] for row in seen], lessons.label[seen], lessons.wanted[seen])
            w *= care[seen] / care[seen].mean()
            near = found if turn == 2 or start else None
            found = fit(lessons.x[seen, columns], lessons.wanted[seen].astype(float), w, RIDGE, near)
        score = found[0] + lessons.x[:, columns] @ found[1]
        columns = slice(None)
        if turn == 0 and distant.any():
            care = care * (~distant | (score > np.quantile(score[distant], 1 - HARD)))
        elif turn == 1:
            bar = bars_of(score, lessons, usable)
            care = care / (1 + ((score - of_words(bar, lessons.words)) / NEAR) ** 2)
    bar = bars_of(score, lessons, usable)
    seen = np.flatnonzero(usable & (lessons.label != DERIVED) & (score > of_words(bar, lessons.words) - FAR))
    w = weigh([lessons.groups[row] for row in seen], lessons.label[seen], lessons.wanted[seen])
    w /= 1 + ((score[seen] - of_words(bar, lessons.words[seen])) / WIDE) ** 2
    trees = grow(lessons.figures[seen], lessons.wanted[seen], w)
    # Rounded as they are written, so that what is measured is what is read again.
    halves = trees._replace(limit=trees.limit.round(DIGITS), value=(trees.value / 2).round(DIGITS))
    whole = float(np.round(found[0] / 2, DIGITS)), np.round(found[1] / 2, DIGITS)
    model = Model(*whole, halves, np.array(CLASSES), np.zeros(len(CLASSES)))
    return found, model._replace(bars=bars_of(log_odds(model, lessons.figures), lessons, usable))


def bars_of(score, lessons, usable):
    """Return the score of each length class that none of three kinds of negatives passes more often than it may.

    The rates of `lessons` are the shares of same-event pairs, of background pairs and of a wire's that may pass. No bar
    is lower for fewer words.
    """
    usable = usable & lessons.plain
    distant = usable & np.isin(lessons.label, BACKGROUND)
    same_event = usable & (lessons.label == "same_event") & (lessons.names != CHANGED)
    kinds = same_event, distant & (lessons.names != WIRE), distant & (lessons.names == WIRE)
    bar = np.max([bars(score, lessons.words, *kind) for kind in zip(kinds, lessons.rates, strict=True)], axis=0)
    bar = np.maximum.accumulate(bar[::-1])[::-1]
    return np.where(np.isfinite(bar), bar, 0.0).round(DIGITS)


def crossed(lessons, usable, start):
    """Score of each pair by models that saw neither of its articles, nor others of their folds."""
    score = np.empty(len(lessons.x))
    for folds in itertools.combinations_with_replacement(range(FOLDS), 2):
        within = (lessons.ends.min(axis=1) == folds[0]) & (lessons.ends.max(axis=1) == folds[1])
        _, model = train(lessons, usable & ~np.isin(lessons.ends, folds).any(axis=1), start)
        score[within] = log_odds(model, lessons.figures[within])
    return score


def unworded(tables, pairs, column, figures):
    """Yield each labelled set that words were learned from, and the figures with those of its pairs by words of others.

    The figures of other pairs, which a model without the set learns from, still are by words that know of the set.
    """
    found = scan.terms(column)
    for name, table in tables.items():
        rows = np.array([row for row, pair in enumerate(pairs) if pair[2] == name])
        read = machine(found, table)[np.array([pairs[row][:2] for row in rows])]
        seen = figures.copy()
        seen[rows, MEASURES.index("machine")] = read.max(axis=1)
        seen[rows, MEASURES.index("machine_apart")] = abs(read[:, 0] - read[:, 1])
        yield name, seen


class Lessons(NamedTuple):
    """All pairs there are to learn from, and what one model is to find."""

    figures: np.ndarray  # (k, len(MEASURES))
    x: np.ndarray  # (k, len(TERMS))
    words: np.ndarray  # (k,) of the shorter text
    names: np.ndarray  # (k,) of the sets
    label: np.ndarray  # (k,)
    groups: list  # (k,) set, label, style
    plain: np.ndarray  # (k,) whether the pair is real, rather than made of one
    ends: np.ndarray  # (k, 2) folds of the two articles
    wanted: np.ndarray  # (k,) whether the model is to find it
    rates: tuple  # of the bars: three for each length class


SAME_EVENT_RATES = (0.2, 0.15, 0.006)
"""Two short reports of one event say the same and no more: of those one in five or seven may pass, of longer ones one
in 160."""
BACKGROUND_RATES = (0.0012, 0.0012, 0.00022)
"""The same for pairs of the background: they met and share words, so they are the hardest of all that there are."""
WIRE_RATES = (0.001, 0.0004, 0.04)
"""The same for a wire; of its few longer reports next to nothing is asked."""
OVERLAP_RATES = (0.05, 0.05, 0.006), (0.01, 0.008, 0.004), (0.005, 0.005, 0.1)
"""The same three for an overlap, which is told and not removed. Those of the longer ones decide for all."""
MODELS = {
    "reworded": (COPY, {"translated"}, (SAME_EVENT_RATES, BACKGROUND_RATES, WIRE_RATES)),
    "overlap": (SHARES, {SERIES}, OVERLAP_RATES),
}
"""Name → labels it is to find, labels it does not see, rates for its bars."""


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("sets", nargs="+", type=pathlib.Path)
    parser.add_argument("--background", nargs="*", type=pathlib.Path, default=[])
    parser.add_argument("--wire", type=pathlib.Path, required=True)
    parser.add_argument("--pages", nargs="*", type=pathlib.Path, default=[])
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--quick", action="store_true", help="leave no set out, and the third figure")
    parser.add_argument("--report", type=pathlib.Path, help="folder for the curve and the worst misses")
    options = parser.parse_args()
    texts = train_machine.known_texts(options.sets, options.background, options.pages)
    _, tables = train_machine.tables(texts)
    column, _ = load(options.sets)
    pairs, groups, figures, words, ends = all_pairs(options.sets, options.background, options.wire, tables)
    names, label, style_of = (np.array([group[at] for group in groups]) for at in range(3))
    x, plain = terms(figures), np.char.find(style_of, "~") < 0
    enough = (words >= CLASSES[0]) & (figures[:, JACCARD] >= LEAST_SHARED)
    balanced = figures[:, BALANCE] >= Settings().rewording.least_balance
    sets = [] if options.quick else np.unique(names).tolist()
    of_others = dict(unworded(train_machine.without(texts, sets), pairs, column, figures))
    results, models = {}, {}
    for name, (positive, unseen, rates) in MODELS.items():
        gate = enough & balanced if name == "reworded" else enough
        wanted = np.isin(label, list(positive))
        lessons = Lessons(figures, x, words, names, label, groups, plain, ends, wanted, rates)
        usable = gate & ~np.isin(label, list(unseen))
        start, model = train(lessons, usable)
        unknown = crossed(lessons, usable, start)
        bar = bars_of(unknown, lessons, usable)
        models[name] = model._replace(bars=bar)
        print(name, "bars", bar.round(2), "by pairs learned from", model.bars.round(2), flush=True)
        score = log_odds(model, figures)
        results[name] = [gate & passes(each, words, bar) for each in (score, unknown)]
        results[name] += [] if options.quick else [np.zeros(len(words), bool)]
        apart = np.full(len(words), -np.inf)
        for left_out in sets:
            _, own = train(lessons, usable & (names != left_out), start)
            out = (names == left_out) & gate
            apart[out] = log_odds(own, of_others.get(left_out, figures)[out]) - of_words(
                own.bars + bar - model.bars, words[out]
            )
            results[name][2] |= out & (apart >= 0)
        if options.report and name == "reworded":
            reworded_report.write(options.report, pairs, figures, words, score, apart, wanted, results[name], enough)
    lines = reworded_report.table(results, groups, words)
    lines += reworded_report.by_models(models["reworded"], figures, words, groups, enough & balanced)
    print("\n".join(lines))
    if options.write:
        (FOLDER / "coefficients.toml").write_text(written(models), encoding="utf-8")
        (FOLDER / "figures.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def written(models):
    """Return the models as TOML."""
    lines = [
        "# Written by tests/benchmarks/train_reworded.py: score = intercept + Σ slope · term + Σ trees − bar of the",
        "# length class. A tree asks whether its first measure is above the limit behind it; then, if not, the same of",
        "# the second, else of the third. Its four values: no and no, no and yes, yes and no, yes and yes.",
    ]
    for name, model in models.items():
        lines += ["", f"[{name}]", f"intercept = {model.intercept:.{DIGITS}f}", "trees = ["]
        for measures, limits, values in zip(*model.trees, strict=True):
            asked = [f'"{MEASURES[measure]}", {limit}' for measure, limit in zip(measures, limits, strict=True)]
            lines.append(f"  [{', '.join([*asked, *(f'{value:.{DIGITS}f}' for value in values)])}],")
        lines += ["]", "", f"[{name}.bars]  # fewest words of the class"]
        lines += [f"{low} = {value:.{DIGITS}f}" for low, value in zip(CLASSES, model.bars, strict=True)]
        lines += ["", f"[{name}.slopes]"]
        lines += [f'"{" * ".join(term)}" = {value:.{DIGITS}f}' for term, value in zip(TERMS, model.slope, strict=True)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
