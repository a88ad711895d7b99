"""Weights that sum to 1, on a grid."""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray


def simplex_grid(members: int, steps: int) -> NDArray[np.float64]:
    """Every weight vector of multiples of ``1 / steps`` that sums to 1, shape (points, members)."""
    places = steps + members - 1
    points = [
        np.diff([-1, *separators, places]) - 1
        for separators in combinations(range(places), members - 1)
    ]
    return np.array(points, dtype=np.float64) / steps
