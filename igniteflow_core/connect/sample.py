"""The first rows of a file or folder, and its detected format."""

import bz2
import codecs
import csv
import gzip
import io
import json
import math
import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from charset_normalizer import from_bytes

from igniteflow_core.errors import SourceNotDeliveredError, UnreadableSourceError
from igniteflow_core.ingestion.text_rows import column_names, zstandard

_HEAD_BYTES = 2**21
_ROWS = 5_000
_LINES_TO_COUNT = 200
_SEPARATORS = (",", ";", "\t", "|", "::")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_ZSTANDARD = b"\x28\xb5\x2f\xfd"
_ENCODINGS = ("cp1252", "cp1250", "cp1251", "cp437")
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


@dataclass(frozen=True)
class Sample:
    """The first rows of a source, and the settings of its format.

    Attributes:
        rows: up to 5,000 rows; every value is text, or None if it is missing.
        types: types of the columns in a typed format; empty for text.
        settings: settings of the format, as ``igniteflow_core.config.sources`` names them.
        reasons: reasons for the settings, by their names.
    """

    rows: pd.DataFrame
    types: dict[str, str]
    settings: dict[str, Any]
    reasons: dict[str, str]


def read_sample(path: Path) -> Sample:
    """Read the first rows of a file, or of the first file of a folder.

    Raises:
        SourceNotDeliveredError: there is no file.
        UnreadableSourceError: IgniteFlow does not read the format of the file.
    """
    if (path / "_delta_log").is_dir():
        raise UnreadableSourceError(
            "a Delta table cannot be sampled",
            where=str(path),
            fix='set {"format": "delta"} for it in the settings; its columns have names and types',
        )
    if path.parts[:1] in {("http:",), ("https:",)}:
        raise UnreadableSourceError(
            "an API cannot be sampled",
            where=str(path).replace(":/", "://", 1),
            fix='set {"format": "rest"} for it in the settings and run; then connect the folder in '
            "which its pages have landed (docs/configuration.md, REST APIs)",
        )
    file = _first_file(path)
    place, why = _place(path)
    head = _head(file)
    if head.startswith(b"PAR1"):
        sample = _parquet(file)
    elif head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        sample = _json_lines(file, head)
    else:
        sample = _delimited(file, head)
    return Sample(
        sample.rows,
        sample.types,
        {"path": place} | sample.settings,
        {"path": why} | sample.reasons,
    )


def _first_file(path: Path) -> Path:
    if path.is_file():
        return path
    files = sorted(file for file in path.rglob("*") if file.is_file())
    data = [file for file in files if not file.name.startswith(("_", "."))]
    if not data:
        raise SourceNotDeliveredError(
            "there is no file", where=str(path), fix="name a file, or a folder that contains files"
        )
    return data[0]


def _place(path: Path) -> tuple[str, str]:
    """The path for the settings, with a reason."""
    whole = path.absolute()
    if path.is_file():
        return str(whole), "one file with all days"
    patterns = {_DAY.sub("{date}", child.name) for child in path.iterdir() if child.name[0] != "."}
    if len(patterns) == 1 and "{date}" in (pattern := next(iter(patterns))):
        return f"{whole}/{pattern}", "the names in the folder are dates"
    return str(whole), "a folder of files that contain all days"


def _head(file: Path) -> bytes:
    with file.open("rb") as stream:
        start = stream.read(4)
    openers: dict[bytes, Any] = {b"\x1f\x8b": gzip.open, b"BZ": bz2.open}
    if start == _ZSTANDARD:
        raise zstandard(str(file))
    opened = next((each for mark, each in openers.items() if start.startswith(mark)), open)
    try:
        with opened(file, "rb") as stream:
            return bytes(stream.read(_HEAD_BYTES))
    except (OSError, EOFError) as error:
        raise UnreadableSourceError(
            f"the file cannot be decompressed: {error}",
            where=str(file),
            fix="have the file delivered again",
        ) from error


def _parquet(file: Path) -> Sample:
    try:
        table = next(pq.ParquetFile(file).iter_batches(batch_size=_ROWS), None)
    except pa.ArrowException as error:
        raise UnreadableSourceError(
            f"the file is not a Parquet file: {error}",
            where=str(file),
            fix="have the file delivered again",
        ) from error
    schema = pq.read_schema(file)
    rows = pd.DataFrame(columns=schema.names) if table is None else table.to_pandas()
    return Sample(
        _as_text(rows),
        {field.name: str(field.type) for field in schema},
        {"format": "parquet"},
        {"format": "the file begins like a Parquet file"},
    )


