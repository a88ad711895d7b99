"""Because you liked: items that are similar to the item that a user liked most."""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F


def because_you_liked(
    interactions: DataFrame, similar_items: DataFrame, seen: DataFrame, n: int
) -> DataFrame:
    """The n unseen items most similar to each user's strongest like, the latest if tied.

    Args:
        interactions: the INTERACTIONS table.
        similar_items: the SIMILAR_ITEMS table.
        seen: ``user_id`` and ``item_id`` of items that are never recommended.
        n: length of the lists; they are shorter for users who have seen most of the similar items.

    Returns:
        The columns of BECAUSE_YOU_LIKED; no rows for a user without a like.
    """
    strongest = Window.partitionBy("user_id").orderBy(
        F.col("weight").desc(), F.col("event_time").desc(), "item_id"
    )
    liked = (
        interactions.withColumn("_place", F.row_number().over(strongest))
        .where("_place = 1")
        .select("user_id", F.col("item_id").alias("liked_item_id"))
    )
    alike = similar_items.select(
        F.col("item_id").alias("liked_item_id"),
        F.col("similar_item_id").alias("item_id"),
        F.col("rank").alias("_rank"),
        "score",
        "model_version",
    )
    known = seen.select("user_id", "item_id").unionByName(interactions.select("user_id", "item_id"))
    unseen = liked.join(alike, "liked_item_id").join(known, ["user_id", "item_id"], "anti")
    best_first = Window.partitionBy("user_id").orderBy("_rank")
    return (
        unseen.withColumn("rank", F.row_number().over(best_first))
        .where(F.col("rank") <= n)
        .select("user_id", "liked_item_id", "rank", "item_id", "score", "model_version")
    )
