"""The text of typed values; equal values of a source have equal texts."""

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql.types import (
    ArrayType,
    AtomicType,
    BinaryType,
    DataType,
    DecimalType,
    FloatType,
    FractionalType,
    StringType,
    TimestampType,
)

from igniteflow_core.values.rules import WHOLE_UP_TO

_WHOLE_FLOATS_UP_TO = 2**24
"""WHOLE_UP_TO for 32-bit floating point."""


def has_text(data_type: DataType) -> bool:
    """Whether a column of the type has a single value per row, or a list of text."""
    if isinstance(data_type, ArrayType):
        return isinstance(data_type.elementType, StringType)
    return isinstance(data_type, AtomicType) and not isinstance(data_type, BinaryType)


def as_text(column: Column, data_type: DataType) -> Column:
    """The text of a column whose type ``has_text``.

    An instant states its zone, so that it is not read as a local time. A list is written as JSON,
    so that its texts may contain any character.
    """
    if isinstance(data_type, ArrayType):
        return F.to_json(column)
    if isinstance(data_type, TimestampType):
        return F.concat(column.cast("string"), F.lit("Z"))
    if isinstance(data_type, FractionalType):
        # An id must not change when its column becomes floating point, as integers with nulls do in
        # pandas.
        is_whole = column == F.floor(column)
        if isinstance(data_type, DecimalType):
            return F.when(is_whole, F.floor(column).cast("string")).otherwise(column.cast("string"))
        # Larger numbers have lost digits, so they cannot be ids, and their text has an exponent.
        limit = _WHOLE_FLOATS_UP_TO if isinstance(data_type, FloatType) else WHOLE_UP_TO
        whole = column.cast("bigint").cast("string")
        is_exact = is_whole & (F.abs(column) < limit)
        return F.when(is_exact, whole).otherwise(column.cast("string"))
    return column.cast("string")


def nanoseconds_as_text(column: Column, *, is_instant: bool) -> Column:
    """The text of a time that is a count of nanoseconds since 1970, truncated to microseconds.

    Args:
        column: column of integers.
        is_instant: whether it counts from 1970 in UTC, not in the local time of the source.
    """
    # Spark's ``/`` divides in floating point, which is not exact for so many digits.
    micros = F.call_function("div", column, F.lit(1_000))
    time = F.timestamp_micros(micros).cast("string")
    return F.concat(time, F.lit("Z")) if is_instant else time
