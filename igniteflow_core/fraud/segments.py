"""The measures of a fraud model by segment of transactions."""

from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np
import pandas as pd

from igniteflow_core.errors import PermanentError
from igniteflow_core.features.windows import Bools
from igniteflow_core.fraud import metrics
from igniteflow_core.fraud.matrix import Floats
from igniteflow_core.schemas.own_columns import NO_OWN_COLUMNS, OwnColumns

FEW_TRANSACTIONS = 5
"""Maximum transactions in 30 days, including the current one, of a new card."""

LARGEST_CATEGORIES = 5
"""Maximum number of categories of an own column that are segments."""

SEGMENTS: Final[dict[str, Callable[[pd.DataFrame], "pd.Series[bool]"]]] = {
    "all": lambda rows: rows["amount"] == rows["amount"],
    "amount: lowest quarter": lambda rows: rows["amount"] <= rows["amount"].quantile(0.25),
    "amount: middle half": lambda rows: rows["amount"].between(
        rows["amount"].quantile(0.25), rows["amount"].quantile(0.75), inclusive="right"
    ),
    "amount: highest quarter": lambda rows: rows["amount"] > rows["amount"].quantile(0.75),
    "new card": lambda rows: rows["customer_count_30d"] <= FEW_TRANSACTIONS,
    "known card": lambda rows: rows["customer_count_30d"] > FEW_TRANSACTIONS,
    "card's first time at the terminal": lambda rows: rows["customer_new_terminal"] == 1,
    "terminal with known fraud": lambda rows: rows["terminal_fraud_count_30d"] > 0,
    "terminal without known fraud": lambda rows: rows["terminal_fraud_count_30d"] == 0,
    "night": lambda rows: rows["is_night"] == 1,
    "weekend": lambda rows: rows["is_weekend"] == 1,
}
"""The rows of each segment, by name. Segments can overlap."""


def own_segments(
    rows: pd.DataFrame, own: OwnColumns
) -> dict[str, Callable[[pd.DataFrame], "pd.Series[bool]"]]:
    """The segments of own columns: the most frequent categories, and both boolean values."""
    return {
        f"{name}: {value}": partial(_has, name, value)
        for name, column in own.items()
        if column.type in {"boolean", "categorical"}
        for value in rows[name].value_counts().index[:LARGEST_CATEGORIES]
    }


def _has(name: str, value: object, rows: pd.DataFrame) -> "pd.Series[bool]":
    return rows[name] == value


def segment_table(
    rows: pd.DataFrame,
    scores: Floats,
    threshold: float | Floats,
    own: OwnColumns = NO_OWN_COLUMNS,
) -> pd.DataFrame:
    """The measures of each segment: its size, the ranking of frauds, and the alerts.

    Args:
        rows: n transactions with the features and is_fraud.
        scores: probabilities of fraud, shape (n,).
        threshold: an alert is a score at or above it; one value for all rows, or one per row.
        own: own columns of ``rows`` that have segments, too.

    Returns:
        One row per segment with the columns segment, transactions, frauds, average_precision (NaN
        without both classes), precision and recall of the alerts (recall NaN without frauds), and
        missed_amount in the currency of the source.

    Raises:
        PermanentError: the number of scores differs from that of rows.
    """
    if scores.shape != (len(rows),):
        raise PermanentError(
            f"scores of shape {scores.shape} for {len(rows)} transactions",
            where="segments of a fraud evaluation",
            fix="score the rows that are evaluated, in their order",
        )
    labels, amounts = rows["is_fraud"].to_numpy(), rows["amount"].to_numpy()
    is_alert = scores >= threshold
    table = []
    for segment, belongs in (SEGMENTS | own_segments(rows, own)).items():
        inside = belongs(rows).to_numpy()
        frauds = int(labels[inside].sum())
        both = 0 < frauds < inside.sum()
        precision, recall, _ = (
            metrics.alert_quality(is_alert[inside], labels[inside])
            if frauds
            else (0.0, np.nan, np.nan)
        )
        table.append(
            {
                "segment": segment,
                "transactions": int(inside.sum()),
                "frauds": frauds,
                "average_precision": (
                    metrics.average_precision(scores[inside], labels[inside]) if both else np.nan
                ),
                "precision": precision,
                "recall": recall,
                "missed_amount": _missed(inside & ~is_alert & (labels == 1), amounts),
            }
        )
    return pd.DataFrame(table)


def _missed(which: Bools, amounts: Floats) -> float:
    return float(amounts[which].sum())
