"""Ratings as delivered → the latest rating of each user and item, and the rest with the reasons."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_core.ingestion.rules import (
    add_reason_to_repeats,
    broken_ids,
    with_reasons,
)
from igniteflow_core.schemas.interactions import QUARANTINED_RATINGS, RATINGS
from igniteflow_core.values.rules import Clock
from igniteflow_core.values.spark import implausible, missing, number, text, utc_time


def judge_ratings(raw: DataFrame, clock: Clock) -> DataFrame:
    """Every row of ``raw``, with ``reasons`` why it is no rating, or none.

    ``raw`` holds RATINGS' columns as text, and source_file. Of several ratings of one item by one
    user the latest counts; the others are ``superseded``. A rating may have no time, and is then
    older than one that has.
    """
    time = utc_time("event_time", clock.time_zone)
    judged = with_reasons(
        raw,
        {
            **broken_ids("user_id", "item_id"),
            "invalid_rating": number("rating").isNull(),
            "invalid_event_time": ~missing("event_time") & time.isNull(),
            **implausible(time, clock),
        },
    )
    key = [text("user_id"), text("item_id")]
    latest_first = [time.desc_nulls_last(), F.col("source_file").desc(), number("rating").desc()]
    return add_reason_to_repeats(judged, key, latest_first, "superseded")


def accepted_ratings(judged: DataFrame, clock: Clock) -> DataFrame:
    """The rows without a reason, as RATINGS."""
    return (
        judged.where(F.size("reasons") == 0)
        .select(
            text("user_id").alias("user_id"),
            text("item_id").alias("item_id"),
            number("rating").alias("rating"),
            utc_time("event_time", clock.time_zone).alias("event_time"),
        )
        .select(RATINGS.column_names)
    )


def quarantined_ratings(judged: DataFrame) -> DataFrame:
    """The rows with a reason, as QUARANTINED_RATINGS."""
    return judged.where(F.size("reasons") > 0).select(QUARANTINED_RATINGS.column_names)
