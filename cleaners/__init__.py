r"""Scraped news in, a dataset fit to train on out.

An article walks one way, and each word is a file or folder here:

    read → extract → strip → fingerprint → match → cluster → write

All modules, in the order in which data walks through them; a folder's docstring lists its own:

    read           inputs → raw articles
    extract        raw article → text, with what the page's mark-up says about each line
    strip          text → clean text, every cut on record
    rulebook         the rules it applies: rules/, checked as a whole
    literals         what stands in every match of a pattern, so that few patterns are tried
    furniture        lines that recur over a host's pages, learned from the corpus
    contamination  clean texts → those that hold an item of an evaluation set
    quality        clean texts → figures, and named filters over them
    fingerprint    clean texts → content hashes and MinHash signatures
    shingles         texts as sets of word n-grams
    facts            texts as sets of names, numbers, dates and rare terms
    match          signatures → candidate pairs → verified pairs
    rewording        whether a pair tells the same in other words
    pairs            texts → all verified pairs of any kind
    pieces           a column of texts, one piece at a time in memory
    cluster        pairs + order of preference → which articles stay
    turns            who met whom, in that order
    leaders          the walk over them, compiled
    sketches         the step inside that walk
    unions         which rows belong together, by union and find
    splits         articles that belong together → one split for all of them
    write          rows → the four tables
    columns          their columns: name, type, meaning, value
    survey         a finished dataset → what there is to tell about it
    card           that as README.md
    report         that as report.html
    export         a dataset → files that training jobs read

    shards         every stage once more, from file to file: the unit of parallel work
    pages          one page at a time, for notebooks and other programs
    warm           compile all kernels beforehand

    model          the frozen values that travel between the stages
    config_match   settings of what counts as the same and which copy stays
    config         every other setting with its unit, its default and where that comes from
    errors         what a caller may meet: what happened, where, what to do
    text           lines and words of a text, each with its place
    spans          apply edits to a text, and undo them
    language       in which language a text is written
    rights         what pages say on their use
    visible        cuts to be looked at, as colours and HTML
    storage        files that are complete or absent, local or remote
    mapped         columns that are looked into where they lie
    lock           one run at a time on a dataset
    lifetime       how a process begins and ends, and how much it may hold
    places         where what costs time is kept between runs
    kernels        numba, without what it need not load

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
