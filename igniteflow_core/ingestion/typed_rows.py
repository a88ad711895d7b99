"""Rows of files and Delta tables whose columns have types."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from igniteflow_core.ingestion.files import DeliveredFile, FileSystem, ParquetSchema
from igniteflow_core.ingestion.layout import FILE_URI, Layout, file_uri
from igniteflow_core.ingestion.spark_errors import reading
from igniteflow_core.ingestion.typed_text import as_text, has_text, nanoseconds_as_text

_FOOTER_READERS = 8


def parquet_layouts(spark: SparkSession, files: Sequence[DeliveredFile]) -> list[Layout]:
    """One layout for all files of one schema.

    Raises:
        UnreadableSourceError: a file is not a Parquet file.
    """
    system = FileSystem(spark)
    with ThreadPoolExecutor(_FOOTER_READERS) as readers:
        schemas = list(readers.map(system.parquet_schema, files))
    alike: dict[str, tuple[ParquetSchema, list[DeliveredFile]]] = {}
    for file, schema in zip(files, schemas, strict=True):
        alike.setdefault(schema.text, (schema, []))[1].append(file)
    return [
        _of_files(spark, "parquet", _types(spark, "parquet", group[0]), group, schema.nanoseconds)
        for schema, group in alike.values()
    ]


def typed_layouts(
    spark: SparkSession, file_format: str, files: Sequence[DeliveredFile]
) -> list[Layout]:
    """One layout for all ORC or Avro files of one schema.

    Raises:
        UnreadableSourceError: a file does not have the format.
    """
    with ThreadPoolExecutor(_FOOTER_READERS) as readers:
        schemas = list(readers.map(lambda file: _types(spark, file_format, file), files))
    alike: dict[str, tuple[StructType, list[DeliveredFile]]] = {}
    for file, types in zip(files, schemas, strict=True):
        alike.setdefault(types.json(), (types, []))[1].append(file)
    return [_of_files(spark, file_format, types, group) for types, group in alike.values()]


def _types(spark: SparkSession, file_format: str, file: DeliveredFile) -> StructType:
    with reading(file.path):
        return spark.read.format(file_format).load(file.pattern).schema


def _of_files(
    spark: SparkSession,
    file_format: str,
    types: StructType,
    files: Sequence[DeliveredFile],
    nanoseconds: Mapping[str, bool] = MappingProxyType({}),
) -> Layout:
    with reading(files[0].path):
        reader = spark.read.format(file_format).schema(types)
        frame = reader.load([file.pattern for file in files])
    return typed_layout(frame, file_uri(frame), files, nanoseconds)


def delta_layouts(spark: SparkSession, tables: Sequence[DeliveredFile]) -> list[Layout]:
    """One layout for each table, which represents its files."""
    layouts = []
    for table in tables:
        with reading(table.path):
            frame = spark.read.format("delta").load(table.path)
        layouts.append(typed_layout(frame, F.lit(table.uri), [table]))
    return layouts


def typed_layout(
    frame: DataFrame,
    uri: Column,
    files: Sequence[DeliveredFile],
    nanoseconds: Mapping[str, bool] = MappingProxyType({}),
) -> Layout:
    """The layout of a frame that has the columns of these files.

    Args:
        frame: the rows.
        uri: URI of the file of a row.
        files: all files of the frame.
        nanoseconds: for each column of nanoseconds, whether it counts from 1970 in UTC.
    """
    types = {each.name: each.dataType for each in frame.schema.fields}
    # A delivered column may have any name, including those of the platform's own columns.
    fields = {name: F.col(f"field_{number}") for number, name in enumerate(types)}
    renamed = [
        F.col("`" + name.replace("`", "``") + "`").alias(f"field_{number}")
        for number, name in enumerate(types)
    ]

    def text(name: str) -> Column:
        if name in nanoseconds:
            return nanoseconds_as_text(fields[name], is_instant=nanoseconds[name])
        return as_text(fields[name], types[name])

    return Layout(
        columns={file.uri: tuple(types) for file in files},
        frame=frame.select(*renamed, uri.alias(FILE_URI)),
        texts={name: text(name) for name, each in types.items() if has_text(each)},
        unfit={name: each.simpleString() for name, each in types.items() if not has_text(each)},
        typed=fields,
    )
