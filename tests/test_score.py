"""What the figures of a pair score: products and trees, as they stand in the file."""

import importlib.resources
import tomllib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaners.rewording.columns import MEASURES
from cleaners.rewording.score import TERMS, log_odds, model_of, models, trees_of

UNIT = st.floats(0, 1, width=32)
TREE = ["order", 0.5, "jaccard", 0.2, "length", 0.3, 1.0, 2.0, 4.0, 8.0]


def test_the_coefficients_fit_the_measures():
    assert {name: len(model.slope) for name, model in models().items()} == {
        "reworded": len(TERMS),
        "overlap": len(TERMS),
    }


@given(st.lists(st.lists(UNIT, min_size=len(MEASURES), max_size=len(MEASURES)), min_size=1, max_size=3))
@pytest.mark.parametrize("name", models())
def test_what_the_measures_say_is_the_sum_over_products_and_trees(name, rows):
    model, expected = models()[name], []
    for row in rows:
        known = dict(zip(MEASURES, map(np.float32, row), strict=True))
        products = [float(np.prod([known[name] for name in term], dtype=np.float32)) for term in TERMS]
        total = model.intercept + sum(slope * product for slope, product in zip(model.slope, products, strict=True))
        for asked, limits, values in zip(*model.trees, strict=True):
            first, *others = (row[at] > limit for at, limit in zip(asked, limits, strict=True))
            total += values[2 * int(first) + int(others[int(first)])]
        expected.append(total)

    assert log_odds(model, np.array(rows, np.float32)) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    "spoilt",
    [
        {"trees": [TREE, TREE[:-1]]},
        {"trees": [TREE[:-1]]},
        {"trees": [[*TREE, 0.0]]},
        {"trees": [["balanse", *TREE[1:]]]},
        {"trees": [[*TREE[:-1], float("nan")]]},
        {"trees": []},
        {"trees": 1},
        {"bars": {}},
        {"bars": {"100": 1.0, "25": 2.0}},
        {"slopes": {}},
    ],
    ids=repr,
)
def test_a_model_that_does_not_fit_is_refused(spoilt):
    file = importlib.resources.files("cleaners.rewording").joinpath("coefficients.toml")
    table = tomllib.loads(file.read_text(encoding="utf-8"))["reworded"]

    assert model_of({**table, "trees": [TREE]}).trees.value.tolist() == [TREE[6:]]
    with pytest.raises(ValueError, match="train it anew"):
        model_of({**table, **spoilt})


def test_a_tree_asks_the_second_question_by_the_answer_to_the_first():
    model = models()["reworded"]._replace(intercept=0.0, slope=np.zeros(len(TERMS)), trees=trees_of([TREE]))
    rows = np.zeros((4, len(MEASURES)), np.float32)
    rows[:, MEASURES.index("order")] = 0.5, 0.5, 0.6, 0.6  # a value at the limit is not above it
    rows[:, MEASURES.index("jaccard")] = 0.1, 0.3, 0.3, 0.3
    rows[:, MEASURES.index("length")] = 0.4, 0.4, 0.2, 0.4

    assert log_odds(model, rows).tolist() == [1.0, 2.0, 4.0, 8.0]
