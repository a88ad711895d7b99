"""A delivery: its files, the form that the settings declare for them, and its rows as text.

Whatever the format, the columns of each file are found by their names, and each row knows its file.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import reduce

import pyarrow as pa
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.errors import SourceSchemaError, with_nearest
from igniteflow_core.ingestion.csv_rows import csv_layouts
from igniteflow_core.ingestion.database_rows import database_layout, database_place
from igniteflow_core.ingestion.derived_ids import with_derived_ids
from igniteflow_core.ingestion.files import DeliveredFile, FileSystem
from igniteflow_core.ingestion.json_rows import json_layouts
from igniteflow_core.ingestion.layout import FILE_END, FILE_URI, Layout
from igniteflow_core.ingestion.rules import text_of, with_texts
from igniteflow_core.ingestion.typed_rows import delta_layouts, parquet_layouts, typed_layouts
from igniteflow_core.schemas.delivery import FAULT, ROW_TEXT, SOURCE_FILE
from igniteflow_core.schemas.transactions import TRANSACTION_SOURCE_COLUMNS
from igniteflow_core.values.rules import Clock
from igniteflow_core.values.spark import implausible, local_day, text, utc_time

_DATE = "{date}"
_LISTERS = 8
_DAY = "delivery_date"
_ID = "transaction_id"
_EVENT_TIME = "event_time"
_PARTITIONS = "partition_values"
_PAIRS = pa.map_(pa.string(), pa.string())
_TO_ANY_ZONE = timedelta(days=2)
"""A time and the day that it has in another zone are less than this apart."""


@dataclass(frozen=True)
class DeliveredDays:
    """What was delivered for some days.

    Attributes:
        rows: as ``read_table``, and ``delivery_date``.
        left_out: columns of the files that nothing is mapped to, by the first day that has them, or
            by None where all days are delivered together.
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
        UnreadableSourceError: a file is not of the format that the settings name.
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

    A row is of the day of its event in the clock's zone. Rows whose event has no time, is earlier
    than ``first_day``, or lies in the future, are of that day, where their quarantine is. Where the
    column of the time has the type of one, the source itself leaves out the rows of other days.
    Raises as ``read_days``.
    """
    places = [(source_path(source, root), None)]
    # The first day has the rows of no day, too.
    others = (days[0], days[-1]) if days[0] > first_day else None
    delivered = _delivered(spark, source, places, columns, optional, others)
    texts = with_texts(delivered.rows, [_EVENT_TIME], source.form)
    time = utc_time(F.col(text_of(_EVENT_TIME)), clock.time_zone, source.form)
    plausible = F.when(~implausible(time, clock)["event_time_in_the_future"], time)
    day = F.greatest(local_day(plausible, clock.time_zone), F.lit(first_day))
    rows = texts.withColumn(_DAY, day).where(F.col(_DAY).between(days[0], days[-1]))
    return DeliveredDays(rows.drop(text_of(_EVENT_TIME)), delivered.left_out)


def _delivered(
    spark: SparkSession,
    source: SourceSettings,
    places: Sequence[tuple[str, date | None]],
    columns: Sequence[str],
    optional: Sequence[str],
    days: tuple[date, date] | None = None,
) -> DeliveredDays:
    """``days``: the first and last whose events are of interest; None for all events."""
    read = [name for name in columns if not (source.derive_ids and name == _ID)]
    files = _files(spark, source, places)
    layouts = _layouts(spark, source, files, read, optional)
    left_out: dict[str, date | None] = {}
    names = {uri: found for layout in layouts for uri, found in layout.columns.items()}
    for file in sorted(files, key=lambda file: (file.day or date.max, file.uri)):
        found = names.get(file.uri, ())
        mapped = {_name_in(found, part) for each in read for part in source.parts_of(each)}
        for name in found:
            if name not in mapped:
                left_out.setdefault(name, file.day)
    if days is not None:
        layouts = [_of_days(layout, source, *days) for layout in layouts]
    rows = _rows(spark, source, files, layouts, read)
    if source.derive_ids:
        # An id stays what it is when a column is declared or taken back.
        built_in = [name for name in read if name in TRANSACTION_SOURCE_COLUMNS]
        rows = with_derived_ids(
            rows, _ID, built_in, [name for name in read if name not in built_in]
        )
    return DeliveredDays(rows, left_out)


def _of_days(layout: Layout, source: SourceSettings, first: date, last: date) -> Layout:
    """The layout without rows of other days, where the source can tell without reading them."""
    parts = source.parts_of(_EVENT_TIME)
    name = _name_in(layout.texts, parts[0])
    if name is None or name not in layout.times or len(parts) > 1 or source.times is not None:
        return layout
    time = layout.times[name]
    time_type = layout.frame.select(time).schema[0].dataType

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

    With them go ``source_file``, and of a row that could not be split into columns ``fault``, the
    reason, and ``row_text``, the row itself; its columns are null. A column in ``optional`` that
    the settings do not map may be missing, and is then null. Raises as ``read_days``.
    """
    places = [(source_path(source, root), None)]
    return _delivered(spark, source, places, columns, optional).rows.drop(_DAY)


