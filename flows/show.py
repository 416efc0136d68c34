"""What the small commands print: each function returns text, or pieces that rich draws for the terminal at hand."""

from __future__ import annotations

import dataclasses
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from cleaners import rulebook as book
from cleaners import storage
from cleaners.errors import InputError
from cleaners.shards.dataset import Dataset

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cleaners.model import Edit


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str) + "\n"


def diff(before: str, edits: Sequence[Edit]) -> Text:
    """Return a text with its cuts struck through in red and what was put in their place in green."""
    drawn, at = Text(), 0
    for edit in edits:
        drawn.append(plain(before[at : edit.start]))
        drawn.append(plain(edit.before), "red strike")
        drawn.append(plain(edit.after), "green")
        if edit.before.strip():
            drawn.append(f" ‹{edit.rule}›", "dim cyan")
        at = edit.end
    return drawn.append(plain(before[at:]))


def plain(text: str) -> str:
    """Return scraped text without what could steer a terminal: control characters become their visible signs.

    >>> plain("a\\x1b[31mb\\nc")
    'a␛[31mb\\nc'
    """
    return text.translate(_VISIBLE)


# C0 and C1 controls but line break and tab, and the bidirectional overrides that reorder what follows them.
_VISIBLE = {number: chr(0x2400 + number) for number in range(0x20) if number not in (9, 10)}
_VISIBLE |= dict.fromkeys([0x7F, *range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)], "\ufffd")
