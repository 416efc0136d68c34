"""What was learned, as strip asks for it: a line of an article → how far it is believed to be furniture, and why."""

from __future__ import annotations

import dataclasses
from typing import IO, TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cleaners.furniture.counting import indices, site_hash, site_hashes, site_of
from cleaners.furniture.keys import alphabet
from cleaners.furniture.learning import FURNITURE
from cleaners.furniture.scanning import row_key, rows_of_lines

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

_BATCH = 50_000
"""Rows of a file in memory at one time, beside those that are wanted."""
_EVIDENCE = ("points", "belief", "host", "opening", "articles", "different", "share", "head", "tail", "hosts")


@dataclasses.dataclass(frozen=True, slots=True)
class Evidence:
    """What other articles say about a line: the row of the table that speaks loudest for it.

    `points` are what it counts in strip; 1 strikes the line alone. `belief` is 0 … 1 and sums up the others: `articles`
    with the line, of them `different` (copies of one article count once), their `share` of the site's articles, the
    share of its places at the `head` and `tail` of texts, the `hosts` it stands on. `host` is None where all sites
    together were counted. `opening`: not the line recurs but how it opens ("READ MORE: …").
    """

    points: float
    belief: float
    host: str | None
    opening: bool
    articles: int
    different: int
    share: float
    head: float
    tail: float
    hosts: int

    def __str__(self) -> str:
        where = f"of {self.host}" if self.host else "of all"
        places = f"{self.head:.0%} at the head, {self.tail:.0%} at the tail"
        what = "so opens a line in" if self.opening else "in"
        return f"{what} {self.articles} articles, {self.share:.1%} {where}, {places}"


class Furniture:
    r"""The lines learned from a corpus. Nothing changes it; asking costs 10 µs a call and about 1 µs a line.

    >>> from cleaners.config import FurnitureSettings
    >>> from cleaners.furniture.counting import count
    >>> from cleaners.furniture.learning import learn_from
    >>> stories = ["The dam at Orlec broke at noon.", "A ferry ran aground.", "Prices of barley fell."]
    >>> texts = pa.chunked_array([[f"{story * 5}\nShare this story" for story in stories]], pa.large_string())
    >>> hosts = pa.chunked_array([["tide.example"] * 3], pa.large_string())
    >>> settings = FurnitureSettings()
    >>> furniture = Furniture(learn_from(count(texts, hosts, settings), settings))
    >>> print(furniture.evidence("www.tide.example", "SHARE THIS STORY"))
    in 3 articles, 100.0% of tide.example, 0% at the head, 100% at the tail
    >>> print(furniture.evidence("tide.example", "The dam at Orlec broke at noon."))
    None
    """

    def __init__(self, table: pa.Table) -> None:
        """Take a table of schema `FURNITURE`, in any order."""
        hosts = table["host"].combine_chunks().dictionary_encode()
        sites = np.append(site_hashes(hosts.dictionary), np.uint64(0))[indices(hosts)]
        keys: NDArray[np.uint64] = row_key(table["line"].to_numpy(), sites)
        order = np.argsort(keys, kind="stable")
        self._keys, self._belief = keys[order], table["belief"].to_numpy()[order]
        self._columns = {name: table[name].take(pa.array(order)).combine_chunks() for name in _EVIDENCE}

    @classmethod
    def load(
        cls,
        path: str | Path | IO[bytes],
        sites: Iterable[str] | None = None,
        lines: NDArray[np.uint64] | None = None,
    ) -> Furniture:
        """Return what a Parquet file of schema `FURNITURE` holds, with memory for what is wanted of it.

        With `sites`, only what holds for them or for all; with `lines`, only rows about these keys (see `keys_of`).
        """
        known = None if sites is None else pa.array(sorted({site_of(site) for site in sites}), pa.large_string())
        kept = [FURNITURE.empty_table()]
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(_BATCH):
                wanted = np.ones(batch.num_rows, bool)
                if known is not None:
                    wanted &= pc.or_(pc.is_null(batch["host"]), pc.is_in(batch["host"], known)).to_numpy(False)
                if lines is not None:
                    wanted &= np.isin(batch["line"].to_numpy(), lines)
                kept.append(pa.table(batch.filter(pa.array(wanted))).cast(FURNITURE))
        return cls(pa.concat_tables(kept))

    def __len__(self) -> int:
        return len(self._keys)

    def evidence(self, host: str | None, line: str) -> Evidence | None:
        """Return what is known about a line on a host, None where nothing is."""
        return self.lines(host, line)[0]

    def points(self, host: str | None, line: str) -> float:
        """Return what is known about a line as points for striking it, 0 … 1."""
        told = self.evidence(host, line)
        return told.points if told else 0.0

    def lines(self, host: str | None, text: str) -> list[Evidence | None]:
        r"""Return what is known about each ``\n``-separated line of a text on a host; None for most of them.

        Where several rows speak of a line (the host's, that of all hosts, how the line opens), the one most believed.
        """
        content = np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8)
        sites = np.array([0, site_hash(site_of(host))] if host else [0], np.uint64)
        rows = rows_of_lines(content, alphabet(), self._keys, self._belief, sites)
        return [None if row < 0 else self._evidence(row) for row in rows.tolist()]

    def _evidence(self, row: int) -> Evidence:
        return Evidence(**{name: column[row].as_py() for name, column in self._columns.items()})
