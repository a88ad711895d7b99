"""How a source writes its values, where it does not write them as the platform does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

TimeUnit = Literal["microseconds", "milliseconds", "seconds", "minutes", "hours", "days", "months"]

ZONE_LETTERS = "VzOXxZ"
"""Of a pattern of times: a zone or an offset."""

UNIT_LENGTHS: dict[str, timedelta] = {
    "microseconds": timedelta(microseconds=1),
    "milliseconds": timedelta(milliseconds=1),
    "seconds": timedelta(seconds=1),
    "minutes": timedelta(minutes=1),
    "hours": timedelta(hours=1),
    "days": timedelta(days=1),
}
"""Of every unit but months, which differ in length."""


@dataclass(frozen=True)
class WrittenTime:
    """Times are text of one pattern, such as ``dd.MM.yyyy HH:mm``, in Spark's notation."""

    pattern: str

    @property
    def states_zone(self) -> bool:
        """Whether the pattern holds a zone or an offset."""
        outside_quotes = self.pattern.split("'")[::2]
        return any(letter in part for part in outside_quotes for letter in ZONE_LETTERS)


@dataclass(frozen=True)
class CountedTime:
    """Times are a number of units since an origin, which is a local time of the source's zone.

    Months are whole numbers; of other units a number may have a fraction. The units are those of
    the local clock, as in spreadsheets: a day is 24 hours, when clocks are set too.
    """

    unit: TimeUnit
    origin: datetime


@dataclass(frozen=True)
class ValueForm:
    """The form of a source's values.

    Attributes:
        decimal: what separates the fraction of a number, ``.`` or ``,``.
        thousands: what stands between groups of three digits, or nothing.
        null_markers: further texts that stand for a missing value, in lower case.
        labels: further texts of labels, in lower case, and the label that each is, 0 or 1.
        time: the form of times; None for those that ``WRITTEN_TIME`` and ``COUNT_SINCE_1970`` in
            ``igniteflow_core.values.rules`` describe.
        list_separator: of the texts of a list.
        kilometres_per_unit: of positions on a plane.
    """

    decimal: str = "."
    thousands: str = ""
    null_markers: frozenset[str] = frozenset()
    labels: Mapping[str, int] = field(default_factory=dict)
    time: WrittenTime | CountedTime | None = None
    list_separator: str = "|"
    kilometres_per_unit: float = 1.0


PLAIN = ValueForm()
"""The form of the platform itself: that of the stream, of the API, and of sources by default."""
