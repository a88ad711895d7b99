"""Ratings as delivered → the latest rating of each user and item, and the rest with the reasons."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_core.ingestion.rules import (
    add_reason_to_repeats,
    missing,
    number,
    utc_time,
    with_reasons,
)
from igniteflow_core.schemas.interactions import QUARANTINED_RATINGS, RATINGS


def judge_ratings(raw: DataFrame, time_zone: str) -> DataFrame:
    """Every row of ``raw``, with ``reasons`` why it is no rating, or none.

    ``raw`` holds RATINGS' columns as text, and source_file. Of several ratings of one item by one
    user the latest counts; the others are ``superseded``.
    """
    time = utc_time("event_time", time_zone)
    judged = with_reasons(
        raw,
        {
            "missing_user_id": missing("user_id"),
            "missing_item_id": missing("item_id"),
            "invalid_rating": number("rating").isNull(),
            "invalid_event_time": time.isNull(),
        },
    )
    key = [F.trim("user_id"), F.trim("item_id")]
    latest_first = [time.desc(), F.col("source_file").desc(), F.col("rating").desc()]
    return add_reason_to_repeats(judged, key, latest_first, "superseded")


def accepted_ratings(judged: DataFrame, time_zone: str) -> DataFrame:
    """The rows without a reason, as RATINGS."""
    return (
        judged.where(F.size("reasons") == 0)
        .select(
            F.trim("user_id").alias("user_id"),
            F.trim("item_id").alias("item_id"),
            number("rating").alias("rating"),
            utc_time("event_time", time_zone).alias("event_time"),
        )
        .select(RATINGS.column_names)
    )


def quarantined_ratings(judged: DataFrame) -> DataFrame:
    """The rows with a reason, as QUARANTINED_RATINGS."""
    return judged.where(F.size("reasons") > 0).select(QUARANTINED_RATINGS.column_names)
