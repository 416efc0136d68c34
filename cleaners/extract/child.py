"""The process in which pages are extracted: `python -m cleaners.extract.child PARENT`, started and fed by `isolated`.

Standard input carries pickled (settings as a dict, [html, …]), standard output READY, then one outcome a page. A page
that takes too long is ended by the kernel: the interval timer's signal kills the process even inside C code.
"""

from __future__ import annotations

import logging
import os
import pickle
import signal
import sys
from typing import BinaryIO

from cleaners.config import ExtractSettings
from cleaners.errors import RecordError, fault
from cleaners.extract.page import Extracted, from_html
from cleaners.lifetime import end_with_parent, limit_memory

READY = "ready"
# Exit code after running out of memory; what is left of the heap is not trusted with another page.
OUT_OF_MEMORY = 12


def serve(pages: BinaryIO, outcomes: BinaryIO) -> None:
    """Answer each page with what was extracted or the RecordError that says why not, until the input ends."""
    _send(READY, outcomes)
    while True:
        try:
            values, bodies = pickle.load(pages)  # noqa: S301 (written by our own parent)
        except EOFError:
            return
        settings = ExtractSettings(**values)
        limit_memory(settings.max_memory_mb)
        for html in bodies:
            signal.setitimer(signal.ITIMER_PROF, settings.timeout_s)
            outcome = _outcome(html, settings)
            signal.setitimer(signal.ITIMER_PROF, 0)
            _send(outcome, outcomes)


def _outcome(html: str, settings: ExtractSettings) -> Extracted | RecordError:
    """Return what one page gives; leave the process where memory ran out."""
    try:
        return from_html(html, settings)
    except RecordError as error:
        return error
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except Exception as error:  # noqa: BLE001 (whatever a page does to a library, the page is to blame)
        return RecordError("unreadable", fault(error))


def _send(outcome: object, outcomes: BinaryIO) -> None:
    pickle.dump(outcome, outcomes, protocol=pickle.HIGHEST_PROTOCOL)
    outcomes.flush()


def main() -> None:
    """Serve on the standard streams."""
    end_with_parent(int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, whose end ends this
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    logging.disable(logging.CRITICAL)
    outcomes = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints must not reach the parent's reader
    serve(sys.stdin.buffer, outcomes)


if __name__ == "__main__":
    main()
