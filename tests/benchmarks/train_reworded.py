"""Train the coefficients of the rewording verifier, and tell what they reach on sets they were not trained on.

    python tests/benchmarks/train_reworded.py ../shared/data/rewrites ../shared/data/matching/* \
        --background ../shared/data/news/allsides.parquet ../shared/data/news/reuters_fin.parquet \
        --wire ../shared/data/news/reuters21578.parquet [--write] [--quick] [--report FOLDER]

A SET_DIR holds docs.jsonl ({"id", "text"}) and pairs.jsonl ({"a", "b", "label", "style"}). Plain logistic regression
over measures, squares and products, each group of pairs weighed by the root of its size, so that no large set drowns a
small one.

Background articles are by people and hold no rewordings by machine, so they give the hardest negatives there are:

independent  pairs that share words but hardly any wording: two reports of one affair; and passages on one subject
series       pairs of articles dated days apart (where ids begin with a date) that are no reprints: dividends, market
             wraps, results, forecasts, follow-ups with the same paragraphs of background

A wire is a background of short reports that an agency sent in the order of their numbers (r1, r2, …): what stands far
apart in it are other prices, dividends and loans in the same few words. Of pairs that stand near one another nothing is
known.

Pairs whose ids name one story of the agency (its number stands before the date) are versions of it, and no negatives.
judged.jsonl tells of pairs that have been read, {"pair", "derived"}: those that are derived from one another are no
negatives, those that are not are some whatever they share. To add one, read both articles, and append a line whose pair
is what this prints for their ids, the lesser id first:

    (echo ID; printf %s ID) | sha256sum | cut -c1-16

The bars are set on scores of pairs by coefficients that saw neither article: each fold of the articles in turn is
scored by what was trained on the others. So a bar lets through of new pairs what it is meant to, not of those learned
by heart.

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
from cleaners.pairs import all_bands
from cleaners.rewording.columns import MEASURES
from cleaners.rewording.measures import LEAST_SHARED, measures
from cleaners.rewording.prepare import prepare
from cleaners.rewording.verify import TERMS, terms

FOLDER = pathlib.Path(__file__).parents[2] / "cleaners" / "rewording"
JUDGED = pathlib.Path(__file__).with_name("judged.jsonl")
CLASSES = (25, 60, 150, 250)
"""Fewest words of the shorter text, for each length class."""
BALANCE, JACCARD, VERBATIM = (MEASURES.index(name) for name in ("balance", "jaccard", "verbatim_of_b"))
RIDGE = 2.0
COPY = {"reworded", "dup"}
SHARES = COPY | {"partial", "brief", "update", "translated"}
# Made from reports by changing what they say: negatives to learn from, but no measure of how independent reports score.
CHANGED = "fakenews_amt"
INDEPENDENT, SERIES = "independent", "series"
BACKGROUND = (INDEPENDENT, SERIES)
WIRE = "wire"
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
    """Day and story of each article, as far as its id has them: else the day is -1 and the story the whole id.

    Of a wire the day is the thousand, two or three days of reports.
    """
    dates = [re.match(r"(\d{4})(\d\d)(\d\d)/", name) for name in names]
    numbers = [re.fullmatch(r"r(\d+)", name) for name in names]
    days = [np.datetime64("-".join(date.groups())).astype(int) if date else -1 for date in dates]
    days = [int(number[1]) // 1000 if number else day for number, day in zip(numbers, days, strict=True)]
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
    met = candidates(prints, np.diff(found.offsets) >= s.least_facts, all_bands(s))
    return np.stack(met_pairs(met, round(0.1 * s.permutations)), axis=1)


def strangers(column, pairs):
    """Rows, measures, words and labels of the pairs of PASSAGES that met and belong to no common original."""
    root = families(len(column), pairs)
    within = np.unique([row for pair in pairs if pair[2] == PASSAGES for row in pair[:2]])
    places = within[meetings(column.take(within))]
    places = places[root[places[:, 0]] != root[places[:, 1]]]
    figures, words = of_pairs(column, places)
    kept = (figures[:, VERBATIM] < 0.5) & (figures[:, JACCARD] >= 0.15)
    return places[kept], figures[kept], words[kept], [INDEPENDENT] * int(kept.sum())


def families(count, pairs):
    """For each of so many texts, the number of one that it is tied to by pairs: the same for all of a family."""
    root = np.arange(count)
    for a, b, *_ in pairs:
        root[root == root[b]] = root[a]
    return root


def negatives(column, names, judged, *, wire=False):
    """Rows, measures, words and labels of the pairs of a background that met and are no copies."""
    places = meetings(column)
    figures, words = of_pairs(column, places)
    days, stories = dates_and_stories(names)
    ends = days[places]
    dated = (ends >= 0).all(axis=1)
    other = stories[places[:, 0]] != stories[places[:, 1]]
    apart = dated & (abs(ends[:, 0] - ends[:, 1]) >= APART) & (figures[:, VERBATIM - 1] < REPRINT)
    independent = other & (figures[:, VERBATIM] < 0.25) & (apart | (not wire))
    series = other & apart
    label = np.select([independent, series], [INDEPENDENT, SERIES], "").astype(object)
    for at in np.flatnonzero(figures[:, JACCARD] >= LEAST_SHARED):
        derived = judged.get(key(names[row] for row in places[at]))
        if derived is not None:
            label[at] = "" if derived else label[at] or INDEPENDENT
    kept = (label != "") & (figures[:, JACCARD] >= 0.15)
    return places[kept], figures[kept], words[kept], label[kept].tolist()


FOLDS, BLOCK = 4, 3000
"""Folds of articles, by family; those of a background by blocks of so many, as what stands near belongs together."""


def ends_of(column, pairs, far):
    """Fold of the two articles of each pair, (k, 2): of the sets, of PASSAGES, of the backgrounds."""
    root = families(len(column), pairs)
    fold = root * 2_654_435_761 % 2**32 * FOLDS >> 32
    own = np.array([pair[:2] for pair in pairs])
    strange, *others = (each[0] for each in far)
    return np.concatenate([fold[own], fold[strange], *(places // BLOCK % FOLDS for places in others)])


MASS = {True: 15_000.0, False: 11_000.0}
"""Weight of all that is a copy, and of all that is none, against RIDGE."""
WEIGHTS = {"unrelated": 0.3, "partial": 0.4, "dup": 0.2, "same_event": 3.0, INDEPENDENT: 7.5, SERIES: 3.5}
"""What the pairs of a label weigh, the others 1: near-copies are easy to tell, reports of one event are not."""
FROM_TITLE = "gpt35_rephrase", 5.0
"""What the reports of an event weigh more that a model made up from a title: few, and all alike."""
HARD = 0.06
"""Share of the background that is worth a second look."""
NEAR = 6.0
"""Distance from the bar at which a pair counts half in the last round. The coefficients serve the pairs in doubt."""


def fit(x, y, w):
    """Intercept and coefficients of a ridge logistic regression, by Newton's method."""
    mean, deviation = x.mean(axis=0), x.std(axis=0) + 1e-6
    z = np.column_stack([np.ones(len(x), np.float32), (x - mean) / deviation])
    beta, ridge = np.zeros(z.shape[1]), np.eye(z.shape[1]) * RIDGE
    ridge[0, 0] = 1e-6
    for _ in range(25):
        p = 1 / (1 + np.exp(-np.clip(z @ beta, -30, 30)))
        half = z * np.sqrt(w * p * (1 - p)).astype(np.float32)[:, None]
        step = np.linalg.solve((half.T @ half).astype(float) + ridge, z.T.astype(float) @ (w * (p - y)) + ridge @ beta)
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
    for answer, mass in MASS.items():
        w[wanted == answer] *= mass / w[wanted == answer].sum()
    return w


