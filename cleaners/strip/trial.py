"""Rules tried on their own hits and misses, and on text made to keep them busy."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from cleaners.errors import InputError
from cleaners.rulebook import builtin, load
from cleaners.strip.scan import Scanner, scanner

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from cleaners.rulebook import Rule

OPEN, CLOSE = "⟦", "⟧"
"""What marks, in the hits of a span rule, the part that goes."""

_GREED = 0.01  # share of the lines spared by the built-in rules that a rule may catch; a fair one catches none or two
_SECONDS = 2.0  # for a megabyte of one of the rule's own hits, over and over; the built-in rules take a tenth of it


def check_rules(files: Sequence[Path]) -> dict[str, float]:
    """Return the rules that the files of the user's hold, and the seconds of each for a megabyte of its own hits.

    Each catches its hits, spares its misses and what the built-in rules spare, and is quick. Raise InputError that
    lists every problem at once.
    """
    known = {rule.id for rule in builtin().rules}
    rulebook = load(files)
    scan = scanner(rulebook)
    rules = [rule for rule in rulebook.rules if rule.id not in known]
    costs = {rule.id: _cost(rule, scan) for rule in rules}
    problems = [f"{rule.id}: {fault}" for rule in rules for fault in [*faults(rule, scan), *_greed(rule, scan)]]
    problems += [
        f"{name}: takes {spent:.1f} s for a megabyte of its own hits; the limit is {_SECONDS:.0f} s"
        for name, spent in costs.items()
        if spent > _SECONDS
    ]
    if not rules:
        problems.append("there is no [[rule]] in it")
    if problems:
        told = "\n  ".join([f"{len(problems)} problems", *problems]) if len(problems) > 1 else problems[0]
        raise InputError(", ".join(map(str, files)), told, "See cleaners/rules/README.md.")
    return costs


def faults(rule: Rule, scan: Scanner) -> Iterator[str]:
    """Yield each hit that a rule does not catch, and each miss that it does."""
    for hit in rule.hits:
        if rule.where == "span":
            if marked(rule, hit.replace(OPEN, "").replace(CLOSE, ""), scan) != hit:
                yield f"does not cut {hit!r} as marked"
        elif rule.id not in caught_by(hit, scan):
            yield f"does not catch its hit {hit!r}"
    for miss in rule.misses:
        if rule.id in caught_by(miss, scan):
            yield f"catches its miss {miss!r}"


def caught_by(text: str, scan: Scanner) -> set[str]:
    """Return the ids of the rules that catch a text, be it a line, a part of one, or a block."""
    lines = text.split("\n")
    found = {rule.id for line in lines for rule in scan.rules(line) if rule.where != "block"}
    found |= {span.rule.id for line in lines for span in scan.spans(line)}
    blocks = (rule for rule in scan.rules(lines[0]) if rule.where == "block")
    return found | {rule.id for rule in blocks if any(scan.closes(rule, line) for line in lines)}


def marked(rule: Rule, line: str, scan: Scanner) -> str:
    """Return a line with what a span rule would cut between marks."""
    for span in reversed([span for span in scan.spans(line) if span.rule == rule]):
        line = line[: span.start] + OPEN + line[span.start : span.end] + CLOSE + line[span.end :]
    return line


def _greed(rule: Rule, scan: Scanner) -> Iterator[str]:
    """Yield a complaint if a rule catches many of the lines that the built-in rules spare: it would take content."""
    spared = [miss for one in builtin().rules for miss in one.misses if "\n" not in miss]
    caught = [
        miss
        for miss, said in zip(spared, scan.scan(spared), strict=True)
        if any(found.id == rule.id for found in said.rules) or any(span.rule.id == rule.id for span in said.spans)
    ]
    if len(caught) > _GREED * len(spared):
        yield f"catches {len(caught)} of {len(spared)} lines of content, such as {caught[0]!r}"


def _cost(rule: Rule, scan: Scanner) -> float:
    """Return the seconds that a megabyte of the rule's own words keeps the scan busy."""
    filler = rule.hits[0].replace(OPEN, "").replace(CLOSE, "").replace("\n", " ") + " "
    line = filler * (1_000_000 // len(filler))
    start = time.process_time()
    scan.rules(line)
    scan.spans(line)
    return time.process_time() - start
