"""Parquet → drafts, a few rows at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from cleaners.read import fields
from cleaners.read.records import Draft, Flaw
from cleaners.read.unpack import ABOVE_SUSPICION, open_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cleaners.config import ReadSettings
    from cleaners.read.inputs import Slice
    from cleaners.read.records import Found

# Costs no more than 1,024 at a time (10 µs a row), and a page dictionary can blow each row up to a cell of many MB.
_BATCH_ROWS = 32


def read_parquet(part: Slice, settings: ReadSettings) -> Found:
    """Yield an article for each row; `record` is its number in the whole file.

    Read are row groups `start` to `stop`.
    """
    chosen = tuple(sorted(settings.fields.items()))
    with open_file(part.path) as file:
        try:
            table = pq.ParquetFile(file, memory_map=False, pre_buffer=False)
        except (pa.ArrowException, OSError) as error:
            yield part.first, _flaw(error)
            return
        wanted = used_columns(table.schema_arrow.names, settings)
        number = part.first
        for group in range(part.start, table.num_row_groups if part.stop < 0 else part.stop):
            end = number + table.metadata.row_group(group).num_rows
            if too_large := _too_large(table.metadata.row_group(group), wanted, settings.max_ratio):
                yield number, too_large
                number = end
                continue
            try:
                for row in _rows(table, group, wanted):
                    yield number, _draft(row, chosen, settings.max_record_mb << 20)
                    number += 1
            except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
                yield number, _flaw(error, f"; {end - number:,} rows of row group {group} are lost")
            number = end


def used_columns(names: list[str], settings: ReadSettings) -> list[str]:
    """Return the top-level columns that are worth reading."""
    found = fields.columns(names, settings.fields)
    tops = {path[0] for paths in found.values() for path in paths} | {"dump", "warc_date"}
    return [name for name in names if name in tops]


def _too_large(group: Any, wanted: list[str], max_ratio: int) -> Flaw | None:  # noqa: ANN401  (pyarrow has no types)
    """Return a flaw for a row group whose columns unpack to more than any text does."""
    for index in range(group.num_columns):
        column = group.column(index)
        packed, unpacked = column.total_compressed_size, column.total_uncompressed_size
        bomb = unpacked > ABOVE_SUSPICION and unpacked > packed * max_ratio
        if bomb and column.path_in_schema.partition(".")[0] in wanted:
            return Flaw("too large", f"{unpacked:,} bytes from {packed:,}; {group.num_rows:,} rows are lost")
    return None


def _rows(table: Any, group: int, wanted: list[str]) -> Iterator[dict[str, Any]]:  # noqa: ANN401  (pyarrow has no types)
    """Yield the rows of a row group."""
    for batch in table.iter_batches(_BATCH_ROWS, row_groups=[group], columns=wanted, use_threads=False):
        cells = [_cells(column) for column in batch.columns]
        for row in zip(*cells, strict=True):
            yield dict(zip(batch.schema.names, row, strict=True))


def _cells(column: Any) -> list[Any]:  # noqa: ANN401  (pyarrow has no types)
    try:
        return column.to_pylist()  # type: ignore[no-any-return]
    except UnicodeDecodeError:  # strings that are none: as bytes, decoded like those of a file
        return column.cast(pa.large_binary()).to_pylist()  # type: ignore[no-any-return]


def _draft(row: dict[str, Any], chosen: tuple[tuple[str, str], ...], limit: int) -> Draft | Flaw:
    if any(isinstance(cell, str | bytes) and len(cell) > limit for cell in row.values()):
        return Flaw("too large", f"a cell of more than {limit >> 20} MB")
    return fields.draft(row, chosen)


def _flaw(error: Exception, more: str = "") -> Flaw:
    """Return the flaw that an error of pyarrow tells of. One with a number is the system's, and is raised again."""
    if isinstance(error, OSError) and error.errno:
        raise error
    return Flaw("broken file", f"Parquet: {' '.join(str(error).split())[:300]}{more}")
