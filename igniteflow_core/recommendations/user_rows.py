"""One row per user with the data that the API needs."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def user_rows(
    interactions: DataFrame,
    seen: DataFrame,
    users: DataFrame,
    recommendations: DataFrame,
    counted: DataFrame,
) -> DataFrame:
    """One row for each user with likes, seen items or a list.

    Args:
        interactions: the INTERACTIONS table.
        seen: ``user_id`` and ``item_id`` of all ratings and events.
        users: the USERS table, which gives segments.
        recommendations: the RECOMMENDATIONS table.
        counted: ``user_id`` and ``feedback_id`` of the recent outcomes in the other tables.

    Returns:
        ``user_id``, ``segment`` (null for none), the lists ``liked``, ``weights``, ``seen``,
        ``recommended`` (best first) and ``scores``, ``model_version`` (null without a list), and
        the list ``counted`` of feedback ids.
    """
    likes = interactions.groupBy("user_id").agg(
        F.collect_list("item_id").alias("liked"), F.collect_list("weight").alias("weights")
    )
    known = seen.groupBy("user_id").agg(F.collect_set("item_id").alias("seen"))
    ranked = F.sort_array(F.collect_list(F.struct("rank", "item_id", "score")))
    lists = recommendations.groupBy("user_id").agg(
        ranked.alias("_list"), F.max("model_version").alias("model_version")
    )
    ids = counted.groupBy("user_id").agg(F.collect_set("feedback_id").alias("counted"))
    segments = users.select("user_id", "segment").dropDuplicates(["user_id"])
    joined = (
        likes.join(lists, "user_id", "full")
        .join(known, "user_id", "full")
        .join(segments, "user_id", "left")
        .join(ids, "user_id", "left")
    )
    no_items = F.array().cast("array<string>")
    no_numbers = F.array().cast("array<double>")
    return joined.select(
        "user_id",
        "segment",
        F.coalesce("liked", no_items).alias("liked"),
        F.coalesce("weights", no_numbers).alias("weights"),
        F.coalesce("seen", no_items).alias("seen"),
        F.coalesce(F.col("_list.item_id"), no_items).alias("recommended"),
        F.coalesce(F.col("_list.score"), no_numbers).alias("scores"),
        "model_version",
        F.coalesce("counted", no_items).alias("counted"),
    )
