"""The columns that are monitored for drift: of new likes, and of lists given to users."""

from collections.abc import Sequence
from typing import Final

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from igniteflow_core.drift.columns import WatchedColumn

LOOKBACK_DAYS: Final = 28

WATCHED_LIKES: Final = (
    WatchedColumn("item_likes", "item_id", LOOKBACK_DAYS),
    WatchedColumn("user_likes", "user_id", LOOKBACK_DAYS),
    WatchedColumn("is_unknown_item", "user_id"),
)

WATCHED_LISTS: Final = (
    WatchedColumn("items", "user_id"),
    WatchedColumn("is_fallback", "user_id"),
    WatchedColumn("item_popularity", "user_id"),
)


def watched_likes(interactions: DataFrame, known_items: DataFrame) -> DataFrame:
    """The ``event_date``, ids and WATCHED_LIKES of each like that has a time.

    ``item_likes`` and ``user_likes`` are logarithms of 1 + the likes of the previous
    ``LOOKBACK_DAYS`` days, so that they do not depend on the number of days in the table.

    Args:
        interactions: the INTERACTIONS table.
        known_items: ``item_id`` of the champion's catalogue, each once.
    """
    dated = interactions.where(F.col("event_time").isNotNull()).withColumn(
        "event_date", F.to_date("event_time")
    )
    known = F.broadcast(known_items.withColumn("_known", F.lit(True)))
    return (
        dated.join(known, "item_id", "left")
        .withColumn("item_likes", _likes_before("item_id"))
        .withColumn("user_likes", _likes_before("user_id"))
        .withColumn("is_unknown_item", F.col("_known").isNull())
        .select("event_date", "user_id", "item_id", *(each.name for each in WATCHED_LIKES))
    )


def _likes_before(entity: str) -> Column:
    days = Window.partitionBy(entity).orderBy(F.unix_date("event_date"))
    return F.log1p(F.count(F.lit(1)).over(days.rangeBetween(-LOOKBACK_DAYS, -1)))


def watched_lists(lists: DataFrame, interactions: DataFrame, version: str) -> DataFrame:
    """The ``event_date``, ids and WATCHED_LISTS of each list from this version of the model.

    ``is_fallback`` is 1 for a list that was not ranked for the user as they are now;
    ``item_popularity`` is the mean logarithm of 1 + the likes of the list's items.

    Args:
        lists: the RECOMMENDATION_LOG table.
        interactions: the INTERACTIONS table.
        version: version in the registry.
    """
    likes = interactions.groupBy("item_id").agg(F.count(F.lit(1)).alias("_likes"))
    given = given_lists(lists).where(F.col("model_version") == version)
    columns = ["decision_id", "event_date", "user_id"]
    popularity = (
        given.select("decision_id", F.explode("item_ids").alias("item_id"))
        .join(likes, "item_id", "left")
        .groupBy("decision_id")
        .agg(F.avg(F.log1p(F.coalesce("_likes", F.lit(0)))).alias("item_popularity"))
    )
    return (
        given.withColumn("items", F.size("item_ids"))
        .withColumn("is_fallback", F.col("source") != "hybrid")
        .join(popularity, "decision_id", "left")
        .select(*columns, *(each.name for each in WATCHED_LISTS))
    )


def given_lists(lists: DataFrame) -> DataFrame:
    """The rows of the RECOMMENDATION_LOG that were shown to a user, with ``event_date``.

    Each list for an anonymous user counts as a user of its own, as they cannot be linked.
    """
    return (
        lists.where(F.col("role") != "shadow")
        .withColumn("event_date", F.to_date("decided_at"))
        .withColumn("user_id", F.coalesce("user_id", "decision_id"))
    )


def ids_frame(interactions: DataFrame, item_ids: Sequence[str]) -> DataFrame:
    """The ids as a frame of the session of ``interactions``."""
    rows = [(each,) for each in item_ids]
    return interactions.sparkSession.createDataFrame(rows, "item_id string")
