"""Facts as people read them: what is one name, and what is told of a text beside another."""

from __future__ import annotations

import pyarrow as pa
import pytest

from cleaners.facts.reading import told_of
from cleaners.rewording.evidence import shared_and_not


def told(*texts):
    """Return what is told of each text: kinds, and how each fact is written."""
    return [(each.kinds, each.written) for each in told_of(pa.array(texts, pa.large_string()))]


def test_the_words_of_a_name_are_one_fact():
    assert told("and so it was that Ada Quill-Orrel said it to them") == [(["name"], ["Ada Quill-Orrel"])]


@pytest.mark.parametrize(
    ("between", "names"), [(" ", 2), ("-", 2), (". ", 2), ("\u00a0", 2), (", ", 3), ("  ", 3), ("\u2009", 3)]
)
def test_a_name_goes_on_after_a_space_a_hyphen_or_a_full_stop(between, names):
    [(kinds, _)] = told(f"and it was of Quill that Orrel{between}Quill spoke")

    assert kinds == ["name"] * names


def test_a_name_does_not_go_on_in_the_next_text():
    assert [written for _, written in told("it was Orrel ", "it was there Quill spoke")] == [["Orrel"], ["Quill"]]


def test_facts_are_told_as_the_text_writes_them():
    text = "Über 12 Hühner in Łódź klagte „Ben Finch“ am 3. Mai, so @orrel."

    assert told("", text)[1] == (
        ["number", "name", "name", "term", "name", "date", "handle"],
        ["12", "Hühner", "Łódź", "klagte", "Ben Finch", "3. Mai", "@orrel"],
    )


def test_a_rare_term_of_the_kept_text_may_be_the_name_of_the_copy():
    texts = pa.array(["the zyxwa was seen there by us all", "and it was Zyxwa who saw it 12 times"], pa.large_string())

    assert shared_and_not(*told_of(texts)) == (("Zyxwa",), ("12",))
