"""Train the coefficients of the rewording verifier, and tell what they reach on sets they were not trained on.

    python tests/benchmarks/train_reworded.py ../shared/data/rewrites ../shared/data/matching/* \
        --background ../shared/data/news/allsides.parquet ../shared/data/news/reuters_fin.parquet \
        [--write] [--quick] [--report FOLDER]

A SET_DIR holds docs.jsonl ({"id", "text"}) and pairs.jsonl ({"a", "b", "label", "style"}). Plain logistic regression
over measures, squares and products, each group of pairs weighed by the root of its size, so that no large set drowns a
small one.

Background articles are by people and hold no rewordings by machine, so they give the hardest negatives there are:

independent  pairs that share words but hardly any wording: two reports of one affair; and passages on one subject
series       pairs of articles dated days apart (where ids begin with a date) that are no reprints: dividends, market
             wraps, results, forecasts, follow-ups with the same paragraphs of background

Pairs whose ids name one story of the agency (its number stands before the date) are versions of it, and no negatives.
judged.jsonl tells of pairs that have been read, {"pair", "derived"}: those that are derived from one another are no
negatives, those that are not are some whatever they share. To add one, read both articles, and append a line whose pair
is what this prints for their ids, the lesser id first:

    (echo ID; printf %s ID) | sha256sum | cut -c1-16

With --write, coefficients go to cleaners/rewording/coefficients.toml and the figures to figures.md beside them. With
--report, the precision-recall curve and the worst misses go to FOLDER.
"""

import argparse
import collections
import hashlib
import json
import pathlib
import re

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import reworded_report

from cleaners.config import FingerprintSettings, Settings
from cleaners.facts.sets import fact_sets
from cleaners.fingerprint.minhash import signatures
from cleaners.match.candidates import candidates
from cleaners.match.pairs import pairs as met_pairs
from cleaners.pairs import fact_bands
from cleaners.rewording.columns import MEASURES
from cleaners.rewording.measures import LEAST_SHARED, measures
from cleaners.rewording.prepare import prepare
from cleaners.rewording.verify import TERMS, terms

FOLDER = pathlib.Path(__file__).parents[2] / "cleaners" / "rewording"
JUDGED = pathlib.Path(__file__).with_name("judged.jsonl")
CLASSES = (25, 150, 250)
"""Fewest words of the shorter text, for each length class."""
BALANCE, JACCARD, VERBATIM = (MEASURES.index(name) for name in ("balance", "jaccard", "verbatim_of_b"))
RIDGE = 2.0
COPY = {"reworded", "dup"}
SHARES = COPY | {"partial", "brief", "update", "translated"}
# Made from reports by changing what they say: negatives to learn from, but no measure of how independent reports score.
CHANGED = "fakenews_amt"
INDEPENDENT, SERIES = "independent", "series"
BACKGROUND = (INDEPENDENT, SERIES)
APART = 2
"""Days from which two articles of a series are different ones, unless more than REPRINT of the wording is the same."""
REPRINT = 0.7
PASSAGES = "l2r"
"""A set of short passages on a few subjects, where what has no common original is independent."""


def style(pair):
    """Return the style of a pair; of rewrites by language models each model is one, of detectors' noise none."""
    full = pair.get("style", "")
    return full if full.startswith("llm_rewrite") else full.split("-")[0]


def load(folders):
    """Texts, and pairs as (row, row, set, label, style, id, id)."""
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
                pairs.append((*ends, folder.name, pair["label"], style(pair), pair["a"], pair["b"]))
    return pa.array(texts, pa.large_string()), pairs


def read(paths):
    """Texts of all Parquet files as one column, and the id of each article."""
    tables = [pq.read_table(path, columns=["id", "text"]) for path in paths]
    columns = [table["text"].cast(pa.large_string()).combine_chunks() for table in tables]
    names = [name for table in tables for name in table["id"].to_pylist()]
    return pa.concat_arrays(columns) if columns else pa.array([], pa.large_string()), names


def dates_and_stories(names):
    """Day and story of each article, as far as its id has them: else the day is -1 and the story the whole id."""
    dates = [re.match(r"(\d{4})(\d\d)(\d\d)/", name) for name in names]
    days = [np.datetime64("-".join(date.groups())).astype(int) if date else -1 for date in dates]
    stories = np.array([re.sub(r"^.*-id(\w+)20\d{6}$", r"\1", name) for name in names])
    return np.array(days, np.int64), stories


def judgements():
    """Whether each pair that has been read is derived from one another, by the key of the pair."""
    rows = [json.loads(line) for line in JUDGED.read_text(encoding="utf-8").splitlines()]
    return {row["pair"]: row["derived"] for row in rows}


