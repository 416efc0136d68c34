"""The exceptions a caller may meet, each with what happened, where, and what to do about it.

They cross process borders, so their arguments are plain strings and every one of them survives pickling.
"""

from __future__ import annotations

import contextlib
import errno
import re
import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_ADDRESS = re.compile(r" at 0x[0-9a-f]+")  # of an object: another one in each process


class CopydeskError(Exception):
    """Anything this package raises on purpose."""


class InputError(CopydeskError):
    """The call was wrong: a path, a file, a setting. Nothing was touched (exit code 2).

    >>> print(InputError("crawl.csv", 'has no column with text: "a", "b"', "Name it: --field text=COLUMN."))
    crawl.csv: has no column with text: "a", "b". Name it: --field text=COLUMN.
    """

    def __init__(self, where: str, what: str, advice: str = "") -> None:
        super().__init__(where, what, advice)
        self.where, self.what, self.advice = where, what, advice

    def __str__(self) -> str:
        sentence = f"{self.where}: {self.what}" if self.where else self.what
        sentence = sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."
        return f"{sentence} {self.advice}".strip()


NO_DATASET = ("is no finished dataset: it has no manifest.json", "Make one: copydesk clean INPUT... -o OUT.")
"""What is wrong with an OUT that no run has finished, and what to do about it."""


class RecordError(CopydeskError):
    """One record cannot become an article; `reason` is a word of a closed list, `detail` says more.

    Stages raise it for the record at hand; whoever walks the records turns it into a `Rejected` row and goes on.

    >>> print(RecordError("timeout", "extraction took more than 30 s"))
    timeout: extraction took more than 30 s
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}" if self.detail else self.reason


class RunError(CopydeskError):
    """The run failed; what was finished is kept, and the same command goes on from there (exit code 1).

    >>> print(RunError("output/demo", "no space left on device", "Free some, then run the same command again."))
    output/demo: no space left on device. Free some, then run the same command again.
    """

    def __init__(self, where: str, what: str, advice: str = "") -> None:
        super().__init__(where, what, advice)
        self.where, self.what, self.advice = where, what, advice

    __str__ = InputError.__str__


_NO_MEMORY = ("can't start new thread", "failed to map segment", "Cannot allocate memory", "cannot allocate memory")


def is_for_memory(error: BaseException | None) -> bool:
    """Tell whether something failed for want of memory, whatever came of that on its way up.

    >>> is_for_memory(RuntimeError("can't start new thread")), is_for_memory(ValueError())
    (True, False)
    """
    while error is not None:
        if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
            return True
        if any(words in str(error) for words in _NO_MEMORY):
            return True
        error = error.__cause__ or error.__context__
    return False


@contextlib.contextmanager
def on_record() -> Iterator[None]:
    """Raise what nobody expected of work on one record as RecordError `crash`: the run goes on without that record.

    What no record is to blame for is raised as it is: want of memory, storage, something that is not installed, and
    what was raised on purpose.
    """
    try:
        yield
    except (CopydeskError, MemoryError, OSError, ImportError):
        raise
    except Exception as error:
        if is_for_memory(error):
            raise
        raise RecordError("crash", fault(error)) from error


def fault(error: Exception) -> str:
    """Return type, place in our code and words of an exception nobody expected, so that somebody can look for it.

    >>> fault(ValueError("odd"))
    'ValueError: odd'
    """
    places = [(frame.f_globals.get("__name__", ""), line) for frame, line in traceback.walk_tb(error.__traceback__)]
    ours = [f" in {module}:{line}" for module, line in places if module.startswith("cleaners.")]
    words = "".join(sign if sign.isprintable() else " " for sign in _ADDRESS.sub("", str(error)[:1000]))
    return f"{type(error).__name__}{ours[-1] if ours else ''}: {' '.join(words.split())}"[:200]
