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
import pyarrow.parquet as pq
import reworded_pairs
from scipy.optimize import fmin_l_bfgs_b
from scipy.sparse import csr_matrix, diags

from cleaners.facts import lexicon, marks, scan
from cleaners.rewording import machine

FILE = pathlib.Path(machine.__file__).with_name("machine.toml")
BY_MODEL = {
    "detectrl": r"m\d+.*|h\d+_(backtranslation|dipper|llm_polish)",
    "gpt35_rephrase": r".*_(base|expert)",
    "l2r": r".*/(?!human$)[^/]+",
    "raidar_news": r".*_p\d+",
    "rewrites": r".*-(?!original$)\w+",
}
"""Set → ids of its texts by models; the others are by people."""
BY_PEOPLE = {"allsides_events", "basil", "duc2004"}
NEITHER = re.compile(r"_noise$|-spin$")
"""Texts that were made by something else."""
LANGUAGES = ("en", "de")
"""Those of which there is news by people to learn from, beside what models wrote."""
EVERY = 4
"""One in so many articles of a background is learned from."""
LEAST, LEAST_BY_MODEL = 40, 5
"""Texts, and texts by models, that a word or pair has to stand in."""
RIDGE = 0.1
MASS = 3000.0
"""Weight of all texts by models, and of all by people; groups of texts weigh by the root of their size."""
EMPTY, ROOM = -1.0, 4.0
"""Log odds of a text without words, which are 0 in the file; and of what they are there the multiple: what reads like
a reporter's has 0, a model's up to 1."""
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
    known = reworded_pairs.of_beginnings(column, fold)
    articles, _ = reworded_pairs.read(background)
    stems = np.repeat(
        [path.stem for path in background], [pq.ParquetFile(path).metadata.num_rows for path in background]
    )
    some = np.arange(0, len(articles), EVERY)
    fold_of = reworded_pairs.folds_of_background(articles, known)[some]
    parts.append((articles.take(some), [False] * len(some), stems[some], fold_of))
    for path in pages:
        texts, languages = of_pages(path)
        name = path.name.partition(".")[0]
        begun = reworded_pairs.beginnings(texts)
        fold_of = [known.get(text, row % reworded_pairs.FOLDS) for row, text in enumerate(begun)]
        parts.append((texts, [False] * len(texts), [f"{name} {language}" for language in languages], fold_of))
    columns, *others = zip(*parts, strict=True)
    column = pa.concat_arrays(columns)
    kept = np.isin(scan.terms(column).language, [list(lexicon.LANGUAGES).index(code) for code in LANGUAGES])
    return Texts(column.filter(pa.array(kept)), *(np.concatenate(each)[kept] for each in others))


def writer(name, text_id):
    """Return whether a model wrote a text of a set, and the group it belongs to; no group if nothing is known."""
    if name in BY_PEOPLE:
        return False, name
    if name not in BY_MODEL or NEITHER.search(text_id):
        return False, ""
    kind = text_id.rpartition("/")[2] if name == "l2r" else re.sub(r"\d+", "", text_id)
    return re.fullmatch(BY_MODEL[name], text_id) is not None, f"{name} {kind}"


def of_pages(path):
    """Texts of the labelled pages of one file in LANGUAGES, and their languages."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        pages = [page for page in map(json.loads, file) if page["lang"] in LANGUAGES]
    texts = ["\n".join(line["text"] for line in page["lines"] if line["label"] == "content") for page in pages]
    return pa.array(texts, pa.large_string()), [page["lang"] for page in pages]


def shares(column):
    """Return slots of words and pairs of words; how often each stands in each text, per word; and how many words."""
    found = scan.terms(column)
    text = np.repeat(np.arange(len(column)), np.diff(found.offsets))
    plain = (found.flags & marks.FACT) == 0
    both = plain[:-1] & plain[1:] & (found.sentence[:-1] == found.sentence[1:]) & (text[:-1] == text[1:])
    places = np.concatenate([text[plain], text[:-1][both]])
    hashes = np.concatenate([found.term[plain], machine.of_two.py_func(found.term[:-1][both], found.term[1:][both])])
    names, which = np.unique(hashes & np.uint32(machine.SLOTS - 1), return_inverse=True)
    table = csr_matrix((np.ones(len(places)), (places, which)), (len(column), len(names)))
    words = np.bincount(text[plain], minlength=len(column))
    return names, diags(1 / (words + machine.PRIOR)) @ table, words / (words + machine.PRIOR)


def trained(texts, names, x, words, seen):
    """Return a table trained on some of the texts, as it is read from the file."""
    y, x = texts.by_model[seen].astype(float), x[seen]
    stands = np.asarray((x > 0).sum(axis=0)).ravel()
    by_model = np.asarray((x[y > 0] > 0).sum(axis=0)).ravel()
    kept = (stands >= LEAST) & (by_model >= LEAST_BY_MODEL)
    each, slopes = ridge(x[:, kept] * SCALE, words[seen], y, weights(texts.group[seen], y))
    levels = collections.defaultdict(list)
    for name, slope in zip(names[kept].tolist(), (slopes * SCALE / ROOM).round(DIGITS).tolist(), strict=True):
        if slope:
            levels[slope].append(f"{name:x}")
    by_level = {f"{level:.{DIGITS}f}": " ".join(slots) for level, slots in sorted(levels.items())}
    return {"each": round(each / ROOM, 4), "languages": list(LANGUAGES), "words": by_level}


def weights(group, y):
    """Weight of each text: groups by the root of their size, both kinds of writers MASS in sum."""
    sizes = collections.Counter(group.tolist())
    w = np.array([sizes[each] ** -0.5 for each in group.tolist()])
    for kind in (0, 1):
        w[y == kind] *= MASS / w[y == kind].sum()
    return w


def ridge(x, words, y, w):
    """Return what any word weighs, and what each weighs beside that: a logistic regression on a sparse matrix.

    A text without words has the log odds EMPTY.
    """

    def loss(beta):
        score = EMPTY + beta[0] * words + x @ beta[1:]
        slope = w * (1 / (1 + np.exp(-score)) - y)
        value = (w * (np.logaddexp(0, score) - y * score)).sum() + RIDGE / 2 * (beta[1:] ** 2).sum()
        return value, np.concatenate([[slope @ words], x.T @ slope + RIDGE * beta[1:]])

    beta, *_ = fmin_l_bfgs_b(loss, np.zeros(x.shape[1] + 1), maxiter=200)
    return float(beta[0]), beta[1:]


def tables(texts):
    """Return the table trained on all texts, as read from the file, and for each fold one trained on the others."""
    found = shares(texts.column)
    seen = [np.ones(len(texts.fold), bool), *(texts.fold != fold for fold in range(reworded_pairs.FOLDS))]
    whole, *of_folds = (trained(texts, *found, some) for some in seen)
    return whole, list(map(machine.table_of, of_folds))


def without(texts, names):
    """Return for each of some sets a table trained on all texts but its own."""
    found, group = shares(texts.column), np.char.partition(texts.group.astype(str), " ")[:, 0]
    return {name: machine.table_of(trained(texts, *found, group != name)) for name in names if (group == name).any()}


def written(table):
    """Return a table as TOML."""
    lines = [
        "# Written by tests/benchmarks/train_machine.py: (each · words + Σ weights of words and pairs) / (words + 40)",
        "# is 0 or less for a reporter's text, up to 1 for a language model's. A weight, and the slots that have it.",
        f"each = {table['each']}",
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
