"""The type that the values of a column look like: numbers, times, labels, ids."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from igniteflow_core.values.python import label, number, text, utc_time
from igniteflow_core.values.rules import COUNT_SINCE_1970

_ENOUGH = 0.95
"""Share of the present values that must match a form; the rest may be faulty."""

_TRIED = 200
"""Number of values on which time patterns are tried."""

_PLAIN_NUMBER = re.compile(r"^[+-]?\d*\.?\d+([eE][+-]?\d+)?$")
_COMMA_NUMBER = re.compile(r"^[+-]?\d+(\.\d{3})*,\d+$")
_GROUPED_NUMBER = re.compile(r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$")
_DOT_GROUPED_NUMBER = re.compile(r"^[+-]?\d{1,3}(\.\d{3})+(,\d+)?$")

TIME_PATTERNS = {
    "d.M.yyyy H:mm:ss": "%d.%m.%Y %H:%M:%S",
    "d.M.yyyy H:mm": "%d.%m.%Y %H:%M",
    "d.M.yyyy": "%d.%m.%Y",
    "d/M/yyyy H:mm:ss": "%d/%m/%Y %H:%M:%S",
    "d/M/yyyy H:mm": "%d/%m/%Y %H:%M",
    "d/M/yyyy": "%d/%m/%Y",
    "M/d/yyyy H:mm:ss": "%m/%d/%Y %H:%M:%S",
    "M/d/yyyy H:mm": "%m/%d/%Y %H:%M",
    "M/d/yyyy": "%m/%d/%Y",
    "yyyy/M/d H:mm:ss": "%Y/%m/%d %H:%M:%S",
    "yyyyMMddHHmmss": "%Y%m%d%H%M%S",
    "yyyyMMdd": "%Y%m%d",
}
"""Spark's pattern and its equivalent in Python."""


@dataclass(frozen=True)
class Look:
    """The types that at least 95 % of a column's present values match.

    Attributes:
        is_number: whether the values are numbers in any of the known forms.
        decimal_comma: whether numbers have ``,`` before their fraction.
        thousands: separator of groups of three digits, or an empty string.
        is_time: whether the values are ISO 8601 or a count since 1970, which need no declared form.
        is_count: whether the values are whole numbers since 1970.
        patterns: for times in another form, every pattern that matches the first 200 values.
        is_label: whether the values are only 0 and 1, yes and no, or true and false.
        two_values: the only two distinct values, the rarer one first; None if there are others.
        distinct: share of distinct values, 0 to 1.
        missing: share of rows without a value, 0 to 1.
    """

    is_number: bool
    decimal_comma: bool
    thousands: str
    is_time: bool
    is_count: bool
    patterns: tuple[str, ...]
    is_label: bool
    two_values: tuple[str, str] | None
    distinct: float
    missing: float


def look_of(values: "pd.Series[str]") -> Look:
    """Determine the types of texts, of which None is a missing value."""
    there = [value for value in map(text, values) if value is not None]
    missing = 1 - len(there) / len(values) if len(values) else 1.0

    def most(condition: Callable[[str], object]) -> bool:
        matching = sum(1 for value in there if condition(value))
        return bool(there) and matching >= _ENOUGH * len(there)

    comma = any(map(_COMMA_NUMBER.match, there)) and most(
        lambda value: _COMMA_NUMBER.match(value) or _DOT_GROUPED_NUMBER.match(value)
        or value.lstrip("+-").isdecimal()
    )  # fmt: skip
    grouped = any(map(_GROUPED_NUMBER.match, there)) and most(
        lambda value: _GROUPED_NUMBER.match(value) or _PLAIN_NUMBER.match(value)
    )
    dots = comma and any(map(_DOT_GROUPED_NUMBER.match, there))
    return Look(
        is_number=comma or grouped or most(lambda value: number(value) is not None),
        decimal_comma=comma,
        thousands="." if dots else "," if grouped else "",
        is_time=most(lambda value: utc_time(value, "UTC") is not None),
        is_count=most(lambda value: re.match(COUNT_SINCE_1970, value) is not None),
        patterns=tuple(
            pattern
            for pattern, format_ in TIME_PATTERNS.items()
            if there and all(_parses(value, format_) for value in there[:_TRIED])
        ),
        is_label=most(lambda value: label(value) is not None) and len(set(there)) <= 4,
        two_values=_two_values(there),
        distinct=len(set(there)) / len(there) if there else 0.0,
        missing=missing,
    )


def _two_values(there: list[str]) -> tuple[str, str] | None:
    counts = Counter(there).most_common(3)
    return (counts[1][0], counts[0][0]) if len(counts) == 2 else None


def _parses(value: str, format_: str) -> bool:
    try:
        datetime.strptime(value, format_)  # noqa: DTZ007 - the parsed time is not used
    except ValueError:
        return False
    return True
