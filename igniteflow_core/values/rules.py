"""The rules of values as data, for the implementations in ``python`` and in ``spark``.

The regular expressions use only syntax that Python and Java share: explicit ASCII classes, no
flags. They are applied to trimmed text, which cannot end in a line break.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

WHITE_SPACE = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\u200b\ufeff"
)
"""Stripped from both ends: Unicode's white space, the zero-width space, the byte-order mark."""

NULL_MARKERS = frozenset({"", "null", "none", "nan", "na", "n/a", "#n/a", "<na>", "\\n"})
"""Trimmed text that, in lower case, means a missing value."""

LONGEST_ID = 256
"""Largest length of an id in characters."""

REFUSED_IN_ID = (
    r"[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064"
    r"\ud800-\udfff\ufeff\ufffd]"
    r"|^-?[0-9](?:\.[0-9]+)?[eE]\+[0-9]{1,3}$|^-?[0-9]\.[0-9]+E[0-9]{1,3}$"
)
"""Control characters, invisible marks, surrogates, the replacement character, and floating-point
numbers that have lost digits, as Java, Python and spreadsheets write them."""

WHOLE_UP_TO = 2**53
"""A whole floating-point number below this limit is written without a fraction in an id."""

NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$"

MINOR_UNITS = 10_000
"""Amounts are summed as whole 1/10,000 of the currency, so sums are exact in any order."""

LARGEST_AMOUNT = 2.0**46 / MINOR_UNITS
"""7.04e9. Larger amounts would overflow the exact sums of squares, so they are rejected."""

LARGEST_NUMBER = 1e30
"""The limit of own numeric columns; models use single precision, which ends at 3.4e38."""

DEGREES = {"latitude": 90.0, "longitude": 180.0}
"""Largest absolute latitude and longitude."""

_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_HEX = "[0-9a-fA-F]{1,4}"
_IPV6 = "|".join(
    (
        rf"(?:{_HEX}:){{7}}{_HEX}",
        rf"(?:{_HEX}:){{1,7}}:",
        *(rf"(?:{_HEX}:){{1,{7 - n}}}(?::{_HEX}){{1,{n}}}" for n in range(1, 7)),
        rf":(?::{_HEX}){{1,7}}",
        "::",
        rf"::[fF]{{4}}:{_IPV4}",
    )
)
IP_ADDRESS = rf"^(?:{_IPV4}|{_IPV6})$"
"""An address of either version, without a zone or a prefix length."""

EMAIL = r"^[^@ \t\n]{1,64}@[^@ \t\n.]+(?:\.[^@ \t\n.]+)+$"
"""A local part, an @, and a domain of two or more parts; mail servers differ in further rules."""

LABELS = {
    **dict.fromkeys(("0", "0.0", "false", "f", "no", "n"), 0),
    **dict.fromkeys(("1", "1.0", "true", "t", "yes", "y"), 1),
}
"""Trimmed text in lower case, with its label."""

COUNT_SINCE_1970 = r"^[1-9]([0-9]{8,9}|[0-9]{12}|[0-9]{15}|[0-9]{18})$"
"""9 or 10 digits are seconds, 13 milliseconds, 16 microseconds, 19 nanoseconds."""

_ZONE = (
    r"[Zz]|(?:UTC|GMT|UT)?[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?|UTC|GMT|UT"
    r"|[A-Z][A-Za-z_]+/[A-Za-z0-9_+/-]+"
)
WRITTEN_TIME = (
    r"^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
    r"(?:[ Tt]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?"
    rf"(?: ?({_ZONE})(?:(?<=[0-9Zz])\[[A-Za-z0-9_+/-]+\])?)?)?$"
)
"""Year, month, day, hour, minute, second, fraction, zone: ISO 8601 and its usual variants.

A day without a time means its midnight. A zone in brackets may follow an offset, which is used.
Abbreviations of zones such as EST are ambiguous and are rejected.
"""

MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST_TIME = 0
LATEST_TIME = (datetime(2300, 1, 1, tzinfo=UTC) - _EPOCH) // MICROSECOND
"""UTC microseconds; times outside [EARLIEST_TIME, LATEST_TIME) are invalid."""


@dataclass(frozen=True)
class Clock:
    """The time zone of a delivery, and the range of its plausible event times.

    Attributes:
        time_zone: IANA name of the zone of times without one. A local time that occurs twice, when
            clocks are set back, means its first occurrence; one that does not occur, when clocks
            are set forward, is read with the offset before the change.
        earliest: UTC microseconds; an earlier event is ``event_time_too_early``.
        latest: UTC microseconds; a later event is ``event_time_in_the_future``.
    """

    time_zone: str
    earliest: int
    latest: int


def clock(time_zone: str, *, earliest: date, now: datetime, skew: timedelta) -> Clock:
    """The clock of a delivery that is read at ``now``.

    Args:
        time_zone: as in ``Clock``.
        earliest: first possible day of an event, in UTC.
        now: current time with its zone.
        skew: largest accepted lead of a source's clock.
    """
    first = datetime(earliest.year, earliest.month, earliest.day, tzinfo=UTC)
    return Clock(time_zone, (first - _EPOCH) // MICROSECOND, (now + skew - _EPOCH) // MICROSECOND)
