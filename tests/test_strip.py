"""What strip promises: everything on record, twice is once, content stays, nothing runs long."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaners.config import StripSettings
from cleaners.model import Mark
from cleaners.rulebook import CATEGORIES
from cleaners.spans import restore
from cleaners.strip.engine import explain, strip_text

PROSE = "The bridge over the Lenn reopened on Monday after three years of repairs, the town said in a statement."
MORE = "Drivers who had queued since dawn were the first to cross it, some of them blowing their horns all the way."
PIECES = (
    PROSE, MORE, "Share this:", "Click to share on Facebook (Opens in new window)", "Read more",
    "Harbour plan rejected", "<!– Temp removal of in article reco", "End comment –>", "(ANI)", "He left. (ANI)",
    "", "   ", "\u00a0", "Leave a Reply", "Your email address will not be published.", "cafÃ©", "\ufeff",
    "a\x00b", "Источник: Лента", "続きを読む", "Advertisement", "- Ferry aground", "👇", "-->",
    "[caption id=”1″]The quay[/caption]", "\r", "…", "Dana Whitlock",
)  # fmt: skip

texts = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=14).map("\n".join),
    st.lists(st.sampled_from(PIECES), max_size=10).map("\n\n".join),
    st.text(st.characters(codec=None, exclude_categories=()), max_size=200),
    st.text(" \n\t\r\x00\u2028\u0085\ud800()[]<>-–!.aé", max_size=80),
)


@given(texts)
@settings(max_examples=150, deadline=None)
def test_the_edits_undo_exactly(text: str):
    stripped = strip_text(text)

    assert text == restore(stripped.text, stripped.edits)
    assert list(stripped.edits) == sorted(stripped.edits)
    assert all(text[edit.start : edit.end] == edit.before for edit in stripped.edits)
    assert all(one.end <= two.start for one, two in zip(stripped.edits, stripped.edits[1:], strict=False))


@given(texts)
@settings(max_examples=150, deadline=None)
def test_stripping_a_clean_text_changes_nothing(text: str):
    assert strip_text(strip_text(text).text).edits == ()


@given(texts, st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_a_text_cleaned_with_its_marks_is_clean_without_them(text: str, random):
    marks = [Mark(random.choice((0, 0, 0, 1, 2, 9, 64, 256, 512))) for _ in text.split("\n")]

    assert strip_text(strip_text(text, marks=marks).text).edits == ()


@given(texts)
@settings(max_examples=60, deadline=None)
def test_between_paragraphs_stands_one_blank_line_at_most(text: str):
    clean = strip_text(text).text

    assert "\n\n\n" not in clean
    assert clean == clean.strip("\n")


def test_a_blank_line_stays_a_blank_line_where_residue_stood_between():
    assert f"{PROSE}\n\n{MORE}" == strip_text(f"{PROSE}\n\nAdvertisement\n\n{MORE}").text
    assert f"{PROSE}\n{MORE}" == strip_text(f"{PROSE}\nAdvertisement\n{MORE}").text
    assert f"{PROSE}\n\n{MORE}" == strip_text(f"{PROSE}\nAdvertisement\n\n{MORE}").text


def test_a_wire_credit_goes_and_its_sentence_stays():
    stripped = strip_text(f"{PROSE} (ANI)")

    assert stripped.text == PROSE
    assert [(edit.before, edit.rule, edit.category) for edit in stripped.edits] == [
        (" (ANI)", "wire-tail", "wire_credit")
    ]


@pytest.mark.parametrize(
    ("language", "line", "rule"),
    [
        ("en", "Send via WhatsApp", "share-on-platform"),
        ("da", "Send via WhatsApp", "da-share"),
        ("en", "Pages: 1 2 3", "page-turner"),
    ],
)
def test_of_rules_that_say_the_same_the_nearest_to_the_language_is_named(language: str, line: str, rule: str):
    [edit] = strip_text(f"{PROSE}\n\n{MORE}\n\n{line}", language=language).edits

    assert edit.rule == rule


def test_the_tags_of_a_caption_go_and_its_words_stay():
    text = f"{PROSE}\n\n[caption id=”attachment_12″]The new bridge at dawn, seen from the old quay.[/caption]\n\n{MORE}"

    assert "The new bridge at dawn, seen from the old quay." in strip_text(text).text
    assert "caption" not in strip_text(text).text


def test_a_mangled_comment_goes_with_the_lines_between_its_ends():
    text = f"{PROSE}\n\n<!– Temp removal of in article reco\n\nslot 3\n\nEnd comment –>\n\n{MORE}"

    assert f"{PROSE}\n\n{MORE}" == strip_text(text).text


def test_a_comment_that_swallows_prose_is_no_block():
    text = f"<!– Temp removal\n\n{PROSE}\n\nEnd comment –>\n\n{MORE}"

    assert f"{PROSE}\n\n{MORE}" == strip_text(text).text


def test_titles_under_a_struck_heading_go_and_the_next_sub_heading_stays():
    text = f"{PROSE}\n\nRead more\n\nHarbour plan thrown out after a long night of talks\n\nA slow start\n\n{MORE}"

    assert f"{PROSE}\n\nA slow start\n\n{MORE}" == strip_text(text).text


def test_mark_up_strikes_what_no_rule_knows():
    text = f"{PROSE}\n\nFerry aground off Orrel\n\n{MORE}"

    assert text == strip_text(text).text
    assert f"{PROSE}\n\n{MORE}" == strip_text(text, marks=(0, 0, Mark.LINK | Mark.LIST, 0, 0)).text


def test_typographic_signs_and_joiners_stay():
    text = "“Nice,” she said — it’s می‌خواهم and 👩‍👩‍👧 and\u00a0so on."

    assert text == strip_text(text).text


def test_mojibake_is_repaired_word_by_word():
    stripped = strip_text("The cafÃ© on the quay reopened.")

    assert stripped.text == "The café on the quay reopened."
    assert [(edit.before, edit.after, edit.rule, edit.category) for edit in stripped.edits] == [
        ("cafÃ©", "café", "mojibake", "repair")
    ]


SWITCHES = [
    ("agency_credits", "The Associated Press contributed to this report."),
    ("agency_credits", "Reporting by Dana Whitlock; editing by Lee Orr"),
    ("author_bios", "About the author"),
    ("author_bios", "Dana Whitlock is a staff writer at the Quay News. She covers shipping."),
    ("bylines", "Published 3 May 2024"),
    ("bylines", "By Dana Whitlock"),
    ("bylines", "Publié le 3 mars 2024 à 10h05"),
    ("photo_credits", "Photo: Dana Whitlock / Quay Agency"),
    ("photo_credits", "Foto: Jette Marbach/dpa"),
    ("embedded_posts", "— Orrel Harbour (@orrelharbour) March 3, 2024"),
    ("embedded_posts", "View this post on Instagram"),
    ("editorial_notes", "Correction: An earlier version of this story misstated the length of the crack."),
    ("editorial_notes", "Note de la rédaction : ce texte comportait une erreur."),
]


@pytest.mark.parametrize(("switch", "line"), SWITCHES)
def test_a_corpus_may_keep_a_kind_of_residue(switch: str, line: str):
    text = f"{PROSE}\n\n{MORE}\n\n{line}"
    off, on = (strip_text(text, settings=StripSettings(**{switch: wanted})) for wanted in (False, True))

    assert off.text == text
    assert on.text == f"{PROSE}\n\n{MORE}"
    assert [CATEGORIES[edit.category].setting for edit in on.edits] == [switch]


def test_every_switch_is_tried():
    assert {row.setting for row in CATEGORIES.values() if row.setting} == {switch for switch, _ in SWITCHES}


def test_notes_of_the_desk_stay_and_what_is_left_of_a_widget_goes_by_default():
    note = "Correction: An earlier version of this story misstated the length of the crack."

    assert strip_text(f"{PROSE}\n{MORE}\n{note}\nView this post on Instagram").text == f"{PROSE}\n{MORE}\n{note}"


@pytest.mark.parametrize(
    "marked",
    [
        f"{PROSE}⟦ (ANI)⟧",
        f"{PROSE}⟦ (dpa/AFP)⟧",
        f"{PROSE}⟦ (Reporting by Dana Whitlock; Editing by Lee Orr)⟧",
        f"{PROSE} ⟦Also read: Harbour plan thrown out by council. ⟧{MORE}",
        f"{PROSE} ⟦(Lire aussi : Le plan du port rejeté) ⟧{MORE}",
        f"{PROSE}⟦ ALSO READ | Harbour plan thrown out⟧",
        f"⟦Advertisement⟧{PROSE}",
        f"{PROSE} ⟦Advertisement - scroll to continue ⟧{MORE}",
        f"⟦345 SHARES ⟧{PROSE}",
        f"{PROSE}⟦ Share Tweet Email⟧",
        f"{PROSE}⟦ Read more »⟧",
        f"{PROSE}⟦ © 2024 Quay News. All rights reserved.⟧",
        f"{PROSE}⟦ The post Ferry freed after nine hours appeared first on Quay News.⟧",
        f"Harbour plan thrown out by council⟦ Harbour plan thrown out by council⟧\n{PROSE}",
    ],
)
def test_what_is_glued_to_a_sentence_goes_and_the_sentence_stays(marked: str):
    """A credit of an agency makes no caption of the last sentence, nor a copyright notice a notice."""
    parts = [part.split("⟧") for part in marked.split("⟦")]

    assert strip_text("".join(map("".join, parts))).text == "".join(part[-1] for part in parts)


def test_a_corpus_that_keeps_credits_keeps_the_sentence_before_them():
    text = f"{MORE}\n{PROSE} (dpa/AFP)"

    assert strip_text(text, settings=StripSettings(agency_credits=False)).text == text


def test_a_refrain_that_stands_twice_in_a_line_stays():
    poem = f"{PROSE}\nAnd the lamp stayed lit And the lamp stayed lit\n{MORE}"

    assert strip_text(poem).text == poem


def test_explain_tells_for_every_line_whether_it_goes_and_why():
    told = explain(f"{PROSE}\n\nShare on Facebook\n\n👇")

    assert tuple(line.struck for line in told) == (False, True, True)
    assert told[1].evidence[0].rule is not None
    assert {"next to residue", "no letters"} <= {piece.name for piece in told[2].evidence}


@pytest.mark.parametrize(
    "filler",
    [
        "Share this:\n", "Share on Facebook ", " ", "\n", "[", "(", "<!-", "\u0301", "Ã©", "(ANI) ", "Read more\n",
        "- a\n", "{{", "👇\n", "a@b.", "\x00", "Read more: ", "(a)\n", "a\u0301\u0302\n", "cafÃ© open\n", "12 shares\n",
    ],
)  # fmt: skip
def test_a_megabyte_of_one_thing_strips_in_time(filler: str):
    text = filler * (1_000_000 // len(filler.encode()))
    start = time.process_time()
    stripped = strip_text(text)

    assert time.process_time() - start < 10  # two on a quiet machine
    assert text == restore(stripped.text, stripped.edits)


SHARED = Path(__file__).parents[2] / "shared"


@pytest.mark.shared
def test_the_seeds_come_out_as_expected():
    if not SHARED.is_dir():
        pytest.skip("the labelled data is not beside the repository")
    import json  # noqa: PLC0415

    for name, expected in json.loads((SHARED / "seeds" / "expected.json").read_text(encoding="utf-8")).items():
        if name.startswith("_"):
            continue
        text = (SHARED / "seeds" / name).read_text(encoding="utf-8")
        clean = {" ".join(line.split()) for line in strip_text(text).text.split("\n")}
        keep = {" ".join(line.removesuffix(" (ANI)").split()) for line in expected["keep"]}

        assert keep <= clean, name
        assert not {" ".join(line.split()) for line in expected["strike"]} & clean, name


def test_the_switches_of_the_categories_are_settings():
    known = set(StripSettings.model_fields)

    assert {row.setting for row in CATEGORIES.values() if row.setting} <= known
    assert all(dataclasses.is_dataclass(row) for row in CATEGORIES.values())


def test_a_rule_of_another_script_says_nothing_about_a_line_of_latin_letters():
    assert "AFP raid home" in strip_text(f"{PROSE}\n\nAFP raid home\n\n{MORE}").text
