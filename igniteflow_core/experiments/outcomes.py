"""From exposures and outcomes to sums by variant, metric and day."""

from datetime import datetime

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_core.config.experiments import ExperimentSettings


def exposed_users(exposures: DataFrame, experiment: ExperimentSettings) -> DataFrame:
    """Everybody who was shown the experiment in its period, once.

    Returns:
        ``user_id``, ``variant`` and ``exposed_at``, the first exposure. The variant is null for
        somebody who was shown several, or one that the settings do not name: nobody can tell what
        such a person's outcomes came from.
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
    """What the users of each variant did, by the day on which their outcomes were complete.

    A user's value of a metric is the sum of its outcomes within ``outcome_days`` of the first
    exposure, the moment of exposure included, and 0 without any. It counts from the end of those
    days on and never changes after it, which is what sequential tests ask for.

    Args:
        users: what ``exposed_users`` gives.
        outcomes: the OUTCOMES table.
        experiment: names the metrics and the number of days.
        as_of: outcomes up to then are known; who ends later waits.

    Returns:
        ``day``, ``variant``, ``metric``, ``users``, ``total``, ``total_of_squares``, in order of
        the day; one row for each of the metrics of a day on which the outcomes of somebody ended.
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
