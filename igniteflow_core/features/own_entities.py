"""Entities that a team declares: whose events a transaction belongs to by its own columns."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from igniteflow_core.values.categories import MISSING, CategoryType, categories_of

MOST_EVENTS: Final = 500
"""The features of an entity look at no more of its newest events, so its state is bounded."""

_SEPARATOR: Final = "\x1f"
"""Between the parts of an id; ids and categories hold no control characters."""

_OF_EVENT: Final = ("transaction_id", "event_time", "amount", "is_fraud")


@dataclass(frozen=True)
class KeyColumn:
    """A column by which events belong together.

    Attributes:
        name: of the column.
        type: of an own column, whose categories are compared; None of an id, which is itself.
    """

    name: str
    type: CategoryType | None = None

    def key(self, value: object) -> str | None:
        """What is compared of a value; None where it is missing."""
        if not isinstance(value, str):
            return None
        return value if self.type is None else categories_of(self.type, [value])[0]

    def keys(self, table: pa.Table) -> pa.Array:
        """The same of each row of a table."""
        column = table[self.name].combine_chunks()
        if self.type in {None, "categorical"}:
            return column
        encoded = pc.dictionary_encode(column)
        keys = [self.key(value) for value in encoded.dictionary.to_pylist()]
        return pa.array(keys, pa.string()).take(encoded.indices)


@dataclass(frozen=True)
class OwnEntity:
    """An entity that a team declares.

    Attributes:
        name: which its features' names begin with.
        columns: that together name it; an event that lacks a value of one is of no such entity.
        distinct: the column whose different values are counted, a missing value being one, if any.
        most: how many of its newest events its features look at.
    """

    name: str
    columns: tuple[KeyColumn, ...]
    distinct: KeyColumn | None = None
    most: int = MOST_EVENTS

    @property
    def kept(self) -> int:
        """How many events its state keeps: an event up to half of them late is measured exactly."""
        return 2 * self.most

    @property
    def keys(self) -> tuple[KeyColumn, ...]:
        """Its columns and the one that is counted."""
        return self.columns if self.distinct is None else (*self.columns, self.distinct)

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns of the transactions that its events are made of."""
        return (*_OF_EVENT, *(column.name for column in self.keys))

    def id_of(self, values: Mapping[str, object]) -> str | None:
        """The entity of a transaction, given by its columns; None if it is of none."""
        keys = [column.key(values.get(column.name)) for column in self.columns]
        if None in keys:
            return None
        return _SEPARATOR.join(str(key) for key in keys)

    def counted(self, values: Mapping[str, object]) -> str:
        """What is counted of a transaction."""
        if self.distinct is None:
            return MISSING
        return self.distinct.key(values.get(self.distinct.name)) or MISSING

    def ids(self, events: pa.Table) -> pa.Array:
        """The entity of each row, null where it is of none."""
        keys = [column.keys(events) for column in self.columns]
        return keys[0] if len(keys) == 1 else pc.binary_join_element_wise(*keys, _SEPARATOR)

    def events(self, table: pa.Table) -> tuple[pa.Table, NDArray[np.bool_]]:
        """The rows that are of some entity, with ``entity_id`` and ``counted_id``; and which.

        Args:
            table: n rows with the columns of ``reads``.

        Returns:
            Those columns of m rows; and whether each row is among them, shape (n,).
        """
        counted: pa.Array = pa.array([MISSING] * table.num_rows, pa.string())
        if self.distinct is not None:
            counted = pc.fill_null(self.distinct.keys(table), MISSING)
        ids = self.ids(table)
        is_in = pc.is_valid(ids)
        events = table.select(_OF_EVENT).append_column("entity_id", ids)
        return (
            events.append_column("counted_id", counted).filter(is_in),
            is_in.to_numpy(zero_copy_only=False),
        )


OwnEntities = tuple[OwnEntity, ...]
"""The declared entities, in the order of the settings."""


def ids_of(values: Mapping[str, object], entities: OwnEntities) -> dict[str, str]:
    """The id of each entity that a transaction is of, by the entity's name."""
    ids = {entity.name: entity.id_of(values) for entity in entities}
    return {name: found for name, found in ids.items() if found is not None}
