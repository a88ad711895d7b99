"""The weights of soft voting: searched on rows that no member was trained on."""

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from igniteflow_core.fraud.matrix import Floats, Labels
from igniteflow_core.fraud.metrics import average_precision
from igniteflow_core.simplex import simplex_grid

STEPS = 20
"""The simplex of weights is searched in steps of 1 / STEPS."""


def vote(member_log_odds: Floats, weights: Floats) -> Floats:
    """The weighted mean of the members' log-odds, shape (n,).

    This is the logarithmic opinion pool (Genest and Zidek, 1986). On rare fraud it ranks slightly
    better than the mean of probabilities, in which the most confident member dominates the others.

    Args:
        member_log_odds: calibrated log-odds, shape (members, n).
        weights: weights that sum to 1, shape (members,).
    """
    # Not a matrix product: its rounding depends on how many rows are scored together.
    return np.asarray((weights[:, np.newaxis] * member_log_odds).sum(axis=0))


def search_weights(member_log_odds: Floats, labels: Labels) -> Floats:
    """Weights whose vote is not worse than the best member, in average precision on these rows.

    Near the best weights the average precision is flat and the position of its peak is noise.
    Therefore the result is the mean of all weights on a grid that are not worse than the best
    member alone, or, if that mean itself is worse, the best point of the grid, which includes each
    member alone.

    Args:
        member_log_odds: calibrated log-odds on validation rows, shape (members, n).
        labels: 0 or 1, shape (n,).

    Returns:
        Weights that sum to 1, shape (members,).
    """
    grid = simplex_grid(len(member_log_odds), STEPS)
    quality = np.array([average_precision(vote(member_log_odds, point), labels) for point in grid])
    best_member = quality[grid.max(axis=1) == 1].max()
    mean = grid[quality >= best_member].mean(axis=0)
    if average_precision(vote(member_log_odds, mean), labels) >= best_member:
        return np.asarray(mean)
    return np.asarray(grid[quality.argmax()])


def stacking_weights(member_log_odds: Floats, labels: Labels) -> Floats:
    """The non-negative weights of a logistic regression on the members.

    This is stacked generalisation (Wolpert, 1992) with non-negative weights, as recommended by
    Breiman (1996, "Stacked regressions"). The intercept of the regression and the sum of its
    weights are left to the calibration of the vote. If no member is informative, all have the same
    weight.

    Args:
        member_log_odds: calibrated log-odds on rows that no member was trained on, shape (members,
            n).
        labels: 0 or 1, both present, shape (n,).

    Returns:
        Weights that sum to 1, shape (members,).
    """
    members = len(member_log_odds)

    def loss(parameters: Floats) -> tuple[float, Floats]:
        margin = parameters[:-1] @ member_log_odds + parameters[-1]
        residual = expit(margin) - labels
        value = np.mean(np.logaddexp(0, margin) - labels * margin)
        slopes = member_log_odds @ residual / len(labels)
        return float(value), np.append(slopes, residual.mean())

    even = np.full(members, 1 / members)
    result = minimize(
        loss,
        x0=np.append(even, 0.0),
        jac=True,
        method="L-BFGS-B",
        bounds=[(0, None)] * members + [(None, None)],
        options={"ftol": 1e-12, "gtol": 1e-9, "maxiter": 500},
    )
    weights = np.asarray(result.x[:-1])
    return weights / weights.sum() if weights.sum() > 0 else even
