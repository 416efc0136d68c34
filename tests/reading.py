"""What the tests of the read stage share: inputs as a run reads them, with what must hold of every record."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

from cleaners.config import ReadSettings
from cleaners.model import RawArticle, Rejected
from cleaners.read.inputs import discover, slices
from cleaners.read.readers import read
from cleaners.read.records import REASONS

SAMPLES = Path(__file__).parent / "samples"
SETTINGS = ReadSettings()
SMALL = ReadSettings(shard_mb=1, max_record_mb=1)
"""Small enough that the tests need not write much."""


def read_all(*inputs, settings=SETTINGS):
    """Read inputs as a run does, and check what holds of every record."""
    found = []
    for file in discover([str(one) for one in inputs], settings):
        for part in slices(file, settings):
            found += read(part, settings)
    for record in found:
        assert isinstance(record, RawArticle | Rejected)
        assert len(record.id) == 20
        assert record.source.record >= 1
        if isinstance(record, Rejected):
            assert record.reason in REASONS
            assert record.detail.isprintable()
        else:
            assert (record.html is None) != (record.text is None)
            (record.html or record.text).encode()
    return found


def articles(*inputs, settings=SETTINGS):
    return [record for record in read_all(*inputs, settings=settings) if isinstance(record, RawArticle)]


def reasons(*inputs, settings=SETTINGS):
    return [record.reason for record in read_all(*inputs, settings=settings) if isinstance(record, Rejected)]


def contents(*inputs, settings=SETTINGS):
    return [record.html or record.text for record in articles(*inputs, settings=settings)]


def told(found):
    """Return text or reason of each record, in order."""
    return [record.text or record.html if isinstance(record, RawArticle) else record.reason for record in found]


class Peak:
    """Memory that Python allocated at most within a `with` block, in MB."""

    mb = 0.0

    def __enter__(self):
        tracemalloc.start()
        return self

    def __exit__(self, *_):
        self.mb = tracemalloc.get_traced_memory()[1] / 2**20
        tracemalloc.stop()
