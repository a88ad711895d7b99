"""Exponential decay of old events, and counts of likes with decay."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

SECONDS_A_DAY = 86_400.0
LEAST = 1e-6
"""Minimum weight of an event, so that an old like remains a like."""


def decay(event_time: str, latest: Column, half_life_days: float | None) -> Column:
    """``2 ** -(age / half-life)``, at least ``LEAST``; 1 without a half-life.

    Args:
        event_time: timestamp column; events without a time do not decay.
        latest: reference time of the ages, that of the newest event, so that the same data gives
            the same weights on any day.
        half_life_days: age at which an event counts half.
    """
    if half_life_days is None:
        return F.lit(1.0)
    seconds = F.unix_micros(latest) - F.unix_micros(event_time)
    halvings = F.coalesce(seconds, F.lit(0)) / (1e6 * SECONDS_A_DAY * half_life_days)
    return F.greatest(F.lit(LEAST), F.exp(-F.log(F.lit(2.0)) * halvings))


def recent_likes(
    interactions: DataFrame, users: DataFrame, half_life_days: float | None
) -> DataFrame:
    """The likes of each item by the users of each segment, for ``fit_popularity``.

    Args:
        interactions: the INTERACTIONS table.
        users: the USERS table; missing users have no segment.
        half_life_days: age at which a like counts half; None for no decay.

    Returns:
        ``item_id``, ``segment`` (null for none), ``likes``.
    """
    latest = interactions.agg(F.max("event_time").alias("_latest"))
    return (
        interactions.join(users.select("user_id", "segment"), "user_id", "left")
        .crossJoin(F.broadcast(latest))
        .groupBy("item_id", "segment")
        .agg(F.sum(decay("event_time", F.col("_latest"), half_life_days)).alias("likes"))
    )
