"""What the rules say about each line.

Most patterns are never asked: an index tells by how a line begins, and by words in it, which could match at all. So the
cost hardly depends on the number of rules.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, NamedTuple

import re2

from cleaners.literals import NUMBER
from cleaners.strip.shape import is_prose, stops
from cleaners.text import fold, fold_alike, fold_signs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from cleaners.rulebook import Cue, Rule, Rulebook

# What lists, buttons and headings put around their words: bullets, arrows, rules, pictures.
_ROUND = " -*•·‣⁃◦○●▪▫■□◆◇▶►▷◀◄‹›>|:#_=~+^.!,;/\\"
_PICTURES = "".join(
    map(chr, (*range(0x2190, 0x2C00), *range(0x1F000, 0x1FB00), *range(0x3000, 0x3004), 0x3012, 0xFE0F))
)
_DECORATION = _ROUND + _PICTURES
_BRACKET = re.compile(r"[][(){}<>]")
_OPENERS, _CLOSERS = tuple("([{<"), tuple(")]}>")
_CODE = ("/*", "//", "*/", "<!", "-->")
_FIRST_PICTURE = "\u2000"
# Longer lines are paragraphs; no rule of whole lines is asked about them.
_LONGEST = 2000
# RE2 gives up silently when an automaton outgrows this many bytes; the tests look for lost hits.
_MAX_MEMORY = 64 << 20
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
        telling = [(rule, pattern) for rule, pattern in small if not rule.label and _is_telling(rulebook.cues[pattern])]
        self._telling = _Index(telling, rulebook.cues)
        asked = set(telling)
        self._other = _Index([pair for pair in small if pair not in asked], rulebook.cues)
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
        self._triggers = _OneOf(triggers)
        self._triggered = [
            [number for number, (_, words, _) in enumerate(self._spans) if trigger in words] for trigger in triggers
        ]

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
        plains = small.split("\n")
        prose = [is_prose(line) for line in lines]
        rules: list[tuple[Rule, ...]] = []
        for line, plain, cased, paragraph in zip(lines, plains, signs.split("\n"), prose, strict=True):
            if len(line) > _LONGEST:
                rules.append(())
                continue
            trimmed = (not plain.lstrip().startswith(_CODE) and bare(plain)) or plain.strip()
            matched = self._telling.match(trimmed)
            if (
                trimmed[:1] in _OPENERS
                and trimmed[-1:] in _CLOSERS
                and not _BRACKET.search(trimmed, 1, len(trimmed) - 1)
            ):
                # "(Continues after this advert)" says what "Continues after this advert" says.
                inside = bare(trimmed[1:-1])
                matched = (*matched, *self._telling.match(inside), *self._other.match(inside))
            if not paragraph:
                # Paragraphs are only asked about where a telling word stands in them: other rules are about labels.
                matched = (*matched, *self._other.match(trimmed), *self._cased.match(bare(cased)))
            rules.append(tuple({rule.id: rule for rule in matched}.values()) if len(matched) > 1 else matched)
        for at, matched in enumerate(rules):
            if matched and stops(lines[at]):
                rules[at] = tuple(rule for rule in matched if not rule.label)
        return [
            Scanned(matched, self.spans(line) if triggered and self._trigger.search(_bytes(plain)) else (), paragraph)
            for line, plain, matched, paragraph in zip(lines, plains, rules, prose, strict=True)
        ]

    def closes(self, rule: Rule, line: str) -> bool:
        """Tell whether the line ends a block that a line matching `rule` began."""
        return bool(self._until[rule.id].fullmatch(_bytes(bare(fold(line)))))

    def spans(self, line: str) -> tuple[Span, ...]:
        """Return the parts of a line that span rules strike, sorted; of two that overlap the earlier, then longer."""
        asked = {rule for trigger in self._triggers.found(_bytes(fold(line))) for rule in self._triggered[trigger]}
        encoded, found = _bytes(fold_alike(line)), []
        for number in sorted(asked):
            rule, _, patterns = self._spans[number]
            if len(line) > rule.longest:
                continue
            for pattern in patterns:
                for match in pattern.finditer(encoded):
                    start, end = match.span(1 if pattern.groups else 0)
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
        self._by_start: dict[str, list[_Pattern]] = {}
        by_word: dict[str, list[_Pattern]] = {}
        self._always: list[_Pattern] = []
        for rule, text in patterns:
            cue = cues[text]
            pattern = _Pattern(rule, text)
            for start in cue.starts:
                self._by_start.setdefault(start, []).append(pattern)
            if not cue.starts:
                for word in cue.words:
                    by_word.setdefault(word, []).append(pattern)
            if not cue.starts and not cue.words:
                self._always.append(pattern)
        self._lengths = sorted({len(start) for start in self._by_start})
        self._by_word = list(by_word.values())
        self._words = _OneOf(by_word)
        self._any_always = _Whole(pattern.text for pattern in self._always)

    def match(self, line: str) -> tuple[Rule, ...]:
        """Return the rules that match the whole of a line, bare and folded, sorted by id."""
        if not line:
            return ()
        asked: list[_Pattern] = []
        for length in self._lengths:
            asked += self._by_start.get(line[:length], ())
        if line[0].isnumeric():
            asked += self._by_start.get(NUMBER, ())
        encoded = _bytes(line)
        for number in self._words.found(encoded):
            asked += self._by_word[number]
        matched = {pattern.rule.id: pattern.rule for pattern in asked if pattern.matches(line, encoded)}
        for number in self._any_always.found(encoded):
            pattern = self._always[number]
            if pattern.allows(line, encoded):
                matched[pattern.rule.id] = pattern.rule
        return tuple(matched[name] for name in sorted(matched)) if matched else ()


class _OneOf:
    """Words to be found in a line, all at once."""

    def __init__(self, words: Iterable[str]) -> None:
        self._found = _set(re2.Set.SearchSet, map(re2.escape, words))

    def found(self, line: bytes) -> Sequence[int]:
        """Return the numbers of the words that stand in the line."""
        return self._found.Match(line) or () if self._found else ()


class _Whole:
    """Patterns to be matched with whole lines, all at once."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._found = _set(re2.Set.FullMatchSet, (f"(?s:{pattern})" for pattern in patterns))

    def found(self, line: bytes) -> Sequence[int]:
        """Return the numbers of the patterns that match the line."""
        return self._found.Match(line) or () if self._found else ()


