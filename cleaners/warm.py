"""Compile the kernels once, where numba keeps them for later runs: `python -m cleaners.warm`, as `make setup` does.

Without it the first run on a machine spends that minute. numba keeps the outcome beside the modules, or in the user's
cache where those may not be written to.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from cleaners import unions
from cleaners.cluster import Comparison, cluster
from cleaners.config import Settings
from cleaners.facts.reading import told_of
from cleaners.fingerprint.columns import fingerprint
from cleaners.furniture.counting import count
from cleaners.furniture.learning import learn_from
from cleaners.furniture.table import Furniture
from cleaners.match.bands import bands_for
from cleaners.match.candidates import candidates
from cleaners.match.exact import first_of_content
from cleaners.pairs import all_pairs
from cleaners.pieces import Pieces
from cleaners.quality.signals import signals

_STORY = "Ada Quill of Orrel lost 12 hens on 3 May, the town said on Monday; {} of them came back at night.\nShare"


def warm() -> None:
    """Walk a handful of texts through everything that is compiled."""
    settings = Settings()
    texts = pa.array([_STORY.format(number) for number in ("two", "two", "3", "4")], pa.large_string())
    all_pairs(Pieces.of(texts), settings)
    list(told_of(texts))
    hosts = pa.chunked_array([["orrel.example"] * len(texts)], pa.large_string())
    furniture = Furniture(learn_from(count(pa.chunked_array([texts]), hosts, settings.furniture), settings.furniture))
    furniture.lines("orrel.example", texts[0].as_py())
    prints = fingerprint(texts, settings.fingerprint)
    signals(pa.table({"text": texts, "language": ["en"] * len(texts), "page_types": [None] * len(texts)}))
    rank = np.arange(len(texts))
    met = candidates(prints.signatures, prints.valid, bands_for(0.7, 0.97, settings.fingerprint.permutations))
    ways = [Comparison(kind, met, 0.7, 1, 90) for kind in ("near", "reworded")]
    alike = [lambda left, right: np.full(len(left), 0.5 + 0.0 * len(right))] * len(ways)
    families = np.arange(len(texts))
    unions.join(families, rank[:1], rank[1:2])
    unions.roots(families)
    cluster(rank, first_of_content(prints.content, rank), ways, alike, settings.cluster)


if __name__ == "__main__":
    warm()
