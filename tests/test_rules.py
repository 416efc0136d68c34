"""Every rule catches its hits, spares its misses, and cannot be made to run long."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
import re2

from cleaners.errors import InputError
from cleaners.rulebook import RULES, Rule, builtin, load
from cleaners.strip.scan import Scanner, bare
from cleaners.strip.trial import CLOSE, OPEN, caught_by, marked
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


@EACH_RULE
def test_no_rule_that_may_speak_in_its_language_decides_against_a_miss(rule: Rule):
    """Rules of other languages are kept from it by `Tongues`."""
    speaking = {"en", "*", *rule.languages}
    for miss in rule.misses:
        found = [BY_NAME[name] for name in caught_by(miss, SCANNER)]

        assert [one.id for one in found if one.where not in ("beside", "apart") and speaking & {*one.languages}] == [], miss


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
