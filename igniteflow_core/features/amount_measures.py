"""Measures of the amounts in a feature's lookback.

Sums are exact integers, and every value is one fixed expression of them, so it is bitwise the same
whether history starts a month or a year ago.
"""

from functools import cache

from igniteflow_core.features.arithmetic import Value, maximum, ratio, real, square_root
from igniteflow_core.features.events import EntityEvents
from igniteflow_core.features.lookback import Lookback, Measure
from igniteflow_core.features.measures import number
from igniteflow_core.features.windows import Ints
from igniteflow_core.values.rules import MINOR_UNITS

UNUSUAL_MULTIPLE = 3
"""An amount is unusual above this multiple of the mean of the customer's earlier amounts."""

UNUSUAL_MIN_HISTORY = 3
"""With fewer earlier events, no amount counts as unusual."""

LEAST_DEVIATION = 0.1
"""The standard deviation is taken as at least this share of the mean."""

_LIMB = 20
_AMOUNT = number("amount")


def exact_amount(events: EntityEvents) -> Ints:
    """Amounts in 1/10,000 of the currency."""
    return events.amount


def _low(events: EntityEvents) -> Ints:
    return events.amount & ((1 << _LIMB) - 1)


def _high(events: EntityEvents) -> Ints:
    return events.amount >> _LIMB


def amount(rows: Lookback) -> Value:
    """The event's amount as delivered."""
    return rows.own(_AMOUNT)


def amount_sum(rows: Lookback) -> Value:
    """The sum of amounts."""
    return ratio(rows.sum(exact_amount), MINOR_UNITS)


def amount_mean(rows: Lookback) -> Value:
    """The mean of amounts."""
    return ratio(amount_sum(rows), rows.count)


def amount_to_mean(rows: Lookback) -> Value:
    """The event's amount as a multiple of the mean."""
    return ratio(real(rows.own(exact_amount)) * rows.count, rows.sum(exact_amount))


@cache
def amount_to_quantile(percent: int) -> Measure:
    """The event's amount as a multiple of the lower percentile of the amounts.

    The median of an even number of amounts is thus the lower of the two middle ones.
    """

    def to_quantile(rows: Lookback) -> Value:
        return ratio(rows.own(exact_amount), rows.quantile(exact_amount, percent))

    return to_quantile


def amount_to_max(rows: Lookback) -> Value:
    """The event's amount as a multiple of the largest one."""
    return ratio(rows.own(exact_amount), rows.max(exact_amount))


def amount_zscore(rows: Lookback) -> Value:
    """The event's distance from the mean in standard deviations (n - 1), from two events on.

    Squares are summed in two limbs of ``_LIMB`` bits and above, each exact in int64.
    """
    squares = (
        rows.sum_of_products(_high, _high) * 2.0 ** (2 * _LIMB)
        + rows.sum_of_products(_high, _low) * 2.0 ** (_LIMB + 1)
        + rows.sum_of_products(_low, _low)
    )
    n = rows.count
    mean = ratio(rows.sum(exact_amount), n)
    variance = ratio(maximum(squares - n * mean * mean, 0.0), n - 1)
    deviation = maximum(square_root(variance), LEAST_DEVIATION * abs(mean))
    return ratio(rows.own(exact_amount) - mean, deviation)


def is_unusual(rows: Lookback) -> Value:
    """1 if the event's amount is unusual within the lookback, else 0."""
    scaled = real(rows.own(exact_amount)) * rows.count
    return (scaled > UNUSUAL_MULTIPLE * real(rows.sum(exact_amount))) & (
        rows.count >= UNUSUAL_MIN_HISTORY
    )
