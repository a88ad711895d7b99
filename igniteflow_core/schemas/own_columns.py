"""Columns of transactions that a team declares itself, and the tables that carry them."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

from igniteflow_core.schemas.contract import Column, ColumnType, TableContract

OwnType = Literal["numeric", "boolean", "categorical", "ip", "email"]

_TYPES: Final[Mapping[OwnType, ColumnType]] = {
    "numeric": "double",
    "boolean": "boolean",
    "categorical": "string",
    "ip": "string",
    "email": "string",
}
CATEGORIES: Final[Mapping[OwnType, str]] = {
    "categorical": "",
    "ip": "_network",
    "email": "_domain",
}
"""The types that are encoded by a category: the value itself, or what the name's end says."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_RESERVED_PREFIXES = ("customer_", "terminal_", "text_of_", "value_of_", "field_")
_RESERVED: Final = frozenset(
    {
        "transaction_id", "event_time", "event_date", "amount", "is_fraud",
        "hour_sin", "hour_cos", "is_night", "is_weekend", "distance_from_home",
        "source_file", "fault", "row_text", "delivery_date", "reasons", "reason_contributions",
        "score", "is_alert", "threshold", "model_version", "topic", "partition", "offset",
        "arrived_at", "scored_at", "batch_id", "corrupt_record", "known_id", "features",
        "watermark", "content",
        "decision_id", "decided_at", "caller", "correlation_id", "role", "feature_age_seconds",
    }
)  # fmt: skip


class OwnColumn(BaseModel):
    """A column of the transactions that the settings declare.

    With ``nulls`` at ``refuse``, a transaction without a value is quarantined, goes to the dead
    letters of the stream, or is refused by the API; with ``keep``, a missing value is a value of
    its own to the models.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: OwnType
    nulls: Literal["keep", "refuse"] = "keep"
    description: str = "Declared in the settings"

    @property
    def suffixes(self) -> tuple[str, ...]:
        """What is added to the column's name to name the inputs that are made of it."""
        stem = CATEGORIES.get(self.type)
        if stem is not None:
            return f"{stem}_risk", f"{stem}_frequency"
        return ("", "_missing") if self.nulls == "keep" else ("",)


OwnColumns: TypeAlias = Mapping[str, OwnColumn]
"""The declared columns by name, in the order of the settings."""

NO_OWN_COLUMNS: Final[OwnColumns] = MappingProxyType({})
"""Of a team that declares none."""


def name_fault(name: str) -> str | None:
    """Why a column of a team's own cannot have this name, or None."""
    if not _NAME.fullmatch(name):
        return "a name is up to 63 lower-case letters, digits and _, the first one a letter"
    if name in _RESERVED or name.startswith(_RESERVED_PREFIXES):
        return "a column or a feature of IgniteFlow has this name, or may have it"
    return None


def with_own_columns(contract: TableContract, own: OwnColumns) -> TableContract:
    """The table with the declared columns as its last ones.

    They may be null whatever their policy is: rows from before the declaration have no value.
    """
    return _with(contract, {name: _TYPES[column.type] for name, column in own.items()}, own)


def with_own_texts(contract: TableContract, own: OwnColumns) -> TableContract:
    """The table with the declared columns as delivered, which is as text."""
    return _with(contract, dict.fromkeys(own, "string"), own)


def _with(
    contract: TableContract, types: Mapping[str, ColumnType], own: OwnColumns
) -> TableContract:
    columns = (
        Column(name=name, type=type_, nullable=True, description=own[name].description)
        for name, type_ in types.items()
    )
    return contract.model_copy(update={"columns": (*contract.columns, *columns)})
