"""The rules of values for values decoded from JSON; ``spark`` implements them for columns.

A number counts as its text does, so that ``7``, ``7.0`` and ``"7"`` are one id.
"""

import math
import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from igniteflow_core.values.rules import (
    COUNT_SINCE_1970,
    EARLIEST_TIME,
    LABELS,
    LATEST_TIME,
    LONGEST_ID,
    MICROSECOND,
    NULL_MARKERS,
    NUMBER,
    REFUSED_IN_ID,
    WHITE_SPACE,
    WHOLE_UP_TO,
    WRITTEN_TIME,
)

_REFUSED = re.compile(REFUSED_IN_ID)
_NUMBER = re.compile(NUMBER)
_COUNT = re.compile(COUNT_SINCE_1970)
_TIME = re.compile(WRITTEN_TIME)
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - local times are counted from it
_LONGEST_NUMBER = 400


def text(value: object) -> str | None:
    """The value as trimmed text; None if it is missing or has no text form."""
    if isinstance(value, str):
        trimmed = value.strip(WHITE_SPACE)
    elif isinstance(value, bool):
        trimmed = "true" if value else "false"
    elif isinstance(value, int):
        # Python refuses to convert integers of thousands of digits to text.
        trimmed = str(value) if abs(value) < 10**LONGEST_ID else "9" * (LONGEST_ID + 1)
    elif isinstance(value, float):
        trimmed = str(int(value) if _is_whole(value) else value)
    else:
        return None
    return None if trimmed.lower() in NULL_MARKERS else trimmed


def is_identifier(trimmed: str) -> bool:
    """Whether text that is not missing may be an id."""
    return len(trimmed) <= LONGEST_ID and _REFUSED.search(trimmed) is None


def number(value: object) -> float | None:
    """The value as a finite number; None if it is not a number. Decimal commas are not guessed."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _finite(value)
    trimmed = text(value)
    if trimmed is None or len(trimmed) > _LONGEST_NUMBER or not _NUMBER.match(trimmed):
        return None
    return _finite(float(trimmed))


def label(value: object) -> int | None:
    """0 or 1; None if the value is neither."""
    trimmed = text(value)
    return None if trimmed is None else LABELS.get(trimmed.lower())


def utc_time(value: object, time_zone: str | None) -> int | None:
    """The value as UTC microseconds since 1970; None if it is not a time.

    Args:
        value: text, or a whole number since 1970.
        time_zone: time zone of times without one; None to reject them.
    """
    trimmed = None if isinstance(value, bool) else text(value)
    if trimmed is None:
        return None
    if _COUNT.match(trimmed):
        return _within(
            int(trimmed) * 1_000_000 if len(trimmed) <= 10 else int(trimmed[:16].ljust(16, "0"))
        )
    match = _TIME.match(trimmed)
    local = None if match is None else _local(match)
    if match is None or local is None:
        return None
    stated = match[8] or time_zone
    zone = None if stated is None else _zone(stated)
    ahead = None if zone is None else local.replace(tzinfo=zone).utcoffset()
    return None if ahead is None else _within((local - _EPOCH - ahead) // MICROSECOND)


def _local(match: re.Match[str]) -> datetime | None:
    year, month, day, hour, minute, second, fraction = match.groups()[:7]
    try:
        return datetime(  # noqa: DTZ001 - the caller applies the zone
            int(year),
            int(month),
            int(day),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            int(fraction[:6].ljust(6, "0")) if fraction else 0,
        )
    except ValueError:
        return None


@lru_cache(maxsize=1_024)
def _zone(name: str) -> tzinfo | None:
    """A fixed offset from UTC, or the zone of that name, or None."""
    if name in {"Z", "z", "UTC", "GMT", "UT"}:
        return UTC
    if match := re.fullmatch(r"(?:UTC|GMT|UT)?([+-])([0-9]{2}):?([0-9]{2})?", name):
        sign, hours, minutes = match.groups()
        offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return timezone(-offset if sign == "-" else offset)
    return ZoneInfo(name) if name in _zones() else None


@cache
def _zones() -> set[str]:
    return available_timezones()


def _is_whole(value: float) -> bool:
    return math.isfinite(value) and value.is_integer() and abs(value) < WHOLE_UP_TO


def _finite(value: float) -> float | None:
    try:
        result = float(value)
    except OverflowError:
        return None
    # Adding 0 turns negative zero into zero.
    return result + 0.0 if math.isfinite(result) else None


def _within(micros: int) -> int | None:
    return micros if EARLIEST_TIME <= micros < LATEST_TIME else None
