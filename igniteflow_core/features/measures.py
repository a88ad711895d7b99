"""What a feature measures over the rows that it looks at.

Counts and sums are exact integers, and every value is one fixed expression of them, so it is the
same to the last bit whether history starts a month or a year ago.
"""

import math

import numpy as np

from igniteflow_core.features.events import MINOR_UNITS, EntityEvents, Measure, Range
from igniteflow_core.features.windows import (
    Floats,
    Ints,
    first_in_range,
    last_in_range,
    range_max,
    range_sum,
)

SECOND = 1_000_000
MINUTE = 60 * SECOND
DAY = 86_400 * SECOND

UNUSUAL_MULTIPLE = 3
"""An amount is unusual above this multiple of the mean of the card's earlier amounts."""

UNUSUAL_MIN_HISTORY = 3
"""With fewer earlier events, no amount is called unusual."""

PRIOR_FRAUD_RATE = 0.005
PRIOR_EVENTS = 10.0
"""The smoothed fraud rate starts as if this many events of the prior rate had been seen."""

LEAST_DEVIATION = 0.1
"""The standard deviation is taken as at least this share of the mean."""

_LIMB = 20
_DAY_SIN = np.array([math.sin(2 * math.pi * minute / 1440) for minute in range(1440)])
_DAY_COS = np.array([math.cos(2 * math.pi * minute / 1440) for minute in range(1440)])


def _ratio(numerator: Floats | Ints, denominator: Floats | Ints) -> Floats:
    """The quotient as float64; NaN unless the denominator is above 0."""
    result = np.full(len(denominator), np.nan)
    np.divide(numerator, denominator, out=result, where=denominator > 0)
    return result


# ---- the event itself


def amount(events: EntityEvents, rows: Range) -> Floats:
    """The amount as delivered."""
    return events.floats("amount")[rows.at]


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
    return np.sqrt(dx * dx + dy * dy)[rows.at]


# ---- counts and amounts


def count(events: EntityEvents, rows: Range) -> Floats:
    """The number of events."""
    return rows.count.astype(np.float64)


def is_first(events: EntityEvents, rows: Range) -> Floats:
    """1 if there is no event in the range, else 0."""
    return (rows.count == 0).astype(np.float64)


def amount_sum(events: EntityEvents, rows: Range) -> Floats:
    """The sum of amounts."""
    return range_sum(events.amount, rows.start, rows.end) / MINOR_UNITS


def amount_mean(events: EntityEvents, rows: Range) -> Floats:
    """The mean of amounts."""
    return _ratio(amount_sum(events, rows), rows.count)


def amount_to_mean(events: EntityEvents, rows: Range) -> Floats:
    """The event's amount as a multiple of the mean."""
    total = range_sum(events.amount, rows.start, rows.end)
    return _ratio(events.amount[rows.at].astype(np.float64) * rows.count, total)


def amount_to_max(events: EntityEvents, rows: Range) -> Floats:
    """The event's amount as a multiple of the largest one."""
    result = np.full(len(rows.at), np.nan)
    some = rows.count > 0
    largest = range_max(events.amount, rows.start[some], rows.end[some])
    result[some] = _ratio(events.amount[rows.at[some]], largest)
    return result


def amount_zscore(events: EntityEvents, rows: Range) -> Floats:
    """The event's distance from the mean in standard deviations (n - 1), from two events on.

    Squares are summed in two limbs of ``_LIMB`` bits and above, each exact in int64.
    """
    low = events.amount & ((1 << _LIMB) - 1)
    high = events.amount >> _LIMB
    squares = (
        range_sum(high * high, rows.start, rows.end) * 2.0 ** (2 * _LIMB)
        + range_sum(high * low, rows.start, rows.end) * 2.0 ** (_LIMB + 1)
        + range_sum(low * low, rows.start, rows.end)
    )
    n = rows.count
    mean = _ratio(range_sum(events.amount, rows.start, rows.end), n)
    variance = _ratio(np.maximum(squares - n * mean * mean, 0.0), n - 1)
    deviation = np.maximum(np.sqrt(variance), LEAST_DEVIATION * np.abs(mean))
    return _ratio(events.amount[rows.at] - mean, deviation)


def is_unusual(events: EntityEvents, rows: Range) -> Floats:
    """1 if the event's amount is unusual against the range, else 0."""
    total = range_sum(events.amount, rows.start, rows.end)
    scaled = events.amount[rows.at].astype(np.float64) * rows.count
    unusual = (scaled > UNUSUAL_MULTIPLE * total.astype(np.float64)) & (
        rows.count >= UNUSUAL_MIN_HISTORY
    )
    return unusual.astype(np.float64)


# ---- the entity's last event


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


# ---- labels


def known_labels(events: EntityEvents, rows: Range) -> Floats:
    """The number of events whose label is known."""
    return range_sum(events.is_known, rows.start, rows.end).astype(np.float64)


def fraud_count(events: EntityEvents, rows: Range) -> Floats:
    """The number of known frauds."""
    return range_sum(events.is_fraud, rows.start, rows.end).astype(np.float64)


def fraud_rate(events: EntityEvents, rows: Range) -> Floats:
    """Known frauds per known label."""
    return _ratio(fraud_count(events, rows), known_labels(events, rows))


def smoothed_fraud_rate(events: EntityEvents, rows: Range) -> Floats:
    """Known frauds per known label, drawn to the prior rate where few labels are known."""
    return (fraud_count(events, rows) + PRIOR_FRAUD_RATE * PRIOR_EVENTS) / (
        known_labels(events, rows) + PRIOR_EVENTS
    )


def seconds_since_first_fraud(events: EntityEvents, rows: Range) -> Floats:
    """Seconds since the first known fraud of the range."""
    return _seconds_since(events, rows, first_in_range(events.is_fraud, rows.start, rows.end))


def seconds_since_last_fraud(events: EntityEvents, rows: Range) -> Floats:
    """Seconds since the last known fraud of the range."""
    return _seconds_since(events, rows, last_in_range(events.is_fraud, rows.start, rows.end))


def _seconds_since(events: EntityEvents, rows: Range, found: Ints) -> Floats:
    elapsed = (events.time[rows.at] - events.time[found]) / SECOND
    return np.where(found >= 0, elapsed, np.nan)


# ---- columns of the events


def count_of(flag: str) -> Measure:
    """The number of events that carry a flag."""

    def flag_count(events: EntityEvents, rows: Range) -> Floats:
        return range_sum(events.flags(flag), rows.start, rows.end).astype(np.float64)

    return flag_count


def share_of(flag: str) -> Measure:
    """The share of events that carry a flag."""

    def flag_share(events: EntityEvents, rows: Range) -> Floats:
        return _ratio(range_sum(events.flags(flag), rows.start, rows.end), rows.count)

    return flag_share


def distinct(column: str) -> Measure:
    """The number of distinct values of a text column."""

    def distinct_count(events: EntityEvents, rows: Range) -> Floats:
        return events.distinct(column, rows).astype(np.float64)

    return distinct_count
