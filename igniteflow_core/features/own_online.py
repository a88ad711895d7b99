"""The features of declared entities from their states, one transaction or a micro-batch at a time.

They use the batch's measures over the same ranges of rows, so every value equals the batch's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from typing import TypeAlias

import numpy as np

from igniteflow_core.features.feature import MICROSECOND
from igniteflow_core.features.many_states import ManyStates
from igniteflow_core.features.one_lookback import OneEntity
from igniteflow_core.features.online import kept_history
from igniteflow_core.features.online_batch import (
    States,
    Views,
    after_inserts,
    changed,
    measured,
    with_empty,
)
from igniteflow_core.features.own_entities import OwnEntities, OwnEntity, ids_of
from igniteflow_core.features.own_features import features_of
from igniteflow_core.features.plan import Plan, plan_of
from igniteflow_core.features.positions import UNKNOWN_POINT
from igniteflow_core.features.state import EntityState, Transaction, empty_state
from igniteflow_core.features.state_events import StateEvents
from igniteflow_core.features.windows import Floats

OwnStates: TypeAlias = Mapping[str, States]
"""The states of each declared entity, by its name."""


@dataclass(frozen=True)
class OwnObservation:
    """The result of one or more transactions.

    Attributes:
        features: features of the entities in their order, shape (features,) or (events, features).
        states: the states that have changed.
    """

    features: Floats
    states: OwnStates


def observe_own(
    event: Transaction, states: OwnStates, entities: OwnEntities, *, label_delay: timedelta
) -> OwnObservation:
    """The features of a transaction's declared entities, and their states after it.

    As in ``observe``, a transaction that a state already has changes nothing, and one that is out
    of order is inserted by its time. One that is later than half of the events that the state keeps
    is evaluated on less than its whole history.

    Args:
        event: the transaction, with its own columns.
        states: existing states of its entities.
        entities: the declared entities.
        label_delay: time until a label is known.

    Raises:
        PermanentError: see ``EntityState.insert``.
    """
    values: list[float] = []
    after: dict[str, States] = {}
    ids = ids_of(event.values, entities)
    for entity in entities:
        row_values = [feature.default for feature in features_of((entity,))]
        if entity.name in ids:
            name = ids[entity.name]
            state = states.get(entity.name, {}).get(name) or empty_state()
            row, is_there = state.find(event.time, event.transaction_id)
            if not is_there:
                state = _with_event(state, row, event, entity)
            plan = _plan(entity, label_delay // MICROSECOND)
            held = StateEvents(state.rows, "entity", state.position)
            plan.measure(OneEntity(held), row, row_values)
            oldest = int(state.times[-1]) - kept_history(label_delay)
            after[entity.name] = {name: state.since(oldest).newest(entity.kept)}
        values += row_values
    return OwnObservation(np.array(values), after)


def observe_own_batch(
    events: list[Transaction],
    states: OwnStates,
    entities: OwnEntities,
    *,
    label_delay: timedelta,
) -> OwnObservation:
    """``observe_own`` of a micro-batch: at least one transaction, each once, in any order."""
    columns: list[Floats] = []
    after: dict[str, States] = {}
    ids = [ids_of(event.values, entities) for event in events]
    for entity in entities:
        at = [number for number, each in enumerate(ids) if entity.name in each]
        features = features_of((entity,))
        table = np.tile([feature.default for feature in features], (len(events), 1))
        if at:
            named = [(ids[number][entity.name], events[number]) for number in at]
            before = states.get(entity.name, {})
            now = with_empty(before, {name for name, _ in named})
            rows = []
            for name, event in named:
                row, is_there = now[name].find(event.time, event.transaction_id)
                rows.append(row)
                if not is_there:
                    now[name] = _with_event(now[name], row, event, entity)
            rows = after_inserts(now, named, rows)
            names = [name for name, _ in named]
            nowhere = [UNKNOWN_POINT] * len(named)
            by_name = measured(
                features, partial(_views, entity), now, names, rows, nowhere, label_delay
            )
            table[at] = np.column_stack([by_name[feature.name] for feature in features])
            after[entity.name] = {
                name: state.newest(entity.kept)
                for name, state in changed(now, before, label_delay).items()
            }
        columns.append(table)
    return OwnObservation(np.hstack([np.empty((len(events), 0)), *columns]), after)


@cache
def _plan(entity: OwnEntity, label_delay: int) -> Plan:
    features = features_of((entity,))
    positions = {feature.name: number for number, feature in enumerate(features)}
    return plan_of(entity.name, features, positions, label_delay, entity.most)


def _views(entity: OwnEntity, states: Iterable[EntityState], positions: Floats) -> Views:
    return {entity.name: ManyStates(states, "entity", positions, most=entity.most)}


def _with_event(state: EntityState, row: int, event: Transaction, entity: OwnEntity) -> EntityState:
    return state.insert(row, event, entity.counted(event.values), UNKNOWN_POINT, flags=0)
