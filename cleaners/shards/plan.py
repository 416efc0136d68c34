"""Inputs → shards of roughly equal work, each named after what it is made from."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from cleaners.read.inputs import Slice, discover, slices
from cleaners.shards.dataset import key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cleaners.config import ReadSettings


@dataclasses.dataclass(frozen=True, slots=True)
class Shard:
    """The input of one task: neighbouring slices, in reading order."""

    slices: tuple[Slice, ...]

    @property
    def name(self) -> str:
        """Name of the shard's parts: a hash of what is read, where from included."""
        return key("shard", [dataclasses.astuple(part) for part in self.slices])

    def to_json(self) -> list[dict[str, Any]]:
        """Return the form the manifest keeps."""
        return [dataclasses.asdict(part) for part in self.slices]

    @classmethod
    def from_json(cls, parts: Iterable[Mapping[str, Any]]) -> Shard:
        """Return the shard the manifest kept."""
        return cls(tuple(Slice(**part) for part in parts))


def plan(inputs: Sequence[str], known: Sequence[Shard], settings: ReadSettings) -> list[Shard]:
    """Return the shards of a run: those of earlier runs that still hold, then new ones for what is new.

    A known shard holds unless one of its files has changed; then all its files are planned again. Files of earlier runs
    that are not named this time, or are gone, keep their shards. Sorted by name of first file, so that the order in
    which inputs are named changes nothing.
    """
    found = {file.path: file for file in discover(inputs, settings)}
    holding = [
        shard
        for shard in known
        if all(part.path not in found or found[part.path].identity == part.identity for part in shard.slices)
    ]
    covered = {part.path for shard in holding for part in shard.slices}
    new = [part for path in sorted(found.keys() - covered) for part in slices(found[path], settings)]
    return sorted(
        [*holding, *_group(new, settings.shard_mb * 2**20)], key=lambda shard: dataclasses.astuple(shard.slices[0])
    )


def _group(parts: Iterable[Slice], aim: int) -> Iterable[Shard]:
    """Fill shards up with neighbouring slices until each holds about `aim` bytes."""
    waiting: list[Slice] = []
    size = 0
    for part in parts:
        if waiting and size + part.bytes > aim:
            yield Shard(tuple(waiting))
            waiting, size = [], 0
        waiting.append(part)
        size += part.bytes
    if waiting:
        yield Shard(tuple(waiting))
