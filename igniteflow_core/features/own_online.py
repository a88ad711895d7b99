"""The features of declared entities from their states, one transaction or a micro-batch at a time.

They are the batch's measures, over the same ranges of rows, so every value equals the batch's.
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
"""By the name of each declared entity its states."""


@dataclass(frozen=True)
class OwnObservation:
    """What transactions give.

    Attributes:
        features: of the entities in their order, shape (features,), or (events, features).
        states: those that have changed.
    """

    features: Floats
    states: OwnStates


def observe_own(
    event: Transaction, states: OwnStates, entities: OwnEntities, *, label_delay: timedelta
) -> OwnObservation:
    """The features of a transaction by its declared entities, and their states after it.

    As ``observe``: a transaction that a state holds already changes nothing, and one that is out of
    order takes its place. One that is later than half of what the state keeps sees less than its
    whole history.

    Args:
        event: the transaction, with its own columns.
        states: of its entities, where there are any.
        entities: that are declared.
        label_delay: time until a label is known.

    Raises:
        PermanentError: see ``EntityState.insert``.
    """
    values: list[float] = []
    after: dict[str, States] = {}
    ids = ids_of(event.values, entities)
    for entity in entities:
        found = [feature.default for feature in features_of((entity,))]
        if entity.name in ids:
            name = ids[entity.name]
            state = states.get(entity.name, {}).get(name) or empty_state()
            row, is_there = state.find(event.time, event.transaction_id)
            if not is_there:
                state = _with_event(state, row, event, entity)
            plan = _plan(entity, label_delay // MICROSECOND)
            held = StateEvents(state.rows, "entity", state.position)
            plan.measure(OneEntity(held), row, found)
            oldest = int(state.times[-1]) - kept_history(label_delay)
            after[entity.name] = {name: state.since(oldest).newest(entity.kept)}
        values += found
    return OwnObservation(np.array(values), after)


def observe_own_batch(
    events: list[Transaction],
    states: OwnStates,
    entities: OwnEntities,
    *,
    label_delay: timedelta,
) -> OwnObservation:
    """The same of a micro-batch: at least one transaction, each once, in any order."""
    columns: list[Floats] = []
    after: dict[str, States] = {}
    ids = [ids_of(event.values, entities) for event in events]
    for entity in entities:
        at = [number for number, each in enumerate(ids) if entity.name in each]
        features = features_of((entity,))
        found = np.tile([feature.default for feature in features], (len(events), 1))
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
            found[at] = np.column_stack([by_name[feature.name] for feature in features])
            after[entity.name] = {
                name: state.newest(entity.kept)
                for name, state in changed(now, before, label_delay).items()
            }
        columns.append(found)
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
