"""Every stage once more, from file to file: the unit of parallel work.

    dataset     where everything lies in OUT, who may write there, and what each part was made from
    plan        inputs → shards
    articles    shard → extracted part → stripped part                        (read, extract, strip)
    cleaning    one article of it → the clean one, or why there is none
    sift        stripped part → cleaned part, without what evaluation sets hold; by default they are the same
    restore     the dataset itself → cleaned part                             (where work was deleted)
    quality     cleaned part → signals, and which rows are too poor to stay
    prints      cleaned part → fingerprints                                   (fingerprint)
    bands       fingerprints → band keys and sketches, by which candidates are found
    corpus      all cleaned rows of a run, numbered through
    telling     the telling terms of these rows, where they lie
    copies      fingerprints → verdict parts                                  (match, cluster)
    memory      pairs that were verified, for later runs
    resume      what the last run's walk came to, for the next one
    evidence    verdicts → the evidence column
    guard       verdicts → a cluster or a host that loses very much, for a person to look at
    families    verdicts → splits
    held        the split below which rows may not fall, whatever has gone since
    publish     cleaned part + verdicts → the four tables                     (write)
    changes     the last finished run and this one → what changed
    finish      manifest, card, report
    tidy        what no later run needs of the parts between the stages
    forget      tombstones: what is never to be in the dataset again
    verify      the dataset against its manifest and what always holds
    pairs       inputs → a file of verified pairs, without a dataset

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