def key(ids):
    """Return the key of a pair in JUDGED, whichever id is first. It gives no article away."""
    return hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()[:16]


def of_pairs(column, places):
    """Measures of pairs of rows, and words of the shorter text."""
    figures, words = [np.zeros((0, len(MEASURES)), np.float32)], [np.zeros(0, np.int32)]
    for some in np.array_split(places, len(places) // 20_000 + 1):
        rows, back = np.unique(some, return_inverse=True)
        prepared = prepare(column.take(rows))
        figures.append(measures(prepared, back.reshape(-1, 2)))
        words.append(prepared.words[back.reshape(-1, 2)].min(axis=1))
    return np.concatenate(figures), np.concatenate(words)


def meetings(column):
    """Pairs of rows that share a band, (k, 2)."""
    s = Settings().rewording
    found = fact_sets(column, s).facts
    prints = signatures(found.offsets, found.hashes, FingerprintSettings(permutations=s.permutations, seed=s.seed))
    met = candidates(prints, np.diff(found.offsets) >= s.least_facts, fact_bands(s))
    return np.stack(met_pairs(met, round(0.1 * s.permutations)), axis=1)


def strangers(column, pairs):
    """Measures, words and labels of the pairs of PASSAGES that met and belong to no common original."""
    root = np.arange(len(column))
    for a, b, *_ in pairs:
        root[root == root[b]] = root[a]
    within = np.unique([row for pair in pairs if pair[2] == PASSAGES for row in pair[:2]])
    places = within[meetings(column.take(within))]
    places = places[root[places[:, 0]] != root[places[:, 1]]]
    figures, words = of_pairs(column, places)
    kept = (figures[:, VERBATIM] < 0.5) & (figures[:, JACCARD] >= 0.15)
    return figures[kept], words[kept], [INDEPENDENT] * int(kept.sum())


def negatives(column, names, judged):
    """Measures, words and labels of the pairs of a background that met and are no copies."""
    places = meetings(column)
    figures, words = of_pairs(column, places)
    days, stories = dates_and_stories(names)
    ends = days[places]
    dated = (ends >= 0).all(axis=1)
    other = stories[places[:, 0]] != stories[places[:, 1]]
    independent = other & (figures[:, VERBATIM] < 0.25)
    series = other & dated & (abs(ends[:, 0] - ends[:, 1]) >= APART) & (figures[:, VERBATIM - 1] < REPRINT)
    label = np.select([independent, series], [INDEPENDENT, SERIES], "").astype(object)
    for at in np.flatnonzero(figures[:, JACCARD] >= LEAST_SHARED):
        derived = judged.get(key(names[row] for row in places[at]))
        if derived is not None:
            label[at] = "" if derived else label[at] or INDEPENDENT
    kept = (label != "") & (figures[:, JACCARD] >= 0.15)
    return figures[kept], words[kept], label[kept].tolist()


MASS = {True: 15_000.0, False: 11_000.0}
"""Weight of all that is a copy, and of all that is none, against RIDGE."""
WEIGHTS = {"unrelated": 0.3, "partial": 0.4, "dup": 0.2, "same_event": 2.0, INDEPENDENT: 7.5, SERIES: 3.5}
"""What the pairs of a label weigh, the others 1: near-copies are easy to tell, reports of one event are not."""
HARD = 0.15
"""Share of the background that is worth a second look."""
NEAR = 4.0
"""Distance from the bar at which a pair counts half in the last round. The coefficients serve the pairs in doubt."""


def fit(x, y, w):
    """Intercept and coefficients of a ridge logistic regression, by Newton's method."""
    mean, deviation = x.mean(axis=0), x.std(axis=0) + 1e-6
    z = np.column_stack([np.ones(len(x)), (x - mean) / deviation])
    beta, ridge = np.zeros(z.shape[1]), np.eye(z.shape[1]) * RIDGE
    ridge[0, 0] = 1e-6
    for _ in range(25):
        p = 1 / (1 + np.exp(-np.clip(z @ beta, -30, 30)))
        step = np.linalg.solve((z * (w * p * (1 - p))[:, None]).T @ z + ridge, z.T @ (w * (p - y)) + ridge @ beta)
        beta -= step
        if abs(step).max() < 1e-3:
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
    w = np.array([sizes[group] ** -0.5 for group in groups])
    w *= np.select([label == name for name in WEIGHTS], list(WEIGHTS.values()), 1.0)
    for answer, mass in MASS.items():
        w[wanted == answer] *= mass / w[wanted == answer].sum()
    return w


def of_words(bar, words):
    """Return the bar of each pair."""
    return bar[np.maximum(np.searchsorted(CLASSES, words, side="right") - 1, 0)]


def train(x, words, info, wanted, usable, rates, care=None):
    """Intercept, slope, bars, and how much each pair counted in the last round: from the usable pairs, in three rounds.

    Most pairs of the background are told apart with ease: the second round sees only the hardest of them. In the third
    all pairs count the more the nearer they are to the bar, so that the coefficients serve the pairs in doubt. Where
    these are known already, it is the only one. `rates` are the shares of same-event pairs, and of background pairs,
    that may pass in each length class. No bar is lower for fewer words.
    """
    names, label, groups = info
    distant = np.isin(label, BACKGROUND)
    same_event = usable & (label == "same_event") & (names != CHANGED)
    rounds = range(3) if care is None else [2]
    care = usable * (1.0 if care is None else care)
    for turn in rounds:
        seen = care > 0
        w = weigh([group for group, use in zip(groups, seen, strict=True) if use], label[seen], wanted[seen])
        intercept, slope = fit(x[seen], wanted[seen].astype(float), w * care[seen] / care[seen].mean())
        score = intercept + x @ slope
        bar = np.maximum(bars(score, words, same_event, rates[0]), bars(score, words, usable & distant, rates[1]))
        bar = np.where(np.isfinite(bar), bar, 0.0)
        bar = np.maximum.accumulate(bar[::-1])[::-1]
        if turn == 0 and (usable & distant).any():
            care = care * (~distant | (score > np.quantile(score[usable & distant], 1 - HARD)))
        elif turn == 1:
            care = care / (1 + ((score - of_words(bar, words)) / NEAR) ** 2)
    return intercept, slope, bar, care


SAME_EVENT_RATES = (0.1, 0.02, 0.002)
"""Two short reports of one event say the same and no more: of those one in ten may pass, of long ones one in 500."""
BACKGROUND_RATES = (0.0008, 0.0005, 0.0001)
"""The same for pairs of the background: they met and share words, so they are the hardest of all that there are."""
MODELS = {
    "reworded": (COPY, {"translated"}, (SAME_EVENT_RATES, BACKGROUND_RATES)),
    "overlap": (SHARES, {SERIES}, ((0.1, 0.03, 0.005), (0.03, 0.01, 0.004))),
}
"""Name → labels it is to find, labels it does not see, rates for its bars."""


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("sets", nargs="+", type=pathlib.Path)
    parser.add_argument("--background", nargs="*", type=pathlib.Path, default=[])
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--quick", action="store_true", help="leave no set out")
    parser.add_argument("--report", type=pathlib.Path, help="folder for the curve and the worst misses")
    options = parser.parse_args()
    column, pairs = load(options.sets)
    figures, words = of_pairs(column, np.array([pair[:2] for pair in pairs]))
    far = [negatives(*read(options.background), judgements()), strangers(column, pairs)]
    figures, words = (np.concatenate([own, *(each[at] for each in far)]) for at, own in enumerate((figures, words)))
    groups = [pair[2:5] for pair in pairs]
    for name, (_, _, labels) in zip(("background", "passages"), far, strict=True):
        groups += [(name, label, "") for label in labels]
    names, label = (np.array([group[at] for group in groups]) for at in (0, 1))
    x = terms(figures).astype(float)
    info = names, label, groups
    enough = (words >= CLASSES[0]) & (figures[:, JACCARD] >= LEAST_SHARED)
    balanced = figures[:, BALANCE] >= Settings().rewording.least_balance
    results, models = {}, {}
    for name, (positive, unseen, rates) in MODELS.items():
        gate = enough & balanced if name == "reworded" else enough
        wanted, usable = np.isin(label, list(positive)), gate & ~np.isin(label, list(unseen))
        intercept, slope, bar, care = train(x, words, info, wanted, usable, rates)
        models[name] = intercept, slope, bar
        print(name, "bars", bar.round(2), flush=True)
        score = intercept + x @ slope
        results[name] = [gate & passes(score, words, bar), np.zeros(len(x), bool)]
        apart = np.full(len(x), -np.inf)
        for left_out in [] if options.quick else np.unique(names):
            intercept, slope, bar, _ = train(x, words, info, wanted, usable & (names != left_out), rates, care)
            out = (names == left_out) & gate
            apart[out] = (intercept + x @ slope - of_words(bar, words))[out]
            results[name][1] |= out & passes(intercept + x @ slope, words, bar)
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
