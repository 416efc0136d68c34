"""Which lines go, and why: all evidence on a line adds up in one place.

A line is struck when its points reach `STRIKE`. Evidence only ever speaks for striking, and what a line gains from
struck neighbours it loses once they are gone: so a line that stays would stay in the clean text too.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, NamedTuple

from cleaners.model import Mark
from cleaners.strip.shape import is_label, is_title, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cleaners.rulebook import Rule

STRIKE = 1.0
"""Points from which a line goes."""

POINTS = {
    "rule": 1.0,  # a rule of where = "line", or of "head" or "tail" in its place
    "rule elsewhere": 0.5,  # a rule of "head" or "tail" out of its place
    "rule beside": 0.6,  # a rule of "beside"
    "listed": 1.0,  # a title in the list under a struck heading
    "in a block": 1.0,  # between the two ends of a block
    "next to residue": 0.4,  # the line before or after is struck
    "between residue": 0.6,  # both are
    "in the tail": 0.2,  # after the last paragraph of prose
    "in the head": 0.2,  # before the first
    "label": 0.2,  # a few words without an end
    "one link": 0.6,  # mark-up: the whole line is one link
    "mostly links": 0.4,  # mark-up: links make up most of it
    "aside": 0.6,  # mark-up: navigation, form, aside, or a block whose class says so
    "caption": 0.5,  # mark-up: a caption or a credit
    "furniture": 1.2,  # times the belief, 0 to 1, that the line is furniture of its host
}
"""What each piece of evidence counts."""

_MARKS = ((Mark.LINK, "one link"), (Mark.LINKS, "mostly links"), (Mark.ASIDE, "aside"), (Mark.CAPTION, "caption"))


class Evidence(NamedTuple):
    """One reason to strike a line; `rule` where a rule gives it."""

    name: str
    points: float
    rule: Rule | None = None


@dataclasses.dataclass(slots=True)
class Line:
    """One line that is not blank: `text[start:end]` of the article, and what is known about it."""

    text: str
    start: int
    end: int
    prose: bool
    rules: tuple[Rule, ...] = ()
    mark: Mark = Mark.NONE
    furniture: float = 0.0
    # Decided here:
    given: tuple[Evidence, ...] = ()  # by a struck heading or a block; stays
    evidence: tuple[Evidence, ...] = ()
    struck: bool = False


def decide(lines: Sequence[Line], kept: frozenset[str]) -> None:
    """Give every line its evidence and mark those that go, until no line changes any more.

    A line that a rule of a `kept` category matches stays, whatever else speaks against it.
    """
    stays = [any(rule.category in kept for rule in line.rules) for line in lines]
    prose = [line.prose and not any(rule.where != "beside" for rule in line.rules) for line in lines]
    changed = True
    while changed:
        changed = False
        first, last = _ends(lines, prose)
        for at, line in enumerate(lines):
            if line.struck or stays[at] or not _is_spoken_of(lines, at):
                continue
            line.evidence = tuple(_weigh(lines, at, head=at < first, tail=at > last))
            if sum(piece.points for piece in line.evidence) >= STRIKE:
                line.struck = changed = True
                _take_list(lines, at, prose)


def _is_spoken_of(lines: Sequence[Line], at: int) -> bool:
    """Tell whether anything but its place and shape, which never suffice, speaks against a line."""
    line = lines[at]
    if line.rules or line.mark or line.furniture or line.given:
        return True
    return any(lines[near].struck for near in (at - 1, at + 1) if 0 <= near < len(lines))


def reason(line: Line) -> Evidence:
    """Return what decided: the rule that speaks loudest, or the strongest other evidence where there is no rule."""
    return max(line.evidence, key=lambda piece: (piece.rule is not None, piece.points))


def _ends(lines: Sequence[Line], prose: Sequence[bool]) -> tuple[int, int]:
    """Return the numbers of the first and the last paragraph of prose left; without any, no line is head or tail."""
    left = [at for at, line in enumerate(lines) if prose[at] and not line.struck]
    return (left[0], left[-1]) if left else (0, len(lines))


def _weigh(lines: Sequence[Line], at: int, *, head: bool, tail: bool) -> Iterator[Evidence]:
    """Yield the evidence on a line, the strongest of each kind only."""
    line = lines[at]
    yield from line.given
    yield from sorted((_by_rule(rule, head=head, tail=tail) for rule in line.rules), key=_loudest)[:1]
    if line.mark:
        marked = [Evidence(name, POINTS[name]) for mark, name in _MARKS if line.mark & mark]
        yield from sorted(marked, key=_loudest)[:1]
    if line.furniture:
        yield Evidence("furniture", POINTS["furniture"] * line.furniture)
    around = sum(lines[near].struck for near in (at - 1, at + 1) if 0 <= near < len(lines))
    if around:
        name = "next to residue" if around == 1 else "between residue"
        yield Evidence(name, POINTS[name])
    if (head or tail) and not line.prose:
        name = "in the tail" if tail else "in the head"
        yield Evidence(name, POINTS[name])
    if is_label(line.text):
        yield Evidence("label", POINTS["label"])


def _loudest(piece: Evidence) -> tuple[float, str]:
    return -piece.points, piece.rule.id if piece.rule else ""


def _by_rule(rule: Rule, *, head: bool, tail: bool) -> Evidence:
    in_place = {"line": True, "head": head, "tail": tail}
    name = {True: "rule", False: "rule elsewhere", None: "rule beside"}[in_place.get(rule.where)]
    return Evidence(name, POINTS[name], rule)


def _take_list(lines: Sequence[Line], heading: int, prose: Sequence[bool]) -> None:
    """Give the titles under a struck heading their evidence, save a short last one: the story's next sub-heading."""
    rule = reason(lines[heading]).rule
    if rule is None or not rule.takes:
        return
    run = []
    for at in range(heading + 1, len(lines)):
        if prose[at] or not is_title(lines[at].text):
            break
        run.append(lines[at])
    followed = heading + 1 + len(run) < len(lines)
    if len(run) > 1 and followed and words(run[-1].text) <= 5:
        run.pop()
    for line in run:
        line.given = (*line.given, Evidence("listed", POINTS["listed"], rule))
