"""The layout of files with the same columns, for any format."""

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
    """Files with the same columns, and the expressions that read their rows.

    Attributes:
        columns: names of the columns by the URI of the file; a name may occur twice.
        frame: the rows, with FILE_URI and the columns of the expressions below.
        texts: values as text by the name of the column; a column without text is in ``unfit``.
        unfit: types by the name of each column that does not have a single value per row.
        fault: the reason why a row could not be split into columns, or null.
        row_text: the text of a row with a fault, or null.
        has_own_names: whether each row has its own names, so that a file may have several names
            of one column.
        typed: the columns that have their own types, by name.
        arrived_at: the time at which the row arrived, or null if the source does not have it.
        watermark: position of the row in the order of arrival, as text, or null.
        ends: end of the content by the URI of the file, if ``fault`` needs it.
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
