"""What a worker needs, loaded once: workers are forked from the one process that imports this (see `flows.workers`).

It ends with the run even if a worker lives.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import multiprocessing
import os

from cleaners.lifetime import collect_seldom, end_with_parent
from flows.environment import PARENT

PROCESS = os.getpid()
"""The process that loaded this: the parent of the workers."""

end_with_parent(os.getppid() if multiprocessing.parent_process() else int(os.environ.pop(PARENT, os.getppid())))
collect_seldom()
_STAGES = ("articles", "sift", "quality", "prints", "copies", "publish")
# A worker runs the script of the command anew, and is handed the flow.
for _name in ("flows.cli", "flows.corpus", "prefect.task_engine", *(f"cleaners.shards.{name}" for name in _STAGES)):
    with contextlib.suppress(ImportError, MemoryError):  # each worker will say what is short
        importlib.import_module(_name)
gc.freeze()  # what all workers share is not looked at again, and so not copied
