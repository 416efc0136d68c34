"""Signatures of a part → its band keys and sketches, which is all that candidates are found by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from cleaners import mapped
from cleaners.match.candidates import Candidates, band_keys, gathered
from cleaners.pieces import cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy.typing as npt

    from cleaners.match.bands import Bands


def write(path: str, signatures: Iterable[npt.NDArray[np.uint32]], bands: Bands) -> None:
    """Write what is compared of the signatures of one part, given in row order: a quarter of what they take."""
    parts = list(signatures)
    signed = np.concatenate(parts) if parts else np.zeros((0, 1), np.uint32)
    columns = {f"band_{number}": pa.array(key) for number, key in enumerate(band_keys(signed, bands))}
    sketch = np.ascontiguousarray(signed.astype(np.uint8))
    packed = pa.FixedSizeBinaryArray.from_buffers(pa.binary(sketch.shape[1]), len(sketch), [None, pa.py_buffer(sketch)])
    mapped.write(path, pa.table(columns | {"sketch": packed}), bands._asdict())


def candidates(paths: Sequence[str], among: npt.NDArray[np.uint8], bands: Bands, memory_mb: int) -> Candidates:
    """Return who met whom among rows of some parts, numbered through; `among` as in `cleaners.match.exact`."""
    parts = [mapped.columns(path, ["sketch"]) for path in paths]
    starts = np.cumsum([0, *(part.num_rows for part in parts)])

    def sketch(rows: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
        found, count = np.empty((len(rows), _width(parts)), np.uint8), 0
        for at, some in cut(rows, starts):
            found[count : count + len(some)] = _sketches(parts[at])[some]
            count += len(some)
        return found

    return gathered(keys(paths, bands), among, sketch, memory_mb)


def keys(paths: Sequence[str], bands: Bands) -> Iterator[list[npt.NDArray[np.uint32]]]:
    """Yield for each band the key of each row of some parts, part by part: `(rows,) uint32`."""
    names = [f"band_{number}" for number in range(bands.bands)]
    parts = [mapped.columns(path, names) for path in paths]
    for name in names:
        yield [part[name].to_numpy() for part in parts]


def _width(parts: Sequence[pa.Table]) -> int:
    """Return how wide sketches are; those of a part without rows have no width of theirs."""
    return max((int(part.schema.field("sketch").type.byte_width) for part in parts), default=0)


def _sketches(part: pa.Table) -> npt.NDArray[np.uint8]:
    """Return the sketches of a part, `(rows, places) uint8`, as they lie in its file."""
    [column] = part["sketch"].chunks
    return np.frombuffer(column.buffers()[1], np.uint8).reshape(-1, column.type.byte_width)[: len(column)]
