"""Train cleaners/rewording/machine.toml: which words and word pairs are those of language models.

    python tests/benchmarks/train_machine.py ../shared/data/rewrites ../shared/data/matching/* \
        --background ../shared/data/news/allsides.parquet ../shared/data/news/reuters_fin.parquet \
        --pages ../shared/data/pages/*.gz [--write]

A ridge logistic regression over how often each stands in a text. Texts by models are those of the labelled sets that a
model wrote or reworded, whatever the model; by people, their originals, reports of outlets, the backgrounds, and the
articles of labelled pages, which are the only news in other languages than English. Printed: of each group of texts
the share that read like a model's, by a table trained on texts of other families.
"""

import argparse
import collections
import gzip
import json
import pathlib
import re
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import reworded_pairs
from scipy.optimize import fmin_l_bfgs_b
from scipy.sparse import csr_matrix, diags

from cleaners.facts import marks, scan
from cleaners.rewording import machine

FILE = pathlib.Path(machine.__file__).with_name("machine.toml")
BY_MODEL = {
    "detectrl": r"m|h\d+_(backtranslation|dipper|llm_polish)", "gpt35_rephrase": r".*_(base|expert)",
    "l2r": r".*/(?!human)", "raidar_news": r".*_p", "rewrites": r".*-(?!original)",
}  # fmt: skip
"""Set → ids of its texts by models; the others are by people."""
BY_PEOPLE = {"allsides_events", "basil", "duc2004"}
NOISE = re.compile(r"_noise")
LANGUAGES = ("en", "de", "es", "fr")
"""Those with enough texts of both."""
EVERY = 4
"""One in so many articles of a background is learned from."""
LEAST, LEAST_BY_MODEL = 40, 5
"""Texts, and texts by models, that a word or pair has to stand in."""
RIDGE = 0.1
MASS = 3000.0
"""Weight of all texts by models, and of all by people; groups of texts weigh by the root of their size."""
ROOM = 4.0
"""What is written is (log odds + 1) / 4, so that what reads like a reporter's has 0, and a model's up to 1."""
DIGITS = 2
SCALE = 10.0
"""What shares of words are multiplied by for the regression, so that RIDGE is of their size."""
MODELS_OWN = 0.25
"""What reads so much like a model's is counted as such below."""


class Texts(NamedTuple):
    """Texts of which is known whether a model wrote them."""

    column: pa.LargeStringArray
    by_model: np.ndarray  # (n,)
    group: np.ndarray  # (n,) set, language, writer
    fold: np.ndarray  # (n,)


def known_texts(sets, background, pages):
    """Return the texts to learn from."""
    column, pairs = reworded_pairs.load(sets)
    fold = reworded_pairs.folds(column, pairs)
    rows = [(row, *writer(name, of_set)) for row, (name, of_set) in enumerate(reworded_pairs.ids(sets))]
    at, by_model, group = zip(*(row for row in rows if row[2]), strict=True)
    parts = [(column.take(at), by_model, group, fold[list(at)])]
    for path in background:
        texts, _ = reworded_pairs.read([path])
        some = np.arange(0, len(texts), EVERY)
        fold_of = reworded_pairs.folds_of_background(texts, reworded_pairs.of_beginnings(column, fold))
        parts.append((texts.take(some), [False] * len(some), [path.stem] * len(some), fold_of[some]))
    for path in pages:
        texts, languages = articles(path)
        name = path.name.partition(".")[0]
        fold_of = np.arange(len(texts)) % reworded_pairs.FOLDS
        parts.append((texts, [False] * len(texts), [f"{name} {language}" for language in languages], fold_of))
    columns, *others = zip(*parts, strict=True)
    return Texts(pa.concat_arrays(columns), *(np.concatenate(each) for each in others))


def writer(name, text_id):
    """Return whether a model wrote a text of a set, and the group it belongs to; no group if nothing is known."""
    if name in BY_PEOPLE:
        return False, name
    if name not in BY_MODEL or NOISE.search(text_id):
        return False, ""
    kind = text_id.rpartition("/")[2] if name == "l2r" else re.sub(r"\d+", "", text_id)
    return re.match(BY_MODEL[name], text_id) is not None, f"{name} {kind}"


