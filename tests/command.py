"""The command under test, started as a user would."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

# In a network namespace of its own a process has loopback alone, and that is down at first.
_UP = "import fcntl, socket, struct; fcntl.ioctl(socket.socket(), 0x8914, struct.pack('16sh', b'lo', 0x49))"
_NAMESPACE = [
    "unshare",
    "--map-root-user",
    "--net",
    "sh",
    "-c",
    '"$0" -c "$1" && shift && exec "$@"',
    sys.executable,
    _UP,
]
OFFLINE = (
    _NAMESPACE if shutil.which("unshare") and not subprocess.run([*_NAMESPACE, "true"], check=False).returncode else []
)


def run(copydesk: str, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a user would, but without any network except loopback where that can be arranged."""
    command = [*OFFLINE, copydesk, *map(str, arguments)]
    return subprocess.run(
        command, check=False, capture_output=True, text=True, env={**os.environ, **environment}, timeout=300
    )
