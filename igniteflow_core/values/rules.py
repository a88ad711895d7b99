"""The rules of values as data, for the renditions in ``python`` and in ``spark``.

The regular expressions keep to what Python and Java read alike: classes of ASCII written out, no
flags. They are applied to trimmed text, which cannot end in a line break.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

WHITE_SPACE = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\u200b\ufeff"
)
"""What is cut off both ends: Unicode's white space, the zero-width space, the byte order mark."""

NULL_MARKERS = frozenset({"", "null", "none", "nan", "na", "n/a", "#n/a", "<na>", "\\n"})
"""Trimmed text that, in lower case, stands for a missing value."""

LONGEST_ID = 256
"""Characters."""

REFUSED_IN_ID = (
    r"[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064"
    r"\ud800-\udfff\ufeff\ufffd]"
    r"|^-?[0-9](?:\.[0-9]+)?[eE]\+[0-9]{1,3}$|^-?[0-9]\.[0-9]+E[0-9]{1,3}$"
)
"""Control characters, invisible marks, halves of characters, what broken text is decoded to, and
numbers in floating point that have lost digits, as Java, Python and spreadsheets write them."""

WHOLE_UP_TO = 2**53
"""A whole number below it in floating point is written without a fraction where it is an id."""

NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$"

MINOR_UNITS = 10_000
"""Amounts are summed as whole 1/10,000 of the currency, so sums are exact in any order."""

LARGEST_AMOUNT = 2.0**46 / MINOR_UNITS
"""7.04e9. Amounts beyond it would overflow the exact sums of squares, so they are refused."""

LARGEST_NUMBER = 1e30
"""Of a team's own numeric columns; models take single precision, which ends at 3.4e38."""

DEGREES = {"latitude": 90.0, "longitude": 180.0}
"""How far a position can be from the equator, and from Greenwich."""

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
"""Of either version, without a zone or a length of prefix."""

EMAIL = r"^[^@ \t\n]{1,64}@[^@ \t\n.]+(?:\.[^@ \t\n.]+)+$"
"""Something, an @, and a domain of two parts or more; what mail servers take is no rule."""

LABELS = {
    **dict.fromkeys(("0", "0.0", "false", "f", "no", "n"), 0),
    **dict.fromkeys(("1", "1.0", "true", "t", "yes", "y"), 1),
}
"""Trimmed text in lower case, and the label that it is."""

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

A day without a time is its midnight. A zone in brackets may follow an offset, which counts.
Abbreviations of zones such as EST have several meanings and are refused.
"""

MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST_TIME = 0
LATEST_TIME = (datetime(2300, 1, 1, tzinfo=UTC) - _EPOCH) // MICROSECOND
"""UTC microseconds; text that gives a time outside [EARLIEST_TIME, LATEST_TIME) is no time."""


@dataclass(frozen=True)
class Clock:
    """How the times of a delivery are read, and which of them can be.

    Attributes:
        time_zone: IANA name, of times that state no zone. A local time that occurs twice, when
            clocks are set back, is its first occurrence; one that does not occur, when they are set
            forward, is read as if they had not been yet.
        earliest: UTC microseconds; an event before it is ``event_time_too_early``.
        latest: UTC microseconds; an event after it is ``event_time_in_the_future``.
    """

    time_zone: str
    earliest: int
    latest: int


def clock(time_zone: str, *, earliest: date, now: datetime, skew: timedelta) -> Clock:
    """The clock of a delivery that is read at ``now``.

    Args:
        time_zone: as in ``Clock``.
        earliest: first day, in UTC, that an event can be of.
        now: with its zone.
        skew: how far the clock of a source may be ahead of ours.
    """
    first = datetime(earliest.year, earliest.month, earliest.day, tzinfo=UTC)
    return Clock(time_zone, (first - _EPOCH) // MICROSECOND, (now + skew - _EPOCH) // MICROSECOND)
