"""Trees of two questions each that together tell copies from reports: gradient boosting by LightGBM.

For training only (the group `train` of pyproject.toml): what it finds is written down as questions and values, and
copydesk asks them.
"""

import lightgbm

from cleaners.rewording.columns import MEASURES
from cleaners.rewording.score import trees_of

TREES, GROWN = 300, {
    "objective": "binary", "learning_rate": 0.1, "num_leaves": 4, "max_depth": 2, "min_data_in_leaf": 40,
    "min_sum_hessian_in_leaf": 5, "lambda_l2": 20, "feature_fraction": 0.6, "bagging_fraction": 0.8, "bagging_freq": 1,
    "seed": 1, "num_threads": 2, "deterministic": True, "force_row_wise": True, "verbose": -1,
}  # fmt: skip
"""How many trees there are, and how LightGBM is to grow them."""


def grow(figures, y, w):
    """Return trees of two questions that tell which pairs are copies by their figures."""
    pairs = lightgbm.Dataset(figures.astype(float), y.astype(float), weight=w / w.mean())
    booster = lightgbm.train(GROWN, pairs, TREES)
    return trees_of([asked(tree["tree_structure"]) for tree in booster.dump_model()["tree_info"]])


def asked(root):
    """Return a tree of LightGBM's as (measure, limit) of three questions and four values."""
    first, *others = (question(node or root) for node in (root, root.get("left_child"), root.get("right_child")))
    return [*first[:2], *others[0][:2], *others[1][:2], *others[0][2:], *others[1][2:]]


def question(node):
    """Return measure, limit, and the values below and above it; of a leaf both are the same."""
    if "leaf_value" in node:
        return MEASURES[0], 0.0, node["leaf_value"], node["leaf_value"]
    values = [node[side].get("leaf_value", 0.0) for side in ("left_child", "right_child")]
    return MEASURES[node["split_feature"]], node["threshold"], *values
