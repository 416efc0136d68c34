"""What must not happen when copies are found: templates merged, and results that depend on the order of arrival.

    python tests/benchmarks/bench_match_traps.py [--articles 10000] [--shuffles 10]

First, articles that share a template of half their words, 500 real near copies among them: what is removed wrongly,
what is found, and the processor time against as many articles without a template. Then 50,000 articles shuffled and
added in two parts, again and again: whether the same stay and every copy has the same canonical and similarity.
"""

from __future__ import annotations

import argparse
import time

import match_corpus
import numpy as np
import pyarrow as pa

from cleaners.cluster import KEPT, Comparison, Verdicts, Verified, cluster
from cleaners.config import Settings
from cleaners.fingerprint.columns import Fingerprints, fingerprint
from cleaners.match.bands import bands_for, least_agreement
from cleaners.match.candidates import candidates
from cleaners.match.exact import first_of_content
from cleaners.match.verify import verify

SETTINGS = Settings()
MATCH, PLACES, WORDS = SETTINGS.match, SETTINGS.fingerprint.permutations, SETTINGS.fingerprint.shingle_words


def clusters(texts: pa.Array, prints: Fingerprints, rank: np.ndarray, known: list[Verified] | None = None) -> tuple:
    """Return the verdicts on a column of texts, the pairs verified, and how many of them this call verified."""
    first = first_of_content(prints.content, rank)
    bands = bands_for(MATCH.threshold, MATCH.recall, PLACES)
    met = candidates(prints.signatures, prints.valid & (first == np.arange(len(rank))), bands)
    least = least_agreement(MATCH.threshold, PLACES, MATCH.deviations)
    asked = []

    def jaccard(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        asked.append(len(left))
        return verify(left, right, texts.take, prints.sizes, shingle_words=WORDS).jaccard

    near = Comparison("near", met, MATCH.threshold, least, round(MATCH.threshold * PLACES))
    verified, (verdicts, *_) = cluster(rank, first, [near], [jaccard], SETTINGS.cluster, known)
    return verdicts, verified, asked


def trap(articles: int, template: int, copies: int = 500) -> float:
    """Print what becomes of articles with `template` of 18 sentences in common; return processor seconds."""
    pool, draw = match_corpus.sentences(), np.random.default_rng(articles + template)
    shared = [pool[place] for place in draw.integers(0, len(pool), template)]
    own = [[pool[place] for place in draw.integers(0, len(pool), 18 - template)] for _ in range(articles)]
    copied = draw.choice(articles, copies, replace=False)
    own += [match_corpus.near_copy(own[row], pool, draw) for row in copied.tolist()]
    half = template // 2
    texts = [" ".join([*shared[:half], *text, *shared[half:]]) for text in own]
    column = pa.array(texts, pa.large_string())

    start = time.process_time()
    verdicts, _, asked = clusters(column, fingerprint(column, SETTINGS.fingerprint), np.arange(len(texts)))
    seconds = time.process_time() - start
    removed = np.flatnonzero(verdicts.canonical != KEPT)
    similar = [match_corpus.jaccard(texts[row], texts[verdicts.canonical[row]]) for row in removed.tolist()]
    wrong = sum(similarity < MATCH.threshold for similarity in similar)
    group = np.where(verdicts.canonical == KEPT, np.arange(len(texts)), verdicts.canonical)
    pairs = [(row, articles + number) for number, row in enumerate(copied.tolist())]
    real = [pair for pair in pairs if match_corpus.jaccard(*(texts[row] for row in pair)) >= MATCH.threshold]
    found = sum(group[left] == group[right] for left, right in real)
    print(
        f"{template} of 18 sentences shared: {seconds:.2f} s processor, verified {asked}, found {found} of {len(real)},"
    )
    print(
        f"  removed {len(removed)}, of them below the threshold {wrong}, originals removed {(removed < articles).sum()}"
    )
    return seconds


def told(verdicts: Verdicts, names: np.ndarray) -> dict[int, tuple[int, int, float]]:
    """Return canonical, kind and similarity of each copy, all by name."""
    copies = np.flatnonzero(verdicts.canonical != KEPT)
    columns = names[verdicts.canonical[copies]], verdicts.kind[copies], verdicts.similarity[copies]
    return dict(zip(names[copies].tolist(), zip(*(column.tolist() for column in columns), strict=True), strict=True))


def shuffled(articles: int, shuffles: int) -> None:
    """Print whether shuffled articles, and articles that come in two parts, end with the same verdicts."""
    pool, draw = match_corpus.sentences(), np.random.default_rng(7)
    texts = [[pool[place] for place in draw.integers(0, len(pool), 18)] for _ in range(articles * 4 // 5)]
    # Copies of copies, so that likeness forms chains.
    while len(texts) < articles:
        texts.append(match_corpus.near_copy(texts[draw.integers(len(texts))], pool, draw))
    column = pa.array([" ".join(text) for text in texts], pa.large_string())
    prints = fingerprint(column, SETTINGS.fingerprint)
    columns = (prints.content, prints.sizes, prints.signatures, prints.valid)
    place = draw.permutation(articles)  # of each article in the order of preference
    expected, _, _ = clusters(column, prints, place)
    same = 0
    for _ in range(shuffles):
        names = draw.permutation(articles)
        cut = draw.integers(articles)
        known = None
        for part in (names[:cut], names):
            own = Fingerprints(*(column[part] for column in columns))
            verdicts, known, _ = clusters(column.take(part), own, np.argsort(np.argsort(place[part])), known)
        same += told(verdicts, names) == told(expected, np.arange(articles))
    copies = (expected.canonical != KEPT).sum()
    print(
        f"{articles} articles, {copies} copies: {same} of {shuffles} shuffled runs in two parts gave the same verdicts"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--shuffles", type=int, default=10)
    options = parser.parse_args()
    trap(1000, 0)  # compiled code, caches
    plain = trap(options.articles, 0)
    for template in (9, 11):
        print(f"  {trap(options.articles, template) / plain:.2f} times the processor time without a template")
    shuffled(5 * options.articles, options.shuffles)


if __name__ == "__main__":
    main()
