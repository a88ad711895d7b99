"""The rows that have arrived in a source of all days since the last check."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F

from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.errors import SourceSchemaError, with_nearest
from igniteflow_core.ingestion.delivered_rows import DELIVERY_DATE, WATERMARK, rows_of
from igniteflow_core.ingestion.delivery import with_days_of_events
from igniteflow_core.ingestion.layout import Layout
from igniteflow_core.ingestion.layouts import layouts_of
from igniteflow_core.ingestion.places import files_of, source_path
from igniteflow_core.values.rules import Clock

_EVENT_TIME = "event_time"


@dataclass(frozen=True)
class Arrivals:
    """Rows that have arrived.

    Attributes:
        days: number of rows by the day of their events, in order.
        newest: largest known watermark, as text; None while there is no row.
    """

    days: Mapping[date, int]
    newest: str | None


def read_arrivals(
    spark: SparkSession,
    source: SourceSettings,
    root: str,
    *,
    clock: Clock,
    first_day: date,
    after: str | None = None,
) -> Arrivals:
    """The days of the rows whose watermark is above ``after``; of all rows if that is None.

    The filter is pushed down to the source if possible, so that a check reads only new rows. The
    days are those of ``igniteflow_core.ingestion.delivery.with_days_of_events``.

    Raises:
        SourceNotDeliveredError: the source does not exist.
        UnreadableSourceError: the source does not have the format of the settings.
        SourceSchemaError: the watermark or the event time is not a column of the source.
    """
    files = files_of(spark, source, [(source_path(source, root), None)])
    # For a topic this skips days on which messages landed, not days of events.
    since = date.fromisoformat(after[:10]) if after and source.format == "kafka" else None
    layouts = layouts_of(spark, source, files, [_EVENT_TIME], (), since)
    marks = [_mark(layout, source, files[0].path) for layout in layouts]
    mark_type = layouts[0].frame.select(marks[0]).schema[0].dataType
    above = None if after is None else F.lit(after).cast(mark_type)
    arrived = [_above(layout, mark, above) for layout, mark in zip(layouts, marks, strict=True)]
    rows = rows_of(spark, source, files, arrived, [_EVENT_TIME])
    newest = F.max(F.col(WATERMARK).cast(mark_type))
    days = (
        with_days_of_events(rows, source, clock, first_day)
        .groupBy(DELIVERY_DATE)
        .agg(F.count(F.lit(1)).alias("rows"), newest.alias("newest"))
        .withColumn("text", F.col("newest").cast("string"))
        .orderBy(DELIVERY_DATE)
        .collect()
    )
    return Arrivals(
        {day[DELIVERY_DATE]: day["rows"] for day in days},
        max(days, key=lambda day: day["newest"])["text"] if days else after,
    )


def _mark(layout: Layout, source: SourceSettings, where: str) -> Column:
    name = str(source.arrival_order)
    if name not in layout.typed:
        raise SourceSchemaError(
            f"the watermark {with_nearest(name, list(layout.typed))} is not a column of the source",
            where=where,
            fix="set the source's watermark to a column whose values increase with the arrival of "
            "rows, such as an increasing id or the time of the insert",
        )
    return layout.typed[name]


def _above(layout: Layout, mark: Column, above: Column | None) -> Layout:
    """The layout of the rows above a watermark, each with its own watermark."""
    new = mark.isNotNull() if above is None else mark > above
    return replace(layout, frame=layout.frame.where(new), watermark=mark.cast("string"))
