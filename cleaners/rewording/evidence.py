"""The facts of two texts → which they share and which not, as they are written: what a person checks a verdict by."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cleaners.facts.reading import Told

MOST = 12
"""Facts of each kind that are told, the first of the text."""


class Facts(NamedTuple):
    """Facts of a copy, in its order and as it writes them."""

    shared: tuple[str, ...]  # names, numbers, dates, handles that the kept article has too
    unshared: tuple[str, ...]  # numbers and dates that it does not have


def shared_and_not(kept: Told, copy: Told) -> Facts:
    """Return which facts of the copy the kept article has, and which numbers and dates it does not.

    >>> import pyarrow as pa
    >>> from cleaners.facts.reading import told_of
    >>> texts = ["Edda Quill lost 12 hens on 3 May.", "On May 3, Edda Quill was bereft of a dozen or 14 hens."]
    >>> shared_and_not(*told_of(pa.array(texts, pa.large_string())))
    Facts(shared=('May 3', 'Edda Quill'), unshared=('14',))
    """
    known = set(kept.keys)
    shared: dict[str, None] = {}
    unshared: dict[str, None] = {}
    for key, kind, written in zip(*copy, strict=True):
        if key in known:
            if kind != "term":
                shared[written] = None
        elif kind in {"number", "date"}:
            unshared[written] = None
    return Facts(tuple(shared)[:MOST], tuple(unshared)[:MOST])
