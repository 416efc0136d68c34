"""What the rules say about each line.

Most patterns are never asked: an index tells by how a line begins, and by words in it, which could match at all. So the
cost hardly depends on the number of rules.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, NamedTuple

import re2
from ahocorasick_rs import BytesAhoCorasick, Implementation

from cleaners.literals import DIGIT, EDGE
from cleaners.strip.shape import is_prose, stops
from cleaners.text import fold, fold_alike, fold_letters, fold_signs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from cleaners.literals import Cue
    from cleaners.rulebook import Rule, Rulebook

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
_SENTENCE = 240  # characters; most rules are about lines no longer than this, so the others are asked apart
_DIGITS = bytes.maketrans(b"123456789", DIGIT.encode() * 9)
_NUMERAL = re2.compile(rb"[^\x00-\x7f\PN]")


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
        telling = [(rule, pattern) for rule, pattern in small if not rule.label and rulebook.cues[pattern].telling]
        asked = set(telling)
        self._long = _Index([pair for pair in telling if pair[0].longest > _SENTENCE], rulebook.cues)
        self._short = _Index([pair for pair in telling if pair[0].longest <= _SENTENCE], rulebook.cues)
        self._other = _Index([pair for pair in small if pair not in asked], rulebook.cues)
        self._cased = _Index([(rule, text) for rule in whole if rule.case for text in rule.pattern], rulebook.cues)
        self._until = {rule.id: _regex(rule.until) for rule in whole if rule.until}
        self._spans = [
            (rule, [_regex(pattern, ignore_case=not rule.case) for pattern in rule.pattern])
            for rule in rulebook.rules
            if rule.where == "span"
        ]
        triggers = sorted({trigger for rule, _ in self._spans for trigger in rule.triggers})
        self._trigger = _strings(triggers)
        self._triggered_by = [
            [number for number, (rule, _) in enumerate(self._spans) if trigger in rule.triggers] for trigger in triggers
        ]

    def rules(self, line: str) -> tuple[Rule, ...]:
        """Return the rules, spans aside, that match the whole line, sorted by id."""
        return self.scan([line])[0].rules

    def scan(self, lines: Sequence[str]) -> list[Scanned]:
        """Return what the rules say about each of the lines."""
        if not lines:
            return []
        signs = fold_signs("\n".join(lines))
        small = fold_letters(signs)
        plains = small.split("\n")
        prose = [is_prose(line) for line in lines]
        trimmed = ["" if len(line) > _LONGEST else _trimmed(plain) for line, plain in zip(lines, plains, strict=True)]
        # Paragraphs are only asked about where a telling word stands in them: other rules are about labels.
        labels = ["" if paragraph else line for line, paragraph in zip(trimmed, prose, strict=True)]
        matched: dict[int, dict[str, Rule]] = {}
        self._match(matched, trimmed, labels)
        self._cased.match(
            matched, [label and bare(line) for line, label in zip(signs.split("\n"), labels, strict=True)]
        )
        # "(Continues after this advert)" says what "Continues after this advert" says.
        inside = [bare(line[1:-1]) if _is_bracketed(line) else "" for line in trimmed]
        if any(inside):
            self._match(matched, inside, inside)
        rules: list[tuple[Rule, ...]] = [()] * len(lines)
        for at, named in matched.items():
            rules[at] = tuple(rule for _, rule in sorted(named.items()) if not (rule.label and stops(lines[at])))
        triggered = self._triggered(small)
        return [
            Scanned(rules[at], self._cut(line, triggered[at]) if at in triggered else (), prose[at])
            for at, line in enumerate(lines)
        ]

    def _triggered(self, lines: str) -> dict[int, set[int]]:
        """Return the numbers of the span rules that may strike something, by number of the folded line."""
        asked: dict[int, set[int]] = {}
        for at, trigger in _found(self._trigger, _bytes(f"{EDGE}{lines}")):
            asked.setdefault(at, set()).update(self._triggered_by[trigger])
        return asked

    def _match(self, matched: dict[int, dict[str, Rule]], lines: Sequence[str], labels: Sequence[str]) -> None:
        """Add the rules that match each of the lines; those about labels where they are labels."""
        self._long.match(matched, lines)
        self._short.match(matched, [line if len(line) <= _SENTENCE else "" for line in lines])
        self._other.match(matched, labels)

    def closes(self, rule: Rule, line: str) -> bool:
        """Tell whether the line ends a block that a line matching `rule` began."""
        return bool(self._until[rule.id].fullmatch(_bytes(bare(fold(line)))))

    def spans(self, line: str) -> tuple[Span, ...]:
        """Return the parts of a line that span rules strike, sorted; of two that overlap the earlier, then longer."""
        return self._cut(line, self._triggered(fold(line)).get(0, set()))

    def _cut(self, line: str, asked: Iterable[int]) -> tuple[Span, ...]:
        """Return what some span rules strike of a line."""
        encoded, found = _bytes(fold_alike(line)), []
        for number in sorted(asked):
            rule, patterns = self._spans[number]
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
    """Patterns of whole lines, found by strings that stand in their matches; the few others are asked every time."""

    def __init__(self, patterns: Sequence[tuple[Rule, str]], cues: Mapping[str, Cue]) -> None:
        by_string: dict[str, list[tuple[Rule, str]]] = {}
        for rule, pattern in patterns:
            for string in cues[pattern].strings:
                by_string.setdefault(string, []).append((rule, pattern))
        self._strings = _strings(by_string)
        groups = {group: _Group(group) for group in map(tuple, by_string.values())}
        self._groups = [groups[tuple(group)] for group in by_string.values()]
        self._always = _Group([(rule, pattern) for rule, pattern in patterns if not cues[pattern].strings])

    def match(self, matched: dict[int, dict[str, Rule]], lines: Sequence[str]) -> None:
        """Add the rules that match the whole of each of the lines, bare and folded, by number of the line and id."""
        asked = self._asked(lines)
        if self._always:
            for at, line in enumerate(lines):
                if line:
                    asked.setdefault(at, set()).add(self._always)
        for at, groups in asked.items():
            encoded = _bytes(lines[at])
            for group in groups:
                for rule in group.match(lines[at], encoded):
                    matched.setdefault(at, {})[rule.id] = rule

    def _asked(self, lines: Sequence[str]) -> dict[int, set[_Group]]:
        """Return the groups of patterns to be asked about lines, by number of the line."""
        asked: dict[int, set[_Group]] = {}
        if not any(lines):
            return asked
        text = _bytes(f"{EDGE}{EDGE.join(lines)}{EDGE}").translate(_DIGITS)
        if not text.isascii() and _NUMERAL.search(text):
            text = _NUMERAL.sub(DIGIT.encode(), text)
        for at, number in _found(self._strings, text):
            asked.setdefault(at, set()).add(self._groups[number])
        return asked


class _Group:
    """Patterns to be matched with whole lines, all at once; compiled when they are first asked."""

    def __init__(self, patterns: Sequence[tuple[Rule, str]]) -> None:
        self._patterns = patterns
        self._longest = max((rule.longest for rule, _ in patterns), default=0)
        self._set: re2.Set | None = None

    def __len__(self) -> int:
        return len(self._patterns)

    def match(self, line: str, encoded: bytes) -> Iterator[Rule]:
        """Yield the rules that match a line short enough for them, and except it not."""
        if len(line) > self._longest:
            return
        if self._set is None:
            self._set = _set(pattern for _, pattern in self._patterns)
        for number in self._set.Match(encoded) or ():
            rule = self._patterns[number][0]
            if len(line) <= rule.longest and not (rule.unless and _regex(rule.unless).search(encoded)):
                yield rule


def _set(patterns: Iterable[str]) -> re2.Set:
    """Return an automaton that tells which patterns match the whole of a line."""
    options = re2.Options()
    options.max_mem = _MAX_MEMORY
    found = re2.Set.FullMatchSet(options)
    for pattern in patterns:
        found.Add(f"(?s:{pattern})")
    found.Compile()
    return found


def _is_bracketed(line: str) -> bool:
    """Tell whether one pair of brackets holds the whole line."""
    return line[:1] in _OPENERS and line[-1:] in _CLOSERS and not _BRACKET.search(line, 1, len(line) - 1)


def _trimmed(line: str) -> str:
    """Return what is matched of a folded line: all of it where it is code, or nothing but decoration."""
    return (not line.lstrip().startswith(_CODE) and bare(line)) or line.strip()


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


def _strings(strings: Iterable[str]) -> BytesAhoCorasick:
    return BytesAhoCorasick([string.encode() for string in strings], implementation=Implementation.ContiguousNFA)


def _found(strings: BytesAhoCorasick, text: bytes) -> Iterator[tuple[int, int]]:
    """Yield the number of the line and of the string for every string that stands in lines, each after a line break."""
    at, done = -1, 0
    for number, _, end in strings.find_matches_as_indexes(text, overlapping=True):
        # They come in the order of their ends; line breaks before its last character tell in which line one stands.
        at += text.count(b"\n", done, end - 1)
        done = end - 1
        yield at, number


def _bytes(text: str) -> bytes:
    # A lone surrogate has no UTF-8 form; one byte in its place keeps every other offset.
    return text.encode("utf-8", "replace")


def _characters(encoded: bytes, at: int) -> int:
    return len(encoded[:at].decode("utf-8"))
