"""Learning: the counts of all shards → the lines that are furniture, and how far each is believed.

Keys are hashes, spread evenly, and parts of counts are sorted by them. So the lines of the whole crawl are gone through
range by range, with memory for one range: any number of lines fits, at the price of more ranges. A line that fills a
range alone, like "Read more" on a million sites, is gone through some of its sites at a time.
"""

from __future__ import annotations

import math
from typing import IO, TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cleaners.furniture.counting import BODIES, COUNTS, indices, rank, site_hashes, total
from cleaners.furniture.keys import agreement
from cleaners.furniture.scanning import row_key

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
"""Columns of what was learned, sorted by line, then host, null first; where a line fills memory alone, by slices."""

_VERSION, _COPY, _MANY = 6, 10, 12
"""Places of two sketches that agree from which they are versions of an article, or copies; see `_different`."""
_ROW_BYTES = 1000
"""Memory of one row of counts while it is merged, measured with 16 sketches and an example: 700."""
_BUCKET = np.uint64(48)
"""Bits of a key below those that name its bucket; ranges are whole buckets."""


class _Range(NamedTuple):
    """Keys of lines, `first … last`; merged in `slices`, by the hash of their sites, where they fill memory alone."""

    first: int
    last: int
    slices: int


def learn(parts: Sequence[Part], settings: FurnitureSettings, *, memory_mb: float = 512) -> Iterator[pa.Table]:
    """Yield the furniture (schema `FURNITURE`) that parts of counts (Parquet, schema `COUNTS`) tell of, range by range.

    The order of the parts does not matter. Memory: `memory_mb`, and 16 bytes for each host.
    """
    sizes = _Sizes(_between(part, _Range(0, 0, 1)) for part in parts)
    for keys in _ranges(parts, max(1, int(memory_mb * 2**20 / _ROW_BYTES))):
        if keys.slices == 1:
            yield _judged(total([_between(part, keys) for part in parts]), sizes, settings)
        else:
            yield from _judged_by_slices(parts, keys, sizes, settings)


def _ranges(parts: Sequence[Part], most: int) -> Iterator[_Range]:
    """Yield ranges of keys that have at most so many rows, where one bucket alone does not have more."""
    rows = np.zeros(1 << (64 - int(_BUCKET)), np.int64)
    for part in parts:
        with pq.ParquetFile(part) as file:
            for group in range(file.metadata.num_row_groups):
                line = file.read_row_group(group, ["line"])["line"].to_numpy()
                rows += np.bincount((line[line != 0] >> _BUCKET).astype(np.int64), minlength=len(rows))
    first, held = 0, 0
    for bucket, more in enumerate([*rows.tolist(), most + 1]):
        if held and held + more > most:
            yield _Range(max(1, first << int(_BUCKET)), (bucket << int(_BUCKET)) - 1, math.ceil(held / most))
            first, held = bucket, 0
        held += more


def _judged_by_slices(
    parts: Sequence[Part], keys: _Range, sizes: _Sizes, settings: FurnitureSettings
) -> Iterator[pa.Table]:
    """Yield the furniture of one range with memory for one slice: what all sites tell, then slice by slice."""

    def slices() -> Iterator[pa.Table]:
        for nth in range(keys.slices):
            yield total([_between(part, keys, nth) for part in parts])

    spreads, together = [], []
    for counts in slices():
        spreads.append(_spread_of(counts))
        together.append(total([_anywhere(counts)]))
    spread = _Spread.sum_of(spreads)
    yield _told_by_all(together, spread, sizes, settings)
    for counts in slices():
        yield _told_by_hosts(counts, spread, sizes, settings)


def learn_from(counts: pa.Table, settings: FurnitureSettings) -> pa.Table:
    """Return the furniture in counts that are in memory: of one shard, or the `total` of several."""
    line = counts["line"].to_numpy()
    return _judged(counts.filter(pa.array(line != 0)), _Sizes([counts.filter(pa.array(line == 0))]), settings)


def version_of(tables: Iterable[pa.Table]) -> str:
    """Return a hash of all that decides in furniture: lines, sites, points and belief, in whatever order they come."""
    summed = 0
    for table in tables:
        row = row_key(table["line"].to_numpy(), _sites(table["host"]))
        for name in ("points", "belief"):
            row = rank(row + table[name].to_numpy().view(np.uint64))
        summed += int(row.sum(dtype=np.uint64))
    return f"{summed % 2**64:016x}"


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


