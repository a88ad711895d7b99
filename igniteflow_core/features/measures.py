"""Measures of time, place and frequency."""

import math
from functools import cache

import numpy as np

from igniteflow_core.features.arithmetic import Value, maximum, ratio, where
from igniteflow_core.features.events import SECOND, EntityEvents
from igniteflow_core.features.lookback import Column, Lookback, Measure
from igniteflow_core.features.positions import AXES, distance_km
from igniteflow_core.features.windows import Bools, Floats, Ints

MINUTE = 60 * SECOND
DAY = 86_400 * SECOND

_DAY_SIN: Floats = np.array([math.sin(2 * math.pi * minute / 1440) for minute in range(1440)])
_DAY_COS: Floats = np.array([math.cos(2 * math.pi * minute / 1440) for minute in range(1440)])


def time(events: EntityEvents) -> Ints:
    """UTC microseconds."""
    return events.time


@cache
def number(name: str) -> Column:
    """A column of doubles; NaN for null."""

    def floats(events: EntityEvents) -> Floats:
        return events.floats(name)

    return floats


@cache
def flag(name: str) -> Column:
    """Whether an event carries a flag."""

    def flagged(events: EntityEvents) -> Bools:
        return events.flags(name)

    return flagged


_HOME, _PLACE = (
    tuple(number(f"{entity}_{axis}") for axis in AXES) for entity in ("customer", "terminal")
)


def hour_sin(rows: Lookback) -> Value:
    """Sine of the time of day, to the minute; 0 at midnight UTC."""
    return _DAY_SIN[rows.own(time) % DAY // MINUTE]


def hour_cos(rows: Lookback) -> Value:
    """Cosine of the time of day, to the minute; 1 at midnight UTC."""
    return _DAY_COS[rows.own(time) % DAY // MINUTE]


def is_night(rows: Lookback) -> Value:
    """1 before 07:00 UTC, else 0."""
    return rows.own(time) % DAY < 7 * 60 * MINUTE


def is_weekend(rows: Lookback) -> Value:
    """1 on Saturday and Sunday UTC, else 0. 1970-01-01 was a Thursday."""
    return (rows.own(time) // DAY + 3) % 7 >= 5


def _own_position(rows: Lookback, axes: tuple[Column, ...]) -> tuple[Value, Value, Value]:
    x, y, z = map(rows.own, axes)
    return x, y, z


def distance_from_home(rows: Lookback) -> Value:
    """Kilometres from the customer's home to the terminal."""
    return distance_km(_own_position(rows, _HOME), _own_position(rows, _PLACE))


def count(rows: Lookback) -> Value:
    """The number of events."""
    return rows.count


def is_first(rows: Lookback) -> Value:
    """1 if there is no event in the range, else 0."""
    return rows.count == 0


def seconds_since(rows: Lookback, row: Value) -> Value:
    """Seconds from the event at a row to the event itself."""
    return ratio(rows.own(time) - rows.at(time, row), SECOND)


def seconds_since_previous(rows: Lookback) -> Value:
    """Seconds since the last event of the range."""
    return where(rows.count > 0, seconds_since(rows, rows.last_row), math.nan)


def seconds_since_first(rows: Lookback) -> Value:
    """Seconds since the first event of the range; 0 if that is the event itself."""
    return seconds_since(rows, rows.first_row)


def distance_from_previous(rows: Lookback) -> Value:
    """Kilometres from the terminal of the last event of the range."""
    x, y, z = (rows.at(axis, rows.last_row) for axis in _PLACE)
    return where(rows.count > 0, distance_km(_own_position(rows, _PLACE), (x, y, z)), math.nan)


def speed_from_previous(rows: Lookback) -> Value:
    """Kilometres per hour since the last event; less than a second counts as one second."""
    seconds = maximum(seconds_since_previous(rows), 1.0)
    return distance_from_previous(rows) * 3600.0 / seconds


@cache
def count_of(name: str) -> Measure:
    """The number of events that carry a flag."""
    mark = flag(name)

    def flag_count(rows: Lookback) -> Value:
        return rows.marked(mark)

    return flag_count


@cache
def share_of(name: str) -> Measure:
    """The share of events that carry a flag."""
    mark = flag(name)

    def flag_share(rows: Lookback) -> Value:
        return ratio(rows.marked(mark), rows.count)

    return flag_share


@cache
def distinct(name: str) -> Measure:
    """The number of distinct values of a text column."""

    def distinct_count(rows: Lookback) -> Value:
        return rows.distinct(name)

    return distinct_count
