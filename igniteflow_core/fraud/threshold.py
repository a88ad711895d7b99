"""The alert threshold by the policy of the settings."""

import numpy as np
from numpy.typing import ArrayLike

from igniteflow_core.config.fraud import ThresholdSettings
from igniteflow_core.fraud.matrix import Floats, Labels


def choose_threshold(
    scores: Floats,
    labels: Labels,
    amounts: Floats,
    days: ArrayLike,
    settings: ThresholdSettings,
) -> float:
    """The score at or above which a transaction raises an alert.

    ``fixed`` is the setting itself. ``alert_budget`` is the lowest score whose alerts are, over all
    days together, no more than the budget. ``cost`` is the score with the lowest cost, the highest
    one among equals. Where no alert at all is best, the threshold is just above the highest
    score.

    Args:
        scores: probabilities on validation rows, shape (n,), n at least 1.
        labels: 0 or 1, shape (n,).
        amounts: amount of each transaction, shape (n,).
        days: day of each transaction, shape (n,).
        settings: the policy and its parameters.
    """
    match settings.policy:
        case "fixed":
            return settings.fixed
        case "alert_budget":
            thresholds, last = _candidates(scores)
            budget = settings.alerts_per_day * len(np.unique(np.asarray(days)))
            return float(thresholds[np.flatnonzero(last <= budget)[-1]])
        case "cost":
            thresholds, costs = cost_curve(scores, labels, amounts, settings.alert_cost)
            return float(thresholds[np.argmin(costs)])


def cost_curve(
    scores: Floats, labels: Labels, amounts: Floats, alert_cost: float
) -> tuple[Floats, Floats]:
    """The cost of every distinct threshold.

    A missed fraud costs its amount and each alert ``alert_cost``; an alert stops the fraud.

    Args:
        scores: shape (n,), n at least 1.
        labels: 0 or 1, shape (n,).
        amounts: shape (n,).
        alert_cost: cost of checking one alert, in the unit of ``amounts``.

    Returns:
        Thresholds in falling order, the first without any alert, and the cost of each.
    """
    thresholds, alerts = _candidates(scores)
    losses = np.where(labels == 1, amounts, 0.0)[np.argsort(-scores, kind="stable")]
    prevented = np.append(0.0, np.cumsum(losses))[alerts]
    return thresholds, losses.sum() - prevented + alert_cost * alerts


def _candidates(scores: Floats) -> tuple[Floats, Floats]:
    """Every threshold in falling order, and the number of alerts that each raises."""
    values, counts = np.unique(scores, return_counts=True)
    no_alert = np.nextafter(values[-1], np.inf)
    return np.append(no_alert, values[::-1]), np.append(0, np.cumsum(counts[::-1]))
