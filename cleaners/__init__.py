r"""Scraped news in, a dataset fit to train on out.

An article walks one way, and each word is a file or folder here:

    read → extract → strip → fingerprint → match → cluster → write

The five functions below are the library for notebooks and other programs; they need neither Prefect nor a dataset.

>>> from cleaners import restore, strip_text
>>> stripped = strip_text("The bridge reopened on Monday.\n\nShare this:\n\nClick to share on Facebook")
>>> stripped.text
'The bridge reopened on Monday.'
>>> restore(stripped.text, stripped.edits)
'The bridge reopened on Monday.\n\nShare this:\n\nClick to share on Facebook'
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cleaners.pages import clean_html, extract_html
    from cleaners.pairs import match_texts
    from cleaners.spans import restore
    from cleaners.strip.engine import strip_text

__version__ = "0.3.0"

__all__ = ["__version__", "clean_html", "extract_html", "match_texts", "restore", "strip_text"]


_HOMES = {
    "clean_html": "cleaners.pages",
    "extract_html": "cleaners.pages",
    "match_texts": "cleaners.pairs",
    "restore": "cleaners.spans",
    "strip_text": "cleaners.strip.engine",
}


def __getattr__(name: str) -> object:
    """Load each public function from its home when it is first asked for: importing the package costs nothing."""
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'cleaners' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
