"""The command from its first moment on: Ctrl-C is told in one line even while what the command needs is loaded."""

from __future__ import annotations

import signal
from typing import NoReturn


def main() -> NoReturn:
    """Run the command."""
    try:
        from flows import cli  # noqa: PLC0415  (a tenth of a second in which Ctrl-C would show a traceback)

        cli.main()
    except KeyboardInterrupt:
        from flows import terminal  # noqa: PLC0415

        terminal.stop()
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # all is done and told but for the end of Python itself
