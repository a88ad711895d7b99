"""Allow and deny lists, compiled for lookup."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from igniteflow_core.decisions.columns import IDS, Vocabulary, microseconds
from igniteflow_core.decisions.expression import Columns
from igniteflow_core.decisions.policy import DecisionList, ListEntry
from igniteflow_core.errors import with_nearest
from igniteflow_core.features.own_entities import KeyColumn
from igniteflow_core.schemas.own_columns import CATEGORIES, OwnColumns, OwnType
from igniteflow_core.values.own import own_value

_FOR_EVER: Final = np.iinfo(np.int64).max
_NEVER: Final = np.iinfo(np.int64).min
_SHOWN_FAULTS: Final = 5

Key = Callable[[Mapping[str, object]], str | None]
"""Function from the columns of an event to its lookup key; None if a column is missing."""


class ListError(ValueError):
    """An invalid list; the message gives the reason."""


@dataclass(frozen=True)
class CompiledList:
    """A list as a mapping from its lookup keys.

    Attributes:
        reads: columns of events that the key is computed from.
        key: function that returns the lookup key of an event.
        ends: end of validity of each entry, UTC microseconds (exclusive).
    """

    reads: tuple[str, ...]
    key: Key
    ends: Mapping[str | None, int]

    def applies(self, columns: Columns, times: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether the list contains each event at its time, shape (n,)."""
        values = [columns[name].tolist() for name in self.reads]
        rows = (dict(zip(self.reads, row, strict=True)) for row in zip(*values, strict=True))
        ends = [self.ends.get(self.key(row), _NEVER) for row in rows]
        held: NDArray[np.bool_] = times < np.array(ends, dtype=np.int64)
        return held


def compile_list(listed: DecisionList, vocabulary: Vocabulary) -> CompiledList:
    """Check a list and compile it for lookup.

    Raises:
        ListError: the column or entity does not exist, or an entry is not a value of it.
    """
    columns, key = _looked_up(listed, vocabulary)
    types = [_type_of(name, vocabulary.own) for name in columns]
    ends: dict[str | None, int] = {}
    faults: list[str] = []
    for entry in listed.entries:
        try:
            found = key(_values(entry, columns, types))
        except ValueError as error:
            faults.append(f"{entry.value!r:.80} is {error}")
            continue
        if found in ends:
            faults.append(f"{entry.value!r:.80} is listed twice")
        ends[found] = _FOR_EVER if entry.until is None else microseconds(entry.until)
    if faults:
        more = len(faults) - _SHOWN_FAULTS
        rest = f"; and {more} more" if more > 0 else ""
        raise ListError("; ".join(faults[:_SHOWN_FAULTS]) + rest)
    return CompiledList(columns, key, ends)


def _looked_up(listed: DecisionList, vocabulary: Vocabulary) -> tuple[tuple[str, ...], Key]:
    if listed.entity is not None:
        entities = {entity.name: entity for entity in vocabulary.entities}
        entity = entities.get(listed.entity)
        if entity is None:
            named = with_nearest(listed.entity, entities)
            raise ListError(f"fraud.entities declares no entity {named}")
        return tuple(column.name for column in entity.columns), entity.id_of
    name = str(listed.column)
    known = [*IDS, *(own for own, each in vocabulary.own.items() if each.type in CATEGORIES)]
    if name not in known:
        raise ListError(
            f"a list cannot use the column {with_nearest(name, known)}: name customer_id, "
            f"terminal_id or an own column of type {', '.join(CATEGORIES)}"
        )
    column = KeyColumn(name)
    return (name,), lambda values: column.key(values[name])


def _values(entry: ListEntry, columns: tuple[str, ...], types: list[OwnType]) -> dict[str, object]:
    given = (entry.value,) if isinstance(entry.value, str) else entry.value
    if len(given) != len(columns):
        raise ValueError(f"invalid: one value for each of {', '.join(columns)} is required")
    values: dict[str, object] = {}
    for name, type_, each in zip(columns, types, given, strict=True):
        values[name] = own_value(type_, each)
        if values[name] is None:
            raise ValueError("no value")
    return values


def _type_of(name: str, own: OwnColumns) -> OwnType:
    return "categorical" if name in IDS else own[name].type
