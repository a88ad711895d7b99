"""Rows of delimited text, as RFC 4180 describes it, with any separator and encoding."""

import codecs
import csv
import io
import re
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from itertools import islice
from operator import or_

from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F

from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.errors import UnreadableSourceError
from igniteflow_core.ingestion.files import DeliveredFile, FileSystem
from igniteflow_core.ingestion.layout import FILE_END, FILE_URI, Layout, file_uri
from igniteflow_core.ingestion.spark_errors import reading
from igniteflow_core.ingestion.text_rows import column_names, without_first_rows

_HEAD_SIZES = (2**16, 2**24)
_TAIL_SIZE = 256
_COMPARED_TAIL = 32
_HEAD_READERS = 8
_CORRUPT = "corrupt_record"
_QUOTE = '"'
_WHITE_SPACE = " \t\n"
_LINE_ENDS = "[\r\n]+"
_REPLACEMENT = "\ufffd"
_BYTE_ORDERS = {
    "utf-16": ("utf-16-be", codecs.BOM_UTF16_BE),
    "utf-32": ("utf-32-be", codecs.BOM_UTF32_BE),
}
"""For encodings with a byte-order mark, the byte order that Python does not assume."""


def csv_layouts(
    spark: SparkSession,
    source: SourceSettings,
    files: Sequence[DeliveredFile],
    mapped: Collection[str],
) -> list[Layout]:
    """One layout for all files with the same header or, without headers, the same column count.

    A row has a fault if it has more or fewer fields than its header, a quote that is never closed
    or not doubled within a field of several lines, or undecodable text in a ``mapped`` column.

    Raises:
        UnreadableSourceError: a file cannot be decompressed, or lacks its header.
    """
    system = FileSystem(spark)
    with ThreadPoolExecutor(_HEAD_READERS) as readers:
        first_rows = list(readers.map(lambda file: _first_row(system, file, source), files))
        ends = list(readers.map(lambda file: _open_end(system, file, source), files))
    alike: dict[tuple[str, ...], list[DeliveredFile]] = {}
    parts = list(zip(files, first_rows, strict=True))
    if not source.header:
        # A part without a row does not define columns.
        parts = [part for part in parts if part[1] is not None] or parts
    for file, row in parts:
        alike.setdefault(_names(row, file, source), []).append(file)
    open_ends = {file.uri: end for file, end in zip(files, ends, strict=True) if end is not None}
    return [
        _layout(spark, source, names, group, mapped, open_ends) for names, group in alike.items()
    ]


def _layout(
    spark: SparkSession,
    source: SourceSettings,
    names: tuple[str, ...],
    files: Sequence[DeliveredFile],
    mapped: Collection[str],
    open_ends: dict[str, str],
) -> Layout:
    fields = [f"field_{number}" for number in range(len(names))]
    reader = spark.read.schema(", ".join(f"{name} string" for name in (*fields, _CORRUPT))).options(
        header=source.header and not source.skip_rows,
        sep=source.separator,
        encoding=source.java_encoding,
        quote=_QUOTE,
        escape=_QUOTE,
        # A quoted field may contain a line break.
        multiLine=True,
        mode="PERMISSIVE",
        columnNameOfCorruptRecord=_CORRUPT,
    )
    with reading(files[0].path):
        rows = reader.csv([file.pattern for file in files])
        frame = rows.select("*", file_uri(rows))
    if source.skip_rows:
        # Spark skips a header, but no rows before it.
        skipped = without_first_rows(source.skip_rows + int(source.header), FILE_URI)
        frame = frame.mapInArrow(skipped, frame.schema)
    columns = {name: F.col(field) for name, field in zip(names, fields, strict=True)}
    fault = _fault(columns, [F.col(field) for field in fields], mapped)
    whole = F.concat_ws(source.separator, *(F.coalesce(field, F.lit("")) for field in fields))
    return Layout(
        columns={file.uri: names for file in files},
        frame=frame,
        texts=columns,
        fault=fault,
        row_text=F.when(fault.isNotNull(), F.coalesce(F.col(_CORRUPT), whole)),
        ends=open_ends,
    )


