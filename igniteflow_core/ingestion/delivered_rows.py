"""The rows of a delivery: each column as text under IgniteFlow's name, whatever the format."""

from collections.abc import Collection, Mapping, Sequence
from functools import reduce
from operator import or_

import pyarrow as pa
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from igniteflow_core.config.sources import ITEM_CATEGORIES, SourceSettings
from igniteflow_core.ingestion.files import DeliveredFile
from igniteflow_core.ingestion.layout import FILE_END, FILE_URI, Layout
from igniteflow_core.schemas.delivery import FAULT, ROW_TEXT, SOURCE_FILE
from igniteflow_core.values.spark import boolean, text

DELIVERY_DATE = "delivery_date"
ARRIVED_AT = "arrived_at"
WATERMARK = "watermark"
_PARTITIONS = "partition_values"
_PAIRS = pa.map_(pa.string(), pa.string())


def rows_of(
    spark: SparkSession,
    source: SourceSettings,
    files: Sequence[DeliveredFile],
    layouts: Sequence[Layout],
    columns: Sequence[str],
) -> DataFrame:
    """The columns as text, SOURCE_FILE, FAULT, ROW_TEXT, DELIVERY_DATE, ARRIVED_AT, WATERMARK.

    DELIVERY_DATE is the day that the row's file was delivered for, and ARRIVED_AT the time at which
    the row arrived; each is null if the source does not have it. WATERMARK is the layout's.
    """
    folders = {name for file in files for name in file.partitions}
    ends = {uri: end for layout in layouts for uri, end in layout.ends.items()}
    # Spark converts Arrow data itself, but needs Python workers for Python objects.
    about_files = F.broadcast(
        spark.createDataFrame(
            pa.table(
                {
                    FILE_URI: pa.array([file.uri for file in files], pa.string()),
                    SOURCE_FILE: pa.array([file.path for file in files], pa.string()),
                    DELIVERY_DATE: pa.array([file.day for file in files], pa.date32()),
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
            *(SOURCE_FILE, DELIVERY_DATE, FAULT),
            layout.row_text.alias(ROW_TEXT),
            layout.arrived_at.alias(ARRIVED_AT),
            layout.watermark.alias(WATERMARK),
        )
        for layout in layouts
    ]
    return reduce(DataFrame.unionByName, frames)


def _not_listed() -> Column:
    return F.concat(F.lit("a row belongs to a file that was not listed: "), F.col(FILE_URI))


def _text(layout: Layout, folders: Collection[str], source: SourceSettings, column: str) -> Column:
    parts = source.parts_of(column)
    texts = [_first_text(layout, folders, names) for names in parts]
    if column == ITEM_CATEGORIES and source.category_flags:
        flags = [text(each, source.form) for each in texts]
        joined = _flagged(dict(zip(source.category_flags, flags, strict=True)))
    elif len(parts) == 1:
        joined = texts[0]
    else:
        # The value is null if one of several parts is missing.
        filled = [text(each, source.form) for each in texts]
        joined = reduce(lambda before, part: F.concat(before, F.lit(" "), part), filled)
    return F.when(F.col(FAULT).isNull(), joined)


def _flagged(flags: Mapping[str, Column]) -> Column:
    """The categories whose flag is true, as JSON; if a flag is not boolean, an object of all."""
    values = {category: boolean(flag) for category, flag in flags.items()}
    broken = reduce(or_, (flags[each].isNotNull() & values[each].isNull() for each in flags))
    named = [F.when(value, F.lit(category)) for category, value in values.items()]
    as_delivered = [part for pair in flags.items() for part in (F.lit(pair[0]), pair[1])]
    listed = F.to_json(F.array_compact(F.array(*named)))
    return F.when(broken, F.to_json(F.create_map(*as_delivered))).otherwise(listed)


def _first_text(layout: Layout, folders: Collection[str], names: Sequence[str]) -> Column:
    """The text under the first of these names that the file has, or the row if it names its own."""
    name, *others = names
    nothing = F.lit(None).cast("string")
    if name in layout.texts:
        value = layout.texts[name].cast("string")
        if not layout.has_own_names or not others:
            return value
        return F.coalesce(value, _first_text(layout, folders, others))
    next_one = _first_text(layout, folders, others) if others else nothing
    if name not in folders:
        return next_one
    values = F.col(_PARTITIONS)
    return F.when(F.map_contains_key(values, name), values[name]).otherwise(next_one)
