"""Declared entities: a transaction is one of an entity's events by its own columns."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from igniteflow_core.values.categories import MISSING, CategoryType, categories_of

MOST_EVENTS: Final = 500
"""Maximum number of an entity's newest events in a lookback, which bounds its state."""

_SEPARATOR: Final = "\x1f"
"""Separates the parts of an id; ids and categories contain no control characters."""

_OF_EVENT: Final = ("transaction_id", "event_time", "amount", "is_fraud")


@dataclass(frozen=True)
class KeyColumn:
    """A key column of an entity.

    Attributes:
        name: name of the column.
        type: type of an own column, whose categories are compared; None for an id column, whose
            values are.
    """

    name: str
    type: CategoryType | None = None

    def key(self, value: object) -> str | None:
        """The key of a value; None if it is missing."""
        if not isinstance(value, str):
            return None
        return value if self.type is None else categories_of(self.type, [value])[0]

    def keys(self, table: pa.Table) -> pa.Array:
        """The key of each row of a table."""
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
        name: prefix of the names of its features.
        columns: key columns; an event without a value in one of them does not belong to any entity.
        distinct: the column whose distinct values are counted, including a missing value, if any.
        most: maximum number of its newest events in a lookback.
    """

    name: str
    columns: tuple[KeyColumn, ...]
    distinct: KeyColumn | None = None
    most: int = MOST_EVENTS

    @property
    def kept(self) -> int:
        """Number of events that its state keeps; an event up to half of them late is exact."""
        return 2 * self.most

    @property
    def keys(self) -> tuple[KeyColumn, ...]:
        """Its key columns and the column that is counted."""
        return self.columns if self.distinct is None else (*self.columns, self.distinct)

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns of the transactions that its events need."""
        return (*_OF_EVENT, *(column.name for column in self.keys))

    def id_of(self, values: Mapping[str, object]) -> str | None:
        """The entity's id in a transaction, given by its columns; None if a key is missing."""
        keys = [column.key(values.get(column.name)) for column in self.columns]
        if None in keys:
            return None
        return _SEPARATOR.join(str(key) for key in keys)

    def counted(self, values: Mapping[str, object]) -> str:
        """The value of a transaction that is counted."""
        if self.distinct is None:
            return MISSING
        return self.distinct.key(values.get(self.distinct.name)) or MISSING

    def ids(self, events: pa.Table) -> pa.Array:
        """The entity's id in each row, null if a key is missing."""
        keys = [column.keys(events) for column in self.columns]
        return keys[0] if len(keys) == 1 else pc.binary_join_element_wise(*keys, _SEPARATOR)

    def events(self, table: pa.Table) -> tuple[pa.Table, NDArray[np.bool_]]:
        """The rows with an entity, with ``entity_id`` and ``counted_id``, and their mask.

        Args:
            table: n rows with the columns ``reads``.

        Returns:
            A table of m rows, and whether each row of the input is among them, shape (n,).
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
    """The ids of the entities that a transaction belongs to, by the names of the entities."""
    ids = {entity.name: entity.id_of(values) for entity in entities}
    return {name: id_ for name, id_ in ids.items() if id_ is not None}
