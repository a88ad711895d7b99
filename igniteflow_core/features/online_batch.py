"""The fraud features of a micro-batch of transactions from the states of their entities.

The result is that of ``observe`` for one transaction after the other in the order of time and id,
in a few vectorised calls for all of them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

import numpy as np

from igniteflow_core.features.compute import CUSTOMER_PASS, evaluate
from igniteflow_core.features.customer_features import FLAGS
from igniteflow_core.features.definitions import FEATURE_NAMES
from igniteflow_core.features.events import SortedEvents
from igniteflow_core.features.feature import Entity, Feature
from igniteflow_core.features.many_states import ManyStates
from igniteflow_core.features.online import FlagChange, home_of, kept_history, place_of
from igniteflow_core.features.positions import Point
from igniteflow_core.features.state import EntityState, Transaction, empty_state
from igniteflow_core.features.state_events import FLAG_BITS
from igniteflow_core.features.terminal_features import TERMINAL_FEATURES
from igniteflow_core.features.windows import Floats

States = dict[str, EntityState]
"""The states of entities of one kind by id."""

Views: TypeAlias = dict[Entity, SortedEvents]
"""The events of states of one kind, as each entity's features read them."""


@dataclass(frozen=True)
class BatchObservation:
    """The result of a micro-batch.

    Attributes:
        features: features of each event, columns as ``FEATURE_NAMES``, shape (events, features).
        customers: the changed states of customers.
        terminals: the changed states of terminals.
    """

    features: Floats
    customers: States
    terminals: States


def other_terminals(
    events: Iterable[Transaction], customers: Mapping[str, EntityState]
) -> set[str]:
    """Terminals whose states ``observe_batch`` needs besides the events' own.

    They have later events of the batch's customers, whose flags may change.
    """
    terminals: set[str] = set()
    for event in events:
        state = customers.get(event.customer_id)
        if state is not None:
            later = range(state.find(event.time, event.transaction_id)[0], len(state.rows))
            terminals.update(state.ids(row)[1] for row in later)
    return terminals


def observe_batch(
    events: list[Transaction],
    customers: Mapping[str, EntityState],
    terminals: Mapping[str, EntityState],
    *,
    label_delay: timedelta,
) -> BatchObservation:
    """The features of transactions, and the states after all of them.

    Args:
        events: at least one event; each transaction once; in any order.
        customers: the existing states of their customers.
        terminals: the existing states of their terminals and of ``other_terminals``.
        label_delay: time until a label is known.

    Raises:
        PermanentError: see ``EntityState.insert``.
    """
    customer_states = with_empty(customers, {event.customer_id for event in events})
    places = with_empty(terminals, {event.terminal_id for event in events})
    first_new: dict[str, int] = {}
    customer_rows, place_rows = [], []
    for event in events:
        name, place = event.customer_id, place_of(event, places[event.terminal_id])
        row, is_there = customer_states[name].find(event.time, event.transaction_id)
        customer_rows.append(row)
        if not is_there:
            customer_states[name] = customer_states[name].insert(
                row, event, event.terminal_id, place, flags=0
            )
            first_new[name] = min(first_new.get(name, row), row)
    if first_new:
        new = {name: customer_states[name] for name in first_new}
        for change in _write_flags(new, first_new, label_delay):
            if change.terminal_id in places:
                places[change.terminal_id] = change.apply(places[change.terminal_id])
    by_customer = [(event.customer_id, event) for event in events]
    customer_rows = after_inserts(customer_states, by_customer, customer_rows)
    for event, row in zip(events, customer_rows, strict=True):
        customer, name = customer_states[event.customer_id], event.terminal_id
        at, is_there = places[name].find(event.time, event.transaction_id)
        place_rows.append(at)
        if not is_there:
            home, flags = home_of(event, customer), int(customer.rows["flags"][row])
            places[name] = places[name].insert(at, event, event.customer_id, home, flags)
    by_place = [(event.terminal_id, event) for event in events]
    place_rows = after_inserts(places, by_place, place_rows)
    names = [event.customer_id for event in events]
    homes = [home_of(event, customer_states[event.customer_id]) for event in events]
    columns = measured(
        CUSTOMER_PASS, _customer_views, customer_states, names, customer_rows, homes, label_delay
    )
    names = [event.terminal_id for event in events]
    sites = [place_of(event, places[event.terminal_id]) for event in events]
    columns |= measured(
        TERMINAL_FEATURES, _place_views, places, names, place_rows, sites, label_delay
    )
    return BatchObservation(
        np.column_stack([columns[name] for name in FEATURE_NAMES]),
        changed(customer_states, customers, label_delay),
        changed(places, terminals, label_delay),
    )


