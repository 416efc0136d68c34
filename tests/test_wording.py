"""The words of a line speak for or against it, the same in the kernel and on paper, and never alone against a story."""

from __future__ import annotations

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaners.config import Settings, StripSettings
from cleaners.shards.articles import cleaned_key
from cleaners.shards.plan import Shard
from cleaners.strip import wording
from cleaners.strip.engine import explain, strip_text

STORY = (
    "The ferry to Tessin island ran aground on Monday with 140 people on board, the harbour office of Orlec said.\n\n"
    "Nobody was hurt. Captain Mira Dolan told reporters the engine had failed twice that week.\n\n"
)
INVITATION = (
    "Every weekday at noon our editors pick five reads and drop them in your inbox, no charge, unsubscribe whenever."
)
ANY_LINE = st.text(st.characters(exclude_characters="\n\r"), max_size=80) | st.sampled_from(
    [
        "Sign up 3x for our News-Letter!",
        "続きを読む 12",
        "İstanbul’da abone ol",
        "ΣΧΌΛΙΑ (4)",
        "© 2024 Tide",
        "5p.m. x9y",
        "อ่านต่อ",
    ]
)


def on_paper(line: str) -> float:
    """Return the score of a line, added up feature by feature."""
    model = wording.trained()
    words = wording.tokens(line)
    if not words:
        return 0.0
    told = sum(model.features[name][0] for name in wording.features(line) if name in model.features)
    return model.intercept + told + sum(model.shape[name] * x for name, x in wording.shape(line, len(words)).items())


@given(st.lists(ANY_LINE, min_size=1, max_size=4))
def test_the_kernel_adds_up_what_the_features_weigh(lines: list[str]):
    for line, score in zip(lines, wording.weigh(lines), strict=True):
        assert math.isclose(on_paper(line), score, abs_tol=1e-9), line


@given(ANY_LINE, ANY_LINE)
def test_a_score_does_not_depend_on_the_lines_around(line: str, other: str):
    assert wording.weigh([other, line, other])[1] == wording.weigh([line])[0]


def test_an_invitation_in_new_words_goes_and_the_words_are_named():
    told = explain(STORY + INVITATION)[-1]
    pieces = {piece.name: piece for piece in told.evidence}

    assert told.struck
    assert pieces["wording"].words


@pytest.mark.parametrize(
    "line",
    [
        "The newsletter that the two brothers wrote in the camp was read by 300 prisoners.",
        "“Sign up or lose your place,” the foreman told them on Friday.",
        "Subscribers of the old line will be moved in May, the company said.",
    ],
)
def test_a_sentence_about_newsletters_and_subscribers_stays(line: str):
    assert line in strip_text(STORY + line + "\n\n" + STORY).text


def test_a_rule_alone_does_not_strike_a_sentence_that_is_worded_like_the_story():
    line = "Posted to Malta in 1942, he never spoke of it again."
    told = explain(STORY + line + "\n\n" + STORY)

    assert [one.struck for one in told if one.text == line] == [False]


def test_what_a_switch_keeps_is_kept_by_its_wording_too():
    line = "Mira Dolan is a reporter at the Tide and author of two books on boats. Reach her at mira@tide.example"
    kept = strip_text(STORY + line, settings=StripSettings(author_bios=False)).text

    assert line not in strip_text(STORY + line).text
    assert line in kept


def test_lines_longer_than_any_residue_are_not_weighed():
    assert wording.weigh(["subscribe to our newsletter " * 40]) == [0.0]


def test_a_megabyte_of_lines_is_weighed_in_time():
    lines = ["subscribe to our newsletter"] * 37_000
    wording.weigh(lines[:1])
    start = time.process_time()
    wording.weigh(lines)

    assert time.process_time() - start < 5


def test_another_model_makes_cleaned_parts_anew(monkeypatch: pytest.MonkeyPatch):
    shard, settings = Shard(()), Settings()
    before = cleaned_key(shard, settings, None)
    monkeypatch.setattr(wording, "version", lambda: "another")

    assert cleaned_key(shard, settings, None) != before