def of_words(bar, words):
    """Return the bar of each pair."""
    return bar[np.maximum(np.searchsorted(CLASSES, words, side="right") - 1, 0)]


def train(x, words, info, wanted, usable, rates):
    """Intercept, slope and bars from the usable pairs, in three rounds.

    Most pairs of the backgrounds are told apart with ease: the first round, by the measures and their squares alone,
    finds the hardest of them, and only these are seen by the second. In the third all pairs count the more the nearer
    they are to the bar, so that the coefficients serve the pairs in doubt.
    """
    _, label, groups = info
    distant = usable & np.isin(label, BACKGROUND)
    care, few = usable.astype(float), 2 * len(MEASURES)
    for turn in range(3):
        seen = np.flatnonzero(care)
        w = weigh([groups[row] for row in seen], label[seen], wanted[seen])
        columns = slice(few) if turn == 0 else slice(None)
        intercept, slope = fit(x[seen, columns], wanted[seen].astype(float), w * care[seen] / care[seen].mean())
        score = intercept + x[:, columns] @ slope
        if turn == 0 and distant.any():
            care = care * (~distant | (score > np.quantile(score[distant], 1 - HARD)))
        elif turn == 1:
            bar = bars_of(score, words, info, usable, rates)
            care = care / (1 + ((score - of_words(bar, words)) / NEAR) ** 2)
    return intercept, slope, bars_of(score, words, info, usable, rates)


