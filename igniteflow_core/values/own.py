"""The values of own columns in JSON; ``ingestion.own_columns`` does the same for tables."""

import re
from datetime import UTC, datetime
from typing import TypeAlias

from igniteflow_core.schemas.own_columns import COORDINATES, OwnType
from igniteflow_core.values.python import is_identifier, label, number, text, utc_time
from igniteflow_core.values.rules import DEGREES, EMAIL, IP_ADDRESS, LARGEST_NUMBER, MICROSECOND

OwnValue: TypeAlias = float | bool | str | datetime | None
"""A value; None if it is missing."""

EXPECTED: dict[OwnType, str] = {
    "numeric": "a finite number with a decimal point",
    "boolean": "true or false",
    "timestamp": "a time with its zone, such as 2025-01-31T09:30:00Z, or a count since 1970",
    "categorical": "text or a number, without control characters",
    "ip": "an IP address of version 4 or 6",
    "email": "an e-mail address",
    **{
        type_: f"a number of degrees, at most {DEGREES[place.axis]:g} either way"
        if place.axis in DEGREES
        else "a finite number with a decimal point"
        for type_, place in COORDINATES.items()
    },
}
"""Description of the valid values of each type."""

NUMBER_LIMITS: dict[OwnType, float] = {
    "numeric": LARGEST_NUMBER,
    **{type_: DEGREES.get(place.axis, LARGEST_NUMBER) for type_, place in COORDINATES.items()},
}
"""Largest absolute value of each numeric type."""


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_FORMS: dict[OwnType, re.Pattern[str]] = {
    "ip": re.compile(IP_ADDRESS),
    "email": re.compile(EMAIL),
}


def own_value(type_: OwnType, value: object) -> OwnValue:
    """The value converted to the type; None if it is missing.

    Raises:
        ValueError: the value does not have the type.
    """
    trimmed = text(value)
    if trimmed is None and not isinstance(value, list | dict):
        return None
    parsed: OwnValue = None
    if trimmed is not None:
        match type_:
            case "boolean":
                known = label(value)
                parsed = None if known is None else bool(known)
            case "timestamp":
                micros = utc_time(value, None)
                parsed = None if micros is None else _EPOCH + micros * MICROSECOND
            case _ if type_ in NUMBER_LIMITS:
                numeric = number(value)
                fits = numeric is not None and abs(numeric) <= NUMBER_LIMITS[type_]
                parsed = numeric if fits else None
            case _:
                form = _FORMS.get(type_)
                fits = form is None or form.match(trimmed) is not None
                parsed = trimmed if fits and is_identifier(trimmed) else None
    if parsed is None:
        raise ValueError(f"not {EXPECTED[type_]}")
    return parsed
