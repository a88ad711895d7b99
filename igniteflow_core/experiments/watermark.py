"""The time up to which the outcomes of an experiment are known."""

from datetime import UTC, datetime, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_core.config.experiments import ExperimentSettings

USUAL_SHARE = 0.05
"""Share of the outcomes of the median day from which a day counts as delivered."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def outcomes_until(
    outcomes: DataFrame, experiment: ExperimentSettings, now: datetime
) -> datetime | None:
    """The time up to which the outcomes of the experiment's metrics are known.

    That is the newest outcome of the newest day that has at least ``USUAL_SHARE`` of the outcomes
    of the median day, and at least two if the median day has as many. So a single row with a wrong
    time, or of another metric, completes no user's outcomes. Users outside the experiment count
    too, because the time depends on the feed alone.

    Args:
        outcomes: the OUTCOMES table.
        experiment: definition with the metrics.
        now: current time with its zone; later outcomes are ignored.

    Returns:
        The time in UTC; None if there is no outcome of the metrics.
    """
    at = F.col("event_time")
    days = (
        outcomes.where(F.col("metric").isin(*experiment.metric_names) & (at <= F.lit(now)))
        .groupBy(F.to_date(at).alias("day"))
        .agg(F.count(F.lit(1)).alias("rows"), F.unix_micros(F.max(at)).alias("newest"))
        .toPandas()
    )
    if days.empty:
        return None
    median = float(days["rows"].median())
    reached = days[days["rows"] >= max(USUAL_SHARE * median, min(2.0, median))]
    return _EPOCH + timedelta(microseconds=int(reached["newest"].max()))
