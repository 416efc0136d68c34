"""Pairs to learn from what a rewording is: labelled ones, those that follow from them, and articles of backgrounds.

A set is a folder with docs.jsonl ({"id", "text"}) and pairs.jsonl ({"a", "b", "label", "style"}).

Background articles are by people and hold no rewordings by machine, so they give the hardest negatives there are:

independent  pairs that share words but hardly any wording: two reports of one affair; and passages on one subject
series       pairs of articles dated days apart (where ids begin with a date) that are no reprints: dividends, market
             wraps, results, forecasts, follow-ups with the same paragraphs of background

A wire is a background of short reports that an agency sent in the order of their numbers (r1, r2, …): what stands far
apart in it are other prices, dividends and loans in the same few words. Of pairs that stand near one another nothing is
known.

Pairs whose ids name one story of the agency (its number stands before the date) are versions of it: derived from one
another, and so copies, if not by machine. judged.jsonl tells of pairs that have been read, {"pair", "is"}:

derived      the shorter one is a version, a re-telling or a part of the other, and nothing is lost without it
partial      they share paragraphs, and each has news of its own
independent  neither, whatever they share

To add one, read both articles, and append a line whose pair is what this prints for their ids, the lesser id first:

    (echo ID; printf %s ID) | sha256sum | cut -c1-16
"""

import hashlib
import json
import pathlib
import re
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import reworded_further

from cleaners.config import FingerprintSettings, Settings
from cleaners.facts import scan
from cleaners.facts.sets import fact_sets
from cleaners.fingerprint.minhash import signatures
from cleaners.match.candidates import candidates
from cleaners.match.pairs import pairs as met_pairs
from cleaners.pairs import all_meetings
from cleaners.rewording.columns import MEASURES
from cleaners.rewording.machine import machine
from cleaners.rewording.measures import LEAST_SHARED, measures
from cleaners.rewording.prepare import prepare

JUDGED = pathlib.Path(__file__).with_name("judged.jsonl")
JACCARD, VERBATIM = (MEASURES.index(name) for name in ("jaccard", "verbatim_of_b"))
INDEPENDENT, SERIES = "independent", "series"
DERIVED = "derived"
COPY = {"reworded", "dup", DERIVED}
"""Labels of pairs of which one is enough."""
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


def ids(folders):
    """Set and id of each text, in the order of `load`."""
    docs = ((folder.name, json.loads(line)) for folder in folders for line in (folder / "docs.jsonl").open("rb"))
    return [(name, doc["id"]) for name, doc in docs if "text" in doc]


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
    """Return what each pair is that has been read, by the key of the pair."""
    rows = [json.loads(line) for line in JUDGED.read_text(encoding="utf-8").splitlines()]
    return {row["pair"]: row["is"] for row in rows}


def key(ids):
    """Return the key of a pair in JUDGED, whichever id is first. It gives no article away."""
    return hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()[:16]


class Articles(NamedTuple):
    """Texts, the fold of each, and how much each reads like a language model's to one that never saw its fold."""

    column: pa.LargeStringArray
    fold: np.ndarray  # (n,)
    machine: np.ndarray  # (n,)


