"""Sums over columns that come part by part, and the order in which samples are chosen."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import xxhash

_FOLDED_AT = 64
"""Partial sums that wait before they are added up: memory against the number of additions."""


class Tally:
    """Sums of number columns by key columns, over tables added one by one; memory: the distinct keys.

    >>> tally = Tally(pa.schema([("host", pa.large_string()), ("articles", pa.int64())]), keys=1)
    >>> tally.add(pa.table({"host": ["b.example", "a.example", "b.example"], "articles": [1, 1, 1]}))
    >>> tally.total().to_pylist()
    [{'host': 'a.example', 'articles': 1}, {'host': 'b.example', 'articles': 2}]
    """

    def __init__(self, schema: pa.Schema, *, keys: int) -> None:
        self._schema, self._keys = schema, schema.names[:keys]
        self._waiting = [schema.empty_table()]

    def add(self, table: pa.Table) -> None:
        """Add the rows of a table."""
        self._waiting.append(self._sum([table.select(self._schema.names).cast(self._schema)]))
        if len(self._waiting) >= _FOLDED_AT:
            self._waiting = [self._sum(self._waiting)]

    def total(self) -> pa.Table:
        """Return the sums so far, one row for each combination of keys, sorted by them."""
        return self._sum(self._waiting).sort_by([(key, "ascending") for key in self._keys])

    def _sum(self, tables: list[pa.Table]) -> pa.Table:
        summed = [name for name in self._schema.names if name not in self._keys]
        table = pa.concat_tables(tables).group_by(self._keys, use_threads=False)
        table = table.aggregate([(name, "sum") for name in summed])
        return table.select([*self._keys, *(f"{name}_sum" for name in summed)]).rename_columns(self._schema.names)


def ranks(ids: pa.ChunkedArray) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Return a rank (n,) uint64 for each id: the lowest are the sample. The same id has the same rank everywhere."""
    encoded = ids.cast(pa.large_binary()).combine_chunks().dictionary_encode()
    of_value = np.array([xxhash.xxh3_64_intdigest(value) for value in encoded.dictionary.to_pylist()], np.uint64)
    return of_value[encoded.indices.to_numpy()] if len(of_value) else of_value


def lowest(table: pa.Table, by: list[str], limit: int) -> pa.Table:
    """Return the first `limit` rows of each value of the column `by[0]`, in the order of the other columns.

    >>> rows = pa.table({"rule": ["b", "a", "b", "b"], "rank": [3, 9, 1, 2]})
    >>> lowest(rows, ["rule", "rank"], 2).to_pylist()
    [{'rule': 'a', 'rank': 9}, {'rule': 'b', 'rank': 1}, {'rule': 'b', 'rank': 2}]
    """
    table = table.sort_by([(name, "ascending") for name in by])
    codes = table[by[0]].combine_chunks().dictionary_encode().indices.to_numpy()
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    place = np.arange(len(codes)) - np.repeat(starts, np.diff(starts, append=len(codes)))
    return table.filter(pa.array(place < limit))
