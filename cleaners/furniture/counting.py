"""Counts: how often each line of a shard stands where, and in how many different articles.

The counts of many shards add up to the counts of all (`learning`), whatever the order of shards and articles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from cleaners.furniture.keys import scan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cleaners.config import FurnitureSettings
    from cleaners.furniture.scanning import Lines

BODIES = 16
"""Sketches of different articles kept for a line: enough to tell 2, 3, 5 or "many" apart, 128 bytes at most."""
EXAMPLE = 80
"""Bytes of a line kept as its example."""

_EDITIONS = frozenset({"www", "m", "amp", "mobile"})

COUNTS = pa.schema(
    [
        ("line", pa.uint64()),  # key of the line; 0, the empty line, which every article has: the row counts articles
        ("host", pa.large_string()),  # see `site_of`; null: articles without a host
        ("articles", pa.int64()),  # articles the line stands in
        ("copies", pa.int64()),  # how often it stands in them
        ("head", pa.int64()),  # of these, in the first part of the text
        ("tail", pa.int64()),  # in the last
        ("words", pa.int32()),
        ("least", pa.uint64()),  # smallest and largest hash of the line as it stood:
        ("largest", pa.uint64()),  # they differ where dates or counts in it do
        ("bodies", pa.list_(pa.uint64())),  # sketches of different articles, the `BODIES` that come first in `rank`
        (
            "example",
            pa.large_string(),
        ),  # the line as it stood, its first `EXAMPLE` bytes; null for most lines seen once
    ]
)
"""Columns of counts, sorted by line, then by hash of the host: one row for each line of each host."""


def count(texts: pa.ChunkedArray, hosts: pa.ChunkedArray, settings: FurnitureSettings) -> pa.Table:
    r"""Return the counts (schema `COUNTS`) of texts (n,) string of hosts (n,) string, null where there is none.

    >>> from cleaners.config import FurnitureSettings
    >>> texts = pa.chunked_array([["The dam broke.\nShare this", "Rain until May.\nSHARE THIS"]], pa.large_string())
    >>> hosts = pa.chunked_array([["a.example", "a.example"]], pa.large_string())
    >>> table = count(texts, hosts, FurnitureSettings())
    >>> [(row["articles"], row["example"]) for row in table.to_pylist() if row["articles"] > 1]
    [(2, None), (2, 'Share this')]
    """
    column = texts.cast(pa.large_string()).combine_chunks()
    names = hosts.cast(pa.large_string()).combine_chunks().dictionary_encode()
    sites = pa.array([site_of(name) for name in names.dictionary.to_pylist()], pa.large_string())
    lines, letters, sketches = scan(column)
    # Row by row: which line, of which host, of which article. The empty line comes first and stands in every article.
    wrapped = _wrapped(lines, len(column))
    counted = np.flatnonzero((lines.key != 0) & (lines.letters <= settings.max_letters) & ~wrapped[lines.row])
    article = np.concatenate([np.arange(len(column), dtype=np.int32), lines.row[counted]])
    none = np.zeros(len(column), np.int64)
    key = np.concatenate([none.astype(np.uint64), lines.key[counted]])
    exact = np.concatenate([none.astype(np.uint64), lines.exact[counted]])
    place = lines.before[counted] / letters[lines.row[counted]]
    head = np.concatenate([none, place < settings.edge])
    tail = np.concatenate([none, place >= 1 - settings.edge])
    words = np.concatenate([none.astype(np.int32), lines.words[counted]])
    number = np.concatenate([none - 1, counted])  # of the line among all lines
    host = _indices(names)[article]
    site = np.append(site_hashes(sites), np.uint64(0))[host]

    order = np.lexsort((rank(sketches)[article], site, key))
    key, site, article = key[order], site[order], article[order]
    new = changes(key) | changes(site)
    starts = np.flatnonzero(new)
    add = np.add.reduceat
    articles = add((new | changes(article)).astype(np.int64), starts)
    rows = order[starts]
    picked = number[rows]
    return pa.table(
        [
            key[starts],
            sites.take(pa.array(host[rows], mask=host[rows] < 0)),
            articles,
            np.diff(starts, append=len(order)),
            add(head[order], starts),
            add(tail[order], starts),
            words[rows],
            np.minimum.reduceat(exact[order], starts),
            np.maximum.reduceat(exact[order], starts),
            bodies_of(sketches[article], new).lists,
            _examples(
                column, lines.row[picked], lines.start[picked], lines.end[picked], (picked >= 0) & (articles > 1)
            ),
        ],
        schema=COUNTS,
    )


def _wrapped(lines: Lines, texts: int) -> NDArray[np.bool_]:
    """Return which texts, (n,), were broken at a fixed width: in a quarter of their lines a sentence goes on.

    A line of such a text is any few words, and "Ministry officials said the" recurs without being furniture.
    """
    runs_on = np.bincount(lines.row, lines.runs_on, texts)
    return (runs_on >= 2) & (runs_on >= 0.25 * np.bincount(lines.row, minlength=texts))


def changes(values: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Return where a value differs from the one before it, (n,); the first does."""
    return np.concatenate([np.ones(min(1, len(values)), bool), values[1:] != values[:-1]])


