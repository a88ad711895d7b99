"""Measures of when, where and how often."""

import math
from functools import cache

import numpy as np

from igniteflow_core.features.events import SECOND, EntityEvents, Measure, Range
from igniteflow_core.features.windows import Floats, range_sum, ratio

MINUTE = 60 * SECOND
DAY = 86_400 * SECOND

_DAY_SIN: Floats = np.array([math.sin(2 * math.pi * minute / 1440) for minute in range(1440)])
_DAY_COS: Floats = np.array([math.cos(2 * math.pi * minute / 1440) for minute in range(1440)])


def hour_sin(events: EntityEvents, rows: Range) -> Floats:
    """Sine of the time of day, to the minute; 0 at midnight UTC."""
    return _DAY_SIN[events.time[rows.at] % DAY // MINUTE]


def hour_cos(events: EntityEvents, rows: Range) -> Floats:
    """Cosine of the time of day, to the minute; 1 at midnight UTC."""
    return _DAY_COS[events.time[rows.at] % DAY // MINUTE]


def is_night(events: EntityEvents, rows: Range) -> Floats:
    """1 before 07:00 UTC, else 0."""
    return (events.time[rows.at] % DAY < 7 * 60 * MINUTE).astype(np.float64)


def is_weekend(events: EntityEvents, rows: Range) -> Floats:
    """1 on Saturday and Sunday UTC, else 0. 1970-01-01 was a Thursday."""
    return ((events.time[rows.at] // DAY + 3) % 7 >= 5).astype(np.float64)


def distance_from_home(events: EntityEvents, rows: Range) -> Floats:
    """Straight-line distance from the customer's home to the terminal."""
    dx = events.floats("customer_x") - events.floats("terminal_x")
    dy = events.floats("customer_y") - events.floats("terminal_y")
    distance: Floats = np.sqrt(dx * dx + dy * dy)
    return distance[rows.at]


def count(events: EntityEvents, rows: Range) -> Floats:
    """The number of events."""
    return rows.count.astype(np.float64)


def is_first(events: EntityEvents, rows: Range) -> Floats:
    """1 if there is no event in the range, else 0."""
    return np.equal(rows.count, 0).astype(np.float64)


def seconds_since_previous(events: EntityEvents, rows: Range) -> Floats:
    """Seconds since the last event of the range."""
    previous = np.maximum(rows.end - 1, 0)
    elapsed = (events.time[rows.at] - events.time[previous]) / SECOND
    return np.where(rows.count > 0, elapsed, np.nan)


def distance_from_previous(events: EntityEvents, rows: Range) -> Floats:
    """Straight-line distance from the terminal of the last event of the range."""
    previous = np.maximum(rows.end - 1, 0)
    x, y = events.floats("terminal_x"), events.floats("terminal_y")
    dx, dy = x[rows.at] - x[previous], y[rows.at] - y[previous]
    return np.where(rows.count > 0, np.sqrt(dx * dx + dy * dy), np.nan)


def speed_from_previous(events: EntityEvents, rows: Range) -> Floats:
    """That distance per hour; less than a second apart counts as a second."""
    seconds = np.maximum(seconds_since_previous(events, rows), 1.0)
    return distance_from_previous(events, rows) * 3600.0 / seconds


@cache
def count_of(flag: str) -> Measure:
    """The number of events that carry a flag."""

    def flag_count(events: EntityEvents, rows: Range) -> Floats:
        return range_sum(events.flags(flag), rows.start, rows.end).astype(np.float64)

    return flag_count


@cache
def share_of(flag: str) -> Measure:
    """The share of events that carry a flag."""

    def flag_share(events: EntityEvents, rows: Range) -> Floats:
        return ratio(range_sum(events.flags(flag), rows.start, rows.end), rows.count)

    return flag_share


@cache
def distinct(column: str) -> Measure:
    """The number of distinct values of a text column."""

    def distinct_count(events: EntityEvents, rows: Range) -> Floats:
        return events.distinct(column, rows).astype(np.float64)

    return distinct_count
