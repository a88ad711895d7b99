"""Where the input comes from and how its columns are named."""

import codecs
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from igniteflow_core.config.base import SettingsGroup
from igniteflow_core.config.rest import DATE, NEXT_DATE, RestSettings
from igniteflow_core.config.secrets import Address, Options
from igniteflow_core.config.times import TimeSettings
from igniteflow_core.errors import with_nearest
from igniteflow_core.schemas.contract import TableContract
from igniteflow_core.schemas.experiments import EXPOSURES, OUTCOMES
from igniteflow_core.schemas.interactions import EVENTS, ITEMS, RATINGS, USERS
from igniteflow_core.schemas.labels import LABELS as TRANSACTION_LABELS
from igniteflow_core.schemas.own_columns import OwnColumn, coordinates_fault, name_fault
from igniteflow_core.schemas.topic import LANDED_AT
from igniteflow_core.schemas.transactions import (
    CUSTOMERS,
    TERMINALS,
    TRANSACTION_SOURCE_COLUMNS,
)
from igniteflow_core.values.form import ValueForm
from igniteflow_core.values.rules import LABELS, NULL_MARKERS, Clock, clock

_FOR_TEXT = {"header", "skip_rows", "separator", "encoding", "decimal", "thousands"}
_FOR_DATABASES = {"table", "query", "options"}
_FOR_APIS = {"rest"}
_JAVA_ENCODINGS = {
    "utf-8-sig": "utf-8",
    "utf-16-le": "utf-16le",
    "utf-16-be": "utf-16be",
    "utf-32-le": "utf-32le",
    "utf-32-be": "utf-32be",
    "mac-roman": "x-MacRoman",
}
ITEM_CATEGORIES = "categories"
_WHOLE_TABLES: tuple[TableContract, ...] = (
    CUSTOMERS, TERMINALS, TRANSACTION_LABELS, RATINGS, USERS, ITEMS, EVENTS, EXPOSURES, OUTCOMES,
)  # fmt: skip


