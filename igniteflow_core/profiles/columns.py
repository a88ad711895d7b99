"""Profiles of the columns of a table, all from one pass over its rows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as sf
from pyspark.sql.types import (
    ArrayType,
    BooleanType,
    DataType,
    DateType,
    DoubleType,
    FloatType,
    MapType,
    NumericType,
    StringType,
    StructField,
    TimestampNTZType,
    TimestampType,
)

from igniteflow_core.profiles.plots import MOST_COMMON
from igniteflow_core.readable import readable

QUANTILES = (0.0, 0.01, 0.25, 0.5, 0.75, 0.99, 1.0)
"""Shares of the rows at or below each quantile; the first is the minimum, the last the maximum."""

PLOTTED_SHARES = tuple(place / 40 for place in range(41))
"""Shares of the rows at or below each edge of a plot.

Bins of equal counts show the body of a distribution however long its tail is.
"""

_ACCURACY = 1_000
_LONGEST_TEXT = 60
_SECONDS_OF_A_DAY = 86_400
_START_OF_TIME = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class ColumnProfile:
    """What one column holds.

    Attributes:
        name: of the column.
        type: of Spark; the numbers of an array or a map are its lengths.
        nulls: rows without a value; NaN counts as one.
        distinct: about how many different values there are, within 5 %; None for a type whose
            values Spark cannot compare.
        quantiles: one value for each of ``QUANTILES``, within 0.1 % of the rows; empty where the
            column has no order that people read, or no value.
        edges: one value for each of ``PLOTTED_SHARES``, as a number; of a time, the seconds since
            1970. Empty where ``quantiles`` is.
        most_common: the 12 most common values and about how many rows have each; text is cut
            after 60 characters.
    """

    name: str
    type: str
    nulls: int
    distinct: int | None
    quantiles: tuple[str, ...] = ()
    edges: tuple[float, ...] = ()
    most_common: tuple[tuple[str, int], ...] = ()


def column_profiles(rows: DataFrame) -> tuple[int, list[ColumnProfile]]:
    """The number of rows, and a profile for each column.

    Distinct values are counted by HyperLogLog++, quantiles by the Greenwald-Khanna algorithm, and
    common values by a sketch of frequent items (Spark's ``approx_count_distinct``,
    ``percentile_approx`` and ``approx_top_k``), so that memory does not grow with the rows.
    """
    fields = rows.schema.fields
    measured = rows.agg(
        sf.count(sf.lit(1)).alias("rows"),
        *(
            sf.struct(*_measures(field)).alias(f"column_{place}")
            for place, field in enumerate(fields)
        ),
    ).first()
    if measured is None:
        raise AssertionError("an aggregate of all rows has one row")
    return measured["rows"], [
        _profile(field, measured["rows"], measured[f"column_{place}"])
        for place, field in enumerate(fields)
    ]


def _measures(field: StructField) -> list[Column]:
    value = _comparable(field)
    measures = [sf.count(_present(field)).alias("present")]
    if value is None:
        return measures
    measures += [
        sf.approx_count_distinct(value).alias("distinct"),
        # The sketch counts nulls as a value of its own, hence one more.
        sf.call_function("approx_top_k", value, sf.lit(MOST_COMMON + 1)).alias("most_common"),
    ]
    if isinstance(field.dataType, StringType | BooleanType):
        return measures
    shares = [*QUANTILES, *PLOTTED_SHARES]
    quantiles = sf.percentile_approx(value.cast("double"), shares, _ACCURACY)
    return [*measures, quantiles.alias("quantiles")]


def _present(field: StructField) -> Column:
    column = _of(field.name)
    if isinstance(field.dataType, DoubleType | FloatType):
        return sf.nullif(column, sf.lit(float("nan")).cast(field.dataType))
    return column


def _comparable(field: StructField) -> Column | None:
    """The values as numbers, text or flags; None where there is no such form."""
    column = _present(field)
    match field.dataType:
        case StringType():
            return sf.substring(column, 1, _LONGEST_TEXT)
        case NumericType() | BooleanType():
            return column
        case DateType():
            return sf.unix_date(column) * _SECONDS_OF_A_DAY
        case TimestampType() | TimestampNTZType():
            return sf.unix_micros(column.cast("timestamp")) / 1e6
        case ArrayType() | MapType():
            return sf.when(column.isNotNull(), sf.size(column))
        case _:
            return None


def _of(name: str) -> Column:
    return sf.col(f"`{name.replace('`', '``')}`")


def _profile(field: StructField, rows: int, measured: Row) -> ColumnProfile:
    found = measured.asDict()
    text = _text_of(field.dataType)
    quantiles = tuple(found.get("quantiles") or ())
    common = [each for each in found.get("most_common") or () if each["item"] is not None]
    return ColumnProfile(
        name=field.name,
        type=field.dataType.simpleString(),
        nulls=rows - found["present"],
        distinct=found.get("distinct"),
        quantiles=tuple(text(each) for each in quantiles[: len(QUANTILES)]),
        edges=quantiles[len(QUANTILES) :],
        most_common=tuple((text(each["item"]), each["count"]) for each in common[:MOST_COMMON]),
    )


def _text_of(type_: DataType) -> Callable[[Any], str]:
    match type_:
        case DateType():
            return lambda seconds: f"{_time(seconds):%Y-%m-%d}"
        case TimestampType() | TimestampNTZType():
            return lambda seconds: f"{_time(seconds):%Y-%m-%d %H:%M:%S}"
        case BooleanType():
            return lambda flag: str(flag).lower()
        case StringType():
            return str
        case _:
            return lambda number: f"{readable(float(number)):,.12g}"


def _time(seconds: float) -> datetime:
    return _START_OF_TIME + timedelta(seconds=seconds)
