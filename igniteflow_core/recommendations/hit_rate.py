"""The hit rate of the lists that users were given, and whether it has dropped."""

import math
from dataclasses import dataclass
from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_core.config.recommendations import RATING, RecommendationSettings
from igniteflow_core.fraud.windows import DayWindow
from igniteflow_core.recommendations.watched import given_lists

_TWO_SIDED_95: Final = 1.959964


@dataclass(frozen=True)
class HitRate:
    """The share of lists with a hit.

    Attributes:
        lists: number of lists that were given.
        rate: share of them that led to a like of one of their items.
        error: standard error of the share, clustered by user, as lists of one user are correlated.
    """

    lists: int
    rate: float
    error: float

    def has_fallen(self, before: "HitRate", tolerance: float) -> bool:
        """Whether the rate dropped significantly (95 %) by more than the share ``tolerance``."""
        least = (1.0 - tolerance) * before.rate
        error = math.hypot(self.error, (1.0 - tolerance) * before.error)
        return self.rate + _TWO_SIDED_95 * error < least


def list_hits(
    lists: DataFrame, outcomes: DataFrame, settings: RecommendationSettings, outcome_days: int
) -> DataFrame:
    """The columns ``event_date``, ``model_version``, ``user_id`` and ``hit`` (0 or 1) of each list.

    A hit is a like of an item of the list within ``outcome_days`` after it that names the list.

    Args:
        lists: the RECOMMENDATION_LOG table.
        outcomes: the outcomes of the FEEDBACK_LOG table.
        settings: settings that define which actions are likes.
        outcome_days: number of days after a list in which a like is a hit.
    """
    action = F.col("action")
    is_like = F.when(action == RATING, F.col("rating") >= settings.positive_rating).otherwise(
        ~action.isin(*settings.events.dislikes)
    )
    likes = outcomes.where(F.col("decision_id").isNotNull() & is_like).select(
        "decision_id", "item_id", "event_time"
    )
    given = given_lists(lists).select(
        "decision_id", "decided_at", "event_date", "model_version", "user_id", "item_ids"
    )
    until = F.col("decided_at") + F.make_dt_interval(F.lit(outcome_days))
    hits = (
        given.join(likes, "decision_id")
        .where(
            F.array_contains("item_ids", F.col("item_id"))
            & F.col("event_time").between(F.col("decided_at"), until)
        )
        .select("decision_id")
        .distinct()
        .withColumn("_hit", F.lit(1))
    )
    return given.join(hits, "decision_id", "left").select(
        "event_date", "model_version", "user_id", F.coalesce("_hit", F.lit(0)).alias("hit")
    )


def hits_by_day(hits: DataFrame) -> DataFrame:
    """The RECOMMENDATION_PERFORMANCE table from the result of ``list_hits``."""
    return (
        hits.groupBy("event_date", "model_version")
        .agg(F.count(F.lit(1)).alias("lists"), F.sum("hit").alias("hits"))
        .withColumn("hit_rate", F.col("hits") / F.col("lists"))
        .orderBy("event_date", "model_version")
    )


def hit_rate(hits: DataFrame, days: DayWindow) -> HitRate:
    """The rate of the days; 0 if there are no lists.

    The error is that of a ratio of sums over users (Cochran, 1977, "Sampling Techniques", 6.8).
    Only five sums are collected, regardless of the number of users.
    """
    by_user = (
        hits.where(F.col("event_date").between(days.first_day, days.last_day))
        .groupBy("user_id")
        .agg(F.count(F.lit(1)).alias("n"), F.sum("hit").alias("h"))
    )
    n, h = F.col("n"), F.col("h")
    users, lists, hit, nn, hn, hh = by_user.agg(
        F.count(F.lit(1)), F.sum(n), F.sum(h), F.sum(n * n), F.sum(h * n), F.sum(h * h)
    ).collect()[0]
    if not users:
        return HitRate(0, 0.0, 0.0)
    rate = hit / lists
    squares = max(hh - 2 * rate * hn + rate * rate * nn, 0.0)
    few = users / max(users - 1, 1)
    return HitRate(int(lists), rate, math.sqrt(few * squares) / lists)