class SourceSettings(SettingsGroup):
    """One source.

    ``path`` may contain ``{date}`` (such as 2025-01-31) for one file or folder a day, and ``*``.
    ``columns`` maps IgniteFlow's names to the source's; a column that is not listed has the same
    name in both. A source of transactions with a single entity maps both customer_id and
    terminal_id to it. For a column that the source has renamed, the value is a list of names, of
    which the first that a file has is used, so that older and newer files are read alike.
    ``joined_columns`` maps a column to several of the source's, whose texts are joined with a
    space, such as a date and a time.
    For ``jdbc``, ``path`` is the address of a database, and ``table`` or ``query`` selects what is
    read; ``options`` are those of Spark's reader, such as ``user``, ``password``, ``fetchsize``
    or, to read in parts, ``partitionColumn``, ``lowerBound``, ``upperBound`` and ``numPartitions``.
    For ``rest``, ``path`` is the address of an API, and ``rest`` says how it is requested.
    ``separator``, ``header``, ``encoding``, ``decimal`` and ``thousands`` are for delimited text,
    as is ``skip_rows``, the number of rows before the header, such as a title, without empty lines;
    ``category_separator`` splits a text column of item categories; ``category_flags`` maps each
    category to a column that is 1 for its items. ``null_markers`` are texts that mean a missing
    value besides the empty one, NULL, N/A and similar; ``labels`` are texts that mean fraud (1) or
    genuine (0) besides yes and no, true and false.
    With ``derive_ids``, for transactions without ids, a row's id is derived from its values.
    For ``kafka``, ``path`` is a topic of JSON messages at the brokers of the settings ``stream``.
    ``kilometres_per_unit`` is the scale of x and y of customers and terminals, which are
    coordinates on a plane; their latitude and longitude are degrees of WGS84.
    ``watermark`` is a column whose values increase with the arrival of rows in a source of all
    days, such as an increasing id or the time of the insert; it identifies late rows.
    """

    format: Literal["parquet", "csv", "json", "delta", "orc", "avro", "jdbc", "kafka", "rest"] = (
        "parquet"
    )
    path: Address
    table: str | None = None
    query: str | None = None
    options: Options = Field(default_factory=dict)
    rest: RestSettings | None = None
    columns: dict[str, str | tuple[str, ...]] = Field(default_factory=dict)
    joined_columns: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    header: bool = True
    skip_rows: int = Field(default=0, ge=0, le=100)
    separator: str = ","
    encoding: str = "utf-8"
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ".", ",", " ", "'", "\u00a0", "\u202f"] = ""
    null_markers: tuple[str, ...] = ()
    labels: dict[str, Literal[0, 1]] = Field(default_factory=dict)
    times: TimeSettings | None = None
    derive_ids: bool = False
    watermark: str | None = None
    category_separator: str = Field(default="|", min_length=1)
    category_flags: dict[str, str] = Field(default_factory=dict)
    kilometres_per_unit: float = Field(default=1.0, gt=0, allow_inf_nan=False)

    def names_of(self, column: str) -> tuple[str, ...]:
        """The names that a column may have in the source; the first one that exists is used."""
        names = self.columns.get(column, column)
        return (names,) if isinstance(names, str) else names

    def parts_of(self, column: str) -> tuple[tuple[str, ...], ...]:
        """The parts that a column is joined from, each as ``names_of``; most columns have one."""
        if column == ITEM_CATEGORIES and self.category_flags:
            return tuple((name,) for name in self.category_flags.values())
        joined = self.joined_columns.get(column)
        return tuple((name,) for name in joined) if joined else (self.names_of(column),)

    def is_mapped(self, column: str) -> bool:
        """Whether the settings say where the column comes from."""
        flagged = column == ITEM_CATEGORIES and bool(self.category_flags)
        return flagged or column in self.columns or column in self.joined_columns

    @property
    def arrival_order(self) -> str | None:
        """The column that orders rows by their arrival; None if there is none."""
        return LANDED_AT if self.format == "kafka" else self.watermark

    @property
    def is_daily(self) -> bool:
        """Whether each day has a file, folder, table or address of its own."""
        parameters = self.rest.parameters.values() if self.rest else ()
        return any(DATE in text or NEXT_DATE in text for text in (self.path, *parameters))

    @property
    def java_encoding(self) -> str:
        """The encoding by the name that Java knows, where that differs from Python's."""
        return _JAVA_ENCODINGS.get(self.encoding, self.encoding)

    @property
    def form(self) -> ValueForm:
        """The form of the source's values."""
        return ValueForm(
            decimal=self.decimal,
            thousands=self.thousands,
            null_markers=frozenset(marker.strip().lower() for marker in self.null_markers),
            labels={text.strip().lower(): label for text, label in self.labels.items()},
            time=self.times.form if self.times else None,
            list_separator=self.category_separator,
            kilometres_per_unit=self.kilometres_per_unit,
        )

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, name: str) -> str:
        try:
            "".encode(name)
            return codecs.lookup(name).name
        except LookupError as error:
            raise ValueError("not an encoding such as utf-8, latin-1 or cp1252") from error

    @field_validator("separator")
    @classmethod
    def _one_that_separates(cls, separator: str) -> str:
        if not separator or set(separator) & set('"\\\r\n'):
            raise ValueError(
                "not a separator such as , or ; or a tab, which is \\t in JSON with one backslash"
            )
        return separator

    @model_validator(mode="after")
    def _labels_of_one_meaning(self) -> "SourceSettings":
        texts = [text.strip().lower() for text in self.labels]
        twice = sorted({text for text in texts if texts.count(text) > 1})
        other = [
            text
            for text in self.labels
            if LABELS.get(text.strip().lower(), self.labels[text]) != self.labels[text]
        ]
        missing = [text for text in self.labels if text.strip().lower() in NULL_MARKERS]
        if twice:
            raise ValueError(f"labels {twice} occur more than once, as case is ignored")
        if other:
            raise ValueError(f"labels {other} mean the opposite by default")
        if missing:
            raise ValueError(
                f"labels {missing} mean a missing value in every column: have them delivered "
                "as another text"
            )
        return self

    @model_validator(mode="after")
    def _settings_of_this_format_alone(self) -> "SourceSettings":
        # Printed settings can be read again, and they contain the defaults too.
        fields = type(self).model_fields
        of_formats = ((_FOR_TEXT, "csv"), (_FOR_DATABASES, "jdbc"), (_FOR_APIS, "rest"))
        for names, format_ in of_formats:
            changed = {
                name
                for name in names
                if getattr(self, name) != fields[name].get_default(call_default_factory=True)
            }
            if self.format != format_ and changed:
                raise ValueError(
                    f"{', '.join(sorted(changed))}: no effect on format {self.format}, only on "
                    f"{format_}"
                )
        return self

    @model_validator(mode="after")
    def _a_database_and_what_of_it(self) -> "SourceSettings":
        if self.format != "jdbc":
            return self
        if not self.path.startswith("jdbc:"):
            raise ValueError(
                "path of format jdbc is an address such as jdbc:postgresql://host/shop"
            )
        if "{date}" in self.path:
            raise ValueError("path of format jdbc contains all days, so {date} is not allowed")
        if (self.table is None) == (self.query is None):
            raise ValueError("format jdbc takes either a table or a query")
        return self

    @model_validator(mode="after")
    def _a_topic_by_its_name(self) -> "SourceSettings":
        if self.format == "kafka" and set(self.path) & set("/{*"):
            raise ValueError("path of format kafka is the name of a topic, such as payments")
        return self

    @model_validator(mode="after")
    def _a_watermark_that_can_be_compared(self) -> "SourceSettings":
        if self.watermark is None:
            return self
        if self.format in {"csv", "json", "rest"}:
            raise ValueError(
                f"watermark needs columns with types, which format {self.format} does not have"
            )
        if self.format == "kafka":
            raise ValueError("watermark: a topic always uses the time of landing")
        return self

    @model_validator(mode="after")
    def _an_api_and_its_answers(self) -> "SourceSettings":
        if self.format != "rest":
            return self
        if not self.path.startswith(("https://", "http://")):
            raise ValueError("path of format rest is an address such as https://host/payments")
        if self.rest is None:
            raise ValueError('format rest takes rest, such as {"rows": "data.items"}')
        return self

    @model_validator(mode="after")
    def _separators_differ(self) -> "SourceSettings":
        if self.decimal == self.thousands:
            raise ValueError(f"decimal and thousands are both {self.decimal!r}")
        return self

    @model_validator(mode="after")
    def _each_column_once(self) -> "SourceSettings":
        if self.category_flags and ITEM_CATEGORIES in {*self.columns, *self.joined_columns}:
            raise ValueError("categories are both in category_flags and in columns")
        both = sorted(self.columns.keys() & self.joined_columns.keys())
        if both:
            raise ValueError(f"{both} are both in columns and in joined_columns")
        single = sorted(name for name, parts in self.joined_columns.items() if len(parts) < 2)
        if single:
            raise ValueError(f"joined_columns needs two names or more for {single}")
        alone = dict(self.columns)
        if alone.get("terminal_id") == alone.get("customer_id"):
            # A source with a single entity maps both to it.
            alone.pop("terminal_id", None)
        names = [name for column in alone for name in self.names_of(column)]
        nameless = sorted(column for column in self.columns if not self.names_of(column))
        if nameless:
            raise ValueError(f"columns {nameless} are mapped to no name")
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"source columns {twice} are mapped more than once")
        return self


