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
    from cleaners.furniture.scanning import Lines, Scan

BODIES = 16
"""Sketches of different articles kept for a line: enough to tell 2, 3, 5 or "many" apart, 128 bytes at most."""
EXAMPLE = 80
"""Bytes of a line kept as its example."""
_COPIED = 100_000
"""Examples cut out of the texts at one time."""

_EDITIONS = frozenset({"www", "m", "amp", "mobile"})

COUNTS = pa.schema(
    [
        # Key of the line. 0 is the empty line, which every article has: its row counts the articles of the host.
        ("line", pa.uint64()),
        ("host", pa.large_string()),  # see `site_of`; null: articles without a host
        ("opening", pa.bool_()),  # whether it is only how lines open
        ("articles", pa.int64()),  # articles it stands in
        ("copies", pa.int64()),  # how often it stands in them
        ("head", pa.int64()),  # of these, in the first part of the text
        ("tail", pa.int64()),  # in the last
        ("words", pa.int32()),  # of the line, dates and numbers masked; 0 for openings
        # Smallest and largest hash of the lines as they stood; they differ where dates, counts or openings do.
        ("least", pa.uint64()),
        ("largest", pa.uint64()),
        ("bodies", pa.list_(pa.uint64())),  # sketches of different articles, the `BODIES` that come first in `rank`
        ("example", pa.large_string()),  # the first `EXAMPLE` bytes of one of the lines; null for the empty line
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
    scanned = scan(column)
    lines, seen = scanned.lines, _seen(scanned, settings)
    host = indices(names)[seen.article]
    site = np.append(site_hashes(sites), np.uint64(0))[host]

    order = np.lexsort((rank(scanned.sketch)[seen.article], site, seen.key))
    key, article = seen.key[order], seen.article[order]
    new = changes(key) | changes(site[order])
    starts = np.flatnonzero(new)
    articles = np.add.reduceat((new | changes(article)).astype(np.int64), starts)
    first = order[starts]  # one of the lines, for what all of them share
    line = seen.line[first]
    exact = np.where(key == 0, np.uint64(0), lines.exact[seen.line[order]]) if len(lines.row) else key
    return pa.table(
        [
            key[starts],
            sites.take(pa.array(host[first], mask=host[first] < 0)),
            seen.opening[first],
            articles,
            np.diff(starts, append=len(order)),
            np.add.reduceat(seen.head[order].astype(np.int64), starts),
            np.add.reduceat(seen.tail[order].astype(np.int64), starts),
            np.where((key[starts] == 0) | seen.opening[first], 0, lines.words[line]) if len(lines.row) else line,
            np.minimum.reduceat(exact, starts),
            np.maximum.reduceat(exact, starts),
            bodies_of(scanned.sketch[article], new).lists,
            _examples(column, lines, line, key[starts] != 0),
        ],
        schema=COUNTS,
    )


class _Seen(NamedTuple):
    """What was seen, place by place: the empty line of every article, lines, and how lines open; arrays (n,)."""

    key: NDArray[np.uint64]
    opening: NDArray[np.bool_]
    article: NDArray[np.int64]
    line: NDArray[np.int64]  # number of the line among all; 0 for the empty line
    head: NDArray[np.bool_]
    tail: NDArray[np.bool_]


def _seen(scanned: Scan, settings: FurnitureSettings) -> _Seen:
    lines, articles = scanned.lines, len(scanned.letters)
    counted = (lines.letters <= settings.max_letters) & ~_wrapped(lines, articles)[lines.row]
    whole, opened = np.flatnonzero(counted & (lines.key != 0)), np.flatnonzero(counted & (lines.opening != 0))
    number = np.concatenate([whole, opened])
    place = lines.before[number] / scanned.letters[lines.row[number]]
    nowhere = np.zeros(articles, bool)
    return _Seen(
        key=np.concatenate([nowhere.astype(np.uint64), lines.key[whole], lines.opening[opened]]),
        opening=np.repeat([False, True], [articles + len(whole), len(opened)]),
        article=np.concatenate([np.arange(articles), lines.row[number]]),
        line=np.concatenate([nowhere.astype(np.int64), number]),
        head=np.concatenate([nowhere, place < settings.edge]),
        tail=np.concatenate([nowhere, place >= 1 - settings.edge]),
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
    texts: pa.LargeStringArray, lines: Lines, numbers: NDArray[np.int64], wanted: NDArray[np.bool_]
) -> pa.Array:
    """Return how each wanted line begins, (n,) large_string; null for the others."""
    chosen = [numbers[wanted][at : at + _COPIED] for at in range(0, int(wanted.sum()), _COPIED)]
    begins = pa.chunked_array([_beginnings(texts, lines, some) for some in chosen], pa.large_string())
    places = np.cumsum(wanted) - 1
    return begins.take(pa.array(places, mask=~wanted)).combine_chunks()


def _beginnings(texts: pa.LargeStringArray, lines: Lines, numbers: NDArray[np.int64]) -> pa.Array:
    """Return the first `EXAMPLE` bytes of some lines, cut between characters, white space around them gone."""
    _, offsets, content = texts.buffers()
    letters = np.frombuffer(content, np.uint8)
    first = np.frombuffer(offsets, np.int64)[texts.offset + lines.row[numbers]]
    start, end = first + lines.start[numbers], first + lines.end[numbers]
    stop = np.minimum(end, start + EXAMPLE)
    for _ in range(3):  # bytes that a character of UTF-8 has after its first
        inside = (stop < end) & (letters[np.minimum(stop, len(letters) - 1)] & 0xC0 == 0x80)
        stop -= inside
    cuts = np.append(0, np.cumsum(stop - start))
    copied = letters[np.repeat(start - cuts[:-1], stop - start) + np.arange(cuts[-1])]
    begins = pa.LargeStringArray.from_buffers(len(numbers), pa.py_buffer(cuts), pa.py_buffer(copied))
    return pc.utf8_trim_whitespace(begins)


def total(tables: Sequence[pa.Table]) -> pa.Table:
    """Return the counts of several shards as those of one; takes three times the memory of all of them.

    Articles and places add up and sketches are united, so how articles were cut into shards does not matter.
    """
    rows = pa.concat_tables(tables)
    if not rows.num_rows:
        return COUNTS.empty_table()
    names = rows["host"].combine_chunks().dictionary_encode()
    site = np.append(site_hashes(names.dictionary), np.uint64(0))[indices(names)]
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

    # The smallest example by its bytes, wherever it came from; of most lines there is only one.
    several = np.flatnonzero(np.bincount(group)[group] > 1)
    examples = pa.table([group[several], several, rows["example"].take(pa.array(several))], ["group", "row", "example"])
    examples = examples.sort_by([("group", "ascending"), ("example", "ascending")])
    having, at = np.unique(examples["group"].to_numpy(), return_index=True)
    chosen = order[starts]
    chosen[having] = examples["row"].to_numpy()[at]

    def merged(name: str, merge: np.ufunc) -> NDArray[np.generic]:
        values: NDArray[np.generic] = merge.reduceat(rows[name].to_numpy()[order], starts)
        return values

    return pa.table(
        [
            line[order][starts],
            rows["host"].take(pa.array(order[starts])),
            rows["opening"].take(pa.array(order[starts])),
            merged("articles", np.add),
            merged("copies", np.add),
            merged("head", np.add),
            merged("tail", np.add),
            rows["words"].to_numpy()[order][starts],
            merged("least", np.minimum),
            merged("largest", np.maximum),
            bodies.lists,
            rows["example"].take(pa.array(chosen)),
        ],
        schema=COUNTS,
    )


def indices(column: pa.DictionaryArray) -> NDArray[np.int64]:
    """Return the place of each value in the dictionary, (n,) int64; -1 for null."""
    places: NDArray[np.int64] = column.indices.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
    return places
