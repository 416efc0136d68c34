"""Progress with rate and time left: a bar for each stage on a terminal, plain lines elsewhere. All of it on stderr."""

from __future__ import annotations

import contextlib
import contextvars
import sys
import time
from typing import TYPE_CHECKING, Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, Task, TextColumn, TimeElapsedColumn
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_EVERY = 30.0
"""Seconds between two lines of one stage where nobody watches."""


class Listener(Protocol):
    """What wants to know how far a run is."""

    def stage(self, name: str, sizes: Sequence[int]) -> contextlib.AbstractContextManager[Callable[[int], None]]:
        """Begin a stage of tasks of these sizes (bytes of input); call the function given with the number of each done.

        Those that it was not called with when the stage ends have failed.
        """

    def say(self, sentence: str) -> None:
        """Tell one thing."""


def ahead(done: int, total: int, seconds: float) -> str:
    """Return how fast it goes and how long the rest takes, in bytes of input; nothing while there is nothing to tell.

    >>> ahead(30_000_000, 90_000_000, 10.0), ahead(90_000_000, 90_000_000, 30.0), ahead(0, 90, 5.0)
    ('3.0 MB/s, 20 s left', '3.0 MB/s', '')
    """
    if not done or seconds <= 0:
        return ""
    rate = done / seconds
    told = f"{rate / 1e6:,.1f} MB/s" if rate >= 1e6 else f"{rate / 1e3:,.1f} kB/s"
    return told if done >= total else f"{told}, {span((total - done) / rate)} left"


def span(seconds: float) -> str:
    """Return a time as people say it.

    >>> span(4.2), span(200), span(8000)
    ('4 s', '3 min 20 s', '2 h 13 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60} min {whole % 60} s" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60} min"


class _Ahead(TextColumn):
    """Rate and time left of a bar."""

    def __init__(self) -> None:
        super().__init__("")

    def render(self, task: Task) -> Text:
        """Return both, nothing of a stage that reads nothing; of one that ended early, how many tasks failed."""
        if failed := task.fields["failed"]:
            return Text(f"{failed} failed", "red")
        size = task.fields["size"]
        return Text(ahead(min(int(task.completed), size), size, task.elapsed or 0.0), "dim")


class Bars:
    """Progress on a terminal."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)

    @contextlib.contextmanager
    def stage(self, name: str, sizes: Sequence[int]) -> Iterator[Callable[[int], None]]:
        """Show a bar for one stage."""
        columns = (
            TextColumn("{task.description:<12}"),
            BarColumn(),
            TextColumn("{task.fields[done]} of {task.fields[all]}", justify="right"),
            TimeElapsedColumn(),
            _Ahead(),
        )
        with Progress(*columns, console=self._console) as bars:
            size = sum(sizes)
            bar = bars.add_task(name, total=size or 1, size=size, done=0, all=len(sizes), failed=0)
            finished = 0

            def step(number: int) -> None:
                nonlocal finished
                finished += 1
                bars.update(bar, advance=sizes[number], done=finished)

            yield step
            if finished < len(sizes):
                bars.update(bar, failed=len(sizes) - finished)
            elif not size:
                bars.update(bar, completed=1)

    def say(self, sentence: str) -> None:
        """Print one line."""
        self._console.print(sentence, highlight=False, markup=False)


class Lines:
    """Progress where nobody watches: a line as each stage ends, and now and then while it lasts."""

    @contextlib.contextmanager
    def stage(self, name: str, sizes: Sequence[int]) -> Iterator[Callable[[int], None]]:
        """Print one line at the end of the stage, and one each half minute on the way there."""
        began = told = time.monotonic()
        finished = done = 0

        def step(number: int) -> None:
            nonlocal finished, done, told
            finished, done = finished + 1, done + sizes[number]
            now = time.monotonic()
            if now - told >= _EVERY and finished < len(sizes):
                told = now
                self.say(f"{name}: {finished} of {len(sizes)}, {ahead(done, sum(sizes), now - began)}")

        yield step
        spent = time.monotonic() - began
        failed = len(sizes) - finished
        ending = f"{failed} failed" if failed else ahead(done, done, spent)  # what failed took time too: no rate
        self.say(f"{name}: {finished} of {len(sizes)} in {span(spent)}{f', {ending}' if ending else ''}")

    def say(self, sentence: str) -> None:
        """Print one line."""
        print(sentence, file=sys.stderr, flush=True)  # noqa: T201  (what this class is for)


def for_terminal() -> Listener:
    """Return bars on a terminal, lines elsewhere."""
    return Bars() if sys.stderr.isatty() else Lines()


listener: contextvars.ContextVar[Listener] = contextvars.ContextVar("listener", default=Lines())  # noqa: B039
"""Who listens to the run in this context. Not a flow parameter: a schedule cannot pass one."""
