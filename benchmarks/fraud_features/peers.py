"""The 15 standard features as they are usually implemented in pandas and in Polars."""

from datetime import timedelta

import numpy as np
import pandas as pd
import polars as pl

WINDOWS = (1, 7, 30)
DELAY = 7


def by_pandas(events: pd.DataFrame) -> pd.DataFrame:
    """Group and roll, as in chapter 3 of the Fraud Detection Handbook (Le Borgne et al., 2022).

    Args:
        events: sorted by event_time and transaction_id, indexed from 0.
    """
    time = events["event_time"].dt
    result = pd.DataFrame(
        {
            "amount": events["amount"],
            "is_weekend": (time.dayofweek >= 5).astype(float),
            "is_night": (time.hour <= 6).astype(float),
        }
    )
    for days in WINDOWS:
        rolled = _rolled(events, "customer_id", "amount", days)
        result[f"customer_count_{days}d"] = rolled["count"]
        result[f"customer_amount_mean_{days}d"] = rolled["sum"] / rolled["count"]
    recent = _rolled(events, "terminal_id", "is_fraud", DELAY)
    for days in WINDOWS:
        known = _rolled(events, "terminal_id", "is_fraud", DELAY + days) - recent
        result[f"terminal_known_count_{days}d"] = known["count"]
        result[f"terminal_risk_{days}d"] = (known["sum"] / known["count"]).fillna(0.0)
    return result


def _rolled(events: pd.DataFrame, key: str, value: str, days: int) -> pd.DataFrame:
    ordered = events.sort_values(key, kind="stable")
    rolling = ordered.groupby(key).rolling(f"{days}D", on="event_time")[value]
    return rolling.agg(["count", "sum"]).set_axis(ordered.index).sort_index()


def by_polars(events: pl.DataFrame) -> pl.DataFrame:
    """Rolling expressions over groups, on all cores.

    Args:
        events: sorted by event_time and transaction_id.
    """
    customer = [
        expression
        for days in WINDOWS
        for expression in (
            _sum(pl.col("one"), "customer_id", days).alias(f"customer_count_{days}d"),
            _sum(pl.col("amount"), "customer_id", days).alias(f"_sum_{days}"),
        )
    ]
    terminal = [
        expression
        for days in (DELAY, *(DELAY + days for days in WINDOWS))
        for expression in (
            _sum(pl.col("one"), "terminal_id", days).alias(f"_rows_{days}"),
            _sum(pl.col("is_fraud").cast(float), "terminal_id", days).alias(f"_frauds_{days}"),
        )
    ]
    known = {days: pl.col(f"_rows_{DELAY + days}") - pl.col(f"_rows_{DELAY}") for days in WINDOWS}
    fraud = {
        days: pl.col(f"_frauds_{DELAY + days}") - pl.col(f"_frauds_{DELAY}") for days in WINDOWS
    }
    rolled = events.with_columns(one=pl.lit(1.0)).with_columns(*customer, *terminal)
    return rolled.select(
        "amount",
        (pl.col("event_time").dt.weekday() >= 6).cast(float).alias("is_weekend"),
        (pl.col("event_time").dt.hour() <= 6).cast(float).alias("is_night"),
        *(pl.col(f"customer_count_{days}d") for days in WINDOWS),
        *(
            (pl.col(f"_sum_{days}") / pl.col(f"customer_count_{days}d")).alias(
                f"customer_amount_mean_{days}d"
            )
            for days in WINDOWS
        ),
        *(known[days].alias(f"terminal_known_count_{days}d") for days in WINDOWS),
        *(
            (fraud[days] / known[days]).fill_nan(0.0).alias(f"terminal_risk_{days}d")
            for days in WINDOWS
        ),
    )


def _sum(value: pl.Expr, key: str, days: int) -> pl.Expr:
    return value.rolling_sum_by("event_time", timedelta(days=days)).over(key)


def largest_difference(ours: pd.DataFrame, peer: pd.DataFrame) -> float:
    """Return the largest absolute difference over the peer's columns; rows must be in order."""
    return float(max(np.abs(ours[name] - peer[name]).max() for name in peer.columns))
