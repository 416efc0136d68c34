"""Words are the same whether they are read letter by letter or many bytes at a time."""

from __future__ import annotations

import pyarrow as pa
import pytest

from cleaners.facts import marks
from cleaners.facts.scan import terms


def column(*texts):
    return pa.array(texts, pa.large_string())


@pytest.mark.parametrize("letters", [2, 6, 7, 8, 9, 12, 16, 17, 40, 63, 64, 65, 130])
@pytest.mark.parametrize(
    "after", [" and so on, and so on and on; and then some more of that, until it was over", "\u0301", ""]
)
def test_a_word_is_the_same_whatever_is_read_at_a_time(letters, after):
    word = "".join(chr(97 + place % 23) for place in range(letters))
    found = terms(column(word + after, after))

    assert found.term[0] == terms(column(word)).term[0]
    assert found.end[0] == len((word + after).split(" ")[0].encode())


@pytest.mark.parametrize(
    "filling", ["", " and that was all there was to it, as far as anybody could tell at that time"]
)
def test_capitals_are_seen_whatever_is_read_at_a_time(filling):
    found = terms(column("WHO is it, who, I" + filling))

    assert (found.flags[:4] & marks.COMMON > 0).tolist() == [False, True, True, True]