def site_of(host: str) -> str:
    """Return the site a host belongs to: lower case, without `www.` and the names of mobile editions.

    >>> site_of("www.Tide-Post.example"), site_of("m.tide-post.example"), site_of("www.example")
    ('tide-post.example', 'tide-post.example', 'www.example')
    """
    head, _, rest = host.lower().partition(".")
    return rest if head in _EDITIONS and "." in rest else host.lower()


def site_hash(site: str) -> int:
    """Return the hash of a site, 64 bits, the same on every machine."""
    return xxhash.xxh3_64_intdigest(site.encode())


def site_hashes(sites: pa.Array) -> NDArray[np.uint64]:
    """Return the hash of each site, (n,) uint64."""
    return np.array([site_hash(site) for site in sites.to_pylist()], np.uint64)


def rank(sketches: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the order in which sketches are preferred, (n,): spread, so that near copies do not come in one clump."""
    return (sketches ^ (sketches >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)


class Bodies(NamedTuple):
    """Sketches of different articles for each group of rows, at most `BODIES` each."""

    values: NDArray[np.uint64]
    starts: NDArray[np.int64]

    @property
    def lists(self) -> pa.ListArray:
        """The same as a column of lists."""
        return pa.ListArray.from_arrays(pa.array(np.append(self.starts, len(self.values)), pa.int32()), self.values)


def bodies_of(sketches: NDArray[np.uint64], new: NDArray[np.bool_]) -> Bodies:
    """Return the different sketches of each group, the first `BODIES` of them; `new` (n,) tells where a group begins.

    The sketches of a group must be sorted by `rank`.
    """
    different = new | changes(sketches)
    nth: NDArray[np.int64] = np.cumsum(different)
    starts = np.flatnonzero(new)
    kept = different & (nth - np.repeat(nth[starts], np.diff(starts, append=len(new))) < BODIES)
    before: NDArray[np.int64] = np.cumsum(kept) - kept
    return Bodies(sketches[kept], before[starts])


def _examples(
    texts: pa.LargeStringArray,
    row: NDArray[np.int32],
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    wanted: NDArray[np.bool_],
) -> pa.Array:
    """Return the beginning of each wanted line, null for the others."""
    examples: list[str | None] = [None] * len(row)
    for nth in np.flatnonzero(wanted):
        first, last = int(start[nth]), int(end[nth])
        line = texts[int(row[nth])].as_buffer()[first : min(last, first + EXAMPLE)].to_pybytes()
        examples[nth] = line.decode("utf-8", "ignore").strip()
    return pa.array(examples, pa.large_string())


def total(tables: Sequence[pa.Table]) -> pa.Table:
    """Return the counts of several shards as those of one; takes three times the memory of all of them.

    Articles and places add up and sketches are united, so how articles were cut into shards does not matter.
    """
    rows = pa.concat_tables(tables)
    if not rows.num_rows:
        return COUNTS.empty_table()
    names = rows["host"].combine_chunks().dictionary_encode()
    site = np.append(site_hashes(names.dictionary), np.uint64(0))[_indices(names)]
    line = rows["line"].to_numpy()
    order = np.lexsort((site, line))
    new = changes(line[order]) | changes(site[order])
    starts = np.flatnonzero(new)
    group = np.empty(len(order), np.int64)
    group[order] = np.cumsum(new) - 1

    lists = rows["bodies"].combine_chunks()
    sketches, of_group = lists.flatten().to_numpy(), group[pc.list_parent_indices(lists).to_numpy()]
    by_rank = np.lexsort((rank(sketches), of_group))
    bodies = bodies_of(sketches[by_rank], changes(of_group[by_rank]))

    # The smallest example by its bytes, wherever it came from.
    given = np.flatnonzero(rows["example"].is_valid().to_numpy())
    examples = pa.table([pa.array(group[given]), rows["example"].take(pa.array(given))], ["group", "example"])
    examples = examples.sort_by([("group", "ascending"), ("example", "ascending")])
    having, at = np.unique(examples["group"].to_numpy(), return_index=True)
    chosen = np.full(len(starts), -1)
    chosen[having] = at

    def merged(name: str, merge: np.ufunc) -> NDArray[np.generic]:
        values: NDArray[np.generic] = merge.reduceat(rows[name].to_numpy()[order], starts)
        return values

    return pa.table(
        [
            line[order][starts],
            rows["host"].take(pa.array(order[starts])),
            merged("articles", np.add),
            merged("copies", np.add),
            merged("head", np.add),
            merged("tail", np.add),
            rows["words"].to_numpy()[order][starts],
            merged("least", np.minimum),
            merged("largest", np.maximum),
            bodies.lists,
            examples["example"].take(pa.array(chosen, mask=chosen < 0)),
        ],
        schema=COUNTS,
    )


def _indices(column: pa.DictionaryArray) -> NDArray[np.int64]:
    """Return the place of each value in the dictionary, (n,) int64; -1 for null."""
    places: NDArray[np.int64] = column.indices.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
    return places
