"""Prefect's own settings, made before Prefect is imported: quiet, embedded, and nothing leaves the machine."""

from __future__ import annotations

import os
from pathlib import Path

_DEFAULTS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    # A first start on a machine makes the database: 11 to 13 s where two cores are free, more where they are not.
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "300",
    "PREFECT_CLI_PROMPT": "false",
}


def prepare() -> None:
    """Set what the user has not set. With `PREFECT_API_URL` their server is used, else an embedded one of ours."""
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)
    if not os.environ.get("PREFECT_API_URL"):
        cache = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
        home = Path(os.environ.setdefault("PREFECT_HOME", str(Path(cache, "copydesk", "prefect"))))
        home.mkdir(parents=True, exist_ok=True)
