"""Rows of JSON: one object per line of a file or per message of a topic, in UTF-8."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import DoubleType

from igniteflow_core.ingestion.files import DeliveredFile
from igniteflow_core.ingestion.layout import FILE_URI, Layout, file_uri
from igniteflow_core.ingestion.spark_errors import reading
from igniteflow_core.ingestion.typed_text import as_text
from igniteflow_core.schemas.topic import LANDED_AT, MESSAGE_TIME

_OBJECT = "object"
_LINE = "line"
_BEFORE_ITS_DAY = timedelta(days=2)
"""An event may be of the day after its arrival, and local days differ from UTC days."""


def json_layouts(
    spark: SparkSession,
    files: Sequence[DeliveredFile],
    mapped: Collection[str],
    *,
    are_pages: bool = False,
) -> list[Layout]:
    """The layouts of files of JSON lines, see ``_layouts``.

    The columns of a file are the names that its rows have. The columns of a page are those of all
    pages of its day, because a server may omit null values and pages may have any size.
    """
    with reading(files[0].path):
        texts = spark.read.text([file.pattern for file in files])
        lines = texts.select(
            file_uri(texts),
            F.regexp_replace("value", "^\ufeff", "").alias(_LINE),
        )
        alike = {file.uri: file.day for file in files} if are_pages else {}
        return _layouts(lines.where(F.trim(_LINE) != ""), mapped, alike)


def topic_layouts(
    spark: SparkSession,
    landed: DeliveredFile,
    mapped: Collection[str],
    first_day: date | None,
) -> list[Layout]:
    """The layouts of the messages that have landed in a table of the contract TOPIC_MESSAGES.

    A column may be mapped to MESSAGE_TIME, the timestamp of the message.

    Args:
        spark: Spark session with Delta.
        landed: the table of messages.
        mapped: see ``_layouts``.
        first_day: events of earlier days may be left out; None for all events.
    """
    with reading(landed.path):
        messages = spark.read.format("delta").load(landed.path)
        if first_day is not None:
            messages = messages.where(F.col("landed_date") >= first_day - _BEFORE_ITS_DAY)
        lines = messages.select(
            F.lit(landed.uri).alias(FILE_URI),
            # A message without a value is a row too, whose columns are all missing.
            F.coalesce("value", F.lit("")).alias(_LINE),
            *(LANDED_AT, MESSAGE_TIME),
        )
        layouts = _layouts(lines, mapped, {})
    landed_at = F.col(LANDED_AT)
    message_time = F.concat(F.col(MESSAGE_TIME).cast("string"), F.lit("Z"))
    return [
        replace(
            layout,
            texts={MESSAGE_TIME: message_time, **layout.texts},
            typed={LANDED_AT: landed_at},
            arrived_at=landed_at,
        )
        for layout in layouts
    ]


def _layouts(
    lines: DataFrame, mapped: Collection[str], alike: Mapping[str, date | None]
) -> list[Layout]:
    """One layout for all files that have the same ``mapped`` columns.

    The columns of a file are the names that its rows have, and those in the rows of files with the
    same value in ``alike``.

    A row has a fault if it is not a JSON object, if a name occurs in it twice, if it is not UTF-8,
    or if the value of a ``mapped`` column is an object, or a list of anything but text.
    """
    names = F.array_distinct(F.flatten(F.collect_set(F.json_object_keys(_LINE))))
    by_file = lines.groupBy(FILE_URI).agg(names.alias("names")).collect()
    # A file without a row may lack any column.
    names_of: dict[str | date | None, set[str]] = {}
    for row in by_file:
        names_of.setdefault(alike.get(row[FILE_URI], row[FILE_URI]), set()).update(row["names"])
    columns = {
        row[FILE_URI]: tuple(sorted(names_of[alike.get(row[FILE_URI], row[FILE_URI])]))
        for row in by_file
    }
    groups: dict[frozenset[str], dict[str, tuple[str, ...]]] = (
        {frozenset(): {}} if not columns else {}
    )
    for uri, own_names in columns.items():
        groups.setdefault(frozenset(own_names) & set(mapped), {})[uri] = own_names
    return [
        _layout(lines.where(F.col(FILE_URI).isin(*group)), read, group)
        for read, group in groups.items()
    ]


def _layout(lines: DataFrame, read: Collection[str], columns: dict[str, tuple[str, ...]]) -> Layout:
    values = {name: _Value(name) for name in sorted(read)}
    fault = F.when(~F.is_valid_utf8(_LINE), F.lit("undecodable_text")).when(
        F.json_object_keys(_LINE).isNull() | F.col(_OBJECT).isNull() | ~_is_one_value(),
        F.lit("invalid_json"),
    )
    for value in values.values():
        fault = fault.when(value.is_nested, F.lit("nested_value"))
    return Layout(
        columns=columns,
        # Spark parses a line once for all of its values.
        frame=lines.withColumn(_OBJECT, F.try_parse_json(_LINE)),
        texts={name: value.text() for name, value in values.items()},
        fault=fault,
        row_text=F.when(fault.isNotNull(), F.col(_LINE)),
        has_own_names=True,
    )


def _is_one_value() -> Column:
    """Whether nothing follows the line's first value; Spark's parsers ignore the rest."""
    in_list = F.json_array_length(F.concat(F.lit("["), F.col(_LINE), F.lit(", 0]")))
    return F.coalesce(in_list == 2, F.lit(False))


class _Value:
    """One value of a row's object, as Spark's variant."""

    def __init__(self, name: str) -> None:
        quote = '"' if "'" in name else "'"
        self._variant = F.try_variant_get(_OBJECT, f"$[{quote}{name}{quote}]", "variant")
        self._type = F.schema_of_variant(self._variant)

    @property
    def is_nested(self) -> Column:
        is_list_of_text = self._type.isin("ARRAY<STRING>", "ARRAY<VOID>")
        nested = self._type.startswith("OBJECT") | self._type.startswith("ARRAY")
        return F.coalesce(nested & ~is_list_of_text, F.lit(False))

    def text(self) -> Column:
        as_string = F.try_variant_get(self._variant, "$", "string")
        as_double = F.try_variant_get(self._variant, "$", "double")
        as_list = F.try_variant_get(self._variant, "$", "array<string>")
        return (
            F.when(self._type.startswith("ARRAY"), F.to_json(as_list))
            .when(self._type == "DOUBLE", as_text(as_double, DoubleType()))
            .otherwise(as_string)
        )
