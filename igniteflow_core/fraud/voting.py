"""The weights of soft voting: searched on rows that no member was trained on."""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from igniteflow_core.fraud.matrix import Floats, Labels
from igniteflow_core.fraud.metrics import average_precision

STEPS = 20
"""The simplex is searched in steps of 1 / STEPS."""


def simplex_grid(members: int, steps: int) -> Floats:
    """Every weight vector of multiples of ``1 / steps`` that sums to 1, shape (points, members)."""
    bars = combinations(range(steps + members - 1), members - 1)
    points = [np.diff([-1, *separators, steps + members - 1]) - 1 for separators in bars]
    return np.array(points, dtype=np.float64) / steps


def vote(member_scores: Floats, weights: NDArray[np.float64]) -> Floats:
    """The weighted mean of the members' probabilities, shape (n,).

    Args:
        member_scores: shape (members, n).
        weights: summing to 1, shape (members,).
    """
    # Not a matrix product: its rounding depends on how many rows are scored together.
    return np.asarray((weights[:, np.newaxis] * member_scores).sum(axis=0))


def search_weights(member_scores: Floats, labels: Labels) -> Floats:
    """The weights of the highest average precision, and of the most even ones among equals.

    The grid holds each member alone, so the vote is never worse than the best member on these rows.

    Args:
        member_scores: calibrated probabilities on validation rows, shape (members, n).
        labels: 0 or 1, shape (n,).

    Returns:
        Weights that sum to 1, shape (members,).
    """
    grid = simplex_grid(len(member_scores), STEPS)
    evenness = -(grid**2).sum(axis=1)
    quality = [average_precision(vote(member_scores, weights), labels) for weights in grid]
    best = np.lexsort((evenness, quality))[-1]
    return np.asarray(grid[best])