def _fault(columns: dict[str, Column], fields: list[Column], mapped: Collection[str]) -> Column:
    # The parser keeps the opening quote of a field that it could not end as quoted, and reads
    # everything up to the end of the file into a field whose quote is never closed.
    torn = [field.contains("\n") & field.startswith(_QUOTE) for field in fields]
    last = F.regexp_replace(F.replace(fields[-1], F.lit(_QUOTE), F.lit("")), _LINE_ENDS, "\n")
    last = F.rtrim(last, F.lit(_WHITE_SPACE))
    is_end = F.endswith(F.col(FILE_END), F.right(last, F.lit(_COMPARED_TAIL)))
    torn.append(fields[-1].rlike("[\r\n]") & is_end)
    undecodable = [
        column.contains(_REPLACEMENT) for name, column in columns.items() if name in mapped
    ]
    return (
        F.when(F.col(_CORRUPT).isNotNull(), F.lit("wrong_number_of_fields"))
        .when(_any(torn), F.lit("unclosed_quote"))
        .when(_any(undecodable), F.lit("undecodable_text"))
    )


def _any(conditions: list[Column]) -> Column:
    return reduce(or_, (F.coalesce(each, F.lit(False)) for each in conditions), F.lit(False))


def _names(row: list[str] | None, file: DeliveredFile, source: SourceSettings) -> tuple[str, ...]:
    if row is None and source.header:
        raise UnreadableSourceError(
            "the file has no rows, so it lacks its header",
            where=file.path,
            fix="have the file delivered again, or set header to false in the source's settings "
            "if its files have none",
        )
    if row is None or source.header:
        return column_names(row or ("_c0",))
    return tuple(f"_c{number}" for number in range(len(row)))


def _first_row(system: FileSystem, file: DeliveredFile, source: SourceSettings) -> list[str] | None:
    """The fields of the first row after the skipped ones; None if there is none.

    Empty lines are ignored, as by Spark.
    """
    for size in _HEAD_SIZES:
        head = system.head(file, size)
        text = head.decode(source.encoding, errors="replace").removeprefix("\ufeff")
        if len(head) < size or text.count("\n") > source.skip_rows:
            break
    if len(source.separator) > 1:
        lines = (line.split(source.separator) for line in text.splitlines())
        filled = (line for line in lines if line != [""])
        return next(islice(filled, source.skip_rows, None), None)
    # csv accepts a single ``\r`` as the end of a row too, as Spark does.
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=source.separator)
    try:
        return next(islice((row for row in rows if row), source.skip_rows, None), None)
    except csv.Error as error:
        raise UnreadableSourceError(
            f"the first row cannot be read: {error}",
            where=file.path,
            fix="have the file delivered again, or correct the source's format in the settings",
        ) from error


def _open_end(system: FileSystem, file: DeliveredFile, source: SourceSettings) -> str | None:
    """The end of a file as an unclosed field contains it; None if the last field is closed.

    The text has no quotes, and ``\\n`` for all line ends, because the parser changes both.
    """
    encoding = source.encoding
    if encoding in _BYTE_ORDERS:
        big_endian, marks = _BYTE_ORDERS[encoding]
        if system.head(file, 4).startswith(marks):
            encoding = big_endian
    text = system.tail(file, _TAIL_SIZE).decode(encoding, errors="ignore")
    text = text.rstrip(_WHITE_SPACE + "\r")
    quotes = len(text) - len(text.rstrip(_QUOTE))
    if quotes % 2 == 1:
        return None
    return re.sub(_LINE_ENDS, "\n", text.replace(_QUOTE, "")).rstrip(_WHITE_SPACE)