def _between(part: Part, keys: _Range, nth: int = 0) -> pa.Table:
    """Return the rows of a part within a range, of its `nth` slice; reads only row groups that can have some."""
    column = COUNTS.get_field_index("line")
    with pq.ParquetFile(part) as file:
        kept = [COUNTS.empty_table()]
        for number in range(file.metadata.num_row_groups):
            known = file.metadata.row_group(number).column(column).statistics
            if known is not None and known.has_min_max and (known.min > keys.last or known.max < keys.first):
                continue
            rows = file.read_row_group(number)
            line = rows["line"].to_numpy()
            wanted = (line >= keys.first) & (line <= keys.last)
            if keys.slices > 1:
                wanted &= _sites(rows["host"]) % np.uint64(keys.slices) == nth
            # A filter copies; a slice would hold the whole row group in memory.
            kept.append(rows.filter(pa.array(wanted)).cast(COUNTS))
    return pa.concat_tables(kept)


class _Spread(NamedTuple):
    """How far lines are spread, arrays (n,): sorted keys, sites with the line, articles with it, those of no site."""

    line: NDArray[np.uint64]
    hosts: NDArray[np.int64]
    articles: NDArray[np.int64]
    nowhere: NDArray[np.int64]

    @classmethod
    def sum_of(cls, spreads: Sequence[_Spread]) -> _Spread:
        """Return the spread over all of several sets of sites that have none in common."""
        keys = [np.concatenate(column) for column in zip(*spreads, strict=True)]
        line, place = np.unique(keys[0], return_inverse=True)
        return cls(line, *(np.bincount(place, column, len(line)).astype(np.int64) for column in keys[1:]))

    def rows(self, counts: pa.Table) -> NDArray[np.int64]:
        """Return the place of each row's line, (rows,)."""
        places: NDArray[np.int64] = np.searchsorted(self.line, counts["line"].to_numpy())
        return places


def _spread_of(counts: pa.Table) -> _Spread:
    has_host, articles = counts["host"].is_valid().to_numpy(), counts["articles"].to_numpy()
    each = _Spread(counts["line"].to_numpy(), has_host.astype(np.int64), articles, np.where(has_host, 0, articles))
    return _Spread.sum_of([each])


def _anywhere(counts: pa.Table) -> pa.Table:
    """Return counts as if no article had a host."""
    no_host = pa.nulls(counts.num_rows, pa.large_string())
    return counts.set_column(COUNTS.get_field_index("host"), COUNTS.field("host"), no_host)


def _judged(counts: pa.Table, sizes: _Sizes, settings: FurnitureSettings) -> pa.Table:
    """Return the furniture in counts of whole lines: what each host tells, and what all of them together do."""
    spread = _spread_of(counts)
    told = [_told_by_all([counts], spread, sizes, settings), _told_by_hosts(counts, spread, sizes, settings)]
    return pa.concat_tables(told).sort_by([("line", "ascending", "at_start"), ("host", "ascending", "at_start")])


def _told_by_hosts(counts: pa.Table, spread: _Spread, sizes: _Sizes, settings: FurnitureSettings) -> pa.Table:
    """Return what each host tells about its own lines."""
    enough = counts["articles"].to_numpy() >= settings.min_articles
    of_host = counts.filter(pa.array(enough & counts["host"].is_valid().to_numpy()))
    hosts, size = spread.hosts[spread.rows(of_host)], sizes.of(of_host["host"])
    return _believed(of_host, hosts, size, settings.min_articles, settings)


def _told_by_all(tables: Sequence[pa.Table], spread: _Spread, sizes: _Sizes, settings: FurnitureSettings) -> pa.Table:
    """Return what all sites together tell about lines that stand on several, or in articles without one."""
    wanted = ((spread.hosts > 1) | (spread.nowhere > 0)) & (spread.articles >= settings.min_articles_corpus)
    of_all = total([_anywhere(table.filter(pa.array(wanted[spread.rows(table)]))) for table in tables])
    hosts, size = spread.hosts[spread.rows(of_all)], np.full(of_all.num_rows, sizes.articles)
    return _believed(of_all, hosts, size, settings.min_articles_corpus, settings)


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
