"""How a source writes its times."""

import re
from datetime import datetime

from pydantic import field_validator, model_validator

from igniteflow_core.config.base import SettingsGroup
from igniteflow_core.values.form import ZONE_LETTERS, CountedTime, TimeUnit, WrittenTime

_PATTERN_LETTERS = f"GyMLdQqDEFahKkHmsS{ZONE_LETTERS}"


class TimeSettings(SettingsGroup):
    """How a source writes times that are neither ISO 8601 nor a count since 1970.

    Either ``pattern``, in Spark's notation (``dd.MM.yyyy HH:mm``), or ``unit`` and ``origin``: the
    number of units since a local time of the source.
    """

    pattern: str | None = None
    unit: TimeUnit | None = None
    origin: datetime | None = None

    @field_validator("pattern")
    @classmethod
    def _readable(cls, pattern: str | None) -> str | None:
        if pattern is None:
            return None
        outside_quotes = pattern.split("'")[::2]
        letters = {letter for part in outside_quotes for letter in part if letter.isalpha()}
        if "y" not in letters or pattern.count("'") % 2 or letters - set(_PATTERN_LETTERS):
            raise ValueError("not a pattern such as dd.MM.yyyy HH:mm:ss")
        optional = "".join(re.findall(r"\[[^]]*]", "".join(outside_quotes)))
        if set(optional) & set(ZONE_LETTERS):
            raise ValueError("a zone in the pattern may not be optional")
        return pattern

    @model_validator(mode="after")
    def _one_form(self) -> "TimeSettings":
        counted = (self.unit is not None, self.origin is not None)
        if (self.pattern is not None) == any(counted) or any(counted) != all(counted):
            raise ValueError("takes either pattern, or unit and origin")
        if self.origin is not None and self.origin.tzinfo is not None:
            raise ValueError("origin is a local time of sources.time_zone, so it states no zone")
        return self

    @property
    def form(self) -> WrittenTime | CountedTime:
        """The same format, as the value rules take it."""
        if self.pattern is not None:
            return WrittenTime(self.pattern)
        if self.unit is None or self.origin is None:
            raise ValueError("neither a pattern nor a unit with its origin")
        return CountedTime(self.unit, self.origin)