def articles(path):
    """Texts of the labelled pages of one file in LANGUAGES, and their languages."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        pages = [page for page in map(json.loads, file) if page["lang"] in LANGUAGES]
    texts = ["\n".join(line["text"] for line in page["lines"] if line["label"] == "content") for page in pages]
    return pa.array(texts, pa.large_string()), [page["lang"] for page in pages]


def counts(column):
    """Return slots of words and pairs of words, and how often each stands in each text, per word of the text."""
    found = scan.terms(column)
    text = np.repeat(np.arange(len(column)), np.diff(found.offsets))
    words = (found.flags & marks.FACT) == 0
    both = words[:-1] & words[1:] & (found.sentence[:-1] == found.sentence[1:]) & (text[:-1] == text[1:])
    places = np.concatenate([text[words], text[:-1][both]])
    hashes = np.concatenate([found.term[words], machine.of_two.py_func(found.term[:-1][both], found.term[1:][both])])
    names, which = np.unique(hashes & np.uint32(machine.SLOTS - 1), return_inverse=True)
    table = csr_matrix((np.ones(len(places)), (places, which)), (len(column), len(names)))
    return names, diags(1 / (np.diff(found.offsets) + machine.PRIOR)) @ table


def trained(texts, names, x, seen):
    """Return a table trained on some of the texts, as it is read from the file."""
    y, x = texts.by_model[seen].astype(float), x[seen]
    stands = np.asarray((x > 0).sum(axis=0)).ravel()
    by_model = np.asarray((x[y > 0] > 0).sum(axis=0)).ravel()
    kept = (stands >= LEAST) & (by_model >= LEAST_BY_MODEL)
    intercept, slopes = fit(x[:, kept] * SCALE, y, weights(texts.group[seen], y))
    levels = collections.defaultdict(list)
    for name, slope in zip(names[kept].tolist(), (slopes * SCALE / ROOM).round(DIGITS).tolist(), strict=True):
        if slope:
            levels[slope].append(f"{name:x}")
    words = {f"{level:.{DIGITS}f}": " ".join(of_level) for level, of_level in sorted(levels.items())}
    return {"intercept": round((intercept + 1) / ROOM, 4), "languages": list(LANGUAGES), "words": words}


def weights(group, y):
    """Weight of each text: groups by the root of their size, both kinds of writers MASS in sum."""
    sizes = collections.Counter(group.tolist())
    w = np.array([sizes[each] ** -0.5 for each in group.tolist()])
    for kind in (0, 1):
        w[y == kind] *= MASS / w[y == kind].sum()
    return w


def fit(x, y, w):
    """Intercept and coefficients of a ridge logistic regression on a sparse matrix."""

    def loss(beta):
        score = beta[0] + x @ beta[1:]
        slope = w * (1 / (1 + np.exp(-score)) - y)
        value = (w * (np.logaddexp(0, score) - y * score)).sum() + RIDGE / 2 * (beta[1:] ** 2).sum()
        return value, np.concatenate([[slope.sum()], x.T @ slope + RIDGE * beta[1:]])

    beta, *_ = fmin_l_bfgs_b(loss, np.zeros(x.shape[1] + 1), maxiter=200)
    return float(beta[0]), beta[1:]


def tables(texts):
    """Return the table trained on all texts, and for each fold one trained on the others."""
    names, x = counts(texts.column)
    whole = trained(texts, names, x, np.ones(len(texts.fold), bool))
    return whole, [
        machine.table_of(trained(texts, names, x, texts.fold != fold)) for fold in range(reworded_pairs.FOLDS)
    ]


def without(texts, name):
    """Return the table trained on all texts but those of one set."""
    names, x = counts(texts.column)
    seen = np.char.partition(texts.group.astype(str), " ")[:, 0] != name
    return machine.table_of(trained(texts, names, x, seen))


def written(table):
    """Return a table as TOML."""
    lines = [
        "# Written by tests/benchmarks/train_machine.py: intercept + Σ weights of words and word pairs / (words + 40)",
        "# is 0 for a reporter's text, and up to 1 for a language model's. A weight, and the slots that have it.",
        f"intercept = {table['intercept']}",
        f"languages = {json.dumps(table['languages'])}",
        "",
        "[words]",
    ]
    return "\n".join([*lines, *(f'"{level}" = "{slots}"' for level, slots in table["words"].items())]) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("sets", nargs="+", type=pathlib.Path)
    parser.add_argument("--background", nargs="*", type=pathlib.Path, default=[])
    parser.add_argument("--pages", nargs="*", type=pathlib.Path, default=[])
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    texts = known_texts(options.sets, options.background, options.pages)
    whole, of_folds = tables(texts)
    print(
        sum(slots.count(" ") + 1 for slots in whole["words"].values()), "words and pairs,", len(written(whole)), "bytes"
    )
    read = reworded_pairs.articles(texts.column, texts.fold, of_folds).machine
    for by_model in (False, True):
        print("by language models" if by_model else "by people", "· texts · share read as a model's · median")
        for group in np.unique(texts.group[texts.by_model == by_model]):
            of_group = read[texts.group == group]
            print(f"  {group:40} {len(of_group):6} {(of_group > MODELS_OWN).mean():5.2f} {np.median(of_group):5.2f}")
    if options.write:
        FILE.write_text(written(whole), encoding="utf-8")


if __name__ == "__main__":
    main()
