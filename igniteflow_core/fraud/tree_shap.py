"""The Shapley table of a forest of boosted trees, computed once for each model."""

from dataclasses import dataclass
from math import factorial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from igniteflow_core.errors import PermanentError
from igniteflow_core.fraud.matrix import Floats
from igniteflow_core.fraud.shapley import ShapleyTable
from igniteflow_core.fraud.trees import Forest

MAX_PATH_FEATURES: Final = 8


def shapley_table(forest: Forest, features: int) -> ShapleyTable:
    """Compute the table of a forest whose condition is "less than" and whose cover is known.

    Args:
        forest: forest with float32 thresholds.
        features: number of features.

    Raises:
        PermanentError: a path holds more than MAX_PATH_FEATURES features; the table doubles with
            each.
    """
    paths = [path for root in forest.roots for path in _paths(forest, int(root))]
    m = max(len(path.ratios) for path in paths)
    if m > MAX_PATH_FEATURES:
        raise PermanentError(
            f"a tree path has {m} distinct features; at most {MAX_PATH_FEATURES} are supported",
            where="trees of the xgboost member",
            fix=f"set fraud.xgboost.max_depth to {MAX_PATH_FEATURES} or less and train again",
        )
    shape = (len(paths), m)
    feature = np.zeros(shape, dtype=np.int64)
    low, high = np.full(shape, -np.inf, np.float32), np.full(shape, np.inf, np.float32)
    ratio = np.ones(shape)
    for leaf, path in enumerate(paths):
        for place, name in enumerate(path.ratios):
            feature[leaf, place] = name
            low[leaf, place], high[leaf, place] = path.bounds[name]
            ratio[leaf, place] = path.ratios[name]
    value = np.array([path.value for path in paths])
    return ShapleyTable(feature, low, high, _added(value, ratio), features)


def _added(value: Floats, ratio: Floats) -> NDArray[np.float32]:
    """The Shapley value of each path feature in each pattern, shape (leaves, 2^m, m).

    A feature outside the coalition passes the share ``ratio`` of the rows; a feature in it passes
    all rows or none. A padded condition has ratio 1 and is always met, so it adds nothing.
    """
    leaves, m = ratio.shape
    added = np.zeros((leaves, 1 << m, m))
    met = (np.arange(1 << m)[:, np.newaxis] >> np.arange(m)) & 1
    for j in range(m):
        others = [k for k in range(m) if k != j]
        # By size: the sum over coalitions of the products of the shares that their members pass.
        by_size = np.zeros((leaves, 1 << m, m))
        by_size[:, :, 0] = 1.0
        for k in others:
            absent = by_size * ratio[:, k, np.newaxis, np.newaxis]
            present = by_size * met[np.newaxis, :, k, np.newaxis]
            by_size = absent
            by_size[:, :, 1:] += present[:, :, :-1]
        weights = [factorial(size) * factorial(m - size - 1) / factorial(m) for size in range(m)]
        own = met[np.newaxis, :, j] - ratio[:, j, np.newaxis]
        added[:, :, j] = value[:, np.newaxis] * own * (by_size @ np.array(weights))
    return added.astype(np.float32)


@dataclass(frozen=True)
class _Path:
    """The path from the root to one leaf: the bounds of each feature and the share it passes."""

    value: float
    bounds: dict[int, tuple[float, float]]
    ratios: dict[int, float]


def _paths(forest: Forest, root: int) -> list[_Path]:
    found: list[_Path] = []
    waiting = [(root, _Path(0.0, {}, {}))]
    while waiting:
        node, path = waiting.pop()
        left, right = int(forest.left[node]), int(forest.right[node])
        if left < 0:
            found.append(_Path(float(forest.value[node]), path.bounds, path.ratios))
            continue
        name, threshold = int(forest.feature[node]), float(forest.threshold[node])
        low, high = path.bounds.get(name, (-np.inf, np.inf))
        sides = ((left, (low, min(high, threshold))), (right, (max(low, threshold), high)))
        for child, bounds in sides:
            share = float(forest.cover[child] / forest.cover[node])
            ratios = path.ratios | {name: path.ratios.get(name, 1.0) * share}
            waiting.append((child, _Path(0.0, path.bounds | {name: bounds}, ratios)))
    return found
