"""Where everything lies in OUT, who may write there, and what each part was made from."""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cleaners import __version__, storage
from cleaners.columns import COLUMNS, SCHEMA_VERSION
from cleaners.errors import InputError, RunError

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMAT = "copydesk dataset"
_OURS = {*COLUMNS, "manifest.json", "README.md", "report.html", "furniture.parquet", "work"}


@dataclasses.dataclass(frozen=True, slots=True)
class Dataset:
    """The folder OUT: paths of everything in it."""

    root: str

    def table(self, table: str, shard: str) -> str:
        """Path of one shard's part of a published table."""
        return storage.join(self.root, table, f"{shard}.parquet")

    def work(self, stage: str, key: str) -> str:
        """Path of a part between the stages."""
        return storage.join(self.root, "work", stage, f"{key}.parquet")

    @property
    def manifest(self) -> str:
        """Path of the manifest."""
        return storage.join(self.root, "manifest.json")

    @property
    def furniture(self) -> str:
        """Path of the furniture learned from the corpus."""
        return storage.join(self.root, "furniture.parquet")

    @property
    def scratch(self) -> str:
        """Folder for parts that only one step needs."""
        return storage.join(self.root, "work", "scratch")

    def read_manifest(self) -> dict[str, Any]:
        """Return the manifest, or an empty one where no run has finished yet."""
        if not storage.exists(self.manifest):
            return {}
        manifest = json.loads(storage.read_bytes(self.manifest))
        return manifest if isinstance(manifest, dict) else {}

    def check_ours(self) -> None:
        """Raise InputError if OUT holds what another program wrote."""
        if storage.is_url(self.root):
            names = {os.path.basename(path) for path in storage.files(self.root)}  # noqa: PTH119
        elif Path(self.root).is_dir():
            names = {entry.name for entry in os.scandir(self.root)}
        elif storage.exists(self.root):
            raise InputError(self.root, "is a file, not a folder", "Name a new or empty folder with -o.")
        else:
            return
        foreign = sorted(name for name in names - _OURS if not name.startswith("."))
        ours = storage.exists(self.manifest) and self.read_manifest().get("format") == FORMAT
        if foreign or (storage.exists(self.manifest) and not ours):
            what = f"holds files that copydesk did not write: {', '.join(foreign[:3]) or 'manifest.json'}"
            raise InputError(self.root, what, "Name a new or empty folder with -o.")

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold OUT for this process; raise RunError that names the holder where another run has it."""
        if storage.is_url(self.root):
            yield  # object stores have no locks; the deployment's concurrency limit keeps runs apart
            return
        lock = Path(self.root, "work", "lock")
        lock.parent.mkdir(parents=True, exist_ok=True)
        with lock.open("a+", encoding="ascii") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                holder = file.read().strip() or "unknown"
                advice = "Wait for it to end, or stop it."
                raise RunError(self.root, f"another run (process {holder}) is at work on it", advice) from None
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield


def key(*made_from: object) -> str:
    """Return the name of what is made from these: 16 hex digits, the same on every machine and run.

    >>> key("extract", {"timeout_s": 30}) == key("extract", {"timeout_s": 30}) != key("extract", {"timeout_s": 20})
    True
    """
    text = json.dumps([__version__, SCHEMA_VERSION, made_from], sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
