"""Splitting interactions into training and holdout: a share of every user, or the last days."""

from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from igniteflow_core.config.recommendations import RecommendationSettings
from igniteflow_core.errors import InsufficientDataError
from igniteflow_core.fraud.windows import DayWindow


class Split(NamedTuple):
    """Two disjoint parts that together are the interactions that were split.

    ``cutoff`` is the first day of the holdout of a split by time, else None.
    """

    train: DataFrame
    holdout: DataFrame
    cutoff: date | None = None

    def learned_to(self, newest: date) -> date:
        """The last day of the training part; ``newest`` is the last day of all interactions."""
        return newest if self.cutoff is None else self.cutoff - timedelta(days=1)


def trained_days(train: DataFrame) -> DayWindow | None:
    """The first and the last day of the interactions; None if none has a time."""
    day = F.to_date("event_time")
    first, last = train.agg(F.min(day), F.max(day)).collect()[0]
    return None if first is None else DayWindow(first, last)


def split_interactions(
    interactions: DataFrame, settings: RecommendationSettings, seed: int
) -> Split:
    """Split as the settings say. Raises as ``time_split``."""
    if settings.split == "time":
        return time_split(interactions, settings.holdout_share)
    return stratified_split(interactions, settings.holdout_share, seed)


def stratified_split(interactions: DataFrame, holdout_share: float, seed: int) -> Split:
    """Hold out ``round(holdout_share * n)`` of each user's n interactions, at least one, never all.

    They are selected by a hash of user, item and seed, so the result does not depend on the
    machine, partitioning or row order. Splitting ``Split.train`` again, with another seed, gives
    the nested validation part on which weights are learned. Both parts share one plan: cache
    ``interactions`` if reading them is expensive.

    Args:
        interactions: the INTERACTIONS table.
        holdout_share: share in (0, 1).
        seed: seed of the hash.
    """
    by_hash = Window.partitionBy("user_id").orderBy("_hash", "item_id")
    of_user = Window.partitionBy("user_id")
    at_least_one = F.greatest(F.floor(F.col("_count") * holdout_share + 0.5), F.lit(1))
    held_out = F.least(at_least_one, F.col("_count") - F.lit(1))
    placed = (
        interactions.withColumn("_hash", F.xxhash64("user_id", "item_id", F.lit(seed)))
        .withColumn("_position", F.row_number().over(by_hash))
        .withColumn("_count", F.count(F.lit(1)).over(of_user))
        .withColumn("_held_out", F.col("_position") <= held_out)
    )
    columns = interactions.columns
    return Split(
        train=placed.where(~F.col("_held_out")).select(*columns),
        holdout=placed.where("_held_out").select(*columns),
    )


def time_split(interactions: DataFrame, holdout_share: float) -> Split:
    """Hold out the number of last whole days (UTC) that is closest to the share.

    Users and items that first occur in the holdout are unknown in training. Interactions without a
    time are in the training part.

    Args:
        interactions: the INTERACTIONS table; it is read once to count its days.
        holdout_share: share in (0, 1).

    Raises:
        InsufficientDataError: all interactions are of one day, or none has a time.
    """
    day = F.to_date("event_time")
    days = (
        interactions.where(day.isNotNull())
        .groupBy(day.alias("day"))
        .count()
        .orderBy("day")
        .collect()
    )
    if len(days) < 2:
        raise InsufficientDataError(
            "a split by time needs interactions on two days or more",
            where="interactions",
            fix="deliver more days, or set recommendations.split to stratified",
        )
    counts = np.array([row["count"] for row in days], dtype=np.float64)
    held_out = 1.0 - np.cumsum(counts)[:-1] / counts.sum()
    cutoff: date = days[int(np.argmin(np.abs(held_out - holdout_share))) + 1]["day"]
    return Split(
        train=interactions.where(day.isNull() | (day < F.lit(cutoff))),
        holdout=interactions.where(day >= F.lit(cutoff)),
        cutoff=cutoff,
    )
