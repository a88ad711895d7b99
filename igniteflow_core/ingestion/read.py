"""Reads a source, as the settings describe it, into text columns under IgniteFlow's names."""

import difflib
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from functools import reduce

from py4j.protocol import Py4JJavaError
from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import Column, DataFrame, DataFrameReader, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, AtomicType, BinaryType, DataType, StringType, StructType

from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.errors import (
    SourceNotDeliveredError,
    SourceSchemaError,
    UnreadableSourceError,
)

_DATE = "{date}"
_SCHEMA_READERS = 4


def read_days(
    spark: SparkSession,
    source: SourceSettings,
    root: str,
    days: Sequence[date],
    columns: Sequence[str],
    optional: Sequence[str] = (),
) -> DataFrame:
    """The rows delivered for these days: ``columns`` as text, ``source_file``, ``delivery_date``.

    The files of two days need not agree in the order or the types of their columns.

    Raises:
        SourceNotDeliveredError: nothing was delivered for one of the days.
        UnreadableSourceError: a file is not of the format that the settings name.
        SourceSchemaError: a mapped column is missing or has no text form.
    """
    paths = {source_path(source, root, day): day for day in days}
    with ThreadPoolExecutor(_SCHEMA_READERS) as readers:
        schemas = list(readers.map(lambda path: _schema(spark, source, path), paths))
    same_schema: dict[StructType, list[str]] = {}
    for path, schema in zip(paths, schemas, strict=True):
        _check_columns(schema, source, path, columns, optional)
        same_schema.setdefault(schema, []).append(path)
    deliveries = [
        _as_text(_load(spark, source, together, schema), source, columns).withColumn(
            "delivery_date", _delivery_date(source)
        )
        for schema, together in same_schema.items()
    ]
    return reduce(DataFrame.unionByName, deliveries)


def read_table(
    spark: SparkSession,
    source: SourceSettings,
    root: str,
    columns: Sequence[str],
    optional: Sequence[str] = (),
) -> DataFrame:
    """The rows of a source: ``columns`` as text under IgniteFlow's names, and ``source_file``.

    A column that is in ``optional`` and not in the source is null. Raises as ``read_days``.
    """
    path = source_path(source, root)
    schema = _schema(spark, source, path)
    _check_columns(schema, source, path, columns, optional)
    return _as_text(_load(spark, source, [path], schema), source, columns)


def source_path(source: SourceSettings, root: str, day: date | None = None) -> str:
    """Where the source lies, on the given day if it has a file or folder a day."""
    path = source.path.replace(_DATE, day.isoformat()) if day else source.path
    absolute = path.startswith("/") or "://" in path
    return path if absolute else f"{root.rstrip('/')}/{path}"


@contextmanager
def reading(path: str) -> Iterator[None]:
    """Turns Spark's errors about a file into ours.

    Spark reads lazily: use it around what runs the query as well as around what defines it.
    """
    try:
        yield
    except AnalysisException as error:
        if error.getCondition() == "PATH_NOT_FOUND":
            raise SourceNotDeliveredError(
                "the source has not been delivered",
                where=path,
                fix="deliver the file, or mend sources.root and the source's path in the settings",
            ) from error
        raise _unreadable(path, error) from error
    except (PySparkException, Py4JJavaError) as error:
        if _names_a_file(str(error)):
            raise _unreadable(path, error) from error
        raise


def _names_a_file(text: str) -> bool:
    return "FAILED_READ_FILE" in text or "CANNOT_READ_FILE_FOOTER" in text


def _unreadable(path: str, error: Exception) -> UnreadableSourceError:
    lines = str(error).strip().splitlines()
    reason = next((line for line in lines if _names_a_file(line)), lines[0])[:500]
    return UnreadableSourceError(
        f"the source cannot be read: {reason}",
        where=path,
        fix="have the file delivered again, or mend the source's format in the settings",
    )


def _reader(spark: SparkSession, source: SourceSettings) -> DataFrameReader:
    reader = spark.read.format(source.format)
    if source.format == "csv":
        # Malformed lines stay as rows with nulls, which the quarantine then names.
        reader = reader.options(
            header=source.header, sep=source.separator, mode="PERMISSIVE", escape='"'
        )
    return reader


def _schema(spark: SparkSession, source: SourceSettings, path: str) -> StructType:
    with reading(path):
        return _reader(spark, source).load(path).schema


def _load(
    spark: SparkSession, source: SourceSettings, paths: list[str], schema: StructType
) -> DataFrame:
    reader = _reader(spark, source)
    # A Delta table knows its own schema and takes no other.
    return (reader if source.format == "delta" else reader.schema(schema)).load(paths)


def _delivery_date(source: SourceSettings) -> Column:
    """The day in the file's path, found by what stands around it in the settings' path."""
    before, after = source.path.split(_DATE)
    pattern = (
        re.escape(before.rsplit("/", 1)[-1].rsplit("*", 1)[-1])
        + r"(\d{4}-\d{2}-\d{2})"
        + re.escape(after.split("/", 1)[0].split("*", 1)[0])
    )
    return F.to_date(F.regexp_extract("source_file", pattern, 1))


def _check_columns(
    schema: StructType,
    source: SourceSettings,
    path: str,
    columns: Sequence[str],
    optional: Sequence[str],
) -> None:
    found = {field.name: field.dataType for field in schema.fields}
    names = {column: source.columns.get(column, column) for column in columns}
    missing = [
        name for column, name in names.items() if column not in optional and name not in found
    ]
    if missing:
        raise SourceSchemaError(
            f"the source lacks the column(s) {_with_hints(missing, list(found))}",
            where=f"{path} (columns found: {', '.join(found) or 'none'})",
            fix="map IgniteFlow's name to the source's in the source's columns setting",
        )
    unfit = [
        f"{name} ({found[name].simpleString()})"
        for name in names.values()
        if name in found and not _has_text_form(found[name])
    ]
    if unfit:
        raise SourceSchemaError(
            f"the column(s) {', '.join(unfit)} hold no single value a row",
            where=path,
            fix="map a column of numbers, text, dates, times or lists of text",
        )


def _as_text(frame: DataFrame, source: SourceSettings, columns: Sequence[str]) -> DataFrame:
    found = {field.name: field.dataType for field in frame.schema.fields}
    return frame.select(
        *(
            _text(name, found.get(name), source.category_separator).alias(column)
            for column in columns
            for name in [source.columns.get(column, column)]
        ),
        F.col("_metadata.file_path").alias("source_file"),
    )


def _has_text_form(data_type: DataType) -> bool:
    if isinstance(data_type, ArrayType):
        return isinstance(data_type.elementType, StringType)
    return isinstance(data_type, AtomicType) and not isinstance(data_type, BinaryType)


def _text(name: str, data_type: DataType | None, separator: str) -> Column:
    if data_type is None:
        return F.lit(None).cast("string")
    column = F.col(f"`{name}`")
    if isinstance(data_type, ArrayType):
        return F.array_join(column, separator)
    return column.cast("string")


def _with_hints(missing: list[str], found: list[str]) -> str:
    hints = []
    for name in missing:
        close = difflib.get_close_matches(name, found, n=1)
        hints.append(f"{name!r} (did you mean {close[0]!r}?)" if close else f"{name!r}")
    return ", ".join(hints)
