"""The performance of the champion on days after its promotion, as their labels arrive."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from igniteflow_core.fraud import metrics
from igniteflow_core.fraud.bootstrap import average_precision_gain, average_precision_interval
from igniteflow_core.fraud.matrix import Floats
from igniteflow_core.intervals import Interval


def daily_performance(rows: pd.DataFrame, scores: Floats, threshold: float) -> pd.DataFrame:
    """The frauds that the alerts of each day caught and missed.

    Args:
        rows: n transactions with event_date, amount and is_fraud.
        scores: probabilities of fraud, shape (n,).
        threshold: an alert is a score at or above it.

    Returns:
        One row per day, oldest first: event_date, transactions, frauds, alerts, caught_frauds,
        precision (NaN without alerts), recall (NaN without frauds), average_precision (NaN without
        frauds), caught_amount and missed_amount in the currency of the source.
    """
    marked = pd.DataFrame(
        {
            "event_date": rows["event_date"].to_numpy(),
            "fraud": rows["is_fraud"].to_numpy() == 1,
            "alert": scores >= threshold,
            "amount": rows["amount"].to_numpy(dtype=np.float64),
            "score": scores,
        }
    )
    table = []
    for day, each in marked.groupby("event_date"):
        caught = each["fraud"] & each["alert"]
        frauds, alerts = int(each["fraud"].sum()), int(each["alert"].sum())
        table.append(
            {
                "event_date": day,
                "transactions": len(each),
                "frauds": frauds,
                "alerts": alerts,
                "caught_frauds": int(caught.sum()),
                "precision": caught.sum() / alerts if alerts else np.nan,
                "recall": caught.sum() / frauds if frauds else np.nan,
                "average_precision": (
                    metrics.average_precision(
                        each["score"].to_numpy(), each["fraud"].to_numpy(dtype=np.int8)
                    )
                    if frauds
                    else np.nan
                ),
                "caught_amount": float(each.loc[caught, "amount"].sum()),
                "missed_amount": float(each.loc[each["fraud"] & ~each["alert"], "amount"].sum()),
            }
        )
    return pd.DataFrame(table)


@dataclass(frozen=True)
class PerformanceVerdict:
    """Whether the performance of the champion has dropped since its promotion.

    Attributes:
        average_precision: average precision on the newest labelled days, with its interval over
            days.
        expected: average precision at promotion, in the test window.
        dropped: whether the whole interval lies more than the tolerance below the expected value.
        previous_gain: average precision of the previous champion minus that of this one, on the
            same rows; None if there is no previous champion.
    """

    average_precision: Interval
    expected: float
    dropped: bool
    previous_gain: Interval | None

    @property
    def previous_is_better(self) -> bool:
        """Whether a rollback helps: the previous champion is significantly better."""
        return self.previous_gain is not None and self.previous_gain.low > 0


def judge_performance(
    rows: pd.DataFrame,
    champion: Floats,
    previous: Floats | None,
    *,
    expected: float,
    tolerance: float,
    seed: int,
) -> PerformanceVerdict:
    """Compare the champion with its performance at promotion, and with the previous champion.

    Args:
        rows: n transactions of both classes, with event_date and is_fraud.
        champion: scores of the champion, shape (n,).
        previous: scores of the previous champion, shape (n,), or None.
        expected: average precision at promotion.
        tolerance: largest drop of the average precision that is tolerated.
        seed: seed of the bootstrap over days.
    """
    labels = rows["is_fraud"].to_numpy(dtype=np.int8)
    days = rows["event_date"].to_numpy()
    measured = average_precision_interval(champion, labels, days, seed=seed)
    gain = (
        None
        if previous is None
        else average_precision_gain(previous, champion, labels, days, seed=seed)
    )
    return PerformanceVerdict(measured, expected, measured.high < expected - tolerance, gain)