def with_empty(states: Mapping[str, EntityState], names: set[str]) -> States:
    """The states, and an empty one of each name that has none."""
    return dict(states) | {name: empty_state() for name in names - states.keys()}


def after_inserts(
    states: States, events: list[tuple[str, Transaction]], rows: list[int]
) -> list[int]:
    """The row of each event, found again if its state has received further events."""
    counts = Counter(name for name, _ in events)
    return [
        row if counts[name] == 1 else states[name].find(event.time, event.transaction_id)[0]
        for (name, event), row in zip(events, rows, strict=True)
    ]


def _customer_views(states: Iterable[EntityState], positions: Floats) -> Views:
    states = list(states)
    by_terminal = ManyStates(states, "customer", positions, by_other=True)
    return {
        "customer": ManyStates(states, "customer", positions),
        "customer_terminal": by_terminal,
    }


def _place_views(states: Iterable[EntityState], positions: Floats) -> Views:
    return {"terminal": ManyStates(states, "terminal", positions)}


def _positions(states: States) -> Floats:
    """The position of the entity at each row of all states, shape (rows, 3)."""
    own = np.array([state.position for state in states.values()])
    return own.repeat([len(state.rows) for state in states.values()], axis=0)


def _offsets(states: States) -> dict[str, int]:
    """The first row of each state among the rows of all."""
    ends = np.cumsum([len(state.rows) for state in states.values()])
    return dict(zip(states, [0, *ends.tolist()], strict=False))


def _write_flags(
    states: States, first_new: Mapping[str, int], label_delay: timedelta
) -> list[FlagChange]:
    """Set each customer's flags from the first new row on, and return the later changes."""
    offsets = _offsets(states)
    requested = np.zeros(sum(len(state.rows) for state in states.values()), dtype=np.bool_)
    for name, state in states.items():
        requested[offsets[name] + first_new[name] : offsets[name] + len(state.rows)] = True
    views = _customer_views(states.values(), _positions(states))
    evaluated = evaluate(views, requested, FLAGS, label_delay)
    flags = np.zeros(len(requested), dtype=np.int64)
    flags[requested] = sum(bit * (evaluated[name] > 0) for name, bit in FLAG_BITS.items())
    changes = []
    for name, state in states.items():
        first = first_new[name]
        new = flags[offsets[name] + first : offsets[name] + len(state.rows)]
        changed = np.flatnonzero(new[1:] != state.rows["flags"][first + 1 :])
        for row in (first + 1 + changed).tolist():
            transaction_id, terminal_id = state.ids(row)
            time = int(state.times[row])
            changes.append(FlagChange(terminal_id, transaction_id, time, int(new[row - first])))
        state.rows["flags"][first:] = new
    return changes


def measured(
    features: tuple[Feature, ...],
    views: Callable[[Iterable[EntityState], Floats], Views],
    states: States,
    names: list[str],
    rows_of_states: list[int],
    points: list[Point],
    label_delay: timedelta,
) -> dict[str, Floats]:
    """Each feature at n events, shape (n,).

    Args:
        features: features of the entities of ``views``.
        views: function from states, and the entity's position at each row, to events by entity.
        states: states of the events, and others.
        names: name of each event's state.
        rows_of_states: row of each event in its state.
        points: position of the entity at each event.
        label_delay: time until a label is known.
    """
    states = {name: states[name] for name in dict.fromkeys(names)}
    offsets = _offsets(states)
    rows = np.array([offsets[name] for name in names]) + rows_of_states
    requested = np.zeros(sum(len(state.rows) for state in states.values()), dtype=np.bool_)
    requested[rows] = True
    number = np.cumsum(requested)[rows] - 1
    positions = _positions(states)
    positions[rows] = points
    columns = evaluate(views(states.values(), positions), requested, features, label_delay)
    return {name: values[number] for name, values in columns.items()}


def changed(states: States, before: Mapping[str, EntityState], label_delay: timedelta) -> States:
    """The states that have changed, without events older than the history."""
    keep = kept_history(label_delay)
    return {
        name: state.since(int(state.times[-1]) - keep)
        for name, state in states.items()
        if state is not before.get(name)
    }