def _set(kind: Callable[[re2.Options], re2.Set], patterns: Iterable[str]) -> re2.Set | None:
    """Return the patterns as one automaton, None where there are none."""
    options = re2.Options()
    options.max_mem = _MAX_MEMORY
    found = kind(options)
    number = -1
    for pattern in patterns:
        number = found.Add(pattern)
    if number < 0:
        return None
    found.Compile()
    return found


class _Pattern:
    """One pattern of a rule, compiled when it is first asked."""

    __slots__ = ("_whole", "rule", "text")

    def __init__(self, rule: Rule, text: str) -> None:
        self.rule, self.text = rule, text
        self._whole: _Whole | None = None

    def matches(self, line: str, encoded: bytes) -> bool:
        """Tell whether the pattern matches the line, and nothing excepts it."""
        if self._whole is None:
            self._whole = _Whole([self.text])
        return bool(self._whole.found(encoded)) and self.allows(line, encoded)

    def allows(self, line: str, encoded: bytes) -> bool:
        """Tell whether a line that the pattern matches is short enough, and not excepted."""
        if len(line) > self.rule.longest:
            return False
        return not self.rule.unless or _regex(self.rule.unless).search(encoded) is None


def _is_telling(cue: Cue) -> bool:
    """Tell whether a pattern may be asked about paragraphs: it begins, or goes on, with words that few of them have."""
    return bool(cue.starts) or (bool(cue.words) and all(len(word) > 4 or " " in word for word in cue.words))


def bare(line: str) -> str:
    """Return a line without bullets, arrows and pictures around it, and with one space between words.

    >>> bare("  • share  this: 👇"), bare("(ani).")
    ('share this', '(ani)')
    """
    line = line.strip(_ROUND)
    if line and (line[0] > _FIRST_PICTURE or line[-1] > _FIRST_PICTURE):
        line = line.strip(_DECORATION)
    return " ".join(line.split()) if "  " in line else line


@functools.lru_cache(maxsize=4)
def scanner(rulebook: Rulebook) -> Scanner:
    """Return the rulebook compiled; the same one for the same rulebook."""
    return Scanner(rulebook)


@functools.lru_cache(maxsize=4096)
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
