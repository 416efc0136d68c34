"""The search for strings before rules are asked loses no rule: what it lets through is what asking every rule finds."""

from __future__ import annotations

import functools
import unicodedata

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaners.literals import DIGIT, EDGE, cue
from cleaners.rulebook import Rule, builtin
from cleaners.strip.scan import Scanner, bare
from cleaners.strip.shape import is_prose, stops
from cleaners.text import fold, fold_signs

RULEBOOK = builtin()
SCANNER = Scanner(RULEBOOK)
WHOLE = [rule for rule in RULEBOOK.rules if rule.where != "span"]
SAID = sorted({line for rule in WHOLE for line in (*rule.hits, *rule.misses) if "\n" not in line})

PATTERNS = (
    "share this",
    "(?:more|read (?:on|the rest))(?: [a-z]+)*",
    "[([]?(?:photo|pic)s?[:/] ?.{0,9}[)]]?",
    r".{3,9} - \d{1,2}:\d\d",
    r"(?:a|b.*|c+d?) (?:x|y)?z{2,3}",
    r"\(?(?:[^ ]+ )?(?:[^ ]+ )?cookies?.{0,5}",
    r"(?:(?:jan|feb)\.? )?\pN+(?:st|nd)?|today",
    r".*(?:sign|log)-?in\b.{0,3}",
    "(?:x|)(?:y|)",
    "(?:(?:ab)?c){2}|[a-f]{2}|d?e?f?[gh]*",
    r"\t?\x41\x{e9}[\]\\-]",
    "[0-9٣]+ ¹|٣ x",
    "(?i:Big) NEWS",
    "(?:" + "|".join(f"{one}{two}" for one in "abcdefghijklmnop" for two in "abcdefghijklmnop") + ")+ (?:end|stop)",
)


def masked(line: str) -> str:
    """Return a line as strings are looked for in it."""
    digits = "".join(DIGIT if unicodedata.category(sign)[0] == "N" else sign for sign in line)
    return f"{EDGE}{digits}{EDGE}"


@pytest.mark.parametrize("pattern", PATTERNS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_one_of_the_strings_of_a_pattern_stands_in_all_its_matches(pattern: str, data: st.DataObject):
    like = pattern.replace(r"\pN", r"\d").replace(r"\x{e9}", "é")
    line = data.draw(st.from_regex(f"(?s:{like})", fullmatch=True).filter(lambda line: "\n" not in line))
    strings = cue(pattern).strings

    assert not strings or any(string in masked(line) for string in strings)


@pytest.mark.parametrize(
    ("pattern", "strings"),
    [
        ("share this", ("\nshare this\n",)),
        ("(?:a|.*) news", ("\na news\n", " news\n")),
        (".+ (?:photo|pic)[:/].*", (" photo/", " photo:", " pic/", " pic:")),
        (r"\d+ of .*", ("\n0",)),
        ("[a-z]{4}", ()),
        ("(?i)share", ()),
    ],
)
def test_a_pattern_is_told_by_its_rarest_strings(pattern: str, strings: tuple[str, ...]):
    assert strings == cue(pattern).strings


@functools.cache
def compiled(pattern: str) -> re2._Regexp:
    return re2.compile(pattern.encode())


def directly(line: str) -> tuple[Rule, ...]:
    """Return the rules that match a line, every pattern asked."""
    plain, cased = fold(line), bare(fold_signs(line))
    code = plain.lstrip().startswith(("/*", "//", "*/", "<!", "-->"))
    trimmed = (not code and bare(plain)) or plain.strip()
    in_brackets = trimmed[:1] in tuple("([{<") and trimmed[-1:] in tuple(")]}>")
    inside = bare(trimmed[1:-1]) if in_brackets and not set(trimmed[1:-1]) & set("[](){}<>") else ""
    prose = is_prose(line)

    def matches(rule: Rule, pattern: str) -> bool:
        telling = RULEBOOK.cues[pattern].telling and not rule.label
        forms = [cased] if rule.case else [trimmed, inside]
        asked = [form for form in forms if form and (form is inside or not prose or (telling and not rule.case))]
        return any(
            len(form) <= rule.longest
            and compiled(f"(?s:{pattern})").fullmatch(form.encode())
            and not (rule.unless and compiled(rule.unless).search(form.encode()))
            for form in asked
        )

    found = [rule for rule in WHOLE if any(matches(rule, pattern) for pattern in rule.pattern)]
    return tuple(rule for rule in found if not (rule.label and stops(line)))


@pytest.mark.parametrize("part", range(4))
def test_all_lines_at_once_give_what_every_rule_asked_gives(part: int):
    lines = SAID[part::64]
    told = SCANNER.scan(lines)

    assert [directly(line) for line in lines] == [said.rules for said in told]
    assert any(said.rules for said in told)


@given(st.lists(st.sampled_from(SAID), min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_what_is_said_about_a_line_depends_on_that_line_alone(lines: list[str]):
    assert [SCANNER.scan([line])[0] for line in lines] == SCANNER.scan(lines)