def source_path(source: SourceSettings, root: str, day: date | None = None) -> str:
    """Where the source lies, on the given day if it has a file or folder a day."""
    path = source.path.replace(_DATE, day.isoformat()) if day else source.path
    absolute = path.startswith("/") or "://" in path
    return path if absolute else f"{root.rstrip('/')}/{path}"


def is_daily(source: SourceSettings) -> bool:
    """Whether each day has a file, folder or table of its own."""
    return _DATE in source.path


def _files(
    spark: SparkSession, source: SourceSettings, places: Iterable[tuple[str, date | None]]
) -> list[DeliveredFile]:
    if source.format == "delta":
        # The files of a Delta table are those that its log names, not those in its folder.
        return [DeliveredFile(uri=path, path=path, size=0, day=day) for path, day in places]
    if source.format == "jdbc":
        place = database_place(source)
        return [DeliveredFile(uri=place, path=place, size=0)]
    system = FileSystem(spark)
    with ThreadPoolExecutor(_LISTERS) as listers:
        found = listers.map(lambda place: system.files(*place), places)
        return [file for files in found for file in files]


def _layouts(
    spark: SparkSession,
    source: SourceSettings,
    files: Sequence[DeliveredFile],
    columns: Sequence[str],
    optional: Sequence[str],
) -> list[Layout]:
    match source.format:
        case "csv":
            layouts = csv_layouts(spark, source, files, _mapped(source, columns))
        case "json":
            layouts = json_layouts(spark, files, _mapped(source, columns))
        case "parquet":
            layouts = parquet_layouts(spark, files)
        case "orc" | "avro":
            layouts = typed_layouts(spark, source.format, files)
        case "delta":
            layouts = delta_layouts(spark, files)
        case "jdbc":
            layouts = [database_layout(spark, source, files[0])]
    by_uri = {file.uri: file for file in files}
    for layout in layouts:
        for uri, names in layout.columns.items():
            _check_columns(by_uri[uri], names, layout, source, columns, optional)
    return layouts


