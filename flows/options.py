"""Options of `copydesk clean` that stand for settings → these settings, by section."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from cleaners.errors import InputError
from flows import held

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cleaners.config import Settings

Given: TypeAlias = "Mapping[str, Mapping[str, Any]] | None"
"""Settings that were given by hand, by section."""


def given(**options: Any) -> dict[str, dict[str, Any]]:  # noqa: ANN401  (whatever a setting takes)
    """Return the settings that options name as `section__setting`; None is what was not given.

    >>> given(split__shares={"train": 1.0}, split__by=None, write__part_mb=64)
    {'split': {'shares': {'train': 1.0}}, 'write': {'part_mb': 64}}
    """
    sections: dict[str, dict[str, Any]] = {}
    for option, value in options.items():
        section, _, setting = option.partition("__")
        if value is not None:
            sections.setdefault(section, {})[setting] = value
    return sections


def settings(config: str | None, given: Given = None, known: Mapping[str, Any] | None = None) -> Settings:
    """Return the settings of a run: those of a file, above them what is given; InputError for what cannot be meant.

    `known` are those that the dataset was made with last, of which some hold on (see `held`).

    Whatever can be checked before the run starts is: evaluation sets that are not there, bounds on unknown columns, a
    way to split without splits.
    """
    from cleaners.config import load  # noqa: PLC0415  (costs most commands half a second that they need not pay)
    from cleaners.contamination.items import pinned  # noqa: PLC0415
    from cleaners.quality.presets import bounds  # noqa: PLC0415

    file = Path(config) if config else None
    said = given or {}
    before = held.of(known or {}, load(file))
    if len(said.get("split", {}).get("shares", {})) == 1:
        before.pop("split", None)  # one split alone is put together in no way
    found = load(file, {**said, **{name: {**rest, **said.get(name, {})} for name, rest in before.items()}})
    bounds(found.quality)
    if found.split.by == "published" and len(found.split.shares) == 1:
        what = f"puts all articles into {next(iter(found.split.shares))}, since no other split is named"
        raise InputError("--split-by published", what, "Name the splits too: --split train=0.98,test=0.02.")
    try:
        return pinned(found)
    except InputError as error:
        if not before.get("decontaminate", {}).get("files") or "decontaminate" in said:
            raise
        why = f"{error.what}; the dataset was made without articles that hold its items"
        raise InputError(error.where, why, "Put it back, or say --decontaminate none.") from None


def address(runner: str, **given: str | None) -> str | None:
    """Return the address given for a runner, None without one; InputError for a runner that cannot be meant.

    It is not installed, or the address is that of another.

    >>> address("processes", dask=None, ray="ray://10.0.0.5:10001")
    Traceback (most recent call last):
    cleaners.errors.InputError: --ray-address ray://10.0.0.5:10001: is the address of a cluster that --runner ...
    """
    if other := [name for name, found in given.items() if found is not None and name != runner]:
        what = f"is the address of a cluster that --runner {runner} does not use"
        raise InputError(f"--{other[0]}-address {given[other[0]]}", what, f"Say --runner {other[0]} too.")
    if runner != "processes" and importlib.util.find_spec(f"prefect_{runner}") is None:
        raise InputError(f"--runner {runner}", "is not installed", f"In a checkout: pip install '.[{runner}]'")
    return given.get(runner)


def shares(option: str | None) -> dict[str, float] | None:
    """Return the shares of `--split NAME=SHARE,…`, None where it is not given; InputError for what is no such list.

    >>> shares("train=0.98,test=0.02")
    {'train': 0.98, 'test': 0.02}
    """
    if option is None:
        return None
    pairs: Sequence[tuple[str, str]] = [part.partition("=")[::2] for part in option.split(",")]
    try:
        found = {name.strip(): float(share) for name, share in pairs}
    except ValueError:
        raise InputError(f"--split {option}", "is no list of shares", "Write train=0.98,test=0.02.") from None
    if len(found) < len(pairs):
        raise InputError(f"--split {option}", "names a split twice", "Write train=0.98,test=0.02.")
    return found
