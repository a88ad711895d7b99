"""Measures of a fraud model on labelled transactions."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from igniteflow_core.fraud.matrix import Floats, Labels


def average_precision(scores: Floats, labels: Labels) -> float:
    """The area under the precision-recall curve as a step function, without interpolation."""
    return float(average_precision_score(labels, scores))


def roc_auc(scores: Floats, labels: Labels) -> float:
    """The probability that a fraud scores above a legitimate one; ties count half."""
    return float(roc_auc_score(labels, scores))


def brier_score(probabilities: Floats, labels: Labels) -> float:
    """The mean squared error of the probabilities (Brier, 1950)."""
    return float(np.mean((probabilities - labels) ** 2))


def card_precision_at(
    k: int,
    scores: Floats,
    labels: Labels,
    days: ArrayLike,
    customers: ArrayLike,
) -> float:
    """Card precision top-k: the share of compromised cards among the k cards checked each day.

    The metric is that of Le Borgne et al. (2022), "Reproducible machine learning for credit card
    fraud detection", chapter 4: a card's score on a day is the highest of its transactions, a card
    is compromised if one of them is a fraud, a compromised card that was found is not checked
    again, each day divides by k, and the result is the mean over days. Ties go to the customer
    whose id sorts first.

    Args:
        k: cards checked each day.
        scores: shape (n,).
        labels: 0 or 1, shape (n,).
        days: day of each transaction, shape (n,).
        customers: customer id of each transaction, shape (n,).
    """
    cards = (
        pd.DataFrame({"day": days, "customer": customers, "score": scores, "fraud": labels})
        .groupby(["day", "customer"], as_index=False)
        .max()
        .sort_values(["day", "score", "customer"], ascending=[True, False, True])
    )
    found: set[object] = set()
    precisions = []
    for _, day in cards.groupby("day"):
        checked = day[~day["customer"].isin(found)].head(k)
        hits = checked.loc[checked["fraud"] == 1, "customer"]
        found.update(hits)
        precisions.append(len(hits) / k)
    return float(np.mean(precisions))


def recall_at_budget(alerts_per_day: int, scores: Floats, labels: Labels, days: ArrayLike) -> float:
    """The share of frauds among the ``alerts_per_day`` highest-scored transactions of each day.

    Ties go to the row that comes first.

    Args:
        alerts_per_day: transactions that can be checked in a day.
        scores: shape (n,).
        labels: 0 or 1, at least one 1, shape (n,).
        days: day of each transaction, shape (n,).
    """
    ranked = pd.DataFrame({"day": days, "score": scores, "fraud": labels}).sort_values(
        "score", ascending=False, kind="stable"
    )
    return float(ranked.groupby("day").head(alerts_per_day)["fraud"].sum() / labels.sum())


def alert_quality(is_alert: NDArray[np.bool_], labels: Labels) -> tuple[float, float, float]:
    """Precision, recall and F1 of the alerts; precision is 0 where there is no alert."""
    hits = int(labels[is_alert].sum())
    alerts, frauds = int(is_alert.sum()), int(labels.sum())
    precision = hits / alerts if alerts else 0.0
    return precision, hits / frauds, 2 * hits / (alerts + frauds)


def alert_cost(
    is_alert: NDArray[np.bool_], labels: Labels, amounts: Floats, cost_per_alert: float
) -> float:
    """The cost of the alerts plus the amounts of missed frauds, in the unit of amounts."""
    missed = amounts[~is_alert & (labels == 1)].sum()
    return float(missed + cost_per_alert * is_alert.sum())
