"""A delivery: the rows delivered for some days, or a table that is delivered as a whole.

Whatever the format, the columns of each file are found by their names, and each row knows its file.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import DateType, TimestampNTZType, TimestampType

from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.ingestion.delivered_rows import (
    ARRIVED_AT,
    DELIVERY_DATE,
    WATERMARK,
    rows_of,
)
from igniteflow_core.ingestion.derived_ids import with_derived_ids
from igniteflow_core.ingestion.layout import Layout
from igniteflow_core.ingestion.layouts import layouts_of, name_in
from igniteflow_core.ingestion.places import files_of, source_path
from igniteflow_core.ingestion.rules import text_of, with_texts
from igniteflow_core.schemas.transactions import TRANSACTION_SOURCE_COLUMNS
from igniteflow_core.values.rules import Clock
from igniteflow_core.values.spark import implausible, local_day, utc_time

_ID = "transaction_id"
_EVENT_TIME = "event_time"
_TO_ANY_ZONE = timedelta(days=2)
"""The largest distance between a time and its day in any other time zone."""


@dataclass(frozen=True)
class DeliveredDays:
    """The rows delivered for some days.

    Attributes:
        rows: as ``read_table``, and ``delivery_date``.
        left_out: unmapped columns of the files, with the first day that has them, or None if all
            days are delivered together.
    """

    rows: DataFrame
    left_out: dict[str, date | None]


def read_days(
    spark: SparkSession,
    source: SourceSettings,
    root: str,
    days: Sequence[date],
    columns: Sequence[str],
    optional: Sequence[str] = (),
) -> DeliveredDays:
    """The rows delivered for these days; each day has a file, a folder or a table of its own.

    Raises:
        SourceNotDeliveredError: nothing was delivered for one of the days.
        UnreadableSourceError: a file does not have the format of the settings.
        SourceSchemaError: a mapped column is missing from a file, occurs in it twice, or has no
            text form.
    """
    places = [(source_path(source, root, day), day) for day in days]
    return _delivered(spark, source, places, columns, optional)


def read_days_together(
    spark: SparkSession,
    source: SourceSettings,
    root: str,
    days: Sequence[date],
    columns: Sequence[str],
    optional: Sequence[str] = (),
    *,
    clock: Clock,
    first_day: date,
) -> DeliveredDays:
    """The rows of these days, of a source that has all days in one file, folder or table.

    ``with_days_of_events`` defines the day of a row. If the time column has a time type, the filter
    by days is pushed down to the source. Raises as ``read_days``.
    """
    places = [(source_path(source, root), None)]
    # The first day also has the rows without a day.
    others = (days[0], days[-1]) if days[0] > first_day else None
    delivered = _delivered(spark, source, places, columns, optional, others)
    rows = with_days_of_events(delivered.rows, source, clock, first_day)
    of_days = rows.where(F.col(DELIVERY_DATE).between(days[0], days[-1]))
    return DeliveredDays(of_days, delivered.left_out)


def with_days_of_events(
    rows: DataFrame, source: SourceSettings, clock: Clock, first_day: date
) -> DataFrame:
    """The rows, as ``rows_of``, with the day of the event in the clock's zone as DELIVERY_DATE.

    A row whose event has no time, is earlier than ``first_day``, or is in the future, gets the day
    of its arrival, or ``first_day`` if the source does not have the arrival; it is quarantined
    there.
    """
    texts = with_texts(rows, [_EVENT_TIME], source.form)
    time = utc_time(F.col(text_of(_EVENT_TIME)), clock.time_zone, source.form)
    plausible = F.when(~implausible(time, clock)["event_time_in_the_future"], time)
    event_day = local_day(plausible, clock.time_zone)
    arrived_on = local_day(F.col(ARRIVED_AT), clock.time_zone)
    # A row that arrived before its event keeps the day of its arrival, however late it is read.
    known = F.when(event_day > F.date_add(arrived_on, 1), arrived_on).otherwise(event_day)
    day = F.greatest(F.coalesce(known, arrived_on), F.lit(first_day))
    return texts.withColumn(DELIVERY_DATE, day).drop(text_of(_EVENT_TIME))


def _delivered(
    spark: SparkSession,
    source: SourceSettings,
    places: Sequence[tuple[str, date | None]],
    columns: Sequence[str],
    optional: Sequence[str],
    days: tuple[date, date] | None = None,
) -> DeliveredDays:
    """Read the places; ``days`` are the first and last day to read, or None for all."""
    read = [name for name in columns if not (source.derive_ids and name == _ID)]
    files = files_of(spark, source, places)
    layouts = layouts_of(spark, source, files, read, optional, days and days[0])
    left_out: dict[str, date | None] = {}
    names = {uri: columns for layout in layouts for uri, columns in layout.columns.items()}
    for file in sorted(files, key=lambda file: (file.day or date.max, file.uri)):
        in_file = names.get(file.uri, ())
        mapped = {name_in(in_file, part) for each in read for part in source.parts_of(each)}
        for name in in_file:
            if name not in mapped:
                left_out.setdefault(name, file.day)
    if days is not None:
        layouts = [_of_days(layout, source, *days) for layout in layouts]
    rows = rows_of(spark, source, files, layouts, read)
    if source.derive_ids:
        # An id does not change when a column is declared or removed.
        built_in = [name for name in read if name in TRANSACTION_SOURCE_COLUMNS]
        rows = with_derived_ids(
            rows, _ID, built_in, [name for name in read if name not in built_in]
        )
    return DeliveredDays(rows, left_out)


def _of_days(layout: Layout, source: SourceSettings, first: date, last: date) -> Layout:
    """The layout without rows of other days, if the source can filter by a typed time."""
    parts = source.parts_of(_EVENT_TIME)
    name = name_in(layout.texts, parts[0])
    if name is None or name not in layout.typed or len(parts) > 1 or source.times is not None:
        return layout
    time = layout.typed[name]
    time_type = layout.frame.select(time).schema[0].dataType
    if not isinstance(time_type, TimestampType | TimestampNTZType | DateType):
        return layout

    def bound(day: date) -> Column:
        return F.lit(day.isoformat()).cast(time_type)

    near = (time >= bound(first - _TO_ANY_ZONE)) & (time < bound(last + _TO_ANY_ZONE))
    return replace(layout, frame=layout.frame.where(near))


def read_table(
    spark: SparkSession,
    source: SourceSettings,
    root: str,
    columns: Sequence[str],
    optional: Sequence[str] = (),
) -> DataFrame:
    """The rows of a source: ``columns`` as text under IgniteFlow's names.

    The result also has ``source_file`` and, for a row that could not be split into columns,
    ``fault``, the reason, and ``row_text``, the row itself; its columns are null. A column in
    ``optional`` that the settings do not map may be missing, and is then null. Raises as
    ``read_days``.
    """
    places = [(source_path(source, root), None)]
    return _delivered(spark, source, places, columns, optional).rows.drop(
        DELIVERY_DATE, ARRIVED_AT, WATERMARK
    )
