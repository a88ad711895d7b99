"""Sums exposures and outcomes by variant, metric and day."""

from datetime import datetime

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_core.config.experiments import ExperimentSettings


def exposed_users(exposures: DataFrame, experiment: ExperimentSettings) -> DataFrame:
    """Every user who was exposed to the experiment in its period, once.

    Returns:
        ``user_id``, ``variant`` and ``exposed_at``, the first exposure. The variant is null for
        a user who was exposed to several variants, or to one that the settings do not name, because
        such a user's outcomes cannot be attributed.
    """
    at = F.col("event_time")
    period = at >= F.lit(experiment.start)
    if experiment.end is not None:
        period &= at < F.lit(experiment.end)
    shown_one = F.col("first_variant") == F.col("last_variant")
    known = shown_one & F.col("first_variant").isin(*experiment.variants)
    return (
        exposures.where((F.col("experiment") == experiment.name) & period)
        .groupBy("user_id")
        .agg(
            F.min("event_time").alias("exposed_at"),
            F.min("variant").alias("first_variant"),
            F.max("variant").alias("last_variant"),
        )
        .select("user_id", F.when(known, F.col("first_variant")).alias("variant"), "exposed_at")
    )


def sums_by_day(
    users: DataFrame, outcomes: DataFrame, experiment: ExperimentSettings, as_of: datetime
) -> pd.DataFrame:
    """The outcomes of the users of each variant, by the day on which they were complete.

    A user's value of a metric is the sum of its outcomes within ``outcome_days`` of the first
    exposure, the moment of exposure included, and 0 without any. It counts from the end of those
    days on and never changes afterwards, as sequential tests require.

    Args:
        users: result of ``exposed_users``.
        outcomes: the OUTCOMES table.
        experiment: definition with the metrics and the number of days.
        as_of: time up to which outcomes are known; users who are complete later are left out.

    Returns:
        ``day``, ``variant``, ``metric``, ``users``, ``total``, ``total_of_squares``, in order of
        the day; one row per metric and day on which the outcomes of any user were complete.
    """
    metrics = experiment.metric_names
    complete_at = F.col("exposed_at") + F.make_dt_interval(days=F.lit(experiment.outcome_days))
    counted = (
        users.where(F.col("variant").isNotNull())
        .withColumn("complete_at", complete_at)
        .where(F.col("complete_at") <= F.lit(as_of))
    )
    happened = outcomes.where(F.col("metric").isin(*metrics))
    mine = happened.join(counted, "user_id").where(
        (F.col("event_time") >= F.col("exposed_at")) & (F.col("event_time") < F.col("complete_at"))
    )
    values = mine.groupBy("user_id", "metric").agg(F.sum("value").alias("value"))
    every = counted.crossJoin(
        counted.sparkSession.createDataFrame([(name,) for name in metrics], "metric string")
    )
    table: pd.DataFrame = (
        every.join(values, ["user_id", "metric"], "left")
        .fillna(0.0, ["value"])
        .groupBy(F.to_date("complete_at").alias("day"), "variant", "metric")
        .agg(
            F.count(F.lit(1)).alias("users"),
            F.sum("value").alias("total"),
            F.sum(F.col("value") * F.col("value")).alias("total_of_squares"),
        )
        .orderBy("day", "variant", "metric")
        .toPandas()
    )
    return table
