"""Deliveries with one file that does not match the settings; they must be rejected as a whole."""

import io
import random
from collections.abc import Callable, Sequence

import pyarrow.parquet as pq

from benchmarks.meaning.declarations import Declaration
from benchmarks.meaning.text_files import compressed

Row = dict[str, str]
Write = Callable[[Sequence[Row], Sequence[str]], bytes]
"""Returns the bytes of a file in the simplest form with these rows and columns."""

Refusal = Callable[[Sequence[Row], Sequence[str], Write, random.Random], tuple[str, bytes]]
"""Returns the file's suffix and bytes, from its rows, columns and writer."""


def _column_left_out(
    rows: Sequence[Row], columns: Sequence[str], write: Write, rng: random.Random
) -> tuple[str, bytes]:
    left_out = rng.choice([name for name in columns if name != "is_fraud"])
    return "", write(rows, [name for name in columns if name != left_out])


def _column_twice(
    rows: Sequence[Row], columns: Sequence[str], write: Write, rng: random.Random
) -> tuple[str, bytes]:
    return "", write(rows, [*columns, rng.choice(columns)])


def _without_header(
    rows: Sequence[Row], columns: Sequence[str], write: Write, _: random.Random
) -> tuple[str, bytes]:
    return "", write(rows, columns).partition(b"\n")[2]


def _empty(
    _: Sequence[Row], __: Sequence[str], ___: Write, ____: random.Random
) -> tuple[str, bytes]:
    return "", b""


def _cut_while_compressed(
    rows: Sequence[Row], columns: Sequence[str], write: Write, rng: random.Random
) -> tuple[str, bytes]:
    content = compressed(write(rows, columns))
    return ".gz", content[: rng.randrange(20, len(content))]


def _cut(
    rows: Sequence[Row], columns: Sequence[str], write: Write, rng: random.Random
) -> tuple[str, bytes]:
    content = write(rows, columns)
    return "", content[: rng.randrange(len(content))]


def _of_another_format(
    rows: Sequence[Row], columns: Sequence[str], write: Write, _: random.Random
) -> tuple[str, bytes]:
    content = write(rows, columns)
    if content.startswith(b"PAR1"):
        buffer = io.StringIO()
        pq.read_table(io.BytesIO(content)).to_pandas().to_csv(buffer)
        return "", buffer.getvalue().encode()
    return "", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4


_TEXT = {
    "column left out of a file": _column_left_out,
    "compressed file cut short": _cut_while_compressed,
    "file of another format": _of_another_format,
}
REFUSALS: dict[str, dict[str, Refusal]] = {
    "csv": _TEXT
    | {
        "column that occurs twice": _column_twice,
        "header left out": _without_header,
        "file without a byte": _empty,
    },
    "json": _TEXT,
    "parquet": {
        "column left out of a file": _column_left_out,
        "file of another format": _of_another_format,
        "file cut short": _cut,
        "file without a byte": _empty,
    },
}
"""Errors of a file as a whole, by its declared format."""


def refusals_of(declaration: Declaration) -> dict[str, Refusal]:
    """Return the errors that apply to the declaration."""
    return {
        name: refusal
        for name, refusal in REFUSALS[declaration.format].items()
        # A file of two bytes a character is not cut at the byte of a line end.
        if name != "header left out" or declaration.encoding != "utf-16"
    }
