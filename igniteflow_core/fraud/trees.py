"""A forest as flat arrays, independent of the library that trained it."""

from dataclasses import dataclass

import numpy as np
import treelite
from numpy.typing import NDArray

from igniteflow_core.fraud.members import BoosterMember, ForestMember

_LESS_THAN = 2
_LEAF = 0


@dataclass(frozen=True)
class Forest:
    """All trees, concatenated; children are given by their positions among all nodes.

    Attributes:
        roots: (trees,) the root of each tree.
        left: (nodes,) child for rows that meet the condition, -1 at a leaf.
        right: (nodes,) child for the other rows, -1 at a leaf.
        feature: (nodes,) feature that is compared.
        threshold: (nodes,) threshold that the feature is compared with.
        value: (nodes,) value of a leaf.
        cover: (nodes,) weight of the training rows that reach the node; empty if unknown.
        strict: True if the condition is "less than", False if it is "less than or equal".
    """

    roots: NDArray[np.int64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    feature: NDArray[np.int64]
    threshold: NDArray[np.float64]
    value: NDArray[np.float64]
    cover: NDArray[np.float64]
    strict: bool


def treelite_model(member: ForestMember | BoosterMember) -> treelite.Model:
    """The member in treelite's form."""
    if isinstance(member, ForestMember):
        return member.forest
    return treelite.frontend.from_xgboost(member.booster)


def flat_forest(model: treelite.Model) -> Forest:
    """The trees of a treelite model with numerical splits; the last of several outputs is used."""
    trees = [model.get_tree_accessor(number) for number in range(model.num_tree)]
    counts = [int(tree.get_field("num_nodes")[0]) for tree in trees]
    roots = np.concatenate(([0], np.cumsum(counts)[:-1])).astype(np.int64)

    def joined(field: str) -> NDArray[np.float64]:
        return np.concatenate([tree.get_field(field) for tree in trees]).astype(np.float64)

    is_leaf = joined("node_type") == _LEAF
    shift = np.repeat(roots, counts)
    left, right = (
        np.where(is_leaf, -1, joined(side) + shift).astype(np.int64) for side in ("cleft", "cright")
    )
    vectors = [_last_outputs(tree) for tree in trees]
    comparisons = joined("cmp")[~is_leaf]
    return Forest(
        roots=roots,
        left=left,
        right=right,
        feature=np.where(is_leaf, 0, joined("split_index")).astype(np.int64),
        threshold=np.where(is_leaf, 0.0, joined("threshold")),
        value=np.where(is_leaf, np.concatenate(vectors), 0.0),
        cover=joined("sum_hess"),
        strict=bool((comparisons == _LESS_THAN).all()),
    )


def _last_outputs(tree: treelite.model.TreeAccessor) -> NDArray[np.float64]:
    vectors = tree.get_field("leaf_vector")
    if not len(vectors):
        return np.asarray(tree.get_field("leaf_value"), dtype=np.float64)
    ends = tree.get_field("leaf_vector_end").astype(np.int64)
    last = np.maximum(ends - 1, 0)
    return np.asarray(vectors[last], dtype=np.float64)
