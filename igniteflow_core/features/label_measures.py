"""Measures of the labels that a feature looks at."""

from functools import cache

import numpy as np

from igniteflow_core.features.events import SECOND, EntityEvents, Measure, Range
from igniteflow_core.features.windows import (
    Floats,
    Ints,
    first_in_range,
    last_in_range,
    range_sum,
    ratio,
)

PRIOR_FRAUD_RATE = 0.005
PRIOR_EVENTS = 10.0
"""The smoothed fraud rate starts as if this many events of the prior rate had been seen."""


def known_labels(events: EntityEvents, rows: Range) -> Floats:
    """The number of events whose label is known."""
    return range_sum(events.is_known, rows.start, rows.end).astype(np.float64)


def fraud_count(events: EntityEvents, rows: Range) -> Floats:
    """The number of known frauds."""
    return range_sum(events.is_fraud, rows.start, rows.end).astype(np.float64)


def fraud_rate(events: EntityEvents, rows: Range) -> Floats:
    """Known frauds per known label."""
    return ratio(fraud_count(events, rows), known_labels(events, rows))


def smoothed_fraud_rate(events: EntityEvents, rows: Range) -> Floats:
    """Known frauds per known label, drawn to the prior rate where few labels are known."""
    return (fraud_count(events, rows) + PRIOR_FRAUD_RATE * PRIOR_EVENTS) / (
        known_labels(events, rows) + PRIOR_EVENTS
    )


@cache
def fraud_count_without(flag: str) -> Measure:
    """The number of known frauds that do not carry a flag."""

    def unflagged_fraud_count(events: EntityEvents, rows: Range) -> Floats:
        unflagged = events.is_fraud & ~events.flags(flag)
        return range_sum(unflagged, rows.start, rows.end).astype(np.float64)

    return unflagged_fraud_count


def last_label(events: EntityEvents, rows: Range) -> Floats:
    """1 if the last known label says fraud, else 0."""
    last = last_in_range(events.is_known, rows.start, rows.end)
    return np.where(last >= 0, events.is_fraud[last], np.nan)


def fraud_streak(events: EntityEvents, rows: Range) -> Floats:
    """The number of known frauds in a row up to the last known label."""
    legitimate = events.is_known & ~events.is_fraud
    last = last_in_range(legitimate, rows.start, rows.end)
    start = np.where(last >= 0, last, rows.start)
    return range_sum(events.is_fraud, start, rows.end).astype(np.float64)


def fraud_rate_since_first_fraud(events: EntityEvents, rows: Range) -> Floats:
    """Known frauds per known label, from the first known fraud on."""
    first = first_in_range(events.is_fraud, rows.start, rows.end)
    start = np.where(first >= 0, first, rows.end)
    return ratio(
        range_sum(events.is_fraud, start, rows.end), range_sum(events.is_known, start, rows.end)
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
