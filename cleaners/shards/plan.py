"""Inputs → shards of roughly equal work, each named after what it is made from."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cleaners import storage
from cleaners.errors import InputError, RunError
from cleaners.read.inputs import Slice, discover, slices
from cleaners.shards import forget
from cleaners.shards.dataset import Dataset, key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from cleaners.config import ReadSettings
    from cleaners.read.inputs import InputFile


@dataclasses.dataclass(frozen=True, slots=True)
class Shard:
    """The input of one task: neighbouring slices, in reading order, and how many tombstones they are read with."""

    slices: tuple[Slice, ...]
    tombstones: int = 0

    @property
    def name(self) -> str:
        """Name of the shard's parts: a hash of what is read, where from included."""
        return key("shard", dataclasses.astuple(self))

    @property
    def bytes(self) -> int:
        """Size of what is read."""
        return sum(part.bytes for part in self.slices)

    @property
    def is_there(self) -> bool:
        """Whether all files that are read are still there."""
        return all(storage.exists(part.path) for part in self.slices)

    def to_json(self) -> dict[str, Any]:
        """Return the form that the plan and the manifest keep."""
        return {"slices": [dataclasses.asdict(part) for part in self.slices], "tombstones": self.tombstones}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Shard:
        """Return the shard that was kept."""
        return cls(tuple(Slice(**part) for part in kept["slices"]), kept["tombstones"])


def plan(dataset: Dataset, inputs: Sequence[str], settings: ReadSettings, *, prune: bool = False) -> list[Shard]:
    """Return the shards of a run: those of earlier runs that still hold, and new ones for what is new.

    A known shard holds unless one of its files has changed; then its files are planned again, the changed ones and
    those still there, and what is gone keeps a shard of its own (see `restore`), or with `prune` none. Files of earlier
    runs that are not named this time keep their shards. A file that is named by another path, or was moved, is the
    same file. What lies in OUT itself is no input. The order of the inputs changes nothing.
    """
    known = forget.pending(dataset, known_shards(dataset))
    found = (
        {file.path: file for file in discover(inputs, settings) if not _is_within(file.path, dataset.root)}
        if inputs
        else {}
    )
    if inputs and not found:
        raise InputError(
            ", ".join(inputs), f"nothing to read there but what lies in {dataset.root}", "Name other files."
        )
    found = _as_known(found, [part for shard in known for part in shard.slices])
    holding = []
    for shard in known:
        holds = all(_holds(part, found) for part in shard.slices)
        gone = [
            part
            for part in (shard.slices if prune or not holds else ())
            if part.path not in found and not storage.exists(part.path)
        ]
        if holds and not gone:
            holding.append(shard)
            continue
        if gone and not prune:
            holding.append(Shard(tuple(gone), shard.tombstones))
        again = {part.path for part in shard.slices if part.path not in found} - {part.path for part in gone}
        found |= {file.path: file for file in discover(sorted(again), settings)} if again else {}
    covered = {part.path for shard in holding for part in shard.slices}
    new = [part for path in sorted(found.keys() - covered) for part in slices(found[path], settings)]
    tombstones = len(forget.entries_of(dataset))
    shards = [*holding, *(Shard(parts, tombstones) for parts in _grouped(new, settings.shard_mb * 2**20))]
    if not shards:
        what = "no file that it was made from is left"
        raise InputError(dataset.root, what, "Name other files, or leave out --prune.")
    return sorted(shards, key=lambda shard: dataclasses.astuple(shard.slices[0]))


def _holds(part: Slice, found: Mapping[str, InputFile]) -> bool:
    """Tell whether a slice is as it was, or its file not named this time."""
    file = found.get(part.path)
    return file is None or (file.identity, file.kind) == (part.identity, part.kind)


def _as_known(found: Mapping[str, InputFile], known: Iterable[Slice]) -> dict[str, InputFile]:
    """Return the files found by path, those that earlier runs read under another path by that one.

    It is the same file if it has the same content and nothing else stands at the path of then.
    """
    before: dict[str, list[str]] = {}
    for part in known:
        if part.identity and part.path not in found and not storage.is_url(part.path):
            before.setdefault(part.identity, []).append(part.path)
    named = {}
    for path, file in sorted(found.items()):
        same = sorted({one for one in before.get(file.identity, ()) if one not in named and _is_same(one, path)})
        name = same[0] if same else path
        named[name] = dataclasses.replace(file, path=name)
    return named


def _is_same(known: str, path: str) -> bool:
    return not storage.exists(known) or os.path.realpath(known) == os.path.realpath(path)


def _is_within(path: str, folder: str) -> bool:
    """Tell whether a path lies in a folder."""
    if storage.is_url(path) or storage.is_url(folder):
        return path.startswith(f"{folder}/")
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def _grouped(parts: Iterable[Slice], aim: int) -> Iterator[tuple[Slice, ...]]:
    """Fill shards up with neighbouring slices until each holds about `aim` bytes."""
    waiting: list[Slice] = []
    size = 0
    for part in parts:
        if waiting and size + part.bytes > aim:
            yield tuple(waiting)
            waiting, size = [], 0
        waiting.append(part)
        size += part.bytes
    if waiting:
        yield tuple(waiting)


def known_shards(dataset: Dataset) -> list[Shard]:
    """Return the shards of the last finished run."""
    return [Shard.from_json(shard) for shard in dataset.read_manifest().get("shards", [])]


def save(dataset: Dataset, shards: Sequence[Shard]) -> None:
    """Keep the plan of the run under way, so that each flow can be run by itself."""
    content = json.dumps([shard.to_json() for shard in shards], indent=1)
    storage.write_bytes(dataset.plan, content.encode())


def saved(dataset: Dataset) -> list[Shard]:
    """Return the plan of the run under way, or RunError where there is none."""
    if not storage.exists(dataset.plan):
        raise RunError(dataset.root, "no run has begun here", "Start with: copydesk clean INPUT... -o OUT.")
    return forget.pending(dataset, map(Shard.from_json, json.loads(storage.read_bytes(dataset.plan))))
