"""The embedded Prefect server: started beside the planning, where the user names no server of their own.

Prefect starts one by itself where none is named; that one survives the run if the run is killed, and its start cannot
be hidden behind other work. This is the same server, on a socket of loopback, that ends with the run.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

from cleaners.errors import RunError
from cleaners.lifetime import collect_seldom, end_with_parent
from flows import environment, reasons

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_APP = "prefect.server.api.server:create_app"
_EMBEDDED = {"PREFECT_UI_ENABLED": "0", "PREFECT__SERVER_EPHEMERAL": "1"}
_LONGEST_END = 1.5  # seconds; what it keeps is in a database that survives being killed


@contextlib.contextmanager
def embedded(*, scheduling: bool = False) -> Iterator[Callable[[], None]]:
    """Start a server and name it to Prefect; what is given waits until it answers. Nothing where the user has one.

    For `scheduling` it has all services, and pages to look at; for one run it has neither.

    The first start on a machine makes its database, which can take half a minute; RunError after five.
    """
    environment.prepare(watched=scheduling)
    if os.environ.get("PREFECT_API_URL"):
        yield lambda: None
        return
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        command = [sys.executable, "-m", "flows.server", str(os.getpid()), str(listening.fileno())]
        process = subprocess.Popen(  # noqa: S603  (our own interpreter)
            command,
            env=_environment(port, scheduling=scheduling),
            pass_fds=[listening.fileno()],
            stderr=subprocess.DEVNULL if environment.is_quiet() else None,
            start_new_session=True,
        )
    os.environ.update({"PREFECT_API_URL": f"http://127.0.0.1:{port}/api", reasons.SERVED: "1"})
    ending = threading.Event()
    threading.Thread(target=_watch, args=(process, ending), daemon=True).start()
    try:
        yield lambda: _wait(process, port)
    finally:
        ending.set()
        del os.environ["PREFECT_API_URL"], os.environ[reasons.SERVED]
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_LONGEST_END)
        process.kill()
        process.wait()


def _watch(process: subprocess.Popen[bytes], ending: threading.Event) -> None:
    """End this process if its server dies: Prefect would ask a dead one for minutes, and no worker may go on alone."""
    process.wait()
    if not ending.is_set():
        what = "copydesk: the embedded Prefect server was killed, most likely for its memory."
        print(what, reasons.more_memory(), reasons.KEPT, file=sys.stderr, flush=True)  # noqa: T201
        os._exit(1)


def page() -> str:
    """Return the address of the pages of the server in use."""
    return os.environ.get("PREFECT_UI_URL") or os.environ["PREFECT_API_URL"].removesuffix("/api")


def _environment(port: int, *, scheduling: bool) -> dict[str, str]:
    alone = {"PREFECT_UI_API_URL": f"http://127.0.0.1:{port}/api"} if scheduling else _EMBEDDED
    return {**os.environ, **alone, "PREFECT__SERVER_FINAL": "1", **environment.paths()}


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    """Return when the server answers."""
    end = time.monotonic() + float(os.environ["PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS"])
    while process.poll() is None and time.monotonic() < end:
        with (
            contextlib.suppress(OSError, http.client.HTTPException),
            contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as asked,
        ):
            asked.request("GET", "/api/health")
            if asked.getresponse().status == http.HTTPStatus.OK:
                return
        time.sleep(0.05)
    what = "the embedded Prefect server does not start"
    raise RunError(os.environ["PREFECT_HOME"], what, "Free some memory and disk, or name a server in PREFECT_API_URL.")


def main(parent: int, listening: int) -> None:
    """Serve on a socket that is open already, until the parent ends."""
    end_with_parent(parent)
    collect_seldom()
    import uvicorn  # noqa: PLC0415  (only the server's own process needs it)

    uvicorn.run(_APP, factory=True, fd=listening, log_level="critical", lifespan="on", timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
