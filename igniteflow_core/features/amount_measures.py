"""Measures of the amounts that a feature looks at.

Sums are exact integers, and every value is one fixed expression of them, so it is the same to the
last bit whether history starts a month or a year ago.
"""

from functools import cache

import numpy as np

from igniteflow_core.features.events import MINOR_UNITS, EntityEvents, Measure, Range
from igniteflow_core.features.windows import Floats, range_max, range_select, range_sum, ratio

UNUSUAL_MULTIPLE = 3
"""An amount is unusual above this multiple of the mean of the card's earlier amounts."""

UNUSUAL_MIN_HISTORY = 3
"""With fewer earlier events, no amount is called unusual."""

LEAST_DEVIATION = 0.1
"""The standard deviation is taken as at least this share of the mean."""

_LIMB = 20


def amount(events: EntityEvents, rows: Range) -> Floats:
    """The event's amount as delivered."""
    return events.floats("amount")[rows.at]


def amount_sum(events: EntityEvents, rows: Range) -> Floats:
    """The sum of amounts."""
    return range_sum(events.amount, rows.start, rows.end) / MINOR_UNITS


def amount_mean(events: EntityEvents, rows: Range) -> Floats:
    """The mean of amounts."""
    return ratio(amount_sum(events, rows), rows.count)


def amount_to_mean(events: EntityEvents, rows: Range) -> Floats:
    """The event's amount as a multiple of the mean."""
    total = range_sum(events.amount, rows.start, rows.end)
    return ratio(events.amount[rows.at].astype(np.float64) * rows.count, total)


@cache
def amount_to_quantile(percent: int) -> Measure:
    """The event's amount as a multiple of the smallest one that so many percent do not exceed.

    The median of an even number of amounts is thus the lower one of the two in the middle.
    """

    def to_quantile(events: EntityEvents, rows: Range) -> Floats:
        result = np.full(len(rows.at), np.nan)
        some = rows.count > 0
        rank = (rows.count[some] * percent + 99) // 100 - 1
        quantile = range_select(events.amount, rows.start[some], rows.end[some], rank)
        result[some] = ratio(events.amount[rows.at[some]], quantile)
        return result

    return to_quantile


def amount_to_max(events: EntityEvents, rows: Range) -> Floats:
    """The event's amount as a multiple of the largest one."""
    result = np.full(len(rows.at), np.nan)
    some = rows.count > 0
    largest = range_max(events.amount, rows.start[some], rows.end[some])
    result[some] = ratio(events.amount[rows.at[some]], largest)
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
    mean = ratio(range_sum(events.amount, rows.start, rows.end), n)
    variance = ratio(np.maximum(squares - n * mean * mean, 0.0), n - 1)
    deviation = np.maximum(np.sqrt(variance), LEAST_DEVIATION * np.abs(mean))
    return ratio(events.amount[rows.at] - mean, deviation)


def is_unusual(events: EntityEvents, rows: Range) -> Floats:
    """1 if the event's amount is unusual against the range, else 0."""
    total = range_sum(events.amount, rows.start, rows.end)
    scaled = events.amount[rows.at].astype(np.float64) * rows.count
    unusual = (scaled > UNUSUAL_MULTIPLE * total.astype(np.float64)) & (
        rows.count >= UNUSUAL_MIN_HISTORY
    )
    return unusual.astype(np.float64)
