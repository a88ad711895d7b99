"""Columns of transactions that a team declares, and the tables that contain them."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

from igniteflow_core.schemas.contract import Column, ColumnType, TableContract

OwnType = Literal[
    "numeric", "boolean", "timestamp", "categorical", "ip", "email",
    "customer_latitude", "customer_longitude", "terminal_latitude", "terminal_longitude",
    "customer_x", "customer_y", "terminal_x", "terminal_y",
]  # fmt: skip


Axis = Literal["latitude", "longitude", "x", "y"]


class Coordinate(NamedTuple):
    """One coordinate of the position of a transaction's customer or terminal."""

    entity: Literal["customer", "terminal"]
    axis: Axis


_OTHER_AXES: Final[Mapping[Axis, Axis]] = {
    "latitude": "longitude", "longitude": "latitude", "x": "y", "y": "x",
}  # fmt: skip

COORDINATES: Final[Mapping[OwnType, Coordinate]] = {
    "customer_latitude": Coordinate("customer", "latitude"),
    "customer_longitude": Coordinate("customer", "longitude"),
    "terminal_latitude": Coordinate("terminal", "latitude"),
    "terminal_longitude": Coordinate("terminal", "longitude"),
    "customer_x": Coordinate("customer", "x"),
    "customer_y": Coordinate("customer", "y"),
    "terminal_x": Coordinate("terminal", "x"),
    "terminal_y": Coordinate("terminal", "y"),
}
"""The types of positions, which are inputs of features and not of a model itself."""

_TYPES: Final[Mapping[OwnType, ColumnType]] = {
    "numeric": "double",
    "boolean": "boolean",
    "timestamp": "timestamp",
    "categorical": "string",
    "ip": "string",
    "email": "string",
    **dict.fromkeys(COORDINATES, "double"),
}
CATEGORIES: Final[Mapping[OwnType, str]] = {
    "categorical": "",
    "ip": "_network",
    "email": "_domain",
}
"""The types that are encoded by a category, with the suffix of the encoded column's name."""

AGE: Final = "_age_days"
"""What is added to the name of a column of times to name the input of models."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_RESERVED_PREFIXES = ("customer_", "terminal_", "text_of_", "value_of_", "field_")
_RESERVED: Final = frozenset(
    {
        "transaction_id", "event_time", "event_date", "amount", "is_fraud",
        "hour_sin", "hour_cos", "is_night", "is_weekend", "distance_from_home_km",
        "source_file", "fault", "row_text", "delivery_date", "reasons", "reason_contributions",
        "score", "is_alert", "threshold", "model_version", "topic", "partition", "offset",
        "arrived_at", "scored_at", "batch_id", "corrupt_record", "known_id", "features",
        "watermark", "content",
        "decision", "decided_by", "policy_version", "policy_hash",
        "decision_id", "decided_at", "caller", "correlation_id", "role", "feature_age_seconds",
    }
)  # fmt: skip


class OwnColumn(BaseModel):
    """A column of the transactions that the settings declare.

    With ``nulls`` at ``refuse``, a transaction without a value is quarantined, goes to the dead
    letters of the stream, or is rejected by the API; with ``keep``, models treat a missing value as
    a separate value. ``kilometres_per_unit`` is the scale of x or y of a position on a plane.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: OwnType
    nulls: Literal["keep", "refuse"] = "keep"
    kilometres_per_unit: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    description: str = "Declared in the settings"

    @model_validator(mode="after")
    def _a_unit_of_a_plane(self) -> "OwnColumn":
        coordinate = COORDINATES.get(self.type)
        on_plane = coordinate is not None and coordinate.axis in {"x", "y"}
        if self.kilometres_per_unit != 1 and not on_plane:
            raise ValueError(f"kilometres_per_unit: no effect on type {self.type}")
        return self

    @property
    def unit(self) -> str | None:
        """The unit of the stored values; None if the declaration does not define one."""
        coordinate = COORDINATES.get(self.type)
        if coordinate is None:
            return None
        if coordinate.axis in {"latitude", "longitude"}:
            return "degrees"
        return f"{self.kilometres_per_unit:g} km"

    @property
    def suffixes(self) -> tuple[str, ...]:
        """The suffixes of the column's name in the names of the model inputs made from it."""
        if self.type in COORDINATES:
            return ()
        stem = CATEGORIES.get(self.type)
        if stem is not None:
            return f"{stem}_risk", f"{stem}_frequency"
        value = AGE if self.type == "timestamp" else ""
        return (value, "_missing") if self.nulls == "keep" else (value,)


OwnColumns: TypeAlias = Mapping[str, OwnColumn]
"""The declared columns by name, in the order of the settings."""

NO_OWN_COLUMNS: Final[OwnColumns] = MappingProxyType({})
"""The own columns of a team that declares none."""


def coordinates_fault(own: OwnColumns) -> str | None:
    """Why the declared positions are invalid, incomplete or ambiguous; None if they are valid."""
    places = [place for column in own.values() if (place := COORDINATES.get(column.type))]
    for place in places:
        other = place._replace(axis=_OTHER_AXES[place.axis])
        if other not in places:
            return (
                f"a column of type {place.entity}_{place.axis} needs one of type "
                f"{other.entity}_{other.axis}"
            )
        if [each.entity for each in places].count(place.entity) > len((place, other)):
            return f"the {place.entity} of a transaction must have one position, not two"
    return None


def inputs_of_models(own: OwnColumns) -> OwnColumns:
    """The declared columns that are model inputs; positions are inputs of features only."""
    return {name: column for name, column in own.items() if column.type not in COORDINATES}


def name_fault(name: str) -> str | None:
    """Why an own column cannot have this name, or None."""
    if not _NAME.fullmatch(name):
        return "a name has up to 63 lower-case letters, digits and _, and begins with a letter"
    if name in _RESERVED or name.startswith(_RESERVED_PREFIXES):
        return "the name is reserved for columns and features of IgniteFlow"
    return None


def with_own_columns(contract: TableContract, own: OwnColumns) -> TableContract:
    """The table with the declared columns as its last ones.

    They are nullable whatever their policy is, because rows from before the declaration have no
    value.
    """
    return _with(contract, {name: _TYPES[column.type] for name, column in own.items()}, own)


def with_own_texts(contract: TableContract, own: OwnColumns) -> TableContract:
    """The table with the declared columns as delivered, as text."""
    return _with(contract, dict.fromkeys(own, "string"), own)


def _with(
    contract: TableContract, types: Mapping[str, ColumnType], own: OwnColumns
) -> TableContract:
    columns = (
        Column(
            name=name,
            type=type_,
            nullable=True,
            unit=own[name].unit,
            description=own[name].description,
        )
        for name, type_ in types.items()
    )
    return contract.model_copy(update={"columns": (*contract.columns, *columns)})
