"""What stands in every match of a pattern: strings to look for, all patterns at once, before any is asked.

This small reader knows the part of RE2's syntax that rules use; what it does not understand makes its answer less
sharp, never wrong.
"""

from __future__ import annotations

import functools
import itertools
import math
import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

EDGE = "\n"
"""Stands before and after a line."""
DIGIT = "0"
"""Stands for every digit."""
_LONGEST = 12  # characters of a string; longer ones tell hardly more
_MOST = 48  # strings are made longer while there are no more than this of them
_MOST_SHORT = 400  # the same while one of them is short
_MOST_SIGNS = 16  # the same for the characters of a class

_ESCAPED = re.compile(r"\\(.)")
_PLAIN = " .,;:!?-'\"()/"  # signs that prose is full of
_TOKEN = re.compile(
    r"""
    (?P<number>\\d|\\pN|\\p\{N[dlo]?\}|\[0-9\]|\[\\d\\pN\]|\[\\pN\\d\])
  | (?P<nothing>\\b|\^|\$)
  | (?P<signs>\[(?:[^\]\[\\^-]|\\[^\w\s])+-?\])
  | (?P<class>\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]|\\[pP]\{\^?\w+\}|\\[pP]\w|\\[DwWsSBAzafnrtvCQE]|\.)
  | (?P<code>\\x(?:[0-9a-fA-F]{2}|\{[0-9a-fA-F]+\}))
  | (?P<open>\((?:\?(?:P<\w+>|:))?)
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


_Strings: TypeAlias = "frozenset[str]"
_Starts: TypeAlias = "set[tuple[str, bool]]"  # a beginning, and whether what comes next may lengthen it


class _Known(NamedTuple):
    """What is known about the matches of a node: how they begin, and the most telling strings of which one is there."""

    starts: _Starts
    inside: _Strings | None


class Cue(NamedTuple):
    """What tells that a pattern of whole lines may match a line.

    One of `strings` stands in every line that matches, between two `EDGE`, digits written as `DIGIT`; sorted; empty
    where nothing can be told. `telling`: paragraphs too may be asked about the pattern, because it begins with certain
    characters, or because few paragraphs have the words it needs.
    """

    strings: tuple[str, ...] = ()
    telling: bool = False


def cue(pattern: str) -> Cue:
    r"""Return what tells that a pattern of whole lines may match a line.

    >>> cue("(?:sign up|subscrib(?:e|ing)) for .*")
    Cue(strings=('\nsign up for', '\nsubscribe f', '\nsubscribing'), telling=True)
    >>> cue(r".* \d+ min(?:ute)?s?")
    Cue(strings=(' min\n', ' mins\n', ' minute\n', ' minutes\n'), telling=False)
    """
    tokens = [(match.lastgroup or "", match.group()) for match in _TOKEN.finditer(pattern)]
    if any(one == ("open", "(") and next_one[0] == "repeat" for one, next_one in itertools.pairwise(tokens)):
        return Cue()  # flags: letters may be meant in either case, and more
    tree = _alternatives(tokens, [0])
    edge = _Node("literal", EDGE)
    found = [_sequence_known([edge, *parts, edge]).inside for parts in _branches(tree)]
    if not all(found):
        return Cue()
    strings: list[str] = []
    for string in sorted(frozenset().union(*(strings for strings in found if strings))):
        if not (strings and string.startswith(strings[-1])):  # the shorter one stands wherever the longer one does
            strings.append(string)
    words = _words(tree)
    return Cue(
        tuple(strings), not _is_open(tree) or (bool(words) and all(len(word) > 4 or " " in word for word in words))
    )


def _words(node: _Node) -> _Strings:
    """Return the most telling words of which one is needed; none where they cannot be told."""
    match node.kind.split():
        case ["literal"]:
            return frozenset({node.text.strip()[:16]} - {""})
        case ["or"]:
            each = [_words(part) for part in node.parts]
            return frozenset().union(*each) if all(each) else frozenset()
        case ["sequence"]:
            found = [words for part in node.parts if (words := _words(part))]
            return max(found, key=lambda words: (_worth(words), -len(words), sorted(words)), default=frozenset())
        case ["needed", _]:
            return _words(node.parts[0])
    return frozenset()


def _worth(words: _Strings) -> int:
    """Return how much seeing one of the words tells: letters of the shortest; signs and other scripts tell more."""
    return min(
        sum(1 if sign.isascii() and (sign.isalnum() or sign in _PLAIN) else 3 for sign in word) for word in words
    )


def _branches(node: _Node) -> Iterator[Sequence[_Node]]:
    """Yield the parts of each alternative, also of one whose beginning alone is unknown."""
    if node.kind == "or":
        for part in node.parts:
            yield from _branches(part)
    elif node.kind != "sequence":
        yield (node,)
    elif node.parts and node.parts[0].kind == "or" and _is_open(node.parts[0]):
        first, *rest = node.parts
        known = tuple(part for part in first.parts if not _is_open(part))
        if known:
            yield (_Node("or", parts=known), *rest)
        for part in first.parts:
            if _is_open(part):
                yield from _branches(_Node("sequence", parts=(*_parts(part), *rest)))
    elif len(node.parts) == 1:
        yield from _branches(node.parts[0])
    else:
        yield node.parts


def _parts(node: _Node) -> Sequence[_Node]:
    return node.parts if node.kind == "sequence" else (node,)


def _is_open(node: _Node) -> bool:
    """Tell whether a node may begin with anything, or be empty."""
    return any(not text for text, _ in _known(node).starts)


def _alternatives(tokens: list[tuple[str, str]], at: list[int]) -> _Node:
    """Read alternatives up to a closing bracket; `at` holds the place in the tokens, and moves on."""
    branches = [_sequence(tokens, at)]
    while at[0] < len(tokens) and tokens[at[0]][0] == "or":
        at[0] += 1
        branches.append(_sequence(tokens, at))
    return branches[0] if len(branches) == 1 else _Node("or", parts=tuple(branches))


def _sequence(tokens: list[tuple[str, str]], at: list[int]) -> _Node:
    parts: list[_Node] = []
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
        if parts and part.kind == parts[-1].kind == "literal":
            parts[-1] = _Node("literal", parts[-1].text + part.text)
        else:
            parts.append(part)
    return _Node("sequence", parts=tuple(parts))


def _leaf(kind: str, text: str) -> _Node:
    """Return one character, or a class of them."""
    if kind == "code":
        kind, text = "literal", chr(int(text[2:].strip("{}"), 16))
    text = text[-1] if kind == "literal" else _ESCAPED.sub(r"\1", text[1:-1])
    return _Node(kind, "".join(DIGIT if unicodedata.category(sign)[0] == "N" else sign for sign in text))


@functools.lru_cache(maxsize=4096)
def _known(node: _Node) -> _Known:
    """Return what is known about the matches of a node."""
    starts: _Starts = {("", False)}
    match node.kind.split():
        case ["literal"]:
            starts = {(node.text[:_LONGEST], len(node.text) < _LONGEST)}
        case ["signs"] if len(node.text) <= _MOST_SIGNS:
            starts = {(sign, True) for sign in node.text}
        case ["number"]:
            starts = {(DIGIT, True)}
        case ["nothing"]:
            starts = {("", True)}
        case ["or"]:
            known = [_known(part) for part in node.parts]
            inside = [each.inside for each in known if each.inside]
            return _Known(
                set().union(*(each.starts for each in known)),
                frozenset().union(*inside) if len(inside) == len(known) else None,
            )
        case ["sequence"]:
            return _sequence_known(node.parts)
        case [needed_or_not, once_or_often]:
            part = _known(node.parts[0])
            starts = {(text, grows and once_or_often == "once") for text, grows in part.starts}
            if needed_or_not == "optional":
                return _Known(starts | {("", True)}, None)
            return _Known(starts, part.inside)
    return _Known(starts, _strings(starts))


def _sequence_known(parts: Sequence[_Node]) -> _Known:
    """Return what is known about parts that stand one after the other: the best of every place to begin at."""
    known = [_known(part) for part in parts]
    runs = [_joined([each.starts for each in known[begin:]]) for begin in range(len(known))]
    inside = [strings for strings in (*map(_strings, runs), *(each.inside for each in known)) if strings]
    return _Known(runs[0] if runs else {("", True)}, min(inside, key=_rarity, default=None))


def _joined(parts: Iterable[_Starts]) -> _Starts:
    """Return the beginnings of parts that stand one after the other."""
    found: _Starts = {("", True)}
    for starts in parts:
        growing = {text for text, grows in found if grows}
        if not growing:
            break
        longer = {
            ((text + more)[:_LONGEST], grows and len(text + more) < _LONGEST)
            for text in growing
            for more, grows in starts
        }
        most = _MOST if min(map(len, growing)) > 3 else _MOST_SHORT
        if len(longer) > max(most, len(starts)):
            return {(text, False) for text, _ in found}
        found = {(text, grows) for text, grows in found if not grows} | longer
    return found


def _strings(starts: _Starts) -> _Strings | None:
    strings = frozenset(text for text, _ in starts)
    return None if "" in strings or EDGE in strings else strings


# How often a character stands in English text, in percent, roughly; all others are rare.
_OFTEN = {EDGE: 0.5, DIGIT: 2.0, " ": 17.0, "e": 10.0, "t": 7.0, **dict.fromkeys("aoinsr", 6.0), "h": 4.5}
_OFTEN |= {**dict.fromkeys("ldcum", 3.0), **dict.fromkeys("fgpwyb", 1.6), "v": 0.8, "k": 0.6, ".": 1.0, ",": 1.0}


def _rarity(strings: _Strings) -> tuple[float, list[str]]:
    """Return how often one of the strings is to be expected: what follows two characters hardly surprises."""
    chances = [[_OFTEN.get(sign, 0.1) / 100 for sign in text] for text in strings]
    return sum(math.prod(chance[:2]) * math.prod(chance[2:]) ** 0.5 for chance in chances), sorted(strings)
