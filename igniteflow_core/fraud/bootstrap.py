"""Confidence intervals of average precision, by resampling days with replacement."""

import numpy as np
from numpy.typing import ArrayLike

from igniteflow_core.fraud.matrix import Floats, Labels
from igniteflow_core.intervals import Interval

REPLICATES = 500
LEVEL = 0.95


def average_precision_interval(
    scores: Floats, labels: Labels, days: ArrayLike, *, seed: int
) -> Interval:
    """The interval of the average precision (Efron, 1979, with days as the units drawn).

    Whole days are drawn, because the transactions of a day share cards and terminals. With as few
    as seven days, the interval is a lower bound of the uncertainty.

    Args:
        scores: shape (n,).
        labels: 0 or 1, shape (n,).
        days: day of each transaction, shape (n,).
        seed: seed of the draws.
    """
    return interval(replicates(scores, labels, days, seed=seed))


def average_precision_gain(
    challenger: Floats, champion: Floats, labels: Labels, days: ArrayLike, *, seed: int
) -> Interval:
    """The interval of the challenger's average precision minus the champion's, day for day.

    Args:
        challenger: scores of the challenger, shape (n,).
        champion: scores of the champion for the same rows, shape (n,).
        labels: 0 or 1, shape (n,).
        days: day of each transaction, shape (n,).
        seed: seed of the draws, which are the same for both models.
    """
    return interval(
        replicates(challenger, labels, days, seed=seed)
        - replicates(champion, labels, days, seed=seed)
    )


def replicates(scores: Floats, labels: Labels, days: ArrayLike, *, seed: int) -> Floats:
    """The average precision of each replicate, NaN for one without fraud, shape (REPLICATES,).

    Args:
        scores: shape (n,).
        labels: 0 or 1, shape (n,).
        days: day of each transaction, shape (n,).
        seed: seed of the draws, which depend only on it and on the number of days.
    """
    order = np.argsort(-scores, kind="stable")
    ranked, day = labels[order], np.unique(np.asarray(days), return_inverse=True)[1][order]
    group_ends = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    day_count = int(day.max()) + 1
    random = np.random.default_rng(seed)
    values = np.empty(REPLICATES)
    for replicate in range(REPLICATES):
        draws = np.bincount(random.integers(day_count, size=day_count), minlength=day_count)
        weight = draws[day]
        hits = np.cumsum(weight * ranked)[group_ends]
        alerts = np.cumsum(weight)[group_ends]
        precision = hits / np.maximum(alerts, 1)
        gained = np.diff(hits, prepend=0)
        values[replicate] = (gained * precision).sum() / hits[-1] if hits[-1] else np.nan
    return values


def interval(values: Floats) -> Interval:
    """Mean and percentile interval of the replicates that are not NaN."""
    tail = (1 - LEVEL) / 2
    low, high = np.nanquantile(values, [tail, 1 - tail])
    return Interval(float(np.nanmean(values)), float(low), float(high))
