"""Measures of the labels in a feature's lookback."""

import math
from functools import cache

from igniteflow_core.features.arithmetic import Value, ratio, where
from igniteflow_core.features.events import EntityEvents
from igniteflow_core.features.lookback import Lookback, Measure
from igniteflow_core.features.measures import flag, seconds_since
from igniteflow_core.features.windows import Bools

PRIOR_FRAUD_RATE = 0.005
PRIOR_EVENTS = 10.0
"""Number of prior events of the smoothed fraud rate, whose fraud rate is the prior rate."""


def is_known(events: EntityEvents) -> Bools:
    """Whether the event's label is there at all."""
    return events.is_known


def is_fraud(events: EntityEvents) -> Bools:
    """Whether the event's label is there and says fraud."""
    return events.is_fraud


def known_labels(rows: Lookback) -> Value:
    """The number of events whose label is known."""
    return rows.marked(is_known)


def fraud_count(rows: Lookback) -> Value:
    """The number of known frauds."""
    return rows.marked(is_fraud)


def fraud_rate(rows: Lookback) -> Value:
    """Known frauds per known label."""
    return ratio(rows.marked(is_fraud), rows.marked(is_known))


def smoothed_fraud_rate(rows: Lookback) -> Value:
    """Known frauds per known label, shrunk towards the prior rate if few labels are known."""
    return (rows.marked(is_fraud) + PRIOR_FRAUD_RATE * PRIOR_EVENTS) / (
        rows.marked(is_known) + PRIOR_EVENTS
    )


@cache
def fraud_count_without(name: str) -> Measure:
    """The number of known frauds without a flag."""
    flagged = flag(name)

    def is_unflagged_fraud(events: EntityEvents) -> Bools:
        return events.is_fraud & ~flagged(events)

    def unflagged_fraud_count(rows: Lookback) -> Value:
        return rows.marked(is_unflagged_fraud)

    return unflagged_fraud_count


def last_label(rows: Lookback) -> Value:
    """1 if the last known label says fraud, else 0."""
    last = rows.last(is_known)
    return where(last >= 0, rows.at(is_fraud, last), math.nan)


def is_legitimate(events: EntityEvents) -> Bools:
    """Whether the event's label is there and says no fraud."""
    return events.is_known & ~events.is_fraud


def fraud_streak(rows: Lookback) -> Value:
    """The number of consecutive known frauds up to the last known label."""
    last = rows.last(is_legitimate)
    return where(last >= 0, rows.since(last).marked(is_fraud), rows.marked(is_fraud))


def fraud_rate_since_first_fraud(rows: Lookback) -> Value:
    """Known frauds per known label, from the first known fraud on."""
    return fraud_rate(rows.since(rows.first(is_fraud)))


def seconds_since_first_fraud(rows: Lookback) -> Value:
    """Seconds since the first known fraud of the range."""
    return _seconds_since(rows, rows.first(is_fraud))


def seconds_since_last_fraud(rows: Lookback) -> Value:
    """Seconds since the last known fraud of the range."""
    return _seconds_since(rows, rows.last(is_fraud))


def _seconds_since(rows: Lookback, row: Value) -> Value:
    return where(row >= 0, seconds_since(rows, row), math.nan)
