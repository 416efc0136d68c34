"""Facts as people read them: what is one name, and what is told of a text beside another."""

from __future__ import annotations

import pyarrow as pa
import pytest

from cleaners.facts.reading import facts, told_of
from cleaners.rewording.evidence import compare


def test_the_words_of_a_name_are_one_fact():
    found = facts("and so it was that Ada Quill-Orrel said it to them")

    assert [fact.written for fact in found if fact.kind == "name"] == ["Ada Quill-Orrel"]


@pytest.mark.parametrize(
    ("between", "names"), [(" ", 2), ("-", 2), (". ", 2), ("\u00a0", 2), (", ", 3), ("  ", 3), ("\u2009", 3)]
)
def test_a_name_goes_on_after_a_space_a_hyphen_or_a_full_stop(between, names):
    found = facts(f"and it was of Quill that Orrel{between}Quill spoke")

    assert [fact.kind for fact in found] == ["name"] * names


def test_a_name_does_not_go_on_in_the_next_text():
    texts = pa.array(["it was Orrel ", "it was there Quill spoke"], pa.large_string())

    assert [told.written for told in told_of(texts)] == [["Orrel"], ["Quill"]]


def test_what_is_told_of_a_text_is_its_facts():
    text = "Über 12 Hühner in Łódź klagte „Ada Quill“ am 3. Mai, so @orrel."
    [told] = told_of(pa.array([text], pa.large_string()))

    assert list(zip(*told, strict=True)) == [(fact.key, fact.kind, fact.written) for fact in facts(text)]


def test_a_rare_term_of_the_kept_text_may_be_the_name_of_the_copy():
    assert compare("the zyxwa was seen there by us all", "and it was Zyxwa who saw it 12 times") == (
        ("Zyxwa",),
        ("12",),
    )
