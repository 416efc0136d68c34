"""Train ``cleaners/strip/wording.json``: which words residue is made of.

    python tests/benchmarks/train_wording.py [--write] [--without HALF]

Needs scikit-learn and wordfreq beside the project's own packages (only here). Positive lines: the invented residue of
`tests/gold/residue`, the hits of the rulebook, and, where the labelled data is there, its residue. Negative lines: the
traps of both, the misses of the rulebook, content of labelled pages, news; and for every language lines of words drawn
by their frequency, so that a common word tells nothing for being common. Printed: on lines that were not trained on,
the share of residue, traps and news above some scores.
"""

from __future__ import annotations

import argparse
import collections
import gzip
import hashlib
import json
import pathlib
import random

import numpy as np
import pyarrow.parquet as pq
import wordfreq
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from cleaners.rulebook import builtin
from cleaners.strip import wording
from cleaners.strip.scan import scanner

SCANNER = scanner(builtin())
ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLD = ROOT / "tests" / "gold" / "residue"
SHARED = ROOT.parent / "shared" / "data"
# The words and their frequencies that wordfreq has under another code.
CODES = {"no": "nb", "tl": "fil", "hr": "sh", "sr": "sh", "zh-Hans": "zh", "zh-Hant": "zh"}
DRAWN = 150  # lines of drawn words for each language
RESIDUE, TRAP = 4, 12  # what a line of residue and a trap weigh against one line of news: traps are few, and dear
NEWS = 60000  # lines of news trained on
# Labels of the pages whose lines have words of their own; other headlines are worded like any story.
LABELS = {
    "NEWSL": "newsletter_signup",
    "PAYWALL": "subscription_paywall",
    "BIO": "author_bio",
    "COMMENT": "comment_prompt",
    "LEGAL": "copyright_legal",
    "DISCL": "copyright_legal",
    "SOCIAL": "follow_social",
    "PROMO": "app_promo",
    "RELCUE": "related_links",
    "CONTRIB": "wire_credit",
    "WIDGET": "poll_quiz",
    "CREDIT": "photo_credit_caption",
}


