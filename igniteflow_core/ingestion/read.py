"""Reads a source, as the settings describe it, into text columns under IgniteFlow's names."""

import difflib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import reduce

from py4j.protocol import Py4JJavaError
from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import Column, DataFrame, DataFrameReader, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import (
    ArrayType,
    AtomicType,
    BinaryType,
    DataType,
    FractionalType,
    StringType,
    StructType,
)

from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.errors import (
    SourceNotDeliveredError,
    SourceSchemaError,
    UnreadableSourceError,
)

_DATE = "{date}"
_SCHEMA_READERS = 4
_EXACT = 2**53


@dataclass(frozen=True)
class DeliveredDays:
    """What was delivered for some days.

    Attributes:
        rows: the columns asked for as text, ``source_file`` and ``delivery_date``.
        left_out: columns of the files that nothing is mapped to, by the first day that has them.
    """

    rows: DataFrame
    left_out: dict[str, date]


def read_days(
    spark: SparkSession,
    source: SourceSettings,
    root: str,
    days: Sequence[date],
    columns: Sequence[str],
    optional: Sequence[str] = (),
) -> DeliveredDays:
    """The rows delivered for these days.

    The files of two days need not agree in the order, the types or the further columns. A column
    in ``optional`` that the settings do not map may be missing from a file, and is then null.

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
    left_out: dict[str, date] = {}
    for day, schema in sorted(zip(days, schemas, strict=True), key=lambda pair: pair[0]):
        for name in _not_read(schema, source, columns):
            left_out.setdefault(name, day)
    return DeliveredDays(reduce(DataFrame.unionByName, deliveries), left_out)


def read_table(
    spark: SparkSession,
    source: SourceSettings,
    root: str,
    columns: Sequence[str],
    optional: Sequence[str] = (),
) -> DataFrame:
    """The rows of a source: ``columns`` as text under IgniteFlow's names, and ``source_file``.

    A column in ``optional`` that the settings do not map may be missing, and is then null. Raises
    as ``read_days``.
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
        if "URISyntaxException" in str(error):
            raise UnreadableSourceError(
                f"a file has a name that cannot be read: {_told(error)}",
                where=path,
                fix="rename the file: no name may hold a colon",
            ) from error
        if _is_of_a_file(error):
            raise _unreadable(path, error) from error
        raise


_READ_ERRORS = ("FAILED_READ_FILE", "CANNOT_READ_FILE_FOOTER")
# A Parquet dictionary that lies is found out only after the scan, in whatever uses the value.
_OF_A_FILE = (*_READ_ERRORS, "ParquetDictionary.decode")


def _is_of_a_file(error: Exception) -> bool:
    return any(words in str(error) for words in _OF_A_FILE)


def _told(error: Exception, *telling: str) -> str:
    """The first line of the error with one of these words in it, or else its first line."""
    lines = str(error).strip().splitlines()
    return next((line for line in lines if any(words in line for words in telling)), lines[0])[:500]


def _unreadable(path: str, error: Exception) -> UnreadableSourceError:
    reason = _told(error, *_READ_ERRORS, "Job aborted")
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
    names = {column: _name_in(found, source, column) for column in columns}
    # What is mapped is meant to be there: without its labels a day would look free of fraud.
    needed = [each for each in columns if each not in optional or each in source.columns]
    missing = [" or ".join(source.names_of(each)) for each in needed if names[each] is None]
    if missing:
        raise SourceSchemaError(
            f"the source lacks the column(s) {_with_hints(missing, list(found))}",
            where=f"{path} (columns found: {', '.join(found) or 'none'})",
            fix="map IgniteFlow's name to the source's in the source's columns setting; to a list "
            "of names where the source has renamed it",
        )
    unfit = [
        f"{name} ({found[name].simpleString()})"
        for name in names.values()
        if name is not None and not _has_text_form(found[name])
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
            _text(_name_in(found, source, column), found, source.category_separator).alias(column)
            for column in columns
        ),
        F.col("_metadata.file_path").alias("source_file"),
    )


def _name_in(found: Collection[str], source: SourceSettings, column: str) -> str | None:
    return next((name for name in source.names_of(column) if name in found), None)


def _not_read(schema: StructType, source: SourceSettings, columns: Sequence[str]) -> list[str]:
    read = {_name_in(schema.names, source, column) for column in columns}
    return [name for name in schema.names if name not in read]


def _has_text_form(data_type: DataType) -> bool:
    if isinstance(data_type, ArrayType):
        return isinstance(data_type.elementType, StringType)
    return isinstance(data_type, AtomicType) and not isinstance(data_type, BinaryType)


def _text(name: str | None, found: Mapping[str, DataType], separator: str) -> Column:
    if name is None:
        return F.lit(None).cast("string")
    column = F.col(f"`{name}`")
    if isinstance(found[name], ArrayType):
        return F.array_join(column, separator)
    if isinstance(found[name], FractionalType):
        # An id stays the same when its column becomes one of fractions, as nulls make of whole
        # numbers in pandas.
        is_whole = (column == F.floor(column)) & (F.abs(column) < _EXACT)
        return F.when(is_whole, column.cast("bigint").cast("string")).otherwise(
            column.cast("string")
        )
    return column.cast("string")


def _with_hints(missing: list[str], found: list[str]) -> str:
    hints = []
    for name in missing:
        close = difflib.get_close_matches(name, found, n=1)
        hints.append(f"{name!r} (did you mean {close[0]!r}?)" if close else f"{name!r}")
    return ", ".join(hints)