def articles(column, fold, tables):
    """Return texts with what is known of them; `tables` (FOLDS,) are those that were trained without each fold."""
    read = np.zeros(len(column), np.float32)
    for number, table in enumerate(tables):
        for rows in np.array_split(np.flatnonzero(fold == number), len(column) // 10_000 + 1):
            read[rows] = machine(scan.terms(column.take(rows)), table)
    return Articles(column, fold, read)


def of_pairs(texts, places):
    """Measures of pairs of rows, words of the shorter text, and the folds of both."""
    figures, words = [np.zeros((0, len(MEASURES)), np.float32)], [np.zeros(0, np.int32)]
    for some in np.array_split(places, len(places) // 20_000 + 1):
        rows, back = np.unique(some, return_inverse=True)
        prepared = prepare(texts.column.take(rows))._replace(machine=texts.machine[rows])
        figures.append(measures(prepared, back.reshape(-1, 2)))
        words.append(prepared.words[back.reshape(-1, 2)].min(axis=1))
    return np.concatenate(figures), np.concatenate(words), texts.fold[places]


def meetings(column):
    """Pairs of rows that share a band, (k, 2)."""
    s = Settings().rewording
    found = fact_sets(column, s).facts
    prints = signatures(found.offsets, found.hashes, FingerprintSettings(permutations=s.permutations, seed=s.seed))
    bands, least = all_meetings(s, len(column))
    met = candidates(prints, np.diff(found.offsets) >= s.least_facts, bands)
    return np.stack(met_pairs(met, least), axis=1)


def strangers(texts, pairs):
    """Measures, words and folds of the pairs of PASSAGES that met and belong to no common original."""
    root = families(len(texts.column), pairs)
    within = np.unique([row for pair in pairs if pair[2] == PASSAGES for row in pair[:2]])
    places = within[meetings(texts.column.take(within))]
    columns = of_pairs(texts, places[root[places[:, 0]] != root[places[:, 1]]])
    kept = (columns[0][:, VERBATIM] < 0.5) & (columns[0][:, JACCARD] >= 0.15)
    return tuple(column[kept] for column in columns)


def families(count, pairs):
    """For each of so many texts, the number of one that it is tied to by pairs: the same for all of a family."""
    root = np.arange(count)
    for a, b, *_ in pairs:
        root[root == root[b]] = root[a]
    return root


def met_and_known(texts, names, judged, *, wire=False):
    """Rows, labels, measures, words and folds of the pairs of a background that met and are known to be something."""
    places = meetings(texts.column)
    columns = of_pairs(texts, places)
    figures = columns[0]
    days, stories = dates_and_stories(names)
    ends = days[places]
    dated = (ends >= 0).all(axis=1)
    other = stories[places[:, 0]] != stories[places[:, 1]]
    apart = dated & (abs(ends[:, 0] - ends[:, 1]) >= APART) & (figures[:, VERBATIM - 1] < REPRINT)
    independent = other & (figures[:, VERBATIM] < 0.25) & (apart | (not wire))
    series = other & apart
    version = ~other & (figures[:, VERBATIM - 1] < REPRINT)
    label = np.select([independent, series, version], [INDEPENDENT, SERIES, DERIVED], "").astype(object)
    for at in np.flatnonzero(figures[:, JACCARD] >= LEAST_SHARED):
        read = judged.get(key(names[row] for row in places[at]))
        if read == INDEPENDENT:
            label[at] = SERIES if label[at] == SERIES else INDEPENDENT
        elif read:
            label[at] = read
    kept = (label != "") & (figures[:, JACCARD] >= 0.15)
    return places[kept], label[kept].tolist(), *(column[kept] for column in columns)


FOLDS, BLOCK = 4, 3000
"""Folds of articles, by family; those of a background by blocks of so many, as what stands near belongs together."""
ALTERED = 2500
"""Pairs of each background that are learned from without capitals and without spaces, too."""


def all_pairs(sets, background, wire, tables):
    """Labelled pairs; and figures, words, folds of both ends and groups of all there are to learn from.

    The labelled ones come first.
    """
    column, pairs = load(sets)
    fold = folds(column, pairs)
    texts = articles(column, fold, tables)
    own = np.array([pair[:2] for pair in pairs])
    more = reworded_further.kin(pairs)
    groups = [pair[2:5] for pair in pairs + more]
    parts = [of_pairs(texts, rows) for rows in (own, np.array([pair[:2] for pair in more]))]
    for suffix, other in reworded_further.altered(column):
        parts.append(of_pairs(articles(other, fold, tables), own))
        groups += [(name, label, style + suffix) for _, _, name, label, style, *_ in pairs]
    parts.append(strangers(texts, pairs))
    groups += [("passages", INDEPENDENT, "")] * len(parts[-1][0])
    judged, known = judgements(), of_beginnings(column, fold)
    for name, paths in (("background", background), (WIRE, [wire])):
        column, names = read(paths)
        fold = folds_of_background(column, known)
        places, labels, *columns = met_and_known(articles(column, fold, tables), names, judged, wire=name == WIRE)
        parts.append(columns)
        groups += [(name, label, "") for label in labels]
        some = hardest(columns[0], np.isin(labels, [INDEPENDENT, SERIES]))
        rows, back = np.unique(places[some], return_inverse=True)
        for suffix, other in reworded_further.altered(column.take(rows)):
            parts.append(of_pairs(articles(other, fold[rows], tables), back.reshape(-1, 2)))
            groups += [(name, labels[row], suffix) for row in some]
    return pairs, groups, *(np.concatenate(columns) for columns in zip(*parts, strict=True))


def folds(column, pairs):
    """Return the fold of each labelled text: the same for all of a family, and for those that begin alike."""
    first = {}
    alike = [(first.setdefault(text, row), row) for row, text in enumerate(beginnings(column))]
    return (
        families(len(column), [*pairs, *(pair for pair in alike if pair[0] != pair[1])]) * 2_654_435_761 % 2**32 * FOLDS
        >> 32
    )


def folds_of_background(column, known):
    """Return the fold of each article of a background, by blocks; of one that is `known` from a set it is the same."""
    return np.array([known.get(text, row // BLOCK % FOLDS) for row, text in enumerate(beginnings(column))])


def of_beginnings(column, fold):
    """Return the fold of each labelled text by how it begins."""
    return dict(zip(beginnings(column), fold, strict=True))


def beginnings(column):
    """Return how each text begins: so an article is known again that stands in a set and in a background."""
    return [text[:150] for text in column.to_pylist()]


def hardest(figures, negative):
    """Rows of up to ALTERED negatives of a background, out of the tenth that shares most."""
    most = np.flatnonzero(negative)
    most = most[np.argsort(-figures[most, JACCARD], kind="stable")][: len(most) // 10]
    return most[:: len(most) // ALTERED + 1]
