"""The states of a micro-batch's entities, from the online store and back."""

from collections.abc import Iterable

from igniteflow_core.features.online_batch import States
from igniteflow_core.features.state import state_from_bytes
from igniteflow_core.online.materialize import stored_state
from igniteflow_core.online.store import EntityKey, EntityKind, OnlineStore, StoredState
from igniteflow_core.stream.messages import Label


def read_states(store: OnlineStore, kind: EntityKind, names: Iterable[str]) -> States:
    """The states of these entities, of those that have one."""
    keys = [EntityKey(kind, name) for name in sorted(set(names))]
    found = store.read(keys).states
    return {
        key.entity_id: state_from_bytes(stored.payload)
        for key, stored in zip(keys, found, strict=True)
        if stored is not None
    }


def write_states(store: OnlineStore, customers: States, terminals: States) -> None:
    """Store changed states.

    Terminals go first: a crash in between leaves no card that knows of an event out of order whose
    flags the terminals do not know, so that doing the micro-batch again mends both.
    """
    store.write(_stored("terminal", terminals))
    store.write(_stored("customer", customers))


def apply_label(label: Label, customers: States, terminals: States) -> bool:
    """Set the label in both states, in place; False if neither holds the transaction."""
    found = False
    for states, name in ((customers, label.customer_id), (terminals, label.terminal_id)):
        state = states.get(name)
        labelled = state and state.with_label(label.time, label.transaction_id, label.is_fraud)
        if labelled is not None:
            states[name] = labelled
            found = True
    return found


def _stored(kind: EntityKind, states: States) -> dict[EntityKey, StoredState]:
    return {EntityKey(kind, name): stored_state(state) for name, state in states.items()}
