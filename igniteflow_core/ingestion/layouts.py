"""The layouts of the files of a delivery, and the check that the mapped columns exist."""

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
    """One or more layouts, which together cover all files.

    Args:
        spark: Spark session with Delta.
        source: settings of the source.
        files: result of ``igniteflow_core.ingestion.places.files_of``.
        columns: columns to read, by IgniteFlow's names.
        optional: those of them that may be missing if the settings do not map them.
        first_day: rows of events before that day may be left out.

    Raises:
        UnreadableSourceError: a file does not have the format of the settings.
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
            # A message without a column is a single bad row and does not affect the others.
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
    in_file = [*names, *file.partitions]
    where = f"{file.path} (columns found: {', '.join(in_file) or 'none'})"
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
            fix="have the file delivered with each of its columns once; in text files, a number "
            f"selects one of them, such as {twice[0]} (2)",
        )
    # A mapped column is required, because a day without its labels would look free of fraud.
    needed = [each for each in columns if each not in optional or source.is_mapped(each)]
    missing = [
        " or ".join(names)
        for each in needed
        for names in source.parts_of(each)
        if name_in(in_file, names) is None
    ]
    if missing:
        raise SourceSchemaError(
            f"the source lacks the column(s) "
            f"{', '.join(with_nearest(name, in_file) for name in missing)}",
            where=where,
            fix="map IgniteFlow's name to the source's in the source's columns setting, or to a "
            "list of names if the source has renamed it; for transactions without ids set "
            "derive_ids",
        )
    unfit = [
        f"{name} ({layout.unfit[name]})" for name in names if name in mapped & set(layout.unfit)
    ]
    if unfit:
        raise SourceSchemaError(
            f"the column(s) {', '.join(unfit)} do not have a single value per row",
            where=where,
            fix="map a column of numbers, text, dates, times or lists of text",
        )


def name_in(existing: Collection[str], names: Sequence[str]) -> str | None:
    """The first of the possible names of a column that exists; None if none does."""
    return next((name for name in names if name in existing), None)


def _mapped(source: SourceSettings, columns: Sequence[str]) -> set[str]:
    return {name for column in columns for part in source.parts_of(column) for name in part}
