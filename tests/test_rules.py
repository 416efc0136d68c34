"""Every rule catches its hits, spares its misses, and cannot be made to run long."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
import re2

from cleaners.config import StripSettings
from cleaners.errors import InputError
from cleaners.rulebook import CATEGORIES, RULES, Rule, builtin, load
from cleaners.strip.scan import Scanner, bare
from cleaners.strip.trial import CLOSE, OPEN, caught_by, check_rules, marked
from cleaners.text import fold, fold_signs

if TYPE_CHECKING:
    from pathlib import Path

RULEBOOK = builtin()
SCANNER = Scanner(RULEBOOK)
EACH_RULE = pytest.mark.parametrize("rule", RULEBOOK.rules, ids=lambda rule: rule.id)
BY_NAME = {rule.id: rule for rule in RULEBOOK.rules}


@EACH_RULE
def test_a_rule_catches_each_of_its_hits(rule: Rule):
    for hit in rule.hits:
        if rule.where == "span":
            assert hit == marked(rule, hit.replace(OPEN, "").replace(CLOSE, ""), SCANNER)
        else:
            assert rule.id in caught_by(hit, SCANNER), hit


@pytest.mark.parametrize("rule", [rule for rule in RULEBOOK.rules if rule.where == "span"], ids=lambda rule: rule.id)
def test_a_span_is_found_in_a_long_paragraph_too(rule: Rule):
    before, after = " ".join(["The ferry is full."] * 60), " ".join(["It left late."] * 60)
    found = 0
    for hit in rule.hits:
        for line in (f"{before} {hit}", f"{hit} {after}"):  # some stand at the beginning or end of a line only
            found += line == marked(rule, line.replace(OPEN, "").replace(CLOSE, ""), SCANNER)
    assert found >= len(rule.hits)


@EACH_RULE
def test_no_rule_that_may_speak_in_its_language_decides_against_a_miss(rule: Rule):
    """Rules of other languages are kept from it by `Tongues`; kinds that are switched off strike nothing."""
    speaking = {"en", "*", *rule.languages}
    kept = {row.name for row in CATEGORIES.values() if row.setting and not getattr(StripSettings(), row.setting)}
    for miss in rule.misses:
        found = [BY_NAME[name] for name in caught_by(miss, SCANNER)]
        found = [one for one in found if one.category not in kept]

        assert [
            one.id for one in found if one.where not in ("beside", "apart") and speaking & {*one.languages}
        ] == [], miss


@EACH_RULE
def test_a_line_that_a_rule_should_catch_one_day_is_not_caught_yet(rule: Rule):
    for line in rule.todo:
        assert rule.id not in caught_by(line, SCANNER), f"{line}: move it to the hits"


@EACH_RULE
def test_every_alternative_of_a_rule_has_a_hit_of_its_own(rule: Rule):
    if rule.where not in ("line", "head", "tail", "beside", "apart"):
        return
    forms = [form for hit in rule.hits for form in folded(rule, hit)]
    for pattern in rule.pattern:
        alone = re2.compile(f"(?s:{pattern})".encode())

        assert any(alone.fullmatch(form.encode()) for form in forms), pattern


def folded(rule: Rule, line: str) -> list[str]:
    """Return the forms of a line that a rule's patterns are asked about."""
    plain = fold_signs(line) if rule.case else fold(line)
    return [bare(plain), plain.strip(), bare(bare(plain)[1:-1])]


@EACH_RULE
def test_a_rule_of_one_language_is_named_after_its_file(rule: Rule):
    files = {path.stem for path in (RULES / "languages").glob("*.toml")}
    prefix = rule.id.split("-")[0]

    assert prefix not in files or prefix in [language.split("-")[0] for language in rule.languages]


