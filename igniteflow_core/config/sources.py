"""Where the input comes from and how its columns are named."""

import codecs
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from igniteflow_core.config.base import SettingsGroup
from igniteflow_core.config.secrets import Address
from igniteflow_core.values.rules import Clock, clock


class SourceSettings(SettingsGroup):
    """One source.

    ``path`` may hold ``{date}`` (as 2025-01-31) where there is one file or folder a day, and ``*``.
    ``columns`` maps IgniteFlow's names to the source's; one that is left out is the same in both.
    For a column that the source has renamed it holds a list: of these names, the first counts that
    a file has, so that files from before and after are read alike.
    ``separator``, ``header`` and ``encoding`` are for delimited text, and ``category_separator``
    splits a text column of item categories.
    """

    format: Literal["parquet", "csv", "json", "delta"] = "parquet"
    path: Address
    columns: dict[str, str | tuple[str, ...]] = Field(default_factory=dict)
    header: bool = True
    separator: str = ","
    encoding: str = "utf-8"
    category_separator: str = "|"

    def names_of(self, column: str) -> tuple[str, ...]:
        """The names that a column may have in the source; the first one that is there counts."""
        names = self.columns.get(column, column)
        return (names,) if isinstance(names, str) else names

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, name: str) -> str:
        try:
            return codecs.lookup(name).name
        except LookupError as error:
            raise ValueError("not an encoding such as utf-8, latin-1 or cp1252") from error

    @model_validator(mode="after")
    def _text_settings_for_text_alone(self) -> "SourceSettings":
        without_effect = {"header", "separator", "encoding"} & self.model_fields_set
        if self.format != "csv" and without_effect:
            raise ValueError(
                f"{', '.join(sorted(without_effect))}: of no effect on format {self.format}, only "
                "on csv"
            )
        return self

    @model_validator(mode="after")
    def _each_column_once(self) -> "SourceSettings":
        names = [name for column in self.columns for name in self.names_of(column)]
        nameless = sorted(column for column in self.columns if not self.names_of(column))
        if nameless:
            raise ValueError(f"columns {nameless} are mapped to no name")
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"source columns {twice} are mapped more than once")
        return self


class SourcesSettings(SettingsGroup):
    """Every source; relative paths start at ``root``.

    ``time_zone`` counts for times that state none, and its days are those of the transactions. An
    event before ``earliest_event``, or more than ``clock_skew_minutes`` later than the run that
    reads it, is quarantined. A transaction id that was delivered on another
    day within ``duplicate_lookback_days`` is a duplicate. The sources that are None by default may
    be left out: their tables are then empty.
    """

    root: Address = "data/source"
    transactions: SourceSettings
    customers: SourceSettings
    terminals: SourceSettings
    ratings: SourceSettings
    users: SourceSettings | None = None
    items: SourceSettings
    events: SourceSettings | None = None
    exposures: SourceSettings | None = None
    outcomes: SourceSettings | None = None
    time_zone: str = "UTC"
    earliest_event: date = date(1990, 1, 1)
    clock_skew_minutes: float = Field(default=60, ge=0)
    duplicate_lookback_days: int = Field(default=90, ge=1)

    @model_validator(mode="after")
    def _one_date_where_there_is_one_file_a_day(self) -> "SourcesSettings":
        if self.transactions.path.count("{date}") != 1:
            raise ValueError("transactions.path must hold {date} once: one file or folder a day")
        undated = {
            "customers": self.customers,
            "terminals": self.terminals,
            "ratings": self.ratings,
            "users": self.users,
            "items": self.items,
            "events": self.events,
            "exposures": self.exposures,
            "outcomes": self.outcomes,
        }
        dated = [name for name, source in undated.items() if source and "{date}" in source.path]
        if dated:
            raise ValueError(f"{', '.join(dated)}: these are read whole, {{date}} has no meaning")
        return self

    def named(self, table: str) -> SourceSettings | None:
        """The source of the table of that name; None if it has none."""
        source: SourceSettings | None = getattr(self, table)
        return source

    def clock(self, now: datetime) -> Clock:
        """How the times of what is read at ``now`` are judged."""
        skew = timedelta(minutes=self.clock_skew_minutes)
        return clock(self.time_zone, earliest=self.earliest_event, now=now, skew=skew)

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("not a time zone name such as Europe/Berlin") from error
        return name
