"""Extraction of many articles in a process of its own, so that no page can hurt another.

A page can make libxml2 crash, take all memory or run for minutes. Then the process dies, the page is rejected with
the reason, a fresh process takes its place, and every other page comes out as if nothing had been.
"""

from __future__ import annotations

import atexit
import contextlib
import itertools
import os
import pickle
import signal
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, TypeAlias

import xxhash

from cleaners.errors import RecordError, RunError, on_record
from cleaners.extract.child import OUT_OF_MEMORY, READY
from cleaners.extract.page import Extracted, check_size, complete
from cleaners.model import Article, RawArticle, Rejected

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cleaners.config import ExtractSettings

Outcome: TypeAlias = Extracted | RecordError

REASONS = {
    "crash": "the page ended the process that extracts it, or the code failed on it; the detail names signal or place",
    "empty": "there is no element on the page",
    "memory": "extraction would take more than `extract.max_memory_mb`",
    "no text": "no main text was found on the page; or the text of the record is blank",
    "timeout": "extraction would take more than `extract.timeout_s` of processor time",
    "too deep": "elements are nested too deep to be walked",
    "too large": "more HTML than `extract.max_html_mb`",
    "too short": "fewer words than `extract.min_words`",
    "unreadable": "a library failed on the page; the detail says how",
}
"""Why a record is rejected by this stage, and what each word means."""

# Records taken at once, and the code points of HTML after which fewer are: what is in memory, read but not extracted.
_BATCH = 16
_BATCH_LENGTH = 4_000_000
# Outcomes kept to answer the same HTML again; about 10 kB each.
_REMEMBERED = 4096


def extract_all(
    raws: Iterable[RawArticle | Rejected], settings: ExtractSettings, *, languages: bool = True
) -> Iterator[Article | Rejected]:
    """Yield an article, or the reason why there is none, for each record, in their order.

    Rejected records pass through. The same HTML is extracted once. Reasons are those of `REASONS`. Records that came as
    text need no other process, and none is started for them.
    While one batch is extracted, the records before it are the caller's and the ones behind it are read. To tell the
    language of a text takes longer than all else that is done with it here: whoever needs none leaves out `languages`.
    Raise RunError where no process can be started.
    """
    known: dict[bytes, Outcome] = {}
    worker: _Worker | None = None
    asked: list[bytes] = []
    waiting: list[tuple[RawArticle | Rejected, bytes]] = []
    try:
        for batch in itertools.chain(_batches(iter(raws)), [[]]):
            if worker is not None:
                known.update(zip(asked, worker.outcomes(), strict=True))
            results = [_result(raw, known.get(key), settings, languages=languages) for raw, key in waiting]
            known = dict(itertools.islice(known.items(), max(0, len(known) - _REMEMBERED), None))
            pages = {key: html for raw, key in batch if key not in known and (html := _html(raw)) is not None}
            for key, html in list(pages.items()):
                try:
                    check_size(html, settings)
                except RecordError as error:
                    known[key] = error
                    del pages[key]
            asked, waiting = list(pages), batch
            if pages:
                worker = worker or _take()
                worker.ask(list(pages.values()), settings)
            yield from results
    finally:
        if worker is not None:
            _give_back(worker)


def _batches(records: Iterator[RawArticle | Rejected]) -> Iterator[list[tuple[RawArticle | Rejected, bytes]]]:
    """Yield the records in batches, each record with the key of its HTML (empty where it has none)."""
    batch, length = [], 0
    for raw in records:
        html = _html(raw)
        batch.append((raw, b"" if html is None else xxhash.xxh3_128_digest(html.encode("utf-8", "surrogatepass"))))
        length += len(html or "")
        if len(batch) == _BATCH or length >= _BATCH_LENGTH:
            yield batch
            batch, length = [], 0
    if batch:
        yield batch


def _html(raw: RawArticle | Rejected) -> str | None:
    return raw.html if isinstance(raw, RawArticle) else None


def _result(
    raw: RawArticle | Rejected, outcome: Outcome | None, settings: ExtractSettings, *, languages: bool
) -> Article | Rejected:
    """Return the article of a record, or its rejection."""
    if isinstance(raw, Rejected):
        return raw
    try:
        if isinstance(outcome, RecordError):
            raise outcome
        with on_record():
            return complete(raw, outcome, settings, languages=languages)
    except RecordError as error:
        return Rejected(raw.id, raw.source, raw.meta.source_id, "extract", error.reason, error.detail, raw.meta.url)