def bars_of(score, words, info, usable, rates):
    """Return the score of each length class that none of three kinds of negatives passes more often than it may.

    `rates` are the shares of same-event pairs, of background pairs and of a wire's that may pass in each length class.
    No bar is lower for fewer words.
    """
    names, label, _ = info
    distant = usable & np.isin(label, BACKGROUND)
    kinds = usable & (label == "same_event") & (names != CHANGED), distant & (names != WIRE), distant & (names == WIRE)
    bar = np.max([bars(score, words, *kind) for kind in zip(kinds, rates, strict=True)], axis=0)
    bar = np.where(np.isfinite(bar), bar, 0.0)
    return np.maximum.accumulate(bar[::-1])[::-1]


def crossed(x, words, info, wanted, usable, rates, ends):
    """Score of each pair by coefficients that saw neither of its articles; `ends` are the folds of the two."""
    score = np.empty(len(x))
    for fold in range(FOLDS):
        intercept, slope, _ = train(x, words, info, wanted, usable & (ends != fold).all(axis=1), rates)
        score[ends[:, 0] == fold] = intercept + x[ends[:, 0] == fold] @ slope
    return score


SAME_EVENT_RATES = (0.1, 0.1, 0.03, 0.008)
"""Two short reports of one event say the same and no more: of those one in ten may pass, of long ones one in 125."""
BACKGROUND_RATES = (0.004, 0.004, 0.0025, 0.0005)
"""The same for pairs of the background: they met and share words, so they are the hardest of all that there are."""
WIRE_RATES = (0.0012, 0.001, 0.02, 0.05)
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
    parser.add_argument("--quick", action="store_true", help="leave no set out")
    parser.add_argument("--report", type=pathlib.Path, help="folder for the curve and the worst misses")
    options = parser.parse_args()
    column, pairs = load(options.sets)
    figures, words = of_pairs(column, np.array([pair[:2] for pair in pairs]))
    judged = judgements()
    far = [
        strangers(column, pairs),
        negatives(*read(options.background), judged),
        negatives(*read([options.wire]), judged, wire=True),
    ]
    ends = ends_of(column, pairs, far)
    figures, words = (np.concatenate([own, *(each[at] for each in far)]) for at, own in enumerate((figures, words), 1))
    groups = [pair[2:5] for pair in pairs]
    for name, (*_, labels) in zip(("passages", "background", WIRE), far, strict=True):
        groups += [(name, label, "") for label in labels]
    names, label = (np.array([group[at] for group in groups]) for at in (0, 1))
    x = terms(figures)
    info = names, label, groups
    enough = (words >= CLASSES[0]) & (figures[:, JACCARD] >= LEAST_SHARED)
    balanced = figures[:, BALANCE] >= Settings().rewording.least_balance
    results, models = {}, {}
    for name, (positive, unseen, rates) in MODELS.items():
        gate = enough & balanced if name == "reworded" else enough
        wanted, usable = np.isin(label, list(positive)), gate & ~np.isin(label, list(unseen))
        intercept, slope, seen = train(x, words, info, wanted, usable, rates)
        unknown = crossed(x, words, info, wanted, usable, rates, ends)
        bar = bars_of(unknown, words, info, usable, rates)
        models[name] = intercept, slope, bar
        print(name, "bars", bar.round(2), "by pairs learned from", seen.round(2), flush=True)
        score = intercept + x @ slope
        results[name] = [gate & passes(each, words, bar) for each in (score, unknown)] + [np.zeros(len(x), bool)]
        apart = np.full(len(x), -np.inf)
        for left_out in [] if options.quick else np.unique(names):
            intercept, slope, own = train(x, words, info, wanted, usable & (names != left_out), rates)
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
