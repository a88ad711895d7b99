"""Implicit feedback from explicit ratings."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_core.config.recommendations import RecommendationSettings
from igniteflow_core.schemas.interactions import INTERACTIONS


def to_interactions(ratings: DataFrame, settings: RecommendationSettings) -> DataFrame:
    """The ratings that express liking, as the INTERACTIONS table.

    A rating of at least ``positive_rating`` becomes a preference of weight
    ``rating - positive_rating + 1``, so the weakest liking weighs 1 and each star adds 1. Lower
    ratings are dislikes: they are no preference, but they still count as seen.

    Args:
        ratings: the RATINGS table, one row a user and item.
        settings: gives ``positive_rating``.

    Returns:
        The INTERACTIONS table, one row a user and liked item.
    """
    return (
        ratings.where(F.col("rating") >= settings.positive_rating)
        .withColumn("weight", F.col("rating") - F.lit(settings.positive_rating - 1.0))
        .select(*INTERACTIONS.column_names)
    )
