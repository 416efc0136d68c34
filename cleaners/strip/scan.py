"""What the rules say about each line.

Most patterns are never asked: an index tells by how a line begins, and by words in it, which could match at all. So the
cost hardly depends on the number of rules.
"""

from __future__ import annotations

import bisect
import functools
import itertools
from typing import TYPE_CHECKING, NamedTuple

import re2

from cleaners.literals import NUMBER
from cleaners.strip.shape import ends, is_prose
from cleaners.text import fold, fold_alike, fold_signs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cleaners.rulebook import Cue, Rule, Rulebook

# What lists, buttons and headings put around their words: bullets, arrows, rules, pictures.
_ROUND = " -*•·‣⁃◦○●▪▫■□◆◇▶►▷◀◄‹›>|:#_=~+^.!,;/\\"
_PICTURES = "".join(
    map(chr, (*range(0x2190, 0x2C00), *range(0x1F000, 0x1FB00), *range(0x3000, 0x3004), 0x3012, 0xFE0F))
)
_DECORATION = _ROUND + _PICTURES
# Longer lines are paragraphs; no rule of whole lines is asked about them.
_LONGEST = 2000
_NEVER = r"[^\s\S]"


class Span(NamedTuple):
    """A part of a line that goes: `line[start:end]`."""

    start: int
    end: int
    rule: Rule


class Scanned(NamedTuple):
    """What the rules say about one line: those that match the whole of it, sorted by id, and the parts that go."""

    rules: tuple[Rule, ...]
    spans: tuple[Span, ...]
    prose: bool


class Scanner:
    """The rulebook, compiled. What it says about a line depends on that line alone."""

    def __init__(self, rulebook: Rulebook) -> None:
        whole = [rule for rule in rulebook.rules if rule.where != "span"]
        small = [(rule, pattern) for rule in whole if not rule.case for pattern in rule.pattern]
        telling = [pair for pair in small if _is_telling(rulebook.cues[pair[1]])]
        self._telling = _Index(telling, rulebook.cues)
        self._other = _Index([pair for pair in small if pair not in telling], rulebook.cues)
        cased = [(rule, pattern) for rule in whole if rule.case for pattern in rule.pattern]
        self._cased = _Index(cased, rulebook.cues)
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
        smalls = [bare(line) if len(line) <= _LONGEST else "" for line in small.split("\n")]
        prose = [is_prose(line) for line in lines]
        rules = self._telling.match(smalls)
        # Paragraphs are only asked about where a telling word stands in them: the rest of the rules are about labels.
        labels = [at for at, is_paragraph in enumerate(prose) if not is_paragraph]
        caseds = signs.split("\n")
        others = self._other.match([smalls[at] for at in labels])
        by_case = self._cased.match([bare(caseds[at]) for at in labels])
        for at, one, two in zip(labels, others, by_case, strict=True):
            if one or two:
                rules[at] = tuple(sorted({*rules[at], *one, *two}, key=lambda rule: rule.id))
        for at, matched in enumerate(rules):
            if matched and ends(lines[at]):
                rules[at] = tuple(rule for rule in matched if not rule.label)
        return [
            Scanned(matched, self.spans(line) if triggered and self._trigger.search(_bytes(plain)) else (), paragraph)
            for line, plain, matched, paragraph in zip(lines, small.split("\n"), rules, prose, strict=True)
        ]

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


class _Index:
    """Patterns of whole lines, found by how a line begins and by words in it; the few others are asked every time."""

    def __init__(self, patterns: Sequence[tuple[Rule, str]], cues: Mapping[str, Cue]) -> None:
        self._patterns = [_Pattern(rule, pattern) for rule, pattern in patterns]
        self._by_start: dict[str, list[int]] = {}
        self._by_word: dict[bytes, list[int]] = {}
        self._always: list[int] = []
        for number, pattern in enumerate(self._patterns):
            cue = cues[pattern.text]
            for start in cue.starts:
                self._by_start.setdefault(start, []).append(number)
            for word in cue.words:
                self._by_word.setdefault(word.encode(), []).append(number)
            if not cue.starts and not cue.words:
                self._always.append(number)
        self._lengths = sorted({len(start) for start in self._by_start})
        # A word that holds another speaks for its patterns too.
        for word in sorted(self._by_word, key=len):
            inner = {n for other, numbers in self._by_word.items() if other in word for n in numbers}
            self._by_word[word] = sorted(inner)
        longest_first = sorted(self._by_word, key=lambda word: (-len(word), word))
        self._words = _regex("|".join(re2.escape(word.decode()) for word in longest_first) or _NEVER)

    def match(self, lines: Sequence[str]) -> list[tuple[Rule, ...]]:
        """Return for each line, bare and folded, the rules that match the whole of it, sorted by id."""
        if not lines or not self._patterns:
            return [()] * len(lines)
        asked: list[set[int]] = []
        for line in lines:
            numbers = set(self._always)
            for length in self._lengths:
                more = self._by_start.get(line[:length])
                if more:
                    numbers.update(more)
            if line[:1].isnumeric():
                numbers.update(self._by_start.get(NUMBER, ()))
            asked.append(numbers)
        encoded = [_bytes(line) for line in lines]
        text = b"\n".join(encoded)
        ends = list(itertools.accumulate(len(line) + 1 for line in encoded))
        found = self._words.search(text)
        while found:
            asked[bisect.bisect_right(ends, found.start())].update(self._by_word[found.group()])
            found = self._words.search(text, found.start() + 1)
        return [self._confirmed(line, numbers) if numbers else () for line, numbers in zip(encoded, asked, strict=True)]

    def _confirmed(self, line: bytes, numbers: set[int]) -> tuple[Rule, ...]:
        matched = {p.rule.id: p.rule for p in map(self._patterns.__getitem__, numbers) if p.matches(line)}
        return tuple(matched[name] for name in sorted(matched))


class _Pattern:
    """One pattern of a rule, compiled when it is first asked."""

    __slots__ = ("_set", "_unless", "longest", "rule", "text")

    def __init__(self, rule: Rule, text: str) -> None:
        self.rule, self.text, self.longest = rule, text, rule.longest
        self._set: re2.Set | None = None
        self._unless = _regex(rule.unless) if rule.unless else None

    def matches(self, line: bytes) -> bool:
        if len(line) > self.longest * 4 or not line:
            return False
        if self._set is None:
            # A set of one: asking it costs a quarter of asking a compiled pattern.
            self._set = re2.Set.FullMatchSet()
            self._set.Add(f"(?s:{self.text})")
            self._set.Compile()
        if not self._set.Match(line) or len(line.decode()) > self.longest:
            return False
        return self._unless is None or self._unless.search(line) is None


def _is_telling(cue: Cue) -> bool:
    """Tell whether a pattern may be asked about paragraphs: it begins, or goes on, with words that few of them have."""
    return bool(cue.starts) or (bool(cue.words) and all(len(word) > 5 or " " in word for word in cue.words))


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
