"""The format of a source's values, where it differs from the platform's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

TimeUnit = Literal["microseconds", "milliseconds", "seconds", "minutes", "hours", "days", "months"]

ZONE_LETTERS = "VzOXxZ"
"""Letters of a time pattern for a zone or an offset."""

UNIT_LENGTHS: dict[str, timedelta] = {
    "microseconds": timedelta(microseconds=1),
    "milliseconds": timedelta(milliseconds=1),
    "seconds": timedelta(seconds=1),
    "minutes": timedelta(minutes=1),
    "hours": timedelta(hours=1),
    "days": timedelta(days=1),
}
"""The lengths of all units except months, which differ in length."""


@dataclass(frozen=True)
class WrittenTime:
    """Times are text of one pattern, such as ``dd.MM.yyyy HH:mm``, in Spark's notation."""

    pattern: str

    @property
    def states_zone(self) -> bool:
        """Whether the pattern contains a zone or an offset."""
        outside_quotes = self.pattern.split("'")[::2]
        return any(letter in part for part in outside_quotes for letter in ZONE_LETTERS)


@dataclass(frozen=True)
class CountedTime:
    """Times are a number of units since an origin, which is a local time of the source's zone.

    Months are whole numbers; numbers of other units may have a fraction. The units are those of
    the local clock, as in spreadsheets: a day has 24 hours, even when clocks change.
    """

    unit: TimeUnit
    origin: datetime


@dataclass(frozen=True)
class ValueForm:
    """The form of a source's values.

    Attributes:
        decimal: decimal separator, ``.`` or ``,``.
        thousands: separator of groups of three digits, or an empty string.
        null_markers: further texts of a missing value, in lower case.
        labels: further texts of labels, in lower case, with the label of each, 0 or 1.
        time: the format of times; None for those that ``WRITTEN_TIME`` and ``COUNT_SINCE_1970`` in
            ``igniteflow_core.values.rules`` describe.
        list_separator: separator of the texts of a list.
        kilometres_per_unit: scale of positions on a plane.
    """

    decimal: str = "."
    thousands: str = ""
    null_markers: frozenset[str] = frozenset()
    labels: Mapping[str, int] = field(default_factory=dict)
    time: WrittenTime | CountedTime | None = None
    list_separator: str = "|"
    kilometres_per_unit: float = 1.0


PLAIN = ValueForm()
"""The platform's own format, which the stream, the API, and sources by default use."""
