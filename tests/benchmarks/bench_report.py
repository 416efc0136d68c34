"""Report and card of a dataset of any size: seconds, peak memory, size of the page.

    python tests/benchmarks/bench_report.py [--articles 100000] [--shards 4]

The dataset is laid down by hand: texts of 100 to 900 words, 200,000 hosts of very unequal size, 700 rules, a quarter
of all articles copies in clusters of very unequal size.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import itertools
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import invented

from cleaners import card, report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CATEGORIES = ("share_widget", "related_links", "newsletter_signup", "wire_credit", "template_mangled", "cookie_consent")
START = dt.datetime(2010, 1, 1, tzinfo=dt.UTC)


def rows(articles: int) -> Iterator[dict[str, Any]]:
    """Yield cleaned rows with their verdicts; the same ones on every call."""
    chance = np.random.default_rng(1)
    words = [f"w{number:x}" for number in range(5000)]
    texts = [" ".join(chance.choice(words, chance.integers(100, 900))) for _ in range(3000)]
    leaders: list[str] = []
    for number in range(articles):
        text = texts[number % len(texts)]
        cut = {"start": len(text), "end": len(text) + 29, "before": "\n\nShare this story on Facebook", "after": ""}
        cut |= {"rule": f"rule-{number % 700}", "category": CATEGORIES[number % len(CATEGORIES)]}
        row = invented.row(number, "", []) | {
            "id": hashlib.blake2b(str(number).encode(), digest_size=8).hexdigest(),
            "text": text,
            "edits": [cut] if number % 3 else [],
            "words": text.count(" ") + 1,
            "words_before": text.count(" ") + 6,
            "url": f"https://host{chance.zipf(1.3) % 200_000}.example/{number}",
            "published": START + dt.timedelta(days=int(chance.integers(0, 5000))),
        }
        if number % 4 == 3:
            leader = leaders[chance.zipf(1.4) % len(leaders)]
            row |= {"kind": ("near", "exact", "reworded")[number % 3], "canonical_id": leader}
            row |= {"similarity": chance.uniform(0.7, 1.0)}
        else:
            leaders.append(row["id"])
        yield row


def measured(what: str, work: Callable[[], Any]) -> Any:
    """Do the work, print what it cost, return its value."""
    wall, processor = time.perf_counter(), time.process_time()
    value = work()
    spent, used = time.perf_counter() - wall, time.process_time() - processor
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what}: {spent:.1f} s, {used:.1f} s of processor, peak so far {peak:,.0f} MB")
    return value


def main() -> None:
    """Lay a dataset and tell about it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--shards", type=int, default=4)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        crawl, size = rows(asked.articles), -(-asked.articles // asked.shards)
        invented.lay_shards(folder, ((list(itertools.islice(crawl, size)), []) for _ in range(asked.shards)))
        for what, tell in (("report", report.write), ("card", card.write)):
            path = Path(measured(what, lambda tell=tell: tell(folder)))
            print(f"{what}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
