"""Where everything lies in OUT, who may write there, and what each part was made from."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cleaners import __version__, lock, storage
from cleaners.columns import SCHEMA_VERSION
from cleaners.errors import InputError
from cleaners.write import parts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cleaners.config import Settings

FORMAT = "copydesk dataset"


@dataclasses.dataclass(frozen=True, slots=True)
class Dataset:
    """The folder OUT: paths of everything in it."""

    root: str

    def __post_init__(self) -> None:
        # A variable of the shell that is not set, alone or in a URL; and never the root of the machine.
        if not self.root.rpartition("://")[2].strip().strip("/"):
            raise InputError("OUT", "names no folder", "Name a new or empty folder, or a dataset.")
        object.__setattr__(self, "root", self.root.removeprefix("file://").rstrip("/"))

    @property
    def name(self) -> str:
        """What the dataset is called on a Prefect server: readable, and no other's; lower case, digits and dashes.

        A path stands for itself: the same one on two machines is one name, as the host is another in each container.

        >>> Dataset("s3://news/a/Crawl_1").name, Dataset("s3://news/b/Crawl_1/").name
        ('crawl-1-d8caa6', 'crawl-1-d2348f')
        """
        place = self.root if storage.is_url(self.root) else os.path.realpath(self.root)
        readable = re.sub(r"[^a-z0-9]+", "-", posixpath.basename(place).lower()).strip("-") or "dataset"
        return f"{readable}-{hashlib.blake2b(os.fsencode(place), digest_size=3).hexdigest()}"

    def table(self, table: str, shard: str) -> str:
        """Path of one shard's part of a published table; see `parts` for those that are there."""
        return storage.join(self.root, table, f"{shard}.parquet")

    def parts(self, table: str, shard: str, *, newest: bool = False) -> list[str]:
        """Paths of the parts that a shard has in a table: in `articles` one a split, more where it is large.

        As they are published, or as the run under way leaves them; empty where there are none yet.
        """
        place = self.newest if newest else self.table
        named = parts_of(place("rejected", shard)) or {}
        return [place(table, storage.stem(name)) for name in named.get(table, ())]

    def work(self, stage: str, key: str) -> str:
        """Path of a part between the stages."""
        return storage.join(self.root, "work", stage, f"{key}.parquet")

    def columns(self, stage: str, key: str) -> str:
        """Path of columns between the stages that are mapped (see `cleaners.mapped`)."""
        return storage.join(self.root, "work", stage, f"{key}.arrow")

    def staged(self, table: str, shard: str) -> str:
        """Path of a shard's part of a table until all of them are swapped in; in place on object storage."""
        if storage.is_url(self.root):
            return self.table(table, shard)
        return storage.join(self.root, "work", "staged", table, f"{shard}.parquet")

    def newest(self, table: str, shard: str) -> str:
        """Path of a shard's part of a table as the run under way leaves it."""
        staged, shown = self.staged(table, shard), self.table(table, shard)
        return staged if staged != shown and storage.exists(staged) else shown

    @property
    def plan(self) -> str:
        """Path of the plan of the run under way; it also tells that the folder is ours."""
        return storage.join(self.root, "work", "plan.json")

    @property
    def outcome(self) -> str:
        """Path of what matching found beside the verdicts: what a person should look at, which bounds were hit."""
        return storage.join(self.root, "work", "outcome.json")

    @property
    def manifest(self) -> str:
        """Path of the manifest."""
        return storage.join(self.root, "manifest.json")

    @property
    def furniture(self) -> str:
        """Path of the furniture learned from the corpus."""
        return storage.join(self.root, "furniture.parquet")

    @property
    def forgotten(self) -> str:
        """Path of the tombstones: what is never to be in the dataset again."""
        return storage.join(self.root, "forgotten.json")

    @property
    def scratch(self) -> str:
        """Folder for parts that only one step needs."""
        return storage.join(self.root, "work", "scratch")

    def read_manifest(self) -> dict[str, Any]:
        """Return the manifest, or an empty one where no run has finished yet."""
        if not storage.exists(self.manifest):
            return {}
        try:
            manifest = json.loads(storage.read_bytes(self.manifest))
        except ValueError:
            manifest = None
        if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
            raise InputError(self.manifest, "is no manifest of copydesk's", "Name a new or empty folder with -o.")
        return manifest

    def check_ours(self) -> None:
        """Raise InputError if OUT is not ours to write to: neither new, nor empty, nor a dataset, nor one begun."""
        if not storage.is_url(self.root) and Path(self.root).exists() and not Path(self.root).is_dir():
            raise InputError(self.root, "is a file, not a folder", "Name a new or empty folder with -o.")
        if self.read_manifest() or storage.exists(self.plan):
            return
        names = [os.path.basename(path) for path in storage.files(self.root)]  # noqa: PTH119  (URLs too)
        foreign = [name for name in names if not name.startswith(".") and name != "work"]
        if foreign:
            what = f"holds files that copydesk did not write: {', '.join(foreign[:3])}"
            raise InputError(self.root, what, "Name a new or empty folder with -o.")

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold OUT for this process; raise RunError that names the holder where another run has it.

        What a run that was killed left half written is removed. Object stores have no locks and show nothing half
        written; there the deployment's concurrency limit keeps runs apart.
        """
        if storage.is_url(self.root):
            yield
            return
        with lock.held(self.root):
            storage.sweep(self.root)
            yield


def furniture_version(dataset: Dataset, settings: Settings) -> str | None:
    """Return the version of the furniture kept in OUT, None where none is used."""
    note = storage.read_note(dataset.furniture) if settings.furniture.learn else None
    return note["version"] if note else None


def key(*made_from: object) -> str:
    """Return the name of what is made from these: 16 hex digits, the same on every machine and run.

    >>> key("extract", {"timeout_s": 30}) == key("extract", {"timeout_s": 30}) != key("extract", {"timeout_s": 20})
    True
    """
    text = json.dumps([__version__, SCHEMA_VERSION, made_from], sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