def _json_lines(file: Path, head: bytes) -> Sample:
    lines = head.decode("utf-8-sig", errors="replace").splitlines()
    if len(head) == _HEAD_BYTES:
        lines = lines[:-1]
    objects = []
    for line in lines[:_ROWS]:
        try:
            value = json.loads(line) if line.strip() else None
        except ValueError:
            continue
        if isinstance(value, dict):
            objects.append(value)
    if not objects:
        raise UnreadableSourceError(
            "the file begins like JSON, but none of its lines is an object",
            where=str(file),
            fix="deliver JSON lines, which have one object per line",
        )
    return Sample(
        _as_text(pd.DataFrame(objects)),
        {},
        {"format": "json"},
        {"format": "each line is a JSON object"},
    )


def _delimited(file: Path, head: bytes) -> Sample:
    encoding, why_encoding = _encoding(head)
    text = head.decode(encoding, errors="replace").removeprefix("\ufeff")
    if "\x00" in text:
        raise UnreadableSourceError(
            "the file is neither text nor in a format that IgniteFlow reads",
            where=str(file),
            fix="deliver Parquet, CSV, JSON lines or Delta",
        )
    separator, fields = _separator(text)
    records = _records(text, separator)
    if len(head) == _HEAD_BYTES:
        records = records[:-1]
    title = next((at for at, row in enumerate(records) if len(row) == fields), 0)
    records = records[title:]
    header = _has_header(records)
    names = column_names(records[0]) if header else [f"_c{number}" for number in range(fields)]
    whole = [row for row in records[int(header) :] if len(row) == len(names)]
    rows = pd.DataFrame(whole[:_ROWS], columns=list(names), dtype=object)
    settings: dict[str, Any] = {"format": "csv"}
    reasons = {"format": "lines of text, all with as many fields"}
    if separator != ",":
        settings["separator"] = separator
        reasons["separator"] = f"it splits most lines into {fields} fields"
    if title:
        settings["skip_rows"] = title
        reasons["skip_rows"] = f"the first rows do not have {fields} fields"
    if encoding != "utf-8":
        settings["encoding"] = encoding
        reasons["encoding"] = why_encoding
    if not header:
        settings["header"] = False
        reasons["header"] = "the first row has values like those below it"
    return Sample(_as_text(rows), {}, settings, reasons)


def _encoding(head: bytes) -> tuple[str, str]:
    for mark, name in _MARKS.items():
        if head.startswith(mark):
            return name, "the file begins with the byte-order mark of this encoding"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(head)
    except UnicodeDecodeError as error:
        match = from_bytes(head, cp_isolation=list(_ENCODINGS)).best()
        # Of the encodings that decode to the same text, the most common one is chosen.
        same = match.could_be_from_charset if match is not None else []
        name = next((each for each in _ENCODINGS if each in same), _ENCODINGS[0])
        return name, f"byte {error.start} is not UTF-8, and {name} is the most likely encoding"
    return "utf-8", "every byte is UTF-8"


def _separator(text: str) -> tuple[str, int]:
    """The separator that splits most lines into the same number of fields, and that number."""
    best, fields, share = ",", 1, 0.0
    for separator in _SEPARATORS:
        rows = _records(text, separator, _LINES_TO_COUNT)
        counts = Counter(map(len, rows))
        number, times = counts.most_common(1)[0] if counts else (1, 0)
        agreeing = times / max(counts.total(), 1)
        # A part of a separator, such as : in ::, leaves empty fields; otherwise more fields win.
        if number > 1 and (agreeing, number) > (share, fields) and _is_filled(rows[1:]):
            best, fields, share = separator, number, agreeing
    return best, fields


def _is_filled(rows: list[list[str]]) -> bool:
    return not rows or any(any(field.strip() for field in row[1:]) for row in rows)


def _records(text: str, separator: str, limit: int | None = None) -> list[list[str]]:
    if len(separator) > 1:
        filled = (line.split(separator) for line in text.splitlines() if line)
        return list(islice(filled, limit))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    records: list[list[str]] = []
    try:
        records.extend(islice((row for row in reader if row), limit))
    except csv.Error:
        # The field is longer than any value can be; the rows before it are the sample.
        return records
    return records


def _has_header(records: list[list[str]]) -> bool:
    """Whether the first row names the columns: it has no number and no empty field."""
    first = [field.strip() for field in records[0]] if records else []
    numbers = re.compile(r"^[+-]?[\d.,:/\s-]*\d[\d.,:/\s-]*$")
    return bool(first) and not any(not field or numbers.match(field) for field in first)


def _as_text(rows: pd.DataFrame) -> pd.DataFrame:
    def text(value: object) -> str | None:
        if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
            return None
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        return value if isinstance(value, str) else str(value)

    return pd.DataFrame({name: rows[name].map(text).astype(object) for name in rows.columns})