class SourcesSettings(SettingsGroup):
    """All sources; relative paths start at ``root``.

    ``time_zone`` applies to times without a zone, and defines the days of the transactions. An
    event before ``earliest_event``, or more than ``clock_skew_minutes`` later than the run that
    reads it, is quarantined. A transaction id that was delivered on another day within
    ``duplicate_lookback_days`` is a duplicate. Sources that are None by default may be left out:
    customers and terminals are then those of the transactions, users and items those of ratings and
    events, and the other tables are empty. ``labels`` are delivered separately from their
    transactions, in a table or a topic of their own; a transaction without a label after
    ``fraud.maturity_days`` then counts as genuine. ``own_columns`` are the columns of transactions
    besides IgniteFlow's, by the names that the platform, messages and requests use for them.
    """

    root: Address = "data/source"
    transactions: SourceSettings
    customers: SourceSettings | None = None
    terminals: SourceSettings | None = None
    labels: SourceSettings | None = None
    ratings: SourceSettings
    users: SourceSettings | None = None
    items: SourceSettings | None = None
    events: SourceSettings | None = None
    exposures: SourceSettings | None = None
    outcomes: SourceSettings | None = None
    time_zone: str = "UTC"
    earliest_event: date = date(1990, 1, 1)
    clock_skew_minutes: float = Field(default=60, ge=0)
    duplicate_lookback_days: int = Field(default=90, ge=1)
    own_columns: dict[str, OwnColumn] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _dates_where_there_are_days(self) -> "SourcesSettings":
        if self.transactions.path.count("{date}") > 1:
            raise ValueError("transactions.path contains {date} more than once")
        others = {table.name: self.named(table.name) for table in _WHOLE_TABLES}
        dated = [name for name, source in others.items() if source and source.is_daily]
        if dated:
            raise ValueError(f"{', '.join(dated)}: read as a whole, so {{date}} is not allowed")
        deriving = [name for name, source in others.items() if source and source.derive_ids]
        if deriving:
            raise ValueError(f"{', '.join(deriving)}: derive_ids is for transactions only")
        flagged = [
            table
            for table in (*others, "transactions")
            if table != ITEMS.name and (source := self.named(table)) and source.category_flags
        ]
        if flagged:
            raise ValueError(f"{', '.join(flagged)}: category_flags is for items only")
        on_no_plane = [
            table
            for table in (*others, "transactions")
            if table not in {CUSTOMERS.name, TERMINALS.name}
            and (source := self.named(table))
            and source.kilometres_per_unit != 1
        ]
        if on_no_plane:
            raise ValueError(
                f"{', '.join(on_no_plane)}: kilometres_per_unit is for customers and terminals; a "
                "position in the transactions has its own in own_columns"
            )
        growing = [
            name
            for name, source in others.items()
            if source
            and (source.watermark or (source.format == "kafka" and name != TRANSACTION_LABELS.name))
        ]
        if growing:
            raise ValueError(
                f"{', '.join(growing)}: read as a whole, so a watermark is not allowed, and a "
                "topic only for labels"
            )
        if self.transactions.watermark and self.transactions.is_daily:
            raise ValueError(
                "transactions: watermark is for a path that contains all days, not {date}"
            )
        if self.transactions.derive_ids and self.transactions.is_mapped("transaction_id"):
            raise ValueError("transactions: derive_ids excludes a mapped transaction_id")
        return self

    @model_validator(mode="after")
    def _columns_of_the_tables(self) -> "SourcesSettings":
        known = {each.name: tuple(each.column_names) for each in _WHOLE_TABLES}
        known["transactions"] = (*TRANSACTION_SOURCE_COLUMNS, *self.own_columns)
        mistakes = [
            f"{with_nearest(name, columns)} is not a column of {table}"
            for table, columns in known.items()
            if (source := self.named(table)) is not None
            for name in (*source.columns, *source.joined_columns)
            if name not in columns
        ]
        if mistakes:
            raise ValueError(
                f"{'; '.join(mistakes)}: columns and joined_columns map IgniteFlow's names to "
                "those of the source"
            )
        return self

    @field_validator("own_columns")
    @classmethod
    def _names_that_are_free(cls, own: dict[str, OwnColumn]) -> dict[str, OwnColumn]:
        mistakes = [f"{name!r}: {fault}" for name in own if (fault := name_fault(name)) is not None]
        inputs = Counter(f"{name}{end}" for name, column in own.items() for end in column.suffixes)
        mistakes += [
            f"{name!r}: two columns would be a model input of this name"
            for name, columns in inputs.items()
            if columns > 1
        ]
        if fault := coordinates_fault(own):
            mistakes.append(fault)
        if mistakes:
            raise ValueError("; ".join(mistakes))
        return own

    def named(self, table: str) -> SourceSettings | None:
        """The source of the table of that name; None if it has none."""
        source: SourceSettings | None = getattr(self, table)
        return source

    def clock(self, now: datetime) -> Clock:
        """The rules for event times in a delivery that is read at ``now``."""
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
