"""The declaration of a feature."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

from igniteflow_core.features.events import Over
from igniteflow_core.features.lookback import Measure

Entity: TypeAlias = str
"""``customer``, ``customer_terminal`` (a customer's events at one terminal), ``terminal``, or the
name of a declared entity."""

MICROSECOND = timedelta(microseconds=1)

QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
WEEK, FORTNIGHT, MONTH = timedelta(days=7), timedelta(days=14), timedelta(days=30)

SPAN = {QUARTER: "15m", HOUR: "1h", DAY: "1d", WEEK: "7d", FORTNIGHT: "14d", MONTH: "30d"}
"""The windows as feature names spell them."""

CURRENCY, SECONDS, DISTANCE, SPEED = "source currency", "seconds", "km", "km/h"

UNKNOWN_DISTANCE = -1.0
NEVER = 10 * 365 * 86_400.0
"""Seconds since an event that did not happen: ten years, longer than any window."""


@dataclass(frozen=True)
class Feature:
    """One feature of a transaction.

    Attributes:
        name: column name.
        entity: entity whose events are in the lookback.
        over: kind of lookback, see ``events.Over``.
        measure: measure that is computed over the lookback.
        description: meaning of the feature in one phrase.
        unit: unit of its values, or None for a pure number.
        window: length of the lookback; zero for the event alone.
        default: value where there is no history to measure.
        inputs: lookback of the flags that it counts.
    """

    name: str
    entity: Entity
    over: Over
    measure: Measure
    description: str
    unit: str | None = None
    window: timedelta = timedelta(0)
    default: float = 0.0
    inputs: timedelta = timedelta(0)

    def lookback(self, label_delay: timedelta) -> timedelta:
        """The largest age of an event that can change the value."""
        delay = label_delay if self.over == "labelled" else timedelta(0)
        return self.window + delay + self.inputs
