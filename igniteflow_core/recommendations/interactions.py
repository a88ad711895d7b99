"""Implicit feedback from explicit ratings and from events."""

from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from igniteflow_core.config.recommendations import EventSettings, RecommendationSettings
from igniteflow_core.recommendations.recency import decay
from igniteflow_core.schemas.interactions import INTERACTIONS


def to_interactions(
    ratings: DataFrame, events: DataFrame, settings: RecommendationSettings
) -> DataFrame:
    """Who likes what and how much, as the INTERACTIONS table.

    A rating of at least ``positive_rating`` becomes a preference of weight
    ``rating - positive_rating + 1``, so the weakest liking weighs 1 and each star adds 1. Lower
    ratings are dislikes: they are no preference, but they still count as seen. Each event adds the
    weight of its type, less the older it is. Somebody who rated an item low has no preference for
    it, whatever they did before.

    Args:
        ratings: the RATINGS table, one row a user and item.
        events: the EVENTS table.
        settings: gives ``positive_rating``, the weights of events and whether weights count.

    Returns:
        The INTERACTIONS table, one row a user and liked item.
    """
    liked = ratings.where(F.col("rating") >= settings.positive_rating).withColumn(
        "weight", F.col("rating") - F.lit(settings.positive_rating - 1.0)
    )
    disliked = ratings.where(F.col("rating") < settings.positive_rating)
    key = ["user_id", "item_id"]
    wanted = _weighted_events(events, settings.events).join(disliked.select(key), key, "anti")
    columns = INTERACTIONS.column_names
    together = (
        liked.select(*columns)
        .unionByName(wanted.select(*columns))
        .groupBy(*key)
        .agg(F.sum("weight").alias("weight"), F.max("event_time").alias("event_time"))
    )
    if settings.preference == "binary":
        together = together.withColumn("weight", F.lit(1.0))
    return together.select(*columns)


def seen_items(ratings: DataFrame, events: DataFrame) -> DataFrame:
    """``user_id``, ``item_id``, ``event_time`` of whatever a user has rated or acted on."""
    columns = ["user_id", "item_id", "event_time"]
    return ratings.select(*columns).unionByName(events.select(*columns))


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
