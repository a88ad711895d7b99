"""Row rules: each names a reason for quarantine and the condition under which a row gets it."""

from collections.abc import Mapping

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

_EPOCH = r"^(\d{9}|\d{10}(\d{3}){0,3})$"
_OFFSET = r"(Z|[+-]\d{2}:\d{2})$"


def missing(column: str) -> Column:
    """True where the text is null or blank."""
    return F.col(column).isNull() | (F.trim(column) == "")


def utc_time(column: str, time_zone: str) -> Column:
    """The text as a time in UTC, null if it is none; ``time_zone`` counts where it states none.

    A whole number is a time since 1970 in UTC: of 9 (before September 2001) or 10 digits in
    seconds, of 13 in milliseconds, of 16 in microseconds, of 19 in nanoseconds, which is how Spark
    gives nanosecond Parquet columns.
    """
    text = F.trim(column)
    written = text.try_cast("timestamp")
    # Cut or filled up to microseconds, 6 digits behind those of the seconds.
    digits = F.when(F.length(text) == 9, F.rpad(text, 15, "0")).otherwise(
        F.rpad(F.substring(text, 1, 16), 16, "0")
    )
    micros = digits.try_cast("bigint")
    return (
        F.when(text.rlike(_EPOCH), F.timestamp_micros(micros))
        .when(text.rlike(_OFFSET), written)
        .otherwise(F.to_utc_timestamp(written, time_zone))
    )


def number(column: str) -> Column:
    """The text as a finite double, null if it is none."""
    value = F.trim(column).try_cast("double")
    finite = ~F.isnan(value) & (F.abs(value) < F.lit(float("inf")))
    return F.when(finite, value)


def with_reasons(frame: DataFrame, rules: Mapping[str, Column]) -> DataFrame:
    """Adds ``reasons``: the names of all the rules whose condition holds for the row."""
    return frame.withColumn(
        "reasons",
        F.filter(
            F.array(*(F.when(condition, F.lit(name)) for name, condition in rules.items())),
            lambda reason: reason.isNotNull(),
        ),
    )


def add_reason_to_repeats(
    frame: DataFrame, key: list[Column], order: list[Column], reason: str
) -> DataFrame:
    """Adds ``reason`` to every row without one but the first of its key in the given order.

    Rows that already have a reason take no part, so that a bad row never displaces a good one.
    """
    clean = F.size("reasons") == 0
    window = Window.partitionBy(*key, clean).orderBy(*order)
    repeat = clean & (F.row_number().over(window) > 1)
    return frame.withColumn(
        "reasons", F.when(repeat, F.array(F.lit(reason))).otherwise(F.col("reasons"))
    )
