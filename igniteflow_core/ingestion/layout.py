"""How files that are alike hold their rows, whichever their format."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

FILE_URI = "file_uri"
"""The column of every layout's frame that names the file of the row."""

FILE_END = "file_end"
"""The column that joins ``Layout.ends`` to every layout's frame."""


def file_uri(frame: DataFrame) -> Column:
    """The file of a row; Spark writes ``file:`` before one slash or three."""
    path = frame.metadataColumn("_metadata").getField("file_path")
    return F.regexp_replace(path, "^file:/+", "file:/").alias(FILE_URI)


@dataclass(frozen=True)
class Layout:
    """Files that are alike, and what reads their rows.

    Attributes:
        columns: by the URI of each file, the names of its columns; a name may occur twice.
        frame: the rows, with FILE_URI and what the expressions below refer to.
        texts: by a column's name, its value as text; a column that has none is in ``unfit``.
        unfit: by the name of a column that holds no single value a row, its type.
        fault: the reason why a row could not be split into columns, or null.
        row_text: the text of a row with a fault, or null.
        has_own_names: whether each row has names of its own, so that a file may have several names
            of one column.
        typed: the columns that have types of their own, by name.
        arrived_at: the time at which the row arrived, where the source knows it, or null.
        watermark: where the row stands in the order of arrival, as text, or null.
        ends: by the URI of a file, how it ends, where ``fault`` needs that.
    """

    columns: Mapping[str, tuple[str, ...]]
    frame: DataFrame
    texts: Mapping[str, Column]
    fault: Column = field(default_factory=lambda: F.lit(None).cast("string"))
    row_text: Column = field(default_factory=lambda: F.lit(None).cast("string"))
    unfit: Mapping[str, str] = field(default_factory=dict)
    has_own_names: bool = False
    typed: Mapping[str, Column] = field(default_factory=dict)
    arrived_at: Column = field(default_factory=lambda: F.lit(None).cast("timestamp"))
    watermark: Column = field(default_factory=lambda: F.lit(None).cast("string"))
    ends: Mapping[str, str] = field(default_factory=dict)