def _check_columns(
    file: DeliveredFile,
    names: Sequence[str],
    layout: Layout,
    source: SourceSettings,
    columns: Sequence[str],
    optional: Sequence[str],
) -> None:
    found = [*names, *file.partitions]
    where = f"{file.path} (columns found: {', '.join(found) or 'none'})"
    # What is mapped is meant to be there: without its labels a day would look free of fraud.
    needed = [each for each in columns if each not in optional or source.is_mapped(each)]
    missing = [
        " or ".join(names)
        for each in needed
        for names in source.parts_of(each)
        if _name_in(found, names) is None
    ]
    if missing:
        raise SourceSchemaError(
            f"the source lacks the column(s) "
            f"{', '.join(with_nearest(name, found) for name in missing)}",
            where=where,
            fix="map IgniteFlow's name to the source's in the source's columns setting; to a list "
            "of names where the source has renamed it; transactions that have no ids get some by "
            "derive_ids",
        )
    mapped = _mapped(source, columns)
    twice = [name for name, count in Counter(names).items() if count > 1 and name in mapped]
    if twice:
        raise SourceSchemaError(
            f"the column(s) {', '.join(twice)} occur more than once",
            where=where,
            fix="have the file delivered with each of its columns once",
        )
    unfit = [
        f"{name} ({layout.unfit[name]})" for name in names if name in mapped & set(layout.unfit)
    ]
    if unfit:
        raise SourceSchemaError(
            f"the column(s) {', '.join(unfit)} hold no single value a row",
            where=where,
            fix="map a column of numbers, text, dates, times or lists of text",
        )


def _rows(
    spark: SparkSession,
    source: SourceSettings,
    files: Sequence[DeliveredFile],
    layouts: Sequence[Layout],
    columns: Sequence[str],
) -> DataFrame:
    folders = {name for file in files for name in file.partitions}
    ends = {uri: end for layout in layouts for uri, end in layout.ends.items()}
    # Of Arrow's data Spark makes a table by itself; of Python's objects, by Python workers.
    about_files = F.broadcast(
        spark.createDataFrame(
            pa.table(
                {
                    FILE_URI: pa.array([file.uri for file in files], pa.string()),
                    SOURCE_FILE: pa.array([file.path for file in files], pa.string()),
                    _DAY: pa.array([file.day for file in files], pa.date32()),
                    _PARTITIONS: pa.array([[*file.partitions.items()] for file in files], _PAIRS),
                    FILE_END: pa.array([ends.get(file.uri) for file in files], pa.string()),
                }
            )
        )
    )
    frames = [
        layout.frame.join(about_files, FILE_URI, "left")
        .withColumn(SOURCE_FILE, F.coalesce(SOURCE_FILE, F.raise_error(_not_listed())))
        .withColumn(FAULT, layout.fault)
        .select(
            *(_text(layout, folders, source, column).alias(column) for column in columns),
            *(SOURCE_FILE, _DAY, FAULT),
            layout.row_text.alias(ROW_TEXT),
        )
        for layout in layouts
    ]
    return reduce(DataFrame.unionByName, frames)


def _not_listed() -> Column:
    return F.concat(F.lit("a row is of a file that was not listed: "), F.col(FILE_URI))


def _text(layout: Layout, folders: Collection[str], source: SourceSettings, column: str) -> Column:
    parts = source.parts_of(column)
    texts = [_first_text(layout, folders, names) for names in parts]
    if len(parts) == 1:
        joined = texts[0]
    else:
        # Null where one of several parts is missing.
        filled = [text(each, source.form) for each in texts]
        joined = reduce(lambda before, part: F.concat(before, F.lit(" "), part), filled)
    return F.when(F.col(FAULT).isNull(), joined)


def _first_text(layout: Layout, folders: Collection[str], names: Sequence[str]) -> Column:
    """The text under the first of these names that the file has, or the row if it names its own."""
    name, *others = names
    nothing = F.lit(None).cast("string")
    if name in layout.texts:
        found = layout.texts[name].cast("string")
        if not layout.has_own_names or not others:
            return found
        return F.coalesce(found, _first_text(layout, folders, others))
    next_one = _first_text(layout, folders, others) if others else nothing
    if name not in folders:
        return next_one
    values = F.col(_PARTITIONS)
    return F.when(F.map_contains_key(values, name), values[name]).otherwise(next_one)


def _name_in(found: Collection[str], names: Sequence[str]) -> str | None:
    """Of several names that a column may have, the first that is there counts."""
    return next((name for name in names if name in found), None)


def _mapped(source: SourceSettings, columns: Sequence[str]) -> set[str]:
    return {name for column in columns for part in source.parts_of(column) for name in part}
