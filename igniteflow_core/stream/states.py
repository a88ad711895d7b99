"""Reads and writes the states of a micro-batch's entities in the online store."""

from collections.abc import Iterable
from types import MappingProxyType

from igniteflow_core.features.online_batch import States
from igniteflow_core.features.own_entities import OwnEntities, ids_of
from igniteflow_core.features.own_online import OwnStates
from igniteflow_core.features.state import Transaction, state_from_bytes
from igniteflow_core.online.materialize import stored_state
from igniteflow_core.online.store import EntityKey, EntityKind, OnlineStore, StoredState, own_kind
from igniteflow_core.stream.messages import Label


def read_states(store: OnlineStore, kind: EntityKind, names: Iterable[str]) -> States:
    """The existing states of these entities."""
    keys = [EntityKey(kind, name) for name in sorted(set(names))]
    states = store.read(keys).states
    return {
        key.entity_id: state_from_bytes(stored.payload)
        for key, stored in zip(keys, states, strict=True)
        if stored is not None
    }


def read_own_states(
    store: OnlineStore, events: Iterable[Transaction | Label], entities: OwnEntities
) -> dict[str, States]:
    """The existing states of the events' entities, by the name of the declared entity."""
    names: dict[str, set[str]] = {entity.name: set() for entity in entities}
    for event in events:
        for entity, name in ids_of(event.values, entities).items():
            names[entity].add(name)
    return {entity: read_states(store, own_kind(entity), names[entity]) for entity in names}


def write_states(store: OnlineStore, customers: States, terminals: States, own: OwnStates) -> None:
    """Store changed states.

    Terminals are written first: after a crash in between, no customer has an out-of-order event
    whose flags the terminals lack, so repeating the micro-batch repairs both.
    """
    for entity, states in own.items():
        store.write(_stored(own_kind(entity), states))
    store.write(_stored("terminal", terminals))
    store.write(_stored("customer", customers))


def apply_label(
    label: Label,
    customers: States,
    terminals: States,
    own: OwnStates = MappingProxyType({}),
    entities: OwnEntities = (),
) -> bool:
    """Set the label in all states, in place; False if none of them has the transaction."""
    applied = False
    ids = ids_of(label.values, entities)
    declared = [(own[entity], name) for entity, name in ids.items()]
    for states, name in (
        (customers, label.customer_id),
        (terminals, label.terminal_id),
        *declared,
    ):
        state = states.get(name)
        labelled = state and state.with_label(label.time, label.transaction_id, label.is_fraud)
        if labelled is not None:
            states[name] = labelled
            applied = True
    return applied


def _stored(kind: EntityKind, states: States) -> dict[EntityKey, StoredState]:
    return {EntityKey(kind, name): stored_state(state) for name, state in states.items()}
