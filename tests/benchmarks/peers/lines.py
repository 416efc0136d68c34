"""What the drivers share: JSONL in, the same lines without the copies out, and word 5-grams in plain Python.

Each `with_NAME.py` here is a driver: it runs in an environment that holds that one package, as
`python with_NAME.py IN.jsonl OUT.jsonl FOLDER`, and does what the package's documentation shows.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def texts(lines: Sequence[bytes]) -> list[str]:
    """Return the text of each line."""
    return [json.loads(line)["text"] for line in lines]


def grams(text: str) -> list[str]:
    """Return the word 5-grams of a text."""
    words = re.findall(r"\w+", text.lower())
    return [" ".join(words[at : at + 5]) for at in range(len(words) - 4)]


def run(keep: Callable[[list[bytes]], Sequence[bool]]) -> None:
    """Write the lines that `keep` says stay."""
    source, out = map(Path, sys.argv[1:3])
    lines = source.read_bytes().splitlines(keepends=True)
    with out.open("wb") as kept:
        kept.writelines(line for line, stays in zip(lines, keep(lines), strict=True) if stays)
