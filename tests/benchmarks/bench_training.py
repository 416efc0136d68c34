"""Does it help training? The same language model on the same articles, as they were scraped and as they were cleaned.

    python tests/benchmarks/bench_training.py [pages] [news] [planted] [--articles 6000] [--seeds 5]

The model is `ngrams.py`: words, 5-grams, modified Kneser-Ney. All conditions share one vocabulary (two occurrences in
the scraped texts) and see the same number of tokens: articles in one order, until the smallest condition is used up.
What is told is the cost of a word of held-out text in bits, and the difference from training on the scraped texts
with an interval of 95 % (bootstrap over sites, paired). Held-out text is of sites that no model has seen: the lines
that people labelled as content in `../shared/data/pages`; and those labelled as boilerplate, of which a model should
know little.

pages    ten folds by site; scraped: what extraction gives; cleaned: `clean_html`; labelled: the content lines alone
news     scraped: `../shared/data/news`; stripped: all articles after strip; cleaned: the dataset, without copies
planted  articles planted once and twenty times, the copies with residue of their own and small changes: how likely
         is a continuation of twenty words given word for word, and how often is it what the model finds likeliest
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import library
import ngrams

from cleaners import clean_html, extract_html
from cleaners.columns import host_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
FOLDS = 10
RESAMPLED = 2000
COPIES, PLANTED, PROMPTS, CONTINUED = 20, 100, 3, 20
FRAMES = (
    "Share this story on Facebook",
    "Sign up for our newsletter",
    "Read more: what we know so far",
    "Advertisement",
)


class Page(NamedTuple):
    """A labelled page: its texts, and the lines that are content and boilerplate, as tokens."""

    site: str
    language: str
    scraped: list[str]
    cleaned: list[str]
    content: list[str]
    boilerplate: list[list[str]]


class Held(NamedTuple):
    """Held-out text of one site."""

    site: str
    kind: str  # content or boilerplate
    tokens: list[str]


def pages() -> list[Page]:
    """Return the labelled pages."""
    read = []
    for path in sorted((DATA / "pages").glob("*.jsonl.gz")):
        for line in gzip.decompress(path.read_bytes()).decode("utf-8").rstrip("\n").split("\n"):
            page = json.loads(line)
            labelled: dict[str, list[str]] = {"content": [], "boilerplate": [], "mixed": []}
            for each in page["lines"]:
                labelled[each["label"]].append(each["text"])
            texts = (extract_html(page["html"], url=page["url"]).text, clean_html(page["html"], url=page["url"]).text)
            content = ngrams.tokens("\n".join(labelled["content"]))
            boilerplate = [ngrams.tokens(text) for text in labelled["boilerplate"]]
            site = host_of(page["url"]) or page["id"]
            read.append(Page(site, page["lang"], *map(ngrams.tokens, texts), content, boilerplate))
    return read


def held(some: Sequence[Page]) -> list[Held]:
    """Return the held-out text of some pages."""
    content = [Held(page.site, "content", page.content) for page in some if page.content]
    return content + [Held(page.site, "boilerplate", line) for page in some for line in page.boilerplate]


def trained(
    conditions: Mapping[str, Sequence[Sequence[str]]], seed: int
) -> tuple[dict[str, ngrams.Model], dict[str, int]]:
    """Return a model for each condition, all on the same number of tokens, and the vocabulary they share."""
    words = ngrams.numbered(conditions["scraped"], 2)
    budget = min(sum(map(len, documents)) for documents in conditions.values())
    models = {}
    for name, documents in conditions.items():
        order = np.random.default_rng(seed).permutation(len(documents))
        chosen, left = [], budget
        for place in order:
            chosen.append(ngrams.encode(documents[place][:left], words))
            left -= len(chosen[-1])
            if not left:
                break
        models[name] = ngrams.Model(chosen, 3 + len(words))
    return models, words


class Costs(NamedTuple):
    """Bits and words of held-out texts: a row a text, in `bits` a column a condition."""

    held: list[Held]
    bits: NDArray[np.float64]
    words: NDArray[np.float64]


def costs(models: Mapping[str, ngrams.Model], words: Mapping[str, int], texts: Sequence[Held]) -> Costs:
    """Return what held-out texts cost; unknown words and line breaks are not counted."""
    encoded = [ngrams.encode(text.tokens, words) for text in texts]
    counted = [(each != ngrams.UNKNOWN) & (each != ngrams.BREAK) for each in encoded]
    bits = [
        [float(model.bits(each)[some].sum()) for model in models.values()]
        for each, some in zip(encoded, counted, strict=True)
    ]
    return Costs(list(texts), np.array(bits), np.array([some.sum() for some in counted], float))


def tell(names: Sequence[str], found: Sequence[Costs], tokens: int) -> None:
    """Print bits a word by condition, and the differences from the first condition with their intervals."""
    texts = [text for each in found for text in each.held]
    bits, words = np.concatenate([each.bits for each in found]), np.concatenate([each.words for each in found])
    print(f"  trained on {tokens:,} tokens each")
    for kind in ("content", "boilerplate"):
        chosen = np.array([text.kind == kind for text in texts])
        sites, number = np.unique([text.site for text in texts if text.kind == kind], return_inverse=True)
        of_site = np.stack([np.bincount(number, bits[chosen, place]) for place in range(len(names))], axis=1)
        counted = np.bincount(number, words[chosen])
        drawn = np.random.default_rng(7).integers(0, len(sites), (RESAMPLED, len(sites)))
        resampled = of_site[drawn].sum(axis=1) / counted[drawn].sum(axis=1)[:, None]
        mean = of_site.sum(axis=0) / counted.sum()
        for place, name in enumerate(names):
            low, high = np.quantile(resampled[:, place] - resampled[:, 0], [0.025, 0.975])
            change = f"{mean[place] - mean[0]:+.3f} ({low:+.3f} to {high:+.3f})" if place else ""
            print(f"  {kind:12} {name:9} {mean[place]:7.3f} bits a word  {change}")


def by_pages(labelled: Sequence[Page], seeds: int) -> None:
    """Train on some of the labelled pages, test on those of other sites."""
    for name, some in (("all", labelled), ("English", [page for page in labelled if page.language == "en"])):
        sites = sorted({page.site for page in some})
        found, names, tokens = [], [], 0
        for seed in range(seeds):
            fold = dict(zip(sites, np.random.default_rng(seed).permutation(len(sites)) % FOLDS, strict=True))
            for number in range(FOLDS):
                seen = [page for page in some if fold[page.site] != number]
                conditions = {
                    "scraped": [page.scraped for page in seen],
                    "cleaned": [page.cleaned for page in seen],
                    "labelled": [page.content for page in seen],
                }
                models, words = trained(conditions, seed)
                found.append(costs(models, words, held([page for page in some if fold[page.site] == number])))
                names, tokens = list(models), min(sum(map(len, texts)) for texts in conditions.values())
        print(f"pages, {name}: {len(some)} pages of {len(sites)} sites, {FOLDS} folds, {seeds} seeds")
        tell(names, found, tokens)


def cleaned(folder: str, rows: Sequence[Mapping[str, str]]) -> dict[str, list[list[str]]]:
    """Clean articles with the product; return their texts as they were, after strip, and in the dataset."""
    pq.write_table(pa.Table.from_pylist(list(rows)), f"{folder}/in.parquet", row_group_size=5000)
    library.clean([f"{folder}/in.parquet"], Path(folder, "out"), accept=True)
    kept, copies = (library.rows(Path(folder, "out"), table) for table in ("articles", "duplicates"))
    return {
        "scraped": [ngrams.tokens(row["text"]) for row in rows],
        "stripped": [ngrams.tokens(row["text"]) for row in [*kept, *copies]],
        "cleaned": [ngrams.tokens(row["text"]) for row in kept],
    }


def articles(name: str, count: int) -> list[dict[str, str]]:
    """Return articles of a news corpus."""
    return pq.read_table(DATA / "news" / f"{name}.parquet", columns=["id", "text"]).slice(0, count).to_pylist()


def by_news(labelled: Sequence[Page], count: int, seeds: int) -> None:
    """Train on news corpora, test on the labelled English pages."""
    texts = held([page for page in labelled if page.language == "en"])
    for name in ("allsides", "reuters_fin"):
        with tempfile.TemporaryDirectory() as folder:
            conditions = cleaned(folder, articles(name, count))
        found, names = [], []
        for seed in range(seeds):
            models, words = trained(conditions, seed)
            found.append(costs(models, words, texts))
            names = list(models)
        sizes = {condition: sum(map(len, documents)) for condition, documents in conditions.items()}
        told = ", ".join(f"{condition} {len(conditions[condition]):,} ({size:,})" for condition, size in sizes.items())
        print(f"news, {name}: articles (tokens): {told}; {seeds} seeds")
        tell(names, found, min(sizes.values()))


def varied(text: str, number: int, chance: np.random.Generator) -> str:
    """Return a copy of an article with residue of its own; from the fifth on one word in forty is gone."""
    if number >= 5:
        text = " ".join(word for word in text.split(" ") if chance.random() > 1 / 40)
    return f"{FRAMES[number % 4]}\n\n{text}\n\n{FRAMES[(number // 4) % 4]}" if number % 3 else text


def by_planted(count: int, seeds: int) -> None:
    """Plant articles once and twenty times; see what models can say by heart."""
    # In one line each: these texts are wrapped at 60 characters, and no model should be asked for line breaks.
    words_of = (row["text"].split() for row in articles("reuters21578", 10**6))
    pool = [" ".join(words) for words in words_of if 150 <= len(words) <= 400]
    results: dict[tuple[str, str], list[tuple[float, float]]] = {}
    left: list[float] = []
    for seed in range(seeds):
        chance = np.random.default_rng(seed)
        picked = [pool[place] for place in chance.choice(len(pool), 3 * PLANTED, replace=False)]
        planted = {"20 times": picked[:PLANTED], "once": picked[PLANTED : 2 * PLANTED], "never": picked[2 * PLANTED :]}
        rows = articles("allsides", count)
        rows += [
            {"id": f"p{place}-{number}", "text": varied(text, number, chance)}
            for place, text in enumerate(planted["20 times"])
            for number in range(COPIES)
        ]
        rows += [{"id": f"o{place}", "text": text} for place, text in enumerate(planted["once"])]
        with tempfile.TemporaryDirectory() as folder:
            conditions = cleaned(folder, rows)
            kept = [row["source_id"] for row in library.rows(Path(folder, "out"), "articles")]
        left.append(sum(name.startswith("p") for name in kept) / PLANTED)
        models, words = trained(conditions, seed)
        for condition, model in models.items():
            for times, texts in planted.items():
                encoded = [ngrams.encode(ngrams.tokens(text), words) for text in texts]
                said = (by_heart(model, each, chance) for each in encoded)
                results.setdefault((times, condition), []).extend(each for each in said if each)
    print(f"planted: {PLANTED} articles {COPIES} times, {PLANTED} once, among {count:,}; {seeds} seeds")
    print(f"  copies left of an article planted {COPIES} times: {np.mean(left):.2f}")
    for (times, condition), texts in results.items():
        chances, greedy = np.array(texts).T
        drawn = np.random.default_rng(7).integers(0, len(texts), (RESAMPLED, len(texts)))
        told = []
        for figures in (greedy, chances):
            low, high = np.quantile(figures[drawn].mean(axis=1), [0.025, 0.975])
            told.append(f"{figures.mean():.1%} ({low:.1%} to {high:.1%})")
        print(f"  {times:9} {condition:9} {len(texts):4} articles  likeliest {told[0]:26} sampled {told[1]}")


def by_heart(
    model: ngrams.Model, document: NDArray[np.int64], chance: np.random.Generator
) -> tuple[float, float] | None:
    """Return how likely sampling gives the next words of an article word for word, and how often greedy choice does.

    None for an article without a stretch of known words that is long enough.
    """
    bits = model.bits(document)
    usable = [
        start
        for start in range(ngrams.ORDER, len(document) - CONTINUED)
        if not np.isin(document[start - ngrams.ORDER : start + CONTINUED], (ngrams.UNKNOWN, ngrams.BREAK)).any()
    ]
    if not usable:
        return None
    likely, greedy = [], []
    for start in chance.choice(usable, PROMPTS):
        stretch = range(start, start + CONTINUED)
        likely.append(2.0 ** -bits[start : start + CONTINUED].sum())
        greedy.append(all(model.distribution(document[:at][-8:]).argmax() == document[at] for at in stretch))
    return float(np.mean(likely)), float(np.mean(greedy))


def main() -> None:
    """Run the parts that are asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("parts", nargs="*", default=["pages", "news", "planted"])
    parser.add_argument("--articles", type=int, default=6_000)
    parser.add_argument("--seeds", type=int, default=5)
    asked = parser.parse_args()
    if not DATA.is_dir():
        sys.exit(f"the labelled data is not beside the repository: {DATA.parent.name}/{DATA.name}")
    labelled = pages() if {"pages", "news"} & set(asked.parts) else []
    if "pages" in asked.parts:
        by_pages(labelled, asked.seeds)
    if "news" in asked.parts:
        by_news(labelled, asked.articles, asked.seeds)
    if "planted" in asked.parts:
        by_planted(asked.articles, min(asked.seeds, 3))


if __name__ == "__main__":
    main()
