"""Until when the outcomes of an experiment are known."""

from datetime import UTC, datetime, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_core.config.experiments import ExperimentSettings

USUAL_SHARE = 0.05
"""Of the outcomes of the median day; a day with fewer is not one that the feed has reached."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def outcomes_until(
    outcomes: DataFrame, experiment: ExperimentSettings, now: datetime
) -> datetime | None:
    """How far the outcomes of the experiment's metrics reach, whatever single rows say.

    That is the newest outcome of the newest day that has at least ``USUAL_SHARE`` of the outcomes
    of the median day, and two where the median day has as many. So a lone row with a wrong time
    finishes nobody's outcomes, nor does one of another metric. People beyond the experiment count
    too: what is asked is how far the feed has come.

    Args:
        outcomes: the OUTCOMES table.
        experiment: names the metrics.
        now: with its zone; outcomes after it are passed over.

    Returns:
        With the zone UTC; None where there is no outcome of the metrics.
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
