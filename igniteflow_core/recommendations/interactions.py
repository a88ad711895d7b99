"""Implicit feedback from explicit ratings and from events."""

from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from igniteflow_core.config.recommendations import EventSettings, RecommendationSettings
from igniteflow_core.recommendations.recency import decay
from igniteflow_core.schemas.interactions import INTERACTIONS

_VERDICT = "struct<at: timestamp, likes: boolean, weight: double>"


def to_interactions(
    ratings: DataFrame, events: DataFrame, settings: RecommendationSettings
) -> DataFrame:
    """The weighted likes of users as the INTERACTIONS table.

    A rating of at least ``positive_rating`` becomes a preference of weight
    ``rating - positive_rating + 1``, so the lowest positive rating weighs 1 and each star adds 1.
    Lower ratings and events of the types in ``dislikes`` are dislikes: they are no preference, but
    they still count as seen. Each event adds the weight of its type, which decays with its age. A
    user whose latest verdict on an item is a dislike has no preference for it, regardless of
    earlier ones.

    Args:
        ratings: the RATINGS table, one row per user and item.
        events: the EVENTS table.
        settings: gives ``positive_rating``, the weights of events and whether weights count.

    Returns:
        The INTERACTIONS table, one row per user and liked item.
    """
    key = ["user_id", "item_id"]
    no_verdict, no_weight = F.lit(None).cast(_VERDICT), F.lit(None).cast("double")
    rated = ratings.select(
        *key,
        _verdict(
            F.col("rating") >= settings.positive_rating,
            F.col("rating") - F.lit(settings.positive_rating - 1.0),
        ),
        no_weight.alias("weight"),
        "event_time",
    )
    disliked = events.where(F.col("event_type").isin(*settings.events.dislikes)).select(
        *key, _verdict(F.lit(False), F.lit(0.0)), no_weight.alias("weight"), "event_time"
    )
    weighted = _weighted_events(events, settings.events).select(
        *key, no_verdict.alias("verdict"), "weight", "event_time"
    )
    verdict, weight = F.col("verdict"), F.col("weight")
    together = (
        rated.unionByName(disliked)
        .unionByName(weighted)
        .groupBy(*key)
        .agg(
            F.max(verdict).alias("verdict"),
            F.sum(weight).alias("weight"),
            F.max("event_time").alias("event_time"),
        )
        .where(verdict.isNull() | verdict["likes"])
    )
    nothing = F.lit(0.0)
    strength = F.coalesce(verdict["weight"], nothing) + F.coalesce(weight, nothing)
    binary = settings.preference == "binary"
    return together.withColumn("weight", F.lit(1.0) if binary else strength).select(
        *INTERACTIONS.column_names
    )


def seen_items(ratings: DataFrame, events: DataFrame) -> DataFrame:
    """The ``user_id``, ``item_id`` and ``event_time`` of each rating and event."""
    columns = ["user_id", "item_id", "event_time"]
    return ratings.select(*columns).unionByName(events.select(*columns))


def _verdict(likes: Column, weight: Column) -> Column:
    """The preference struct of a row; the maximum of several structs is the latest."""
    at = F.coalesce(F.col("event_time"), F.timestamp_seconds(F.lit(0)))
    return F.struct(at.alias("at"), likes.alias("likes"), weight.alias("weight")).alias("verdict")


def _weighted_events(events: DataFrame, settings: EventSettings) -> DataFrame:
    latest = events.agg(F.max("event_time").alias("_latest"))
    weight: Column = reduce(
        lambda other, each: F.when(F.col("event_type") == each[0], F.lit(each[1])).otherwise(other),
        settings.weights.items(),
        F.lit(0.0),
    )
    age = decay("event_time", F.col("_latest"), settings.half_life_days)
    return (
        events.where(F.col("event_type").isin(*settings.weights))
        .crossJoin(F.broadcast(latest))
        .withColumn("weight", weight * age)
    )
