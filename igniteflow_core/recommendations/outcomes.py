"""User actions that the API received, as rows of the delivered tables."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_core.config.recommendations import RATING
from igniteflow_core.schemas.contract import TableContract
from igniteflow_core.schemas.interactions import EVENTS, RATINGS


def outcomes_of(feedback: DataFrame) -> DataFrame:
    """The rows of the FEEDBACK_LOG table that record a user's action on an item."""
    return feedback.where(F.col("kind") == "outcome")


def with_outcomes(rows: DataFrame, contract: TableContract, outcomes: DataFrame) -> DataFrame:
    """The rows of the table and those of the outcomes from the API, each key once.

    An outcome that carries a rating is a row of RATINGS, of which the latest of a user and item
    counts; any other is a row of EVENTS.

    Args:
        rows: rows with the types of the contract.
        contract: EVENTS or RATINGS.
        outcomes: result of ``outcomes_of``.
    """
    if contract.name == EVENTS.name:
        acted = outcomes.where(F.col("action") != RATING).withColumnRenamed("action", "event_type")
        added = acted.select(EVENTS.column_names)
        return rows.unionByName(added).dropDuplicates(list(EVENTS.key))
    added = outcomes.where(F.col("action") == RATING).select(RATINGS.column_names)
    # A rating without a time counts as older than all others, as null sorts first.
    latest = F.max(F.struct("event_time", "rating")).alias("_latest")
    return (
        rows.unionByName(added)
        .groupBy(*RATINGS.key)
        .agg(latest)
        .select(*RATINGS.key, "_latest.rating", "_latest.event_time")
    )


def counted_outcomes(
    outcomes: DataFrame, ratings: DataFrame, events: DataFrame, days: int
) -> DataFrame:
    """The ``user_id`` and ``feedback_id`` of the recent outcomes that the tables contain.

    Args:
        outcomes: result of ``outcomes_of``.
        ratings: the RATINGS table.
        events: the EVENTS table.
        days: number of days before the newest outcome that count as recent.
    """
    newest = outcomes.agg(F.max("received_at").alias("_newest"))
    begin = F.col("_newest") - F.make_interval(days=F.lit(days))
    recent = outcomes.crossJoin(F.broadcast(newest)).where(F.col("received_at") >= begin)
    acted = recent.withColumnRenamed("action", "event_type").join(events, list(EVENTS.key), "semi")
    latest = ratings.withColumnRenamed("event_time", "_latest").drop("rating")
    rated = (
        recent.where(F.col("action") == RATING)
        .join(latest, list(RATINGS.key))
        .where(F.col("event_time") <= F.col("_latest"))
    )
    key = ["user_id", "feedback_id"]
    return acted.select(*key).unionByName(rated.select(*key))
