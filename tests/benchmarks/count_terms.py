"""Count in what share of the articles of some corpora each term stands: cleaners/facts/frequencies.txt.

    python tests/benchmarks/count_terms.py ../shared/data/news/{allsides,reuters_fin,reuters21578}.parquet [--write]

Each file counts alike, however many articles it has, so that no single outlet decides what is common. Only hashes and
shares are written, no word. Run it again when `cleaners.facts` reads words or figures in another way.
"""

import argparse
import collections
import math
import pathlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cleaners.facts import scan

FILE = pathlib.Path(__file__).parents[2] / "cleaners" / "facts" / "frequencies.txt"
LEAST = 0.001
STEPS = 4
"""Shares are rounded to so many steps for each factor of e."""


def shares(path):
    """Return the share of the articles of one file for each term."""
    texts = pq.read_table(path).column("text").cast(pa.large_string()).combine_chunks()
    counts = collections.Counter()
    for block in scan.blocks(texts):
        found = scan.terms(block)
        text = np.repeat(np.arange(len(block), dtype=np.uint64), np.diff(found.offsets))
        distinct = np.unique(text << np.uint64(32) | found.term) & np.uint64(0xFFFFFFFF)
        counts.update(dict(zip(*(column.tolist() for column in np.unique(distinct, return_counts=True)), strict=True)))
    return {term: count / len(texts) for term, count in counts.items()}


def written(known):
    """Return the lines of the file: a share, then the terms with it."""
    levels = collections.defaultdict(list)
    for term, share in known.items():
        if share >= LEAST:
            levels[round(STEPS * math.log(share))].append(term)
    yield "# Written by tests/benchmarks/count_terms.py: share of articles, hashes of the terms that stand in so many."
    for level, terms in sorted(levels.items(), reverse=True):
        terms.sort()
        for at in range(0, len(terms), 12):
            yield " ".join([f"{math.exp(level / STEPS):.4f}", *(f"{term:x}" for term in terms[at : at + 12])])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("corpora", nargs="+", type=pathlib.Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    total = collections.Counter()
    for path in options.corpora:
        for term, share in shares(path).items():
            total[term] += share / len(options.corpora)
    lines = list(written(total))
    print(len(lines), "lines,", sum(len(line) + 1 for line in lines), "bytes")
    if options.write:
        FILE.write_text("\n".join(lines) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
