"""How the files of a delivery hold their rows, and whether the mapped columns are there."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date

from pyspark.sql import SparkSession

from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.errors import SourceSchemaError, with_nearest
from igniteflow_core.ingestion.csv_rows import csv_layouts
from igniteflow_core.ingestion.database_rows import database_layout
from igniteflow_core.ingestion.files import DeliveredFile
from igniteflow_core.ingestion.json_rows import json_layouts, topic_layouts
from igniteflow_core.ingestion.layout import Layout
from igniteflow_core.ingestion.typed_rows import delta_layouts, parquet_layouts, typed_layouts


def layouts_of(
    spark: SparkSession,
    source: SourceSettings,
    files: Sequence[DeliveredFile],
    columns: Sequence[str],
    optional: Sequence[str],
    first_day: date | None = None,
) -> list[Layout]:
    """One layout or more, which together hold all files.

    Args:
        spark: with Delta.
        source: that the files are of.
        files: as ``igniteflow_core.ingestion.places.files_of`` finds them.
        columns: that are read, by IgniteFlow's names.
        optional: those of them that may be missing where the settings do not map them.
        first_day: rows of events before that day may be left out.

    Raises:
        UnreadableSourceError: a file is not of the format that the settings name.
        SourceSchemaError: a mapped column is missing from a file, occurs in it twice, or has no
            text form.
    """
    match source.format:
        case "csv":
            layouts = csv_layouts(spark, source, files, _mapped(source, columns))
        case "json" | "rest":
            pages = source.format == "rest"
            layouts = json_layouts(spark, files, _mapped(source, columns), are_pages=pages)
        case "parquet":
            layouts = parquet_layouts(spark, files)
        case "orc" | "avro":
            layouts = typed_layouts(spark, source.format, files)
        case "delta":
            layouts = delta_layouts(spark, files)
        case "jdbc":
            layouts = [database_layout(spark, source, files[0])]
        case "kafka":
            # A message without a column is one bad row, and no fault of all the others.
            return topic_layouts(spark, files[0], _mapped(source, columns), first_day)
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
    mapped = _mapped(source, columns)
    twice = [
        name
        for name in sorted(mapped)
        if Counter(names)[name] > 1 or (name not in names and f"{name} (1)" in names)
    ]
    if twice:
        raise SourceSchemaError(
            f"the column(s) {', '.join(twice)} occur more than once",
            where=where,
            fix="have the file delivered with each of its columns once; of text, map one of them "
            f"by its number, such as {twice[0]} (2)",
        )
    # What is mapped is meant to be there: without its labels a day would look free of fraud.
    needed = [each for each in columns if each not in optional or source.is_mapped(each)]
    missing = [
        " or ".join(names)
        for each in needed
        for names in source.parts_of(each)
        if name_in(found, names) is None
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
    unfit = [
        f"{name} ({layout.unfit[name]})" for name in names if name in mapped & set(layout.unfit)
    ]
    if unfit:
        raise SourceSchemaError(
            f"the column(s) {', '.join(unfit)} hold no single value a row",
            where=where,
            fix="map a column of numbers, text, dates, times or lists of text",
        )


def name_in(found: Collection[str], names: Sequence[str]) -> str | None:
    """Of several names that a column may have, the first that is there counts."""
    return next((name for name in names if name in found), None)


def _mapped(source: SourceSettings, columns: Sequence[str]) -> set[str]:
    return {name for column in columns for part in source.parts_of(column) for name in part}
