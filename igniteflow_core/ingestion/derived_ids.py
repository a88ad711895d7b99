"""Derived ids of rows whose source has no ids."""

from collections.abc import Sequence

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from igniteflow_core.schemas.delivery import SOURCE_FILE

_DIGITS = 32
_CONTENT = "content"
_SEPARATOR = "\x1f"


def with_derived_ids(
    rows: DataFrame, id_column: str, columns: Sequence[str], others: Sequence[str] = ()
) -> DataFrame:
    """The rows with an id derived from their text, so that reading them again gives the same ids.

    Rows of one file whose ``columns`` are equal are distinct events, and each has an id of its own.
    Equal rows of two files have equal ids, so that a file that was delivered twice counts once.

    Args:
        rows: rows with ``columns``, all text, and ``source_file``.
        id_column: the column to fill; its values are ignored.
        columns: columns that the id is derived from.
        others: columns that order the rows whose ``columns`` are equal.
    """
    # A null and an empty text differ.
    parts = [F.coalesce(F.concat(F.lit("="), name), F.lit("")) for name in columns]
    content = F.left(F.sha2(F.concat_ws(_SEPARATOR, *parts), 256), F.lit(_DIGITS))
    window = Window.partitionBy(SOURCE_FILE, _CONTENT).orderBy(F.lit(1), *others)
    number = F.row_number().over(window)
    repeat = F.when(number > 1, F.concat(F.lit("-"), number.cast("string")))
    return (
        rows.withColumn(_CONTENT, content)
        .withColumn(id_column, F.concat(F.col(_CONTENT), F.coalesce(repeat, F.lit(""))))
        .drop(_CONTENT)
    )
