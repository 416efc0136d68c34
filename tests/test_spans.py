"""Edits of a text: applied, undone, folded."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaners.model import Edit
from cleaners.spans import apply, compose, restore

texts = st.text(alphabet="ab \n()é\ud800", max_size=40)


@st.composite
def edits_of(draw: st.DrawFn, text: str) -> tuple[Edit, ...]:
    """Sorted edits of a text that do not overlap."""
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    edits = []
    for start, end in zip(cuts[::2], cuts[1::2], strict=False):
        after = draw(st.text(alphabet="xy ", max_size=3))
        if text[start:end] != after:
            edits.append(Edit(start, end, text[start:end], after, "some-rule", "some_category"))
    return tuple(edits)


@given(st.data())
def test_restore_undoes_apply(data: st.DataObject) -> None:
    text = data.draw(texts)
    edits = data.draw(edits_of(text))

    assert restore(apply(text, edits), edits) == text


@given(st.data())
def test_two_rounds_fold_into_one(data: st.DataObject) -> None:
    text = data.draw(texts)
    first = data.draw(edits_of(text))
    middle = apply(text, first)
    second = data.draw(edits_of(middle))
    folded = compose(text, first, second)

    assert apply(text, folded) == apply(middle, second)
    assert restore(apply(text, folded), folded) == text
    assert all(one.end <= two.start for one, two in itertools.pairwise(folded))


def test_edits_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        apply("abc", [Edit(0, 1, "x", "", "r", "c")])
    with pytest.raises(ValueError, match="did not lead"):
        restore("abc", [Edit(0, 1, "x", "y", "r", "c")])
