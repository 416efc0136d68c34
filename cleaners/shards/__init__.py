"""Every stage once more, from file to file: the unit of parallel work.

    dataset.py   where everything lies in OUT, who may write there, and what each part was made from
    plan.py      inputs → shards
    articles.py  shard → extracted part → stripped part          (read, extract, strip)
    sift.py      stripped part → cleaned part, without what evaluation sets hold; by default they are the same
    restore.py   the dataset itself → cleaned part               (where work was deleted)
    prints.py    cleaned part → fingerprints                     (fingerprint)
    corpus.py    all cleaned rows of a run, numbered through
    copies.py    fingerprints → verdicts                         (match, cluster)
    memory.py    pairs that were verified, for later runs
    families.py  verdicts → splits
    publish.py   cleaned part + verdicts → the four tables       (write)
    finish.py    manifest, card, report
    tidy.py      what no later run needs of the parts between the stages
    forget.py    tombstones: what is never to be in the dataset again
    verify.py    the dataset against its manifest and what always holds
    pairs.py     inputs → a file of verified pairs, without a dataset

One rule makes resume, incremental runs and scale-out work: every file is a pure function of named inputs, its `key` is
a hash of all of them, it appears under its name only when complete, and a run makes what is missing.

Each is loaded when it is first named (`shards.finish.finish(…)`), so that who only plans loads nothing of what reads
pages and compares texts.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

    from cleaners.shards import finish, forget, guard, plan, restore, sift, tidy

__all__ = ["finish", "forget", "guard", "plan", "restore", "sift", "tidy"]


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
