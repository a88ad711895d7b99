"""Splitting interactions into training and holdout, the same share of every user."""

from typing import NamedTuple

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F


class Split(NamedTuple):
    """Two disjoint parts that together are the interactions that were split."""

    train: DataFrame
    holdout: DataFrame


def stratified_split(interactions: DataFrame, holdout_share: float, seed: int) -> Split:
    """Hold out ``round(holdout_share * n)`` of each user's n interactions, but never all.

    Which ones is decided by a hash of user, item and seed, hence the same on every machine, for
    any partitioning and row order. Splitting ``Split.train`` again, with another seed, gives the
    nested validation part on which weights are learned. Both parts share one plan: cache
    ``interactions`` if reading them is dear.

    Args:
        interactions: the INTERACTIONS table.
        holdout_share: in (0, 1).
        seed: chooses among the possible splits.
    """
    by_hash = Window.partitionBy("user_id").orderBy("_hash", "item_id")
    of_user = Window.partitionBy("user_id")
    held_out = F.least(F.floor(F.col("_count") * holdout_share + 0.5), F.col("_count") - F.lit(1))
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
