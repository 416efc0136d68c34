"""A progress bar for each stage on a terminal, plain lines elsewhere, silence on request. All of it on stderr."""

from __future__ import annotations

import contextlib
import contextvars
import sys
from typing import TYPE_CHECKING, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Listener(Protocol):
    """What wants to know how far a run is."""

    def stage(self, name: str, total: int) -> contextlib.AbstractContextManager[Callable[[], None]]:
        """Begin a stage of so many steps; the function given is called after each."""

    def say(self, sentence: str) -> None:
        """Tell one thing."""


class Bars:
    """Progress on a terminal."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)

    @contextlib.contextmanager
    def stage(self, name: str, total: int) -> Iterator[Callable[[], None]]:
        """Show a bar for one stage."""
        columns = (
            TextColumn("{task.description:<12}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self._console) as bars:
            bar = bars.add_task(name, total=total)
            yield lambda: bars.advance(bar)

    def say(self, sentence: str) -> None:
        """Print one line."""
        self._console.print(sentence, highlight=False, markup=False)


class Lines:
    """Progress where nobody watches: a line as each stage ends."""

    @contextlib.contextmanager
    def stage(self, name: str, total: int) -> Iterator[Callable[[], None]]:
        """Print one line at the end of the stage."""
        done = 0

        def step() -> None:
            nonlocal done
            done += 1

        yield step
        self.say(f"{name}: {done} of {total}")

    def say(self, sentence: str) -> None:
        """Print one line."""
        print(sentence, file=sys.stderr, flush=True)  # noqa: T201  (what this class is for)


def for_terminal() -> Listener:
    """Return bars on a terminal, lines elsewhere."""
    return Bars() if sys.stderr.isatty() else Lines()


listener: contextvars.ContextVar[Listener] = contextvars.ContextVar("listener", default=Lines())  # noqa: B039
"""Who listens to the run in this context. Not a flow parameter: a schedule cannot pass one."""
