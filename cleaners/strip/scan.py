"""What the rules say about each line: one automaton for all patterns, so the cost hardly depends on their number."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NamedTuple

import re2

from cleaners.text import fold, fold_alike, fold_signs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleaners.rulebook import Rule, Rulebook

# What lists, buttons and headings put around their words: bullets, arrows, rules, pictures.
_ROUND = " -*•·‣⁃◦○●▪▫■□◆◇▶►▷◀◄‹›>|:#_=~+^.!,;/\\"
_PICTURES = "".join(
    map(chr, (*range(0x2190, 0x2C00), *range(0x1F000, 0x1FB00), *range(0x3000, 0x3004), 0x3012, 0xFE0F))
)
_DECORATION = _ROUND + _PICTURES
# Longer lines are paragraphs; no rule of whole lines is asked about them.
_LONGEST = 2000
_NEVER = r"[^\s\S]"
# RE2 gives up silently when its automaton outgrows this many bytes; the tests look for lost hits.
_MAX_MEMORY = 512 << 20


class Span(NamedTuple):
    """A part of a line that goes: `line[start:end]`."""

    start: int
    end: int
    rule: Rule


class Scanned(NamedTuple):
    """What the rules say about one line: those that match the whole of it, sorted by id, and the parts that go."""

    rules: tuple[Rule, ...]
    spans: tuple[Span, ...]


class Scanner:
    """The rulebook, compiled. What it says about a line depends on that line alone."""

    def __init__(self, rulebook: Rulebook) -> None:
        whole = [rule for rule in rulebook.rules if rule.where != "span"]
        self._small = _LineSet([rule for rule in whole if not rule.case])
        self._cased = _LineSet([rule for rule in whole if rule.case])
        self._until = {rule.id: _regex(rule.until) for rule in whole if rule.until}
        self._spans = [
            (rule, rule.triggers, [_regex(pattern, ignore_case=not rule.case) for pattern in rule.pattern])
            for rule in rulebook.rules
            if rule.where == "span"
        ]
        triggers = sorted({trigger for _, words, _ in self._spans for trigger in words})
        self._trigger = _regex("|".join(map(re2.escape, triggers)) or _NEVER)

    def rules(self, line: str) -> tuple[Rule, ...]:
        """Return the rules, spans aside, that match the whole line, sorted by id."""
        return self.scan([line])[0].rules

    def scan(self, lines: Sequence[str]) -> list[Scanned]:
        """Return what the rules say about each of the lines."""
        if not lines:
            return []
        signs = fold_signs("\n".join(lines))
        small = fold(signs)
        encoded = _bytes(small)
        triggered = self._trigger.search(encoded) is not None
        found = []
        for line, plain, cased in zip(lines, small.split("\n"), signs.split("\n"), strict=True):
            rules = self._small.match(bare(plain)) + self._cased.match(bare(cased)) if len(line) <= _LONGEST else ()
            spans = self.spans(line) if triggered and self._trigger.search(_bytes(plain)) else ()
            found.append(Scanned(rules, spans))
        return found

    def closes(self, rule: Rule, line: str) -> bool:
        """Tell whether the line ends a block that a line matching `rule` began."""
        return bool(self._until[rule.id].fullmatch(_bytes(bare(fold(line)))))

    def spans(self, line: str) -> tuple[Span, ...]:
        """Return the parts of a line that span rules strike, sorted; of two that overlap the earlier, then longer."""
        small = fold(line)
        alike, found = fold_alike(line), []
        encoded = _bytes(alike)
        for rule, words, patterns in self._spans:
            if len(line) > rule.longest or not any(word in small for word in words):
                continue
            for pattern in patterns:
                for match in pattern.finditer(encoded):
                    start, end = match.span("cut" if "cut" in pattern.groupindex else 0)
                    if start < end:
                        found.append(Span(_characters(encoded, start), _characters(encoded, end), rule))
        found.sort(key=lambda span: (span.start, -span.end, span.rule.id))
        kept: list[Span] = []
        for span in found:
            if not kept or span.start >= kept[-1].end:
                kept.append(span)
        return tuple(kept)


class _LineSet:
    """Rules of whole lines as one automaton."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        options = re2.Options()
        options.max_mem = _MAX_MEMORY
        self._set = re2.Set.FullMatchSet(options)
        self._rules: list[Rule] = []
        self._unless = {rule.id: _regex(rule.unless) for rule in rules if rule.unless}
        for rule in rules:
            for pattern in rule.pattern:
                self._set.Add(f"(?s:{pattern})")
                self._rules.append(rule)
        self._set.Compile()
        self._longest = max((rule.longest for rule in rules), default=0)

    def match(self, line: str) -> tuple[Rule, ...]:
        """Return the rules that match the whole line."""
        if not line or len(line) > self._longest:
            return ()
        encoded = _bytes(line)
        numbers = self._set.Match(encoded)
        if not numbers:
            return ()
        found = {rule.id: rule for rule in map(self._rules.__getitem__, numbers) if len(line) <= rule.longest}
        return tuple(found[name] for name in sorted(found) if not self._is_excepted(name, encoded))

    def _is_excepted(self, name: str, line: bytes) -> bool:
        unless = self._unless.get(name)
        return unless is not None and unless.search(line) is not None


def bare(line: str) -> str:
    """Return a line without bullets, arrows and pictures around it, and with one space between words.

    >>> bare("  • share  this: 👇"), bare("(ani).")
    ('share this', '(ani)')
    """
    line = line.strip(_ROUND)
    if line and not (line[0].isalnum() and line[-1].isalnum()):
        line = line.strip(_DECORATION)
    return " ".join(line.split()) if "  " in line else line


@functools.lru_cache(maxsize=4)
def scanner(rulebook: Rulebook) -> Scanner:
    """Return the rulebook compiled; the same one for the same rulebook."""
    return Scanner(rulebook)


def _regex(pattern: str, *, ignore_case: bool = False) -> re2._Regexp:
    options = re2.Options()
    options.case_sensitive = not ignore_case
    options.log_errors = False
    return re2.compile(pattern.encode(), options)


def _bytes(text: str) -> bytes:
    # A lone surrogate has no UTF-8 form; one byte in its place keeps every other offset.
    return text.encode("utf-8", "replace")


def _characters(encoded: bytes, at: int) -> int:
    return len(encoded[:at].decode("utf-8"))
