"""What shares paragraphs or a frame with an earlier article is no copy of it: follow-ups, columns, sister releases."""

import itertools
import math

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


def test_a_follow_up_says_something_else_first_and_quotes_the_old_report_after_it():
    again, later = figures(ORIGINAL, REWORDED), figures(ORIGINAL, FOLLOW_UP)

    for name in ("lead_plain", "lead_facts"):
        least = [min(pair[f"{name}_a"], pair[f"{name}_b"]) for pair in (later, again)]
        assert least[0] < least[1], name
    for name in ("own_lead_facts", "uneven_verbatim"):
        most = [max(pair[f"{name}_a"], pair[f"{name}_b"]) for pair in (later, again)]
        assert most[0] > most[1], name


def rare(number):
    return " ".join(f"zyx{letter}wa" for letter in "abcdefghijklmnopqrstuvw"[:number])


def test_the_beginning_is_two_sentences_and_what_stands_in_it_is_counted_apart():
    """Facts by count, words by weight, runs of three: of the two sentences that begin the text, and of no other."""
    told = "Quorl Vembry lost 12 geese on the frozen marsh.", "Old Tarrow found them again by the river bank."
    rest = f"Nobody knows the {rare(9)} of it."
    same = figures(" ".join([*told, rest]), " ".join([*told, rest]))
    other = figures(" ".join([*told, rest]), f"{rest} Harn Oskel bought nineteen lamps in the market. {rest}")

    assert same["own_lead_facts_a"] == same["own_lead_facts_b"] == 0
    assert same["lead_verbatim_a"] == pytest.approx((15 + 3) / (15 + 6), abs=0.03)
    assert same["lead_facts_a"] > 0.7
    assert other["lead_facts_a"] < 0.3
    assert other["lead_verbatim_a"] < 0.3
    assert other["lead_plain_a"] < same["lead_plain_a"]
    assert max(other["own_lead_facts_a"], other["own_lead_facts_b"]) == pytest.approx(math.log1p(4) / 7, abs=0.03)


def test_wording_that_stands_in_some_sentences_only_is_uneven():
    """Half of the wording is the other's: half of either sentence, or one of the two."""
    words, others = rare(20).split(), rare(20).replace("zyx", "qov").split()
    mine = f"Then {' '.join(words[:10])}. Then {' '.join(words[10:])}."
    even = figures(mine, f"Then {' '.join(words[:5] + others[:5])}. Then {' '.join(words[10:15] + others[5:10])}.")
    uneven = figures(mine, f"Then {' '.join(words[:10])}. Then {' '.join(others[:10])}.")

    assert max(even["uneven_verbatim_a"], even["uneven_verbatim_b"]) < 0.1
    assert min(uneven["uneven_verbatim_a"], uneven["uneven_verbatim_b"]) == pytest.approx(0.5, abs=0.05)


def test_rare_words_that_are_no_facts_are_counted():
    found = figures(f"they saw {rare(10)} there", f"{rare(4)} was what these people were told of")

    assert found["rare_plain_of_a"] == pytest.approx((4 + 1) / (10 + 2))
    assert found["rare_plain_of_b"] == pytest.approx((4 + 1) / (4 + 2))
    assert found["common_rare_plain"] == pytest.approx(math.log1p(4) / 7)


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
