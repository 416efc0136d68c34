"""What shares paragraphs or a frame with an earlier article is no copy of it: follow-ups, columns, sister releases."""

import itertools

import numpy as np
import pyarrow as pa
import pytest
from stories import CHANGED, FOLLOW_UP, MARKET, NEXT_MARKET, NEXT_RELEASE, ORIGINAL, RELEASE, REWORDED, TOLD_AGAIN

from cleaners.config import RewordingSettings
from cleaners.rewording.columns import MEASURES
from cleaners.rewording.measures import measures
from cleaners.rewording.prepare import SENTENCES, prepare
from cleaners.rewording.verify import KINDS, NOTHING, verify


def kind(one, other):
    found = verify(np.array([0]), np.array([1]), pa.array([one, other], pa.large_string()).take, RewordingSettings())
    return KINDS[found.kind[0]] if found.kind[0] != NOTHING else None


def figures(one, other):
    [row] = measures(prepare(pa.array([one, other], pa.large_string())), np.array([[0, 1]]))
    return dict(zip(MEASURES, row.tolist(), strict=True))


def changed(text):
    for told, other in CHANGED.items():
        assert told in text
        text = text.replace(told, other)
    return text


@pytest.mark.parametrize(
    ("earlier", "later"),
    [(ORIGINAL, FOLLOW_UP), (MARKET, NEXT_MARKET), (RELEASE, NEXT_RELEASE), (ORIGINAL, changed(REWORDED))],
    ids=["follow-up", "market report", "sister release", "changed facts"],
)
def test_a_later_article_in_the_same_frame_is_no_copy(earlier, later):
    assert kind(earlier, later) != "reworded"
    assert kind(later, earlier) != "reworded"


def test_a_release_in_other_words_is_one():
    assert kind(RELEASE, TOLD_AGAIN) == "reworded"
    assert kind(NEXT_RELEASE, TOLD_AGAIN) != "reworded"


def test_a_follow_up_begins_with_something_else_and_brings_little_that_is_known():
    again, later = figures(ORIGINAL, REWORDED), figures(ORIGINAL, FOLLOW_UP)

    for name in ("lead_in_lead", "lead_cover", "fresh", "tail"):
        least = [min(pair[f"{name}_a"], pair[f"{name}_b"]) for pair in (later, again)]
        assert least[0] < least[1], name
    assert max(later["uneven_a"], later["uneven_b"]) > max(again["uneven_a"], again["uneven_b"])


def test_releases_of_a_series_begin_with_other_dates_and_numbers():
    again, later = figures(RELEASE, TOLD_AGAIN), figures(RELEASE, NEXT_RELEASE)

    assert again["lead_dates"] == again["lead_numbers"] == 0
    assert later["lead_dates"] > 0
    assert later["lead_numbers"] > 0.3


def test_runs_of_words_know_their_sentence():
    prepared = prepare(pa.array([ORIGINAL, "Skarvik is here. " * 1000], pa.large_string()))
    first, second = (prepared.stands[a:b] for a, b in itertools.pairwise(prepared.shingles.offsets))

    assert first.max() == prepared.sentence[: prepared.offsets[1]].max()
    assert (second < SENTENCES).all()
