"""Settings of a dataset that hold on from run to run, and what is told of them.

What an option of `clean` has said once holds until an option or the settings file says otherwise: the next night must
not train on the articles that were kept for the test, nor bring back what a filter or an evaluation set kept out. So
a dataset is made of its inputs and of the settings in its manifest, whoever left an option out.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cleaners.visible import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cleaners.config import Settings

SECTIONS = ("split", "decontaminate", "quality", "write")
"""Those that options of `clean` write to."""

ENDS = {
    "split.shares": "--split train=1",
    "decontaminate.files": "--decontaminate none",
    "quality.preset": "--quality none",
    "quality.languages": "--language any",
}
"""How a setting that holds on is let go of."""

_MOST = 100  # characters of a value that are shown


def of(known: Mapping[str, Any], file: Settings) -> dict[str, dict[str, Any]]:
    """Return what holds on of the settings of the last run, by section: where the file has no such section.

    Settings that are no more are left out, and digests of files too: whoever changes a file means the new one.

    >>> from cleaners.config import load
    >>> of({"quality": {"preset": ["c4"], "gone": 1}, "match": {"threshold": 0.9}}, load(None))
    {'quality': {'preset': ['c4']}}
    """
    sections = [name for name in SECTIONS if name in known and name not in file.model_fields_set]
    fields = {name: type(getattr(file, name)).model_fields.keys() - {"sums"} for name in sections}
    return {name: {key: value for key, value in known[name].items() if key in fields[name]} for name in sections}


def told(found: Settings, usual: Settings, known: Mapping[str, Any]) -> list[str]:
    """Return what is to be said of the settings of a run: those that hold on, and those that are others now.

    `usual` are the settings without what holds on, `known` those of the last run; where there was none, nothing is.
    """
    if not known:
        return []
    now, without = (_flat(each.model_dump(mode="json")) for each in (found, usual))
    before = without | _flat(known)
    kept = {name: value for name, value in now.items() if value == before[name] != without[name]}
    kept.pop("decontaminate.sums", None)  # never without its files
    changed = {name: value for name, value in now.items() if value != before[name]}
    sentences = []
    if kept:
        ends = [way for name, way in ENDS.items() if name in kept]
        listed = ", ".join(f"{name} = {_shown(value)}" for name, value in kept.items())
        sentences += [f"as before, since nothing else was said: {listed}; {' or '.join(ends) or 'an option'} ends it"]
    if changed:
        listed = "; ".join(f"{name} was {_shown(before[name])}, is {_shown(now[name])}" for name in changed)
        sentences += [f"other settings than the last run's, so what they decide is made anew: {listed}"]
    return sentences


def _shown(value: str) -> str:
    return plain(value if len(value) <= _MOST else f"{value[: _MOST - 1]}…")


def _flat(settings: Mapping[str, Any]) -> dict[str, str]:
    """Return each setting by its whole name, as JSON.

    >>> _flat({"match": {"threshold": 0.7}})
    {'match.threshold': '0.7'}
    """
    return {
        f"{section}.{name}": json.dumps(value, ensure_ascii=False)
        for section, rest in settings.items()
        for name, value in rest.items()
    }
