"""Articles made of real sentences, with exact and near copies planted at known places.

    python tests/benchmarks/match_corpus.py ARTICLES OUT.jsonl

Each article is a draw of sentences from the news beside the repository, about 2.6 kB. Of every 100 articles 10 are near
copies of an earlier one and 3 are exact copies; no article is copied twice. `OUT.pairs.parquet` lists the planted pairs
with the exact Jaccard similarity of their word 5-grams. The same call always writes the same bytes.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import re

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

NEWS = pathlib.Path(__file__).resolve().parents[2].parent / "shared" / "data" / "news"
SENTENCES = 18
"""Sentences of an article; 18 of these make about 2.6 kB."""


def sentences() -> list[str]:
    """Return the distinct sentences of the news, in a fixed order."""
    texts = pq.read_table(NEWS / "reuters_fin.parquet", columns=["text"])["text"].to_pylist()
    found = (sentence for text in texts for sentence in re.split(r"(?<=[.!?])\s+", text))
    return sorted({sentence for sentence in found if 60 <= len(sentence) <= 300})


def near_copy(text: list[str], pool: list[str], draw: np.random.Generator) -> list[str]:
    """Return the sentences with words changed, sentences replaced, or the end cut off: Jaccard about 0.5 to 1."""
    strength = draw.random()
    edited = list(text)
    match draw.integers(3):
        case 0:
            words = " ".join(text).split(" ")
            for place in draw.integers(0, len(words), 1 + int(strength * len(words) / 18)):
                words[place] = f"{words[place]}{draw.integers(10)}"
            return [" ".join(words)]
        case 1:
            for place in draw.integers(0, len(text), 1 + int(strength * 5)):
                edited[place] = pool[draw.integers(len(pool))]
            return edited
        case _:
            return text[: max(9, len(text) - int(strength * 9))]


def grams(text: str) -> set[tuple[str, ...]]:
    """Return the distinct word 5-grams of a text, as the labelled pairs of the news count them."""
    words = re.findall(r"\w+", text.lower())
    return set(zip(*(words[at:] for at in range(5)), strict=False))


def jaccard(left: str, right: str) -> float:
    """Return the Jaccard similarity of the word 5-grams of two texts."""
    first, second = grams(left), grams(right)
    return len(first & second) / max(1, len(first | second))


def write_corpus(articles: int, path: pathlib.Path) -> None:
    """Write the articles, and the planted pairs beside them."""
    pool, draw = sentences(), np.random.default_rng(articles)
    waiting: list[tuple[int, list[str]]] = []  # articles that may still be copied
    planted: list[tuple[str, str, float]] = []
    with path.open("w", encoding="utf-8") as out:
        for number in range(articles):
            lot = draw.random()
            if lot < 0.13 and len(waiting) > 50:
                original, text = waiting.pop(draw.integers(len(waiting)))
                body = near_copy(text, pool, draw) if lot < 0.10 else text
                planted.append((str(original), str(number), jaccard(" ".join(text), " ".join(body))))
            else:
                count = draw.integers(SENTENCES - 6, SENTENCES + 7)
                body = [pool[place] for place in draw.integers(0, len(pool), count)]
                if draw.random() < 0.3:
                    waiting.append((number, body))
            out.write(json.dumps({"id": str(number), "text": " ".join(body)}, ensure_ascii=False) + "\n")
    names = ["a", "b", "jaccard"]
    pq.write_table(
        pa.table([list(column) for column in zip(*planted, strict=True)], names), path.with_suffix(".pairs.parquet")
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("articles", type=int)
    parser.add_argument("out", type=pathlib.Path)
    options = parser.parse_args()
    write_corpus(options.articles, options.out)


if __name__ == "__main__":
    main()
