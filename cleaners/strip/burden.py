"""What stripping a text costs in memory at most: no news has a million lines, but a page that means harm may."""

from __future__ import annotations

# Bytes at most, measured on texts of 16 MB of all shapes: before any text, for a code point, and for a line or sentence
# that is an edit.
_BEFORE, _LETTER, _LINE = 400 * 2**20, 20, 1500
_ENDS = "\n.!?。！？।۔"
_HARMLESS = 200_000  # code points


def takes_more_than(megabytes: int, text: str) -> bool:
    r"""Tell whether stripping a text could take a process beyond so much memory.

    >>> takes_more_than(1536, "Share" * 1_000_000), takes_more_than(1536, "Share\n" * 1_000_000)
    (False, True)
    """
    if len(text) < _HARMLESS:
        return False
    return _BEFORE + _LETTER * len(text) + _LINE * sum(map(text.count, _ENDS)) > megabytes * 2**20
