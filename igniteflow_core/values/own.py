"""The values of a team's own columns in JSON, as ``ingestion.own_columns`` has them for tables."""

import re
from datetime import UTC, datetime
from typing import TypeAlias

from igniteflow_core.schemas.own_columns import COORDINATES, OwnType
from igniteflow_core.values.python import is_identifier, label, number, text, utc_time
from igniteflow_core.values.rules import DEGREES, EMAIL, IP_ADDRESS, LARGEST_NUMBER, MICROSECOND

OwnValue: TypeAlias = float | bool | str | datetime | None
"""None where it is missing."""

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
"""What a value of each type is."""

NUMBER_LIMITS: dict[OwnType, float] = {
    "numeric": LARGEST_NUMBER,
    **{type_: DEGREES.get(place.axis, LARGEST_NUMBER) for type_, place in COORDINATES.items()},
}
"""How large a number can be, of the types of numbers."""


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_FORMS: dict[OwnType, re.Pattern[str]] = {
    "ip": re.compile(IP_ADDRESS),
    "email": re.compile(EMAIL),
}


def own_value(type_: OwnType, value: object) -> OwnValue:
    """The value as the type's; None where it is missing.

    Raises:
        ValueError: the value is not of the type.
    """
    trimmed = text(value)
    if trimmed is None and not isinstance(value, list | dict):
        return None
    found: OwnValue = None
    if trimmed is not None:
        match type_:
            case "boolean":
                known = label(value)
                found = None if known is None else bool(known)
            case "timestamp":
                micros = utc_time(value, None)
                found = None if micros is None else _EPOCH + micros * MICROSECOND
            case _ if type_ in NUMBER_LIMITS:
                parsed = number(value)
                fits = parsed is not None and abs(parsed) <= NUMBER_LIMITS[type_]
                found = parsed if fits else None
            case _:
                form = _FORMS.get(type_)
                fits = form is None or form.match(trimmed) is not None
                found = trimmed if fits and is_identifier(trimmed) else None
    if found is None:
        raise ValueError(f"not {EXPECTED[type_]}")
    return found
