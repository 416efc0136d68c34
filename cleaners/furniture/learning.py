"""Learning: the counts of all shards → the lines that are furniture, and how far each is believed.

Keys are hashes, spread evenly, and every part of counts is sorted by them. So the lines of the whole crawl are gone
through range by range, with memory for one range: any number of hosts and lines fits, at the price of more ranges.
"""

from __future__ import annotations

import itertools
import math
from typing import IO, TYPE_CHECKING, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cleaners.furniture.counting import BODIES, COUNTS, changes, indices, site_hashes, total
from cleaners.furniture.keys import agreement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from cleaners.config import FurnitureSettings

Part: TypeAlias = "str | Path | IO[bytes]"

FURNITURE = pa.schema(
    [
        pa.field(
            "line", pa.uint64(), metadata={"means": "Key of the line: a hash of its words, dates and counts masked"}
        ),
        pa.field("host", pa.large_string(), metadata={"means": "Site it is furniture of; null: of all of them"}),
        pa.field(
            "opening", pa.bool_(), metadata={"means": "Whether it is only how lines open: the rest of them differs"}
        ),
        pa.field("articles", pa.int64(), metadata={"means": "Articles of the site it stands in"}),
        pa.field("different", pa.int64(), metadata={"means": "Of these, articles that are no copies of each other"}),
        pa.field("share", pa.float64(), metadata={"means": "Of the site's articles, those it stands in, 0 … 1"}),
        pa.field("head", pa.float64(), metadata={"means": "Of its places, those at the head of a text, 0 … 1"}),
        pa.field("tail", pa.float64(), metadata={"means": "Of its places, those at the tail of a text, 0 … 1"}),
        pa.field("hosts", pa.int64(), metadata={"means": "Sites it stands on"}),
        pa.field("words", pa.int32(), metadata={"means": "Its words"}),
        pa.field("varies", pa.bool_(), metadata={"means": "Whether dates or counts in it differ from place to place"}),
        pa.field("belief", pa.float64(), metadata={"means": "How far it is believed to be furniture, 0 … 1"}),
        pa.field(
            "points", pa.float64(), metadata={"means": "What that counts in strip, 0 … 1; 1 strikes the line alone"}
        ),
        pa.field("example", pa.large_string(), metadata={"means": "How it begins, in one of the articles"}),
    ]
)
"""Columns of what was learned, sorted by line, then host, null first."""

_VERSION, _COPY, _MANY = 6, 10, 12
"""Places of two sketches that agree from which they are versions of an article, or copies; see `_different`."""
_ROW_BYTES = 1000
"""Memory of one row of counts while it is merged, measured with 16 sketches and an example: 700."""


