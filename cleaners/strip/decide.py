"""Which lines go, and why: all evidence on a line adds up in one place.

A line is struck when its points reach `STRIKE`. All evidence but the words of the line, which may weaken a rule or a
neighbour, speaks for striking, and what a line gains from struck neighbours it loses once they are gone: so a line that
stays would stay in the clean text too.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, NamedTuple

from cleaners.model import Mark
from cleaners.strip.listing import BULLETS, listed
from cleaners.strip.shape import is_label, is_title, stops, words
from cleaners.strip.wording import DOUBT, NOTHING, loudest, points

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cleaners.rulebook import Rule

STRIKE = 1.0
"""Points from which a line goes."""

POINTS = {
    "rule": 1.0,  # a rule of where = "line", or of "head" or "tail" in its place
    "rule elsewhere": 0.5,  # a rule of "head" or "tail" out of its place
    "rule beside": 0.6,  # a rule of "beside"
    "rule in doubt": 0.5,  # any of them, about a sentence that is worded like the story, see `wording`
    "rule apart": 0.7,  # a rule of "apart", where mark-up sets the line apart or the site repeats it
    "listed": 1.0,  # a title in the list under a struck heading
    "in a block": 1.0,  # between the two ends of a block
    "next to residue": 0.4,  # the line before or after is struck
    "between residue": 0.6,  # both are
    "in the tail": 0.2,  # after the last paragraph of prose
    "in the head": 0.2,  # before the first
    "no letters": 0.4,  # nothing but signs and pictures
    "item at the end": 0.4,  # a title after the last paragraph, begun like an item of a list
    "label": 0.2,  # a few words without an end
    "one link": 0.5,  # mark-up: the whole line is one link
    "mostly links": 0.4,  # mark-up: links make up most of it
    "link in a list": 0.6,  # … and the line is an item of a list, or set apart in bold or italics
    "aside": 1.0,  # mark-up: navigation, form, aside, or a block whose class says so
    "paragraph in an aside": 0.7,  # … but it reads like prose
    "related block": 0.8,  # mark-up: a block whose class says related, recommended, teaser
    "author block": 0.8,  # … author, byline
    "apart": 0.4,  # mark-up: none of these, but in blocks of its own within the article
    "paragraph apart": 0.3,  # … but it reads like prose, or stands where leads do
    "caption": 0.5,  # mark-up: a caption or a credit
    "furniture": 1.0,  # times the points, 0 to 1, that learning gives the line
    "wording": 1.0,  # times the points, 0 to 1, that its words give it, see `wording`
    "headlines in a row": 0.7,  # a list of them after a finished sentence, see `listing`
    "headlines at the head": 0.5,  # … before anything else
    "headline in capitals": 1.0,  # … too long for a sub-heading, between paragraphs
    "excerpts cut off": 0.6,  # paragraphs at the end, none of which ends its sentence
    "own words": 0.8,  # times the share of its words that the rest of the text does not use: another story's
}
"""What each piece of evidence counts."""

_WORDED = 0.5  # points of wording from which a paragraph is none of the story's, so that others may end it
_WEAK = ("beside", "apart")  # what rules of these places match may be part of a report
_PASSES = 16  # times the lines are gone over at most, to and fro; real texts settle in three
_TITLE_WORDS = 20  # words of the longest headline in a list
_ITEM_WORDS = 7  # words of the shortest, its bullet among them: shorter items are wares, scores, ingredients
_LIST_LINES = 60  # lines of a list of stories at most
_TEASER_WORDS = 45  # words of the longest sentence that stands under a title in a list of stories
_ASIDES = Mark.ASIDE | Mark.SIGNUP | Mark.SHARE | Mark.COMMENT | Mark.TAGS | Mark.DATE


class Evidence(NamedTuple):
    """One reason to strike a line; `rule` where a rule gives it, `words` where the wording does, loudest first."""

    name: str
    points: float
    rule: Rule | None = None
    words: tuple[str, ...] = ()


@dataclasses.dataclass(slots=True)
class Line:
    """One line that is not blank: `text[start:end]` of the article, and what is known about it."""

    text: str
    start: int
    end: int
    prose: bool
    rules: tuple[Rule, ...] = ()  # the nearest to the language of the text first
    mark: Mark = Mark.NONE
    furniture: float = 0.0
    wording: float = 0.0  # log-odds that it is residue, by its words
    # Decided here:
    given: tuple[Evidence, ...] = ()  # by a struck heading or a block; stays
    evidence: tuple[Evidence, ...] = ()
    struck: bool = False


def give_listed(lines: Sequence[Line]) -> bool:
    """Give lines that look like other stories their evidence, and tell whether there are any."""
    found = list(listed([line.text for line in lines], [line.prose for line in lines]))
    for run in found:
        shape = Evidence(run.shape, POINTS[run.shape])
        own = Evidence("own words", POINTS["own words"] * run.own)
        for line in lines[run.start : run.end]:
            line.given = (*line.given, shape, own)
    return bool(found)


def decide(lines: Sequence[Line], kept: frozenset[str]) -> None:
    """Give every line its evidence and mark those that go, until no line changes any more.

    A line that a rule of a `kept` category matches stays, whatever else speaks against it.
    """
    stays = [_is_of(kept, line) for line in lines]
    prose = [
        line.prose and all(rule.where in _WEAK for rule in line.rules) and points(line.wording) < _WORDED
        for line in lines
    ]
    for turn in range(_PASSES):
        changed = False
        first, last = _ends(lines, prose)
        order = range(len(lines)) if turn % 2 == 0 else range(len(lines) - 1, -1, -1)
        for at in order:
            line = lines[at]
            if line.struck or stays[at] or not _is_spoken_of(lines, at):
                continue
            line.evidence = tuple(_weigh(lines, at, head=at < first, tail=at > last))
            if sum(piece.points for piece in line.evidence) >= STRIKE:
                line.struck = changed = True
                _take_list(lines, at, prose, tail=at > last)
        if not changed:
            return


def _is_of(kept: frozenset[str], line: Line) -> bool:
    """Tell whether a line is of a category that stays, as a rule says or its words do."""
    if any(rule.category in kept for rule in line.rules):
        return True
    return not line.rules and line.wording > NOTHING and loudest(line.text)[0] in kept


def _is_spoken_of(lines: Sequence[Line], at: int) -> bool:
    """Tell whether anything but its place and shape, which never suffice, speaks against a line."""
    line = lines[at]
    if line.rules or line.mark or line.furniture or line.given or line.wording > NOTHING:
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
    rules = [rule for rule in line.rules if _may_speak(rule, line)]
    by_rule = [_by_rule(rule, line, head=head, tail=tail) for rule in rules]
    if by_rule:
        yield max(by_rule, key=lambda piece: piece.points)  # of equal ones the first
    if line.mark:
        yield from _by_mark(line, head=head)
    if line.furniture:
        yield Evidence("furniture", POINTS["furniture"] * line.furniture)
    if line.wording > NOTHING:
        yield Evidence("wording", POINTS["wording"] * points(line.wording), words=loudest(line.text)[1])
    around = sum(lines[near].struck for near in (at - 1, at + 1) if 0 <= near < len(lines))
    if around and (line.wording >= 2 * DOUBT or rules):  # a long line of the story's own words is no mere neighbour
        name = "next to residue" if around == 1 else "between residue"
        yield Evidence(name, POINTS[name])
    if (head or tail) and not line.prose:
        name = "in the tail" if tail else "in the head"
        yield Evidence(name, POINTS[name])
        if tail and around and line.text.lstrip()[:2] in BULLETS and _ITEM_WORDS <= words(line.text) <= _TITLE_WORDS:
            yield Evidence("item at the end", POINTS["item at the end"])
    if around and not any(map(str.isalnum, line.text)):
        yield Evidence("no letters", POINTS["no letters"])
    if is_label(line.text):
        yield Evidence("label", POINTS["label"])


def _by_mark(line: Line, *, head: bool) -> Iterator[Evidence]:
    """Yield what the mark-up says: about the block that a line stands in, and about its links."""
    mark = line.mark
    if mark & _ASIDES:
        name = "paragraph in an aside" if line.prose else "aside"
        yield Evidence(name, POINTS[name])
    elif mark & Mark.RELATED:
        yield Evidence("related block", POINTS["related block"])
    elif mark & Mark.BIO:
        yield Evidence("author block", POINTS["author block"])
    elif mark & Mark.CAPTION:
        yield Evidence("caption", POINTS["caption"])
    elif mark & Mark.APART:
        name = "paragraph apart" if line.prose or head else "apart"
        yield Evidence(name, POINTS[name])
    if mark & (Mark.LINK | Mark.LINKS):
        name = "one link" if mark & Mark.LINK else "mostly links"
        yield Evidence(name, POINTS[name])
        if mark & (Mark.LIST | Mark.EMPHASIS):
            yield Evidence("link in a list", POINTS["link in a list"])


def _may_speak(rule: Rule, line: Line) -> bool:
    """Tell whether a rule that matches a line says anything about it by itself."""
    if rule.where == "apart":
        return bool(line.mark & Mark.APART or line.furniture)
    return rule.where != "block" and not (rule.where == "beside" and line.prose)


def _by_rule(rule: Rule, line: Line, *, head: bool, tail: bool) -> Evidence:
    in_place = {"line": True, "head": head, "tail": tail}
    name = {True: "rule", False: "rule elsewhere", None: f"rule {rule.where}"}[in_place.get(rule.where)]
    if line.wording < DOUBT and stops(line.text) and rule.where != "apart":  # there the page itself speaks too
        name = min(name, "rule in doubt", key=POINTS.__getitem__)
    return Evidence(name, POINTS[name], rule)


def _take_list(lines: Sequence[Line], heading: int, prose: Sequence[bool], *, tail: bool) -> None:
    """Give the titles under a struck heading their evidence, save a short last one: the story's next sub-heading."""
    rule = next((rule for rule in lines[heading].rules if rule.takes and (tail or rule.where == "line")), None)
    if rule is None:
        return
    run = lines[heading + 1 : heading + 2]
    if rule.category == "related_links":
        run = _titles(lines, heading + 1, prose, tail=tail)
    elif rule.category != "author_bio" and prose[heading + 1 : heading + 2] == [True]:
        run = []  # only the author's life is told in sentences
    for line in run:
        line.given = (*line.given, Evidence("listed", POINTS["listed"], rule))


def _titles(lines: Sequence[Line], start: int, prose: Sequence[bool], *, tail: bool) -> Sequence[Line]:
    """Return the lines from `start` on that list other stories: titles, or titles and teasers up to the end."""
    end = start
    while (
        end < min(len(lines), start + _LIST_LINES)
        and not prose[end]
        and (is_title(lines[end].text) or (tail and is_label(lines[end].text)))
    ):
        end += 1
    rest = lines[start : start + _LIST_LINES]
    # Title, teaser, title, teaser … to the last line: no story goes on like that.
    turns = (
        len(rest) >= 4
        and start + len(rest) == len(lines)
        and all(words(line.text) <= _TEASER_WORDS and (at % 2 or not stops(line.text)) for at, line in enumerate(rest))
    )
    if turns:
        return rest
    run = lines[start:end]
    if len(run) > 1 and end < len(lines) and prose[end]:
        usual = sum(words(line.text) for line in run[:-1]) / (len(run) - 1)
        run = run if words(run[-1].text) > min(5, 0.6 * usual) else run[:-1]
    return run