class _Worker:
    """A process that extracts, replaced whenever it dies. Between two calls of `ask`, `outcomes` must be called."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self.bodies: list[str] = []
        self._start()

    def ask(self, bodies: list[str], settings: ExtractSettings) -> None:
        """Let the process begin with these pages; `outcomes` has the answers."""
        self.bodies, self.settings = bodies, settings
        try:
            self._send(bodies)
        except BrokenPipeError:  # it died idle, by somebody else's hand
            self._reap()
            self._start()
            self._send(bodies)

    def outcomes(self) -> list[Outcome]:
        """Return the outcome of each page asked for, in their order, waiting for them."""
        found: list[Outcome] = []
        killed = -1
        while len(found) < len(self.bodies):
            try:
                found.append(pickle.load(self.process.stdout))  # type: ignore[arg-type]  # noqa: S301 (our own child)
            except (EOFError, pickle.UnpicklingError):
                code = self._reap()
                if code == -signal.SIGKILL and killed != len(found):
                    killed = len(found)  # by somebody else's hand: the page has one more try
                else:
                    found.append(self._cause_of_death(code))
                self._start()
                if len(found) < len(self.bodies):
                    self._send(self.bodies[len(found) :])
        self.bodies = []
        return found

    def stop(self) -> None:
        """End the process."""
        self.process.kill()
        self._reap()

    def _start(self) -> None:
        paths = os.pathsep.join(path or os.getcwd() for path in sys.path)  # noqa: PTH109 (a string for the environment)
        with tempfile.TemporaryFile() as complaints:
            self.process = subprocess.Popen(  # noqa: S603  (our own interpreter)
                [sys.executable, "-P", "-m", "cleaners.extract.child", str(os.getpid())],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
                env=os.environ | {"PYTHONPATH": paths, "OPENBLAS_NUM_THREADS": "1"},
            )
            try:
                ready = pickle.load(self.process.stdout)  # type: ignore[arg-type]  # noqa: S301
            except (EOFError, pickle.UnpicklingError):
                ready = None
            if ready != READY:
                self.stop()
                complaints.seek(0)
                last = complaints.read().decode("utf-8", "replace").strip().splitlines()[-1:]
                raise RunError("extraction", f"its process does not start: {' '.join(last) or 'no reason given'}")

    def _send(self, bodies: list[str]) -> None:
        stdin = self.process.stdin
        assert stdin is not None  # noqa: S101 (it is a pipe)
        pickle.dump((self.settings.model_dump(), bodies), stdin, protocol=pickle.HIGHEST_PROTOCOL)
        stdin.flush()

    def _cause_of_death(self, code: int) -> RecordError:
        """Return why the process ended, with this exit code, while it worked on a page."""
        if code == -signal.SIGPROF:
            return RecordError("timeout", f"more than {self.settings.timeout_s:g} s of processor time")
        if code == OUT_OF_MEMORY:
            return RecordError("memory", f"more than {self.settings.max_memory_mb} MB")
        return RecordError("crash", f"signal {-code}" if code < 0 else f"exit code {code}")

    def _reap(self) -> int:
        """Close the pipes and return the exit code, waiting for it."""
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(BrokenPipeError):  # unsent bytes for a dead process
                pipe.close()  # type: ignore[union-attr]
        return self.process.wait()


_idle: list[_Worker] = []


def _take() -> _Worker:
    """Return an idle worker of this process, or a new one: starting one takes half a second."""
    while _idle:
        worker = _idle.pop()
        if worker.owner == os.getpid():  # not inherited through a fork
            return worker
    return _Worker()


def _give_back(worker: _Worker) -> None:
    """Keep a worker for the next call, unless it is still busy with pages nobody waits for."""
    if worker.bodies:
        worker.stop()
    else:
        _idle.append(worker)


@atexit.register
def _stop_idle() -> None:
    while _idle:
        worker = _idle.pop()
        if worker.owner == os.getpid():
            worker.stop()
