"""What the declaration of a feature says."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

from igniteflow_core.features.events import Over
from igniteflow_core.features.lookback import Measure

Entity: TypeAlias = str
"""``customer``, ``customer_terminal`` (a card's events at one terminal), ``terminal``, or the name
of an entity that a team declares."""

MICROSECOND = timedelta(microseconds=1)

QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
WEEK, FORTNIGHT, MONTH = timedelta(days=7), timedelta(days=14), timedelta(days=30)

SPAN = {QUARTER: "15m", HOUR: "1h", DAY: "1d", WEEK: "7d", FORTNIGHT: "14d", MONTH: "30d"}
"""How the name of a feature writes its window."""

CURRENCY, SECONDS, DISTANCE, SPEED = "source currency", "seconds", "km", "km/h"

UNKNOWN_DISTANCE = -1.0
NEVER = 10 * 365 * 86_400.0
"""Seconds since an event that did not happen: ten years, longer than any window."""


@dataclass(frozen=True)
class Feature:
    """One feature of a transaction.

    Attributes:
        name: column name.
        entity: whose events it looks at.
        over: which of them, see ``events.Over``.
        measure: what it measures over them.
        description: what it says, in one phrase.
        unit: of its values, or None for a pure number.
        window: length of the time it looks back over; zero for the event alone.
        default: the value where there is no history to measure.
        inputs: how far back the flags that it counts look themselves.
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
        """How long before an event the oldest event lies that can change its value."""
        delay = label_delay if self.over == "labelled" else timedelta(0)
        return self.window + delay + self.inputs
