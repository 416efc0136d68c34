"""Other stories that nothing announces, and lines set apart: they go; what a report lists and says itself stays."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaners.extract.marks import marks as marks_of
from cleaners.extract.parse import parse
from cleaners.model import Mark
from cleaners.strip.engine import explain, strip_text
from cleaners.strip.listing import listed
from cleaners.strip.shape import is_prose

PROSE = "The bridge over the Lenn reopened on Monday after three years of repairs, the town said in a statement."
MORE = "Drivers who had queued since dawn were the first to cross it, some of them blowing their horns all the way."
LAST = "The repairs cost twice what the council had voted for, and the next inspection is due in four years."
OTHERS = (
    "- Orrel ferry company to close two more winter routes",
    "- Why the price of barley doubled in a fortnight",
    "- Museum director resigns over missing amber",
)
CAPITALS = "MUSEUM DIRECTOR RESIGNS OVER MISSING AMBER AS POLICE SEARCH HER OFFICE"
EXCERPTS = (
    "Amber worth a fortune is missing from the museum of Orrel, whose director stepped down on Friday after guards saw",
    "Barley has never been dearer than this spring, say millers in the north, who blame a wet autumn and the end of",
)


def text(*lines: str) -> str:
    return "\n".join(lines)


@pytest.mark.parametrize("place", ["middle", "end", "head"])
def test_headlines_of_other_stories_in_a_row_go(place: str):
    listed = {"middle": (PROSE, *OTHERS, MORE), "end": (PROSE, MORE, *OTHERS), "head": (*OTHERS, PROSE, MORE)}[place]

    assert text(PROSE, MORE) == strip_text(text(*listed)).text


@pytest.mark.parametrize(
    "lines",
    [
        # announced by a colon, or by a heading
        (PROSE, "The council wants three things from the new owners of the ferry:", *OTHERS, MORE),
        (PROSE, "What else happened", *OTHERS, MORE),
        (PROSE, "And in Orrel?", *OTHERS, MORE),
        # in the words of the report
        (PROSE, "- Bridge over the Lenn reopened after repairs", "- Drivers had queued to cross since dawn", MORE),
        # sentences, labels, figures, words that go on with the sentence before
        (PROSE, *(f"{line}." for line in OTHERS), MORE),
        (PROSE, "- 200 g barley", "- Amber", "- Salt", MORE),
        (PROSE, "- 12 tonnes of amber and old barley", "- 14 tonnes of glass from a museum", MORE),
        (PROSE, "- because ferries to Orrel were cancelled", "- because museums of amber were shut", MORE),
        # one alone
        (PROSE, OTHERS[0], MORE),
    ],
)  # fmt: skip
def test_what_a_report_lists_itself_stays(lines: tuple[str, ...]):
    assert text(*lines) == strip_text(text(*lines)).text


def test_a_long_headline_in_capitals_goes_and_a_sub_heading_in_capitals_stays():
    assert text(PROSE, MORE) == strip_text(text(PROSE, CAPITALS, MORE)).text
    assert (
        text(PROSE, "A SLOW START FOR THE BRIDGE", MORE)
        == strip_text(text(PROSE, "A SLOW START FOR THE BRIDGE", MORE)).text
    )
    assert text(CAPITALS, PROSE) == strip_text(text(CAPITALS, PROSE)).text
    shouted = text(PROSE.upper(), CAPITALS, MORE.upper())
    assert shouted == strip_text(shouted).text


def test_excerpts_cut_off_at_the_end_go():
    assert text(PROSE, MORE, LAST) == strip_text(text(PROSE, MORE, LAST, *EXCERPTS)).text


@pytest.mark.parametrize(
    "lines",
    [
        (PROSE, MORE, LAST, EXCERPTS[0]),  # one: the text itself may be cut off
        (PROSE, MORE, *EXCERPTS, LAST),  # not at the end
        (PROSE[:-1], MORE[:-1], LAST[:-1], *EXCERPTS),  # nobody here ends a sentence
        (PROSE, MORE, LAST, *(f"{excerpt} quarter." for excerpt in EXCERPTS)),  # they end theirs
    ],
)
def test_paragraphs_that_only_resemble_excerpts_stay(lines: tuple[str, ...]):
    assert text(*lines) == strip_text(text(*lines)).text


def test_titles_that_ask_are_titles_in_a_list_with_teasers():
    listed = (
        "Who closed the ferry to Orrel? Who closed the ferry to Orrel?",
        "A company that nobody knows bought all of its boats in May.",
        "Amber, and where it went",
        "Guards found an empty case beneath the old museum on Friday.",
    )

    assert text(PROSE, MORE) == strip_text(text(PROSE, MORE, "More stories", *listed)).text


def test_items_of_a_list_at_the_end_do_not_go_one_after_the_other():
    wares = [f"- Rope, {colour}, ten metres long" for colour in ("red", "blue", "green")]

    assert text(PROSE, "What to bring", *wares) == strip_text(text(PROSE, "What to bring", *wares, "Share this:")).text


def test_explain_names_the_shape_and_the_share_of_own_words():
    line = explain(text(PROSE, *OTHERS, MORE))[1]

    assert line.struck
    assert [piece.name for piece in line.evidence][:2] == ["headlines in a row", "own words"]
    assert 0 < line.evidence[1].points <= 0.8


def test_a_label_set_apart_goes_after_the_last_paragraph_only():
    lines, apart = (PROSE, MORE, "Share this:", "Orrel quay"), (0, 0, 0, Mark.APART)

    assert text(PROSE, MORE) == strip_text(text(*lines), marks=apart).text
    assert text(PROSE, MORE, "Orrel quay") == strip_text(text(PROSE, MORE, "Orrel quay"), marks=(0, 0, Mark.APART)).text


def test_a_lead_set_apart_stays_beside_residue():
    lead = "Bridge over the Lenn is open to all drivers at last"

    assert (
        text(lead, PROSE, MORE) == strip_text(text("Share this:", lead, PROSE, MORE), marks=(0, Mark.APART, 0, 0)).text
    )


def test_a_paragraph_that_names_a_newsletter_goes_only_where_the_page_sets_it_apart():
    named = (
        "Three times a week the newsletter of the harbour tells what the tide brought in and what it took away again."
    )

    assert text(PROSE, MORE) == strip_text(text(PROSE, named, MORE), marks=(0, Mark.APART, 0)).text
    assert text(PROSE, named, MORE) == strip_text(text(PROSE, named, "Share this:", MORE)).text
    assert text(PROSE, LAST, MORE) == strip_text(text(PROSE, LAST, MORE), marks=(0, Mark.APART, 0)).text


def test_an_endless_list_of_other_stories_is_named_in_time():
    listed = "\n".join(["- Bridge reopens after a long year of work"] * 5000)
    start = time.process_time()
    strip_text(listed)

    assert time.process_time() - start < 20


def test_a_line_in_blocks_of_its_own_is_apart_and_an_item_of_a_list_is_not():
    body = f"<p>{PROSE}</p><p>{MORE}</p><div><div><p>Orrel quay</p></div></div><ul><li>Rope</li></ul><p>{LAST}</p>"
    tree, _ = parse(f"<html><body><article>{body}</article></body></html>")

    found = marks_of(text(PROSE, MORE, "Orrel quay", "- Rope", LAST), tree)

    assert list(found) == [0, 0, Mark.APART, Mark.LIST, 0]


def test_nothing_is_apart_where_every_paragraph_has_blocks_of_its_own():
    body = "".join(f"<div><div><p>{line}</p></div></div>" for line in (PROSE, MORE, LAST))
    tree, _ = parse(f"<html><body><article>{body}</article></body></html>")

    assert marks_of(text(PROSE, MORE, LAST), tree) == (0, 0, 0)


@pytest.mark.parametrize(
    "lines", [(PROSE, *OTHERS), (PROSE, CAPITALS), ("a " * 20,)], ids=["items", "capitals", "excerpts"]
)
def test_a_megabyte_of_lists_is_read_in_time(lines: tuple[str, ...]):
    many = [*lines] * (1_000_000 // len(text(*lines)))
    start = time.process_time()
    found = list(listed(many, [is_prose(line) for line in many]))

    assert time.process_time() - start < 2
    assert len(found) <= len(many)


pieces = st.sampled_from(
    (PROSE, MORE, LAST, *OTHERS, *EXCERPTS, CAPITALS, "Read more", "Share this:", "- Rope", "Orrel:")
)


@given(st.lists(st.tuples(pieces, st.sampled_from((0, 0, 1, 256, Mark.APART, Mark.APART | Mark.LINK))), max_size=14))
@settings(max_examples=200, deadline=None)
def test_a_text_without_its_lists_is_clean(lines: list[tuple[str, int]]):
    clean = strip_text(text(*(line for line, _ in lines)), marks=[Mark(mark) for _, mark in lines]).text

    assert strip_text(clean).edits == ()
