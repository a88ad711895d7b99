"""Makes the states of the online store from the tables of the lake."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import islice
from typing import Any

import pyarrow as pa

from igniteflow_core.features.positions import GIVEN, point, with_points
from igniteflow_core.features.state import EntityState, empty_state
from igniteflow_core.features.state_history import history_flags, states_of
from igniteflow_core.online.histories import UserHistory
from igniteflow_core.online.store import EntityKey, EntityKind, OnlineStore, StoredState

States = Iterator[tuple[EntityKey, StoredState]]

_BATCH = 2_000


def stored_state(state: EntityState) -> StoredState:
    """A state as stored; a state without events is older than any other."""
    return StoredState(state.to_bytes(), as_of=int(state.times[-1]) if len(state.rows) else 0)


def quiet_state(position: Mapping[str, float | None]) -> StoredState:
    """The state of an entity without events, with its position if it is known."""
    return stored_state(empty_state(point(**position)))


def entity_states(
    events: pa.Table,
    customers: pa.Table,
    terminals: pa.Table,
    *,
    label_delay: timedelta,
) -> States:
    """The state of every customer and terminal, including those with only a position.

    Args:
        events: as for ``compute_fraud_features``, with each entity's whole kept history.
        customers: as CUSTOMERS.
        terminals: as TERMINALS.
        label_delay: time until a label is known.
    """
    events = with_points(events)
    flags = history_flags(events, label_delay=label_delay)
    positions: dict[EntityKind, pa.Table] = {"customer": customers, "terminal": terminals}
    for kind in ("customer", "terminal"):
        with_events = set()
        for name, state in states_of(kind, events, flags, label_delay=label_delay):
            with_events.add(name)
            yield EntityKey(kind, name), stored_state(state)
        table = positions[kind]
        given = [name for name in GIVEN if name in table.column_names]
        columns = (table[name].to_pylist() for name in (f"{kind}_id", *given))
        for name, *position in zip(*columns, strict=True):
            if name not in with_events:
                known = dict(zip(given, position, strict=True))
                yield EntityKey(kind, name), quiet_state(known)


def user_states(histories: Iterable[Mapping[str, Any]], *, as_of: int) -> States:
    """The history of every user.

    Args:
        histories: rows of user_id, segment, the lists liked and weights (of the liked items), seen,
            recommended and scores (of the recommended items), model_version, and the list counted.
        as_of: UTC microseconds, later than those of the previous histories.
    """
    for row in histories:
        history = UserHistory(
            liked=dict(zip(row["liked"], row["weights"], strict=True)),
            seen=tuple(row["seen"]),
            segment=row["segment"],
            recommended=dict(zip(row["recommended"], row["scores"], strict=True)),
            model_version=row["model_version"],
            counted=tuple(row["counted"]),
        )
        yield EntityKey("user", row["user_id"]), StoredState(history.to_bytes(), as_of)


def write_states(store: OnlineStore, states: States) -> int:
    """Store the states in batches, and return how many were not older than the stored ones."""
    written = 0
    while batch := dict(islice(states, _BATCH)):
        written += store.write(batch)
    return written