def learn(parts: Sequence[Part], settings: FurnitureSettings, *, memory_mb: float = 512) -> Iterator[pa.Table]:
    """Yield the furniture (schema `FURNITURE`) that parts of counts (Parquet, schema `COUNTS`) tell of, range by range.

    The order of the parts does not matter. Memory: `memory_mb`, and 16 bytes for each host.
    """
    rows = sum(pq.read_metadata(part).num_rows for part in parts)
    ranges = max(1, math.ceil(rows * _ROW_BYTES / (memory_mb * 2**20)))
    bounds = [2**64 * nth // ranges for nth in range(ranges)] + [2**64]
    sizes = _Sizes(_between(part, 0, 0) for part in parts)
    for first, end in itertools.pairwise(bounds):
        counts = total([_between(part, max(first, 1), end - 1) for part in parts])
        yield _judged(counts, sizes, settings)


def learn_from(counts: pa.Table, settings: FurnitureSettings) -> pa.Table:
    """Return the furniture in counts that are in memory: of one shard, or the `total` of several."""
    line = counts["line"].to_numpy()
    return _judged(counts.filter(pa.array(line != 0)), _Sizes([counts.filter(pa.array(line == 0))]), settings)


class _Sizes:
    """How many articles each site has: sorted hashes (n,) uint64 beside counts (n,) int64; in all: `articles`."""

    def __init__(self, tables: Iterable[pa.Table]) -> None:
        site, articles = np.zeros(0, np.uint64), np.zeros(0, np.int64)
        for counted in tables:
            site = np.append(site, _sites(counted["host"]))
            articles = np.append(articles, counted["articles"].to_numpy())
            site, place = np.unique(site, return_inverse=True)
            articles = np.bincount(place, articles, len(site)).astype(np.int64)
        self._site, self._articles = site, articles
        self.articles = int(articles.sum())

    def of(self, hosts: pa.ChunkedArray) -> NDArray[np.int64]:
        """Return the articles of each host, (n,)."""
        return self._articles[np.searchsorted(self._site, _sites(hosts))]


def _sites(hosts: pa.ChunkedArray) -> NDArray[np.uint64]:
    """Return the hash of each host, (n,) uint64; 0 for null."""
    names = hosts.combine_chunks().dictionary_encode()
    hashes: NDArray[np.uint64] = np.append(site_hashes(names.dictionary), np.uint64(0))[indices(names)]
    return hashes


def _between(part: Part, first: int, last: int) -> pa.Table:
    """Return the rows of a part with `first <= line <= last`; reads only row groups that can have some."""
    column = COUNTS.get_field_index("line")
    with pq.ParquetFile(part) as file:
        groups = []
        for number in range(file.metadata.num_row_groups):
            known = file.metadata.row_group(number).column(column).statistics
            if known is None or not known.has_min_max or (known.min <= last and first <= known.max):
                groups.append(number)
        kept = [COUNTS.empty_table()]
        for group in groups:
            rows = file.read_row_group(group)
            line = rows["line"].to_numpy()
            # A filter copies; a slice would hold the whole row group in memory.
            kept.append(rows.filter(pa.array((line >= first) & (line <= last))).cast(COUNTS))
    return pa.concat_tables(kept)


def _judged(counts: pa.Table, sizes: _Sizes, settings: FurnitureSettings) -> pa.Table:
    """Return the furniture in counts of whole lines: what each host tells, and what all of them together do."""
    new = changes(counts["line"].to_numpy())
    starts = np.flatnonzero(new)
    if not len(starts):
        return FURNITURE.empty_table()
    group = np.cumsum(new) - 1
    articles, has_host = counts["articles"].to_numpy(), counts["host"].is_valid().to_numpy()
    hosts = np.add.reduceat(has_host.astype(np.int64), starts)

    rows = np.flatnonzero(has_host & (articles >= settings.min_articles))
    of_host = counts.take(rows)
    told = _believed(of_host, hosts[group[rows]], sizes.of(of_host["host"]), settings.min_articles, settings)

    nowhere = np.logical_or.reduceat(~has_host, starts)
    widespread = (hosts > 1) | nowhere
    widespread &= np.add.reduceat(articles, starts) >= settings.min_articles_corpus
    rows = np.flatnonzero(widespread[group])
    no_host = pa.nulls(len(rows), pa.large_string())
    of_all = total([counts.take(rows).set_column(COUNTS.get_field_index("host"), "host", no_host)])
    everything = np.full(of_all.num_rows, sizes.articles)
    told_by_all = _believed(of_all, hosts[widespread], everything, settings.min_articles_corpus, settings)
    order = [("line", "ascending", "at_start"), ("host", "ascending", "at_start")]
    return pa.concat_tables([told_by_all, told]).sort_by(order)


def _believed(
    counts: pa.Table, hosts: NDArray[np.int64], size: NDArray[np.int64], least: int, settings: FurnitureSettings
) -> pa.Table:
    """Return counts (n rows) as furniture, those believed enough; `hosts` (n,) of the line, `size` (n,) of the site.

    A line is believed as far as it was seen in enough different articles, and has at least one of two reasons: it
    stands at the edge of texts more often than chance would have it, or on a large share of the site's articles.
    """
    articles, copies, words = (counts[name].to_numpy() for name in ("articles", "copies", "words"))
    head, tail = counts["head"].to_numpy() / copies, counts["tail"].to_numpy() / copies
    opening, varies = counts["opening"].to_numpy(), counts["least"].to_numpy() != counts["largest"].to_numpy()
    different, share = _different(counts["bodies"].combine_chunks(), articles), articles / size

    seen = different / (different + settings.doubt + settings.doubt_share * size)
    is_long, by_chance = words > settings.lead_words, 2 * settings.edge
    edge = tail + np.where(is_long, 0, head)
    at_edge = np.clip((edge - by_chance) / (1 - by_chance), 0, 1)
    is_common = np.minimum(share / np.where(is_long, 2 * settings.common, settings.common), 1)
    is_common *= np.where(words <= settings.label_words, 0.5, 1)
    belief = seen * (1 - (1 - at_edge) * (1 - is_common))

    furniture = {
        "line": counts["line"],
        "host": counts["host"],
        "opening": opening,
        "articles": articles,
        "different": different,
        "share": share,
        "head": head,
        "tail": tail,
        "hosts": hosts,
        "words": words,
        "varies": varies,
        "belief": belief,
        "points": np.minimum(belief / settings.enough, 1),
        "example": counts["example"],
    }
    # An opening before one and the same rest is the line itself, counted once more.
    enough = (different >= least) & (belief >= settings.min_belief) & (varies | ~opening)
    return pa.table(furniture, schema=FURNITURE).filter(pa.array(enough))


def _different(bodies: pa.ListArray, articles: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return of how many different articles the sketches of each row speak, (n,) int64: versions of one count once.

    Exact up to `BODIES` articles; beyond, the share of different ones among the sketches kept is taken for all. Pages
    with more furniture than text look like versions of each other; but no story is rewritten a dozen times so that less
    than two thirds stay, so as many sketches that differ that far are believed to be as many articles.
    """
    lengths = bodies.value_lengths().to_numpy()
    present = np.arange(BODIES)[:, None] < lengths
    sketches = np.zeros((BODIES, len(bodies)), np.uint64)
    sketches.T[present.T] = bodies.flatten().to_numpy()
    strict, lenient = (_fresh(sketches, present, places) for places in (_VERSION, _COPY))
    kept = np.where(lenient >= _MANY, lenient, strict)
    different: NDArray[np.int64] = np.where(lengths < BODIES, kept, articles * kept // BODIES)
    return different


def _fresh(sketches: NDArray[np.uint64], present: NDArray[np.bool_], places: int) -> NDArray[np.int64]:
    """Return how many sketches of each column, (`BODIES`, n), agree in fewer `places` with all counted before them."""
    fresh = present.copy()
    for later in range(1, BODIES):
        for earlier in range(later):
            fresh[later] &= ~(fresh[earlier] & (agreement(sketches[later], sketches[earlier]) >= places))
    counted: NDArray[np.int64] = fresh.sum(axis=0)
    return counted
