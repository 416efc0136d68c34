"""Quality does not sink: residue that goes and content that stays, over the gold items, against pinned floors.

`python tests/test_gate.py` writes today's figures to ``gold/gate.json`` where they are higher than the floors.
"""

from __future__ import annotations

import collections
import hashlib
import json
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest

from cleaners.strip.engine import strip_text

TESTS = Path(__file__).parent
GOLD = TESTS / "gold"
FILES = sorted((GOLD / "residue").glob("*.jsonl"))
FLOORS = GOLD / "gate.json"
SLACK = 0.005
"""How far a figure may lie under its floor: one item of 200."""


class Figures(NamedTuple):
    """Shares, 0 to 1: residue items of which every line goes, content lines and paragraphs around them that stay."""

    residue: float
    content: float
    hosts: float


def digest() -> str:
    """Return sixteen hexadecimal digits that change with the gold data."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in FILES)).hexdigest()[:16]


def items(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def host(language: str) -> list[str]:
    """Return the paragraphs of an invented article in a language, in English where there is none."""
    path = TESTS / "data" / "articles" / f"{language[:2]}.toml"
    path = path if path.exists() else TESTS / "data" / "articles" / "en-ferry.toml"
    story = tomllib.loads(path.read_text(encoding="utf-8"))["story"][0]
    return [line.strip() for line in story["text"].strip().split("\n") if line.strip()]


def composed(item: dict, body: list[str]) -> list[str]:
    """Return the lines of an article with the item in its place."""
    at = {"head": 0, "middle": len(body) // 2}.get(item["position"], len(body))
    return [*body[:at], *item["lines"], *body[at:]]


def measured(path: Path) -> Figures:
    """Return the figures of one language."""
    body = host(path.stem)
    shares: dict[str, list[bool]] = collections.defaultdict(list)
    for item in items(path):
        left = collections.Counter(strip_text("\n\n".join(composed(item, body))).text.split("\n"))
        stays = [bool(left[" ".join(line.split())] or left[line]) for line in item["lines"]]
        if item["category"] == "content":
            shares["content"] += stays
        else:
            shares["residue"].append(not any(stays))
        shares["hosts"] += [bool(left[line]) for line in body]
    return Figures(*(round(sum(shares[name]) / len(shares[name]), 4) for name in Figures._fields))


def test_the_floors_belong_to_these_gold_items():
    assert json.loads(FLOORS.read_text(encoding="utf-8"))["gold"] == digest(), "run python tests/test_gate.py"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_figure_of_a_language_lies_under_its_floor(path: Path):
    floors = json.loads(FLOORS.read_text(encoding="utf-8"))["floors"][path.stem]

    for name, share in measured(path)._asdict().items():
        assert share >= floors[name] - SLACK, name


def raise_floors() -> None:
    """Write today's figures where they are higher than the floors; new gold items start anew."""
    old = json.loads(FLOORS.read_text(encoding="utf-8")) if FLOORS.exists() else {"gold": "", "floors": {}}
    known = old["floors"] if old["gold"] == digest() else {}
    floors = {}
    for path in FILES:
        now, floor = measured(path)._asdict(), known.get(path.stem, {})
        floors[path.stem] = {name: max(share, floor.get(name, 0.0)) for name, share in now.items()}
    FLOORS.write_text(json.dumps({"gold": digest(), "floors": floors}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    raise_floors()