@pytest.mark.parametrize("filler", ["share ", "click here ", " ", "[", "(", "\u0301", "a", "- ", "<!-", "1 "])
def test_the_rulebook_reads_a_megabyte_of_one_phrase_in_time(filler: str):
    line = filler * (1_000_000 // len(filler))
    start = time.perf_counter()
    SCANNER.rules(line)
    SCANNER.spans(line)

    assert time.perf_counter() - start < 2


def test_a_rule_file_is_told_every_problem_at_once(tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_text(
        """
[[rule]]
id = "Mine"
category = "shares"
where = "line"
pattern = '(?=x)x'
languages = ["en"]
source = "https://example.org"
hits = ["x"]
misses = []
colour = "red"

[[rule]]
id = "mine-too"
category = "share_widget"
where = "everywhere"
pattern = '(?=x){NOWHERE}'
languages = ["en"]
source = "https://example.org"
hits = ["x"]
misses = []
""",
        encoding="utf-8",
    )

    with pytest.raises(InputError) as caught:
        load([path])

    for problem in ("colour: no such key", "'everywhere' is none of", "no word list NOWHERE"):
        assert problem in str(caught.value)


def test_a_pattern_that_could_run_long_is_refused(tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_text(
        """
[[rule]]
id = "twice"
category = "share_widget"
where = "line"
pattern = '(a+)\\1'
languages = ["en"]
source = "https://example.org"
hits = ["aa"]
misses = []
""",
        encoding="utf-8",
    )

    with pytest.raises(InputError, match="refused"):
        load([path])


def test_a_users_rule_joins_the_builtin_ones_and_changes_the_version(tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_text(
        """
[[rule]]
id = "my-outlet"
category = "navigation"
where = "line"
pattern = 'the lowlander on {PLATFORM}'
languages = ["en"]
source = "https://example.org"
hits = ["The Lowlander on Facebook"]
misses = []
""",
        encoding="utf-8",
    )

    rulebook = load([path])

    assert len(RULEBOOK.rules) + 1 == len(rulebook.rules)
    assert rulebook.version != RULEBOOK.version
    assert {"my-outlet"} == {rule.id for rule in Scanner(rulebook).rules("► The Lowlander on Facebook")}


GOOD = """
[[rule]]
id = "my-outlet"
category = "navigation"
where = "line"
pattern = 'the lowlander on {PLATFORM}'
languages = ["en"]
source = "https://example.org"
hits = ["The Lowlander on Facebook"]
misses = ["The Lowlander was a ship."]
"""
BROKEN = {
    "look-ahead": (("'the", "'(?=the)the"), "look-around cannot be matched in linear time"),
    "look-behind": (("'the", "'(?<!not )the"), "look-around cannot be matched in linear time"),
    "back-reference": (("'the", r"'(t)\1he"), "back-references cannot be matched in linear time"),
    "repeats repeats": (("'the", "'(?:a{900}){900}the"), "a counted repetition has at most 1,000 copies"),
    "hit not caught": (("the lowlander on", "the highlander on"), "does not catch its hit 'The Lowlander on Facebook'"),
    "miss caught": (("on {PLATFORM}", ".*"), "catches its miss 'The Lowlander was a ship.'"),
    "catches everything": (("'the lowlander on {PLATFORM}'", "'(?:the)?.* on .*|[^T].*'"), "lines of content"),
    "no kind of residue": (("navigation", "nonsense"), "'nonsense' is none of"),
    "id of a built-in rule": (("my-outlet", "wire-line"), "this id is taken"),
    "no TOML": (("[[rule]]", "[[rule]"), "cannot be read as TOML"),
    "rule is no table": (("[[rule]]", "rule = 3\n[defaults]"), "rule: should be tables"),
    "word list is no list": (("[[rule]]", "[words]\nA = 3\n[[rule]]"), "words: A: should be a list of strings"),
    "nothing in it": ((GOOD, ""), "there is no [[rule]]"),
}


@pytest.mark.parametrize(("change", "reason"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_of_a_user_is_refused_with_the_reason(change: tuple[str, str], reason: str, tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_text(GOOD.replace(*change), encoding="utf-8")

    with pytest.raises(InputError) as caught:
        check_rules([path])

    assert reason in str(caught.value)
    assert "mine.toml" in str(caught.value)


def test_a_sound_file_of_a_user_is_told_what_each_rule_costs(tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_text(GOOD, encoding="utf-8")

    costs = check_rules([path])

    assert costs.keys() == {"my-outlet"}
    assert 0 <= costs["my-outlet"] < 2


def test_the_faults_of_several_files_are_told_together(tmp_path: Path):
    for name, change in (("one", ("[[rule]]", "[[rule]")), ("two", ("[[rule]]", "rule = 3\n[defaults]"))):
        (tmp_path / f"{name}.toml").write_text(GOOD.replace(*change), encoding="utf-8")

    with pytest.raises(InputError, match=r"(?s)one\.toml: cannot be read.*two\.toml: rule: should be tables"):
        check_rules([tmp_path / "one.toml", tmp_path / "two.toml"])
