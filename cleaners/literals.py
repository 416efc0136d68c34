"""How a match of a pattern must begin, and words it must contain: the cheap tests before the exact one.

This small reader knows the part of RE2's syntax that rules use; what it does not understand makes its answer less
sharp, never wrong.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

NUMBER = "\0"
"""Stands for any digit at the beginning of a match."""
LONGEST_START = 8
"""Characters of a beginning that are told apart."""
_MOST_STARTS = 2000  # a pattern with more beginnings than this is told by the words it needs
_MOST_GROWN = 100  # beginnings are lengthened while there are no more than this
_MOST_SIGNS = 16  # the same for the characters of a class

_TOKEN = re.compile(
    r"""
    (?P<number>\\d|\\pN|\\p\{N[dlo]?\}|\[0-9\]|\[\\d\\pN\]|\[\\pN\\d\])
  | (?P<nothing>\\b|\^|\$)
  | (?P<signs>\[(?:[^\]\[\\^-]|\\[^\w\s])+-?\])
  | (?P<class>\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]|\\[pP]\{\^?\w+\}|\\[pP]\w|\\[DwWsSBAz]|\.)
  | (?P<code>\\x(?:[0-9a-fA-F]{2}|\{[0-9a-fA-F]+\}))
  | (?P<open>\((?:\?(?:P<\w+>|[a-z]*:))?)
  | (?P<close>\))
  | (?P<or>\|)
  | (?P<repeat>[?*+]\??|\{\d+(?:,\d*)?\}\??)
  | (?P<literal>\\.|.)
    """,
    re.VERBOSE | re.DOTALL,
)


class _Node(NamedTuple):
    """A part of a pattern: its kind, its text (literal: one character, signs: several) and its parts."""

    kind: str
    text: str = ""
    parts: tuple[_Node, ...] = ()


_PLAIN = " .,;:!?-'\"()/"  # signs that prose is full of

_Starts: TypeAlias = "set[tuple[str, bool]]"  # a beginning, and whether what comes next may lengthen it


def starts(pattern: str) -> frozenset[str] | None:
    """Return beginnings of which one stands at the beginning of every match, or None where they cannot be told.

    >>> sorted(starts("(?:sign up|subscrib(?:e|ing)) for .*"))
    ['sign up ', 'subscrib']
    >>> starts(".*sign up") is None
    True
    """
    found = {text for text, _ in _starts(_parse(pattern))}
    return frozenset(found) if "" not in found and len(found) <= _MOST_STARTS else None


def needed(pattern: str) -> frozenset[str] | None:
    """Return words of which one stands in every match of a pattern, or None where there are none of three letters.

    >>> sorted(needed(".*(?:sign up|subscribe) for .*"))
    ['sign up', 'subscribe']
    >>> needed("[0-9]+(?: of [0-9]+)?") is None
    True
    """
    words = _needed(_parse(pattern))
    return words if words and _worth(words) >= 3 else None


@functools.lru_cache(maxsize=8)
def _parse(pattern: str) -> _Node:
    tokens = [(match.lastgroup or "", match.group()) for match in _TOKEN.finditer(pattern)]
    return _alternatives(tokens, [0])


def _alternatives(tokens: list[tuple[str, str]], at: list[int]) -> _Node:
    """Read alternatives up to a closing bracket; `at` holds the place in the tokens, and moves on."""
    branches = [_sequence(tokens, at)]
    while at[0] < len(tokens) and tokens[at[0]][0] == "or":
        at[0] += 1
        branches.append(_sequence(tokens, at))
    return branches[0] if len(branches) == 1 else _Node("or", parts=tuple(branches))


def _sequence(tokens: list[tuple[str, str]], at: list[int]) -> _Node:
    parts = []
    while at[0] < len(tokens) and tokens[at[0]][0] not in ("or", "close"):
        kind, text = tokens[at[0]]
        at[0] += 1
        if kind == "open":
            part = _alternatives(tokens, at)
            at[0] += 1
        else:
            part = _leaf(kind, text)
        if at[0] < len(tokens) and tokens[at[0]][0] == "repeat":
            optional = tokens[at[0]][1].startswith(("?", "*", "{0"))
            once = tokens[at[0]][1] in ("?", "??", "{1}", "{0,1}")
            part = _Node(f"{'optional' if optional else 'needed'} {'once' if once else 'often'}", parts=(part,))
            at[0] += 1
        parts.append(part)
    return _Node("sequence", parts=tuple(parts))


def _leaf(kind: str, text: str) -> _Node:
    """Return one character, or a class of them."""
    if kind == "code":
        return _Node("literal", chr(int(text[2:].strip("{}"), 16)))
    return _Node(kind, text[-1] if kind == "literal" else text[1:-1].replace("\\", ""))


def _starts(node: _Node) -> _Starts:
    """Return the beginnings of all matches of a node, cut where they cannot be told any further."""
    found: _Starts = {("", False)}
    match node.kind.split():
        case ["literal"]:
            found = {(node.text, True)}
        case ["signs"] if len(node.text) <= _MOST_SIGNS:
            found = {(sign, True) for sign in node.text}
        case ["number"]:
            found = {(NUMBER, False)}
        case ["nothing"]:
            found = {("", True)}
        case ["or"]:
            found = set().union(*map(_starts, node.parts))
        case ["sequence"]:
            found = _starts_of_sequence(node.parts)
        case [needed_or_not, once_or_often]:
            found = {(text, grows and once_or_often == "once") for text, grows in _starts(node.parts[0])}
            if needed_or_not == "optional":
                found.add(("", True))
    return found


def _starts_of_sequence(parts: Iterable[_Node]) -> _Starts:
    found: _Starts = {("", True)}
    for part in parts:
        growing = {text for text, grows in found if grows}
        if not growing:
            break
        longer = _starts(part)
        if len(growing) * len(longer) > _MOST_GROWN and "" not in growing:
            break
        found -= {(text, True) for text in growing}
        for text in growing:
            for more, grows in longer:
                if text and more == NUMBER:
                    found.add((text, False))
                else:
                    whole = text + more
                    found.add((whole[:LONGEST_START], grows and len(whole) < LONGEST_START))
    return found


def _needed(node: _Node) -> frozenset[str] | None:
    """Return the most telling words of which one is needed."""
    match node.kind.split():
        case ["or"]:
            needs = [_needed(part) for part in node.parts]
            return frozenset().union(*(need for need in needs if need)) if all(needs) else None
        case ["sequence"]:
            return _needed_in_sequence(node.parts)
        case ["needed", _]:
            return _needed(node.parts[0])
        case ["literal"]:
            return frozenset({node.text})
    return None


def _needed_in_sequence(parts: Iterable[_Node]) -> frozenset[str] | None:
    found, run = [], ""
    for part in (*parts, _Node("end")):
        if part.kind == "literal":
            run += part.text
            continue
        if run.strip():
            found.append(frozenset({run.strip()[:16]}))
        run = ""
        words = _needed(part)
        if words:
            found.append(words)
    return max(found, key=lambda words: (_worth(words), -len(words), sorted(words)), default=None)


def _worth(words: Iterable[str]) -> int:
    """Return how much seeing one of the words tells: letters of the shortest; signs and other scripts tell more."""
    return min(
        sum(1 if sign.isascii() and (sign.isalnum() or sign in _PLAIN) else 3 for sign in word) for word in words
    )
