"""The wheel alone: built, installed into a fresh environment without the developers' packages, and started.

    make bare

It finds what a checkout hides: a module or a table that the wheel leaves out, a package that nobody declared. Takes
less than a minute, most of it pip's.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PIP = ("-m", "pip", "--quiet", "--disable-pip-version-check")


def main() -> None:
    """Build, install, start; CalledProcessError or AssertionError where something is wrong."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(sys.executable, *PIP, "wheel", "--no-deps", "--wheel-dir", folder, ROOT)
        [wheel] = folder.glob("*.whl")
        venv.create(folder / "env", with_pip=True)
        install(folder / "env" / "bin" / "python", wheel)
        command = folder / "env" / "bin" / "copydesk"

        assert "Commands:" in run(command, "--help", folder=folder)
        assert "‹comment-form›" in run(command, "strip", "--diff", ROOT / "tests" / "data" / "brief.txt", folder=folder)
        print("the wheel alone starts")


def install(python: Path, wheel: Path) -> None:
    """Install the wheel with the versions that were tested, by uv where it is there."""
    pinned = ("--constraint", ROOT / "constraints.txt", wheel)
    if shutil.which("uv"):
        run("uv", "pip", "install", "--quiet", "--python", python, *pinned)
    else:
        run(python, *PIP, "install", "--no-compile", *pinned)


def run(*command: object, folder: Path = ROOT) -> str:
    """Return what a command prints, started where no checkout is found."""
    known = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [str(part) for part in command], cwd=folder, env=known, check=True, stdout=subprocess.PIPE, encoding="utf-8"
    )
    return done.stdout


if __name__ == "__main__":
    main()