def rows(path: pathlib.Path) -> list[dict]:
    """Return the rows of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def half(lines: list[str]) -> int:
    """Return which half an item belongs to, 0 or 1, by its text alone."""
    return int(hashlib.sha256("\n".join(lines).encode()).hexdigest(), 16) % 2


def drawn(language: str, rng: random.Random) -> list[str]:
    """Return lines of words drawn by their frequency in a language, none where it is unknown."""
    code = CODES.get(language, language)
    if code not in wordfreq.available_languages("best"):
        return []
    frequencies = wordfreq.get_frequency_dict(code, "best")
    words = sorted(frequencies, key=lambda word: (-frequencies[word], word))[:200_000]
    weights = [frequencies[word] for word in words]
    join = "" if code in {"zh", "ja"} else " "
    sentences = [rng.choices(words, weights, k=rng.randint(3, 30)) for _ in range(DRAWN)]
    # Sub-headings and names: words that hardly any other line has.
    labels = [rng.choices(words, k=rng.randint(1, 6)) for _ in range(DRAWN)]
    return [join.join(drawn) + rng.choice(("", ".")) for drawn in sentences] + [join.join(drawn) for drawn in labels]


def labelled_pages() -> tuple[list[tuple[str, str]], list[str]]:
    """Return residue (line, category) and content lines of the labelled pages."""
    residue, content = [], []
    for path in sorted((SHARED / "pages").glob("*.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for row in file:
                for line in json.loads(row)["lines"]:
                    if line["label"] == "content":
                        content.append(line["text"])
                    elif line["label"] == "boilerplate" and "hint" not in line and line.get("cat") in LABELS:
                        residue.append((line["text"], LABELS[line["cat"]]))
    return residue, content


def news(count: int) -> list[str]:
    """Return lines of news, in an order that does not depend on their source."""
    lines = []
    for name in ("reuters_fin", "allsides"):
        path = SHARED / "news" / f"{name}.parquet"
        if path.exists():
            for text in pq.read_table(path, columns=["text"])["text"].to_pylist()[:4000]:
                lines += [line for line in text.split("\n") if line.strip()]
    # News dumps hold residue too: what the rules strike is no content.
    lines = sorted({line for line in lines if not SCANNER.rules(line)})
    random.Random(1).shuffle(lines)  # noqa: S311 (no secret)
    return lines[:count]


class Data:
    """Lines with their label: those trained on, and those that only measure."""

    def __init__(self, without: int | None) -> None:
        self.residue: list[tuple[str, str]] = []  # line, category
        self.traps: list[str] = []
        self.content: list[str] = []
        self.held: dict[str, list[str]] = {"residue": [], "traps": []}
        self._gold(without)
        self._labelled()
        for rule in builtin().rules:
            if rule.where not in ("span", "block"):
                self.traps += rule.misses
        lines = news(NEWS * 2)
        self.content += lines[:NEWS]
        self.held["news"] = lines[NEWS:]
        rng = random.Random(1)  # noqa: S311 (no secret)
        for path in sorted(GOLD.glob("*.jsonl")):
            self.content += drawn(path.stem, rng)

    def _gold(self, without: int | None) -> None:
        """Take the invented lines, and hold one half of them back."""
        for path in sorted(GOLD.glob("*.jsonl")):
            for item in rows(path):
                content = item["category"] == "content"
                if half(item["lines"]) == without and not item.get("trained"):
                    self.held["traps" if content else "residue"] += item["lines"]
                elif content:
                    self.traps += item["lines"]
                else:
                    self.residue += [(line, item["category"]) for line in item["lines"]]

    def _labelled(self) -> None:
        """Take the lines of the labelled data, where it is there."""
        for item in rows(SHARED / "residue_lines" / "residue.jsonl"):
            self.residue += [(line, item["category"]) for line in item["lines"]]
        for item in rows(SHARED / "residue_lines" / "traps.jsonl"):
            self.traps += item["lines"]
        for item in rows(SHARED / "residue_lines" / "hosts.jsonl"):
            self.content += [line for line in item["text"].split("\n") if line.strip()]
        residue, content = labelled_pages()
        self.residue += residue
        self.content += content


def matrix(lines: list[str], vectorizer: CountVectorizer, *, fit: bool = False) -> csr_matrix:
    """Return one row for each line: which features it has, and its shape."""
    counts = (vectorizer.fit_transform(lines) if fit else vectorizer.transform(lines)).astype(float)
    shapes = [list(wording.shape(line, len(wording.tokens(line))).values()) for line in lines]
    return hstack([counts, csr_matrix(shapes)]).tocsr()


def train(data: Data, penalty: float) -> dict:
    """Return the table of coefficients."""
    lines = [*(line for line, _ in data.residue), *data.traps, *data.content]
    labels = [1] * len(data.residue) + [0] * (len(lines) - len(data.residue))
    vectorizer = CountVectorizer(analyzer=wording.features, min_df=2, binary=False)
    model = LogisticRegression(C=penalty, penalty="l1", solver="liblinear", max_iter=1000, random_state=1)
    weights = [RESIDUE] * len(data.residue) + [TRAP] * len(data.traps) + [1] * len(data.content)
    model.fit(matrix(lines, vectorizer, fit=True), labels, sample_weight=weights)
    names = [*vectorizer.get_feature_names_out(), *wording.shape("", 0)]
    weights = dict(zip(names, model.coef_[0], strict=True))
    shape = {name: round(float(weights.pop(name)), 3) for name in wording.shape("", 0)}
    typical = categories(data.residue)
    table: dict[str, dict[str, float]] = collections.defaultdict(dict)
    for name in sorted(weights):
        if abs(weights[name]) >= 0.03:
            table[typical.get(name, "related_links")][name] = round(float(weights[name]), 2)
    return {
        "intercept": round(float(model.intercept_[0]), 3),
        "shape": shape,
        "features": dict(sorted(table.items())),
    }


def categories(residue: list[tuple[str, str]]) -> dict[str, str]:
    """Return the category in which each feature is most over-represented."""
    totals: collections.Counter[str] = collections.Counter()
    counts: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for line, category in residue:
        totals[category] += 1
        for feature in set(wording.features(line)):
            counts[feature][category] += 1
    return {
        feature: max(sorted(count), key=lambda name: (count[name] + 0.5) / (totals[name] + 20))
        for feature, count in counts.items()
    }


def measure(data: Data, table: dict) -> dict[str, dict[str, float]]:
    """Return, for some scores, the shares of held-out lines above them."""
    model = wording.model_of(table)
    scores = {name: np.array(wording.weigh(lines, model)) for name, lines in data.held.items()}
    return {
        str(bar): {name: round(float((values > bar).mean()), 4) for name, values in scores.items() if len(values)}
        for bar in (-1, 0, 1, 2, 3, 4)
    }


def main() -> None:
    """Train, print the figures, and write the file if asked."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--without", type=int, choices=(0, 1), help="train on one half of the invented residue alone")
    parser.add_argument("--penalty", type=float, default=2.0)
    parser.add_argument("--out", type=pathlib.Path, default=wording.MODEL)
    options = parser.parse_args()
    data = Data(options.without)
    table = train(data, options.penalty)
    figures = measure(data, table)
    print(
        len(data.residue),
        "residue",
        len(data.content),
        "content",
        sum(map(len, table["features"].values())),
        "features",
    )
    for bar, shares in figures.items():
        print(bar, shares)
    if options.write:
        table = {"trained on": {"residue": len(data.residue), "content": len(data.content)}, **table}
        options.out.write_text(
            json.dumps(table, ensure_ascii=False, indent=1, sort_keys=False) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
