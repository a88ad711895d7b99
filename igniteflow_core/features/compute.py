"""The fraud features of a batch of events, in memory: first by customer, then by terminal."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from igniteflow_core.features.customer_features import CUSTOMER_FEATURES, EVENT_FEATURES, FLAGS
from igniteflow_core.features.definitions import FRAUD_FEATURES
from igniteflow_core.features.events import RowRanges, SortedEvents, TableEvents, epoch_microseconds
from igniteflow_core.features.feature import MICROSECOND, Entity, Feature
from igniteflow_core.features.lookback import ManyLookbacks
from igniteflow_core.features.own_entities import OwnEntities, OwnEntity
from igniteflow_core.features.own_features import features_of
from igniteflow_core.features.positions import with_points
from igniteflow_core.features.terminal_features import TERMINAL_FEATURES
from igniteflow_core.features.windows import Bools, Floats

DAY_MICROSECONDS = timedelta(days=1) // MICROSECOND

_ENTITY_COLUMNS: dict[Entity, tuple[str, ...]] = {
    "customer": ("customer_id",),
    "customer_terminal": ("customer_id", "terminal_id"),
    "terminal": ("terminal_id",),
}

CUSTOMER_PASS = (*EVENT_FEATURES, *CUSTOMER_FEATURES)
"""The features of the first pass; those of the second are TERMINAL_FEATURES."""


def history_days(label_delay: timedelta) -> int:
    """The number of days before a day whose transactions its features depend on."""
    longest = max(feature.lookback(label_delay) for feature in FRAUD_FEATURES)
    return -(-longest // timedelta(days=1))


def terminal_history_days(label_delay: timedelta) -> int:
    """The part of them that terminal features need; only these rows reach the second pass."""
    longest = max(f.lookback(label_delay) - f.inputs for f in TERMINAL_FEATURES)
    return -(-longest // timedelta(days=1))


@dataclass(frozen=True)
class CustomerPass:
    """The results of the first pass.

    Attributes:
        features: each customer feature at the n requested rows, shape (n,), in input order.
        flags: each flag of ``FLAGS`` at every row of the input.
    """

    features: dict[str, Floats]
    flags: dict[str, Bools]


def compute_customer_features(
    events: pa.Table, requested: Bools, *, label_delay: timedelta
) -> CustomerPass:
    """The features of customers, for any set of customers whose history is in the batch.

    Args:
        events: one row per transaction, in any order, with the columns of TRANSACTIONS (event_date
            not needed) and the positions that ``positions.with_points`` gives.
        requested: mask of the rows to evaluate, shape (rows,); the others are history.
        label_delay: time until a label is known.

    Raises:
        PermanentError: see ``TableEvents`` and ``EntityTimeline``.
    """
    flags: dict[str, Bools] = {}
    entities: tuple[Entity, ...] = ("customer", "customer_terminal")
    by_entity = {entity: TableEvents(events, _ENTITY_COLUMNS[entity], flags) for entity in entities}
    everything = np.ones(events.num_rows, dtype=np.bool_)
    for name, values in evaluate(by_entity, everything, FLAGS, label_delay).items():
        flags[name] = values > 0
    features = evaluate(by_entity, requested, CUSTOMER_PASS, label_delay)
    return CustomerPass(features=features, flags=flags)


def compute_terminal_features(
    events: pa.Table, flags: dict[str, Bools], requested: Bools, *, label_delay: timedelta
) -> dict[str, Floats]:
    """The features of terminals, for any set of terminals whose history is in the batch.

    Args:
        events: as for ``compute_customer_features``, without positions.
        flags: each flag of that pass at every row of ``events``.
        requested: mask of the rows to evaluate, shape (rows,).
        label_delay: time until a label is known.

    Returns:
        Each terminal feature at the n requested rows, shape (n,), in the order of the input.

    Raises:
        PermanentError: see ``TableEvents`` and ``EntityTimeline``.
    """
    by_entity: dict[Entity, SortedEvents] = {
        "terminal": TableEvents(events, _ENTITY_COLUMNS["terminal"], flags)
    }
    return evaluate(by_entity, requested, TERMINAL_FEATURES, label_delay)


def compute_own_features(
    events: pa.Table, entity: OwnEntity, requested: Bools, *, label_delay: timedelta
) -> dict[str, Floats]:
    """The features of a declared entity, for any set of its values whose history is in the batch.

    A row without a value of the entity has the default of each feature.

    Args:
        events: as for ``compute_customer_features``, with the entity's columns, without positions.
        entity: the declared entity.
        requested: mask of the rows to evaluate, shape (rows,).
        label_delay: time until a label is known.

    Returns:
        Each feature at the n requested rows, shape (n,), in the order of the input.

    Raises:
        PermanentError: see ``TableEvents`` and ``EntityTimeline``.
    """
    features = features_of((entity,))
    rows, is_in = entity.events(events)
    at = is_in[requested]
    values = {feature.name: np.full(len(at), feature.default) for feature in features}
    if at.any():
        of_entity = TableEvents(rows, ("entity_id",), {}, entity.most)
        measured = evaluate({entity.name: of_entity}, requested[is_in], features, label_delay)
        for name, column in measured.items():
            values[name][at] = column
    return values


def compute_fraud_features(
    events: pa.Table,
    *,
    first_day: date,
    last_day: date,
    label_delay: timedelta,
    entities: OwnEntities = (),
) -> pa.Table:
    """All features of the transactions from ``first_day`` to ``last_day``, UTC, both included.

    Args:
        events: as TRANSACTIONS (event_date not needed), with ``history_days`` of days before, and
            with positions as ``positions.with_points`` takes them.
        first_day: first day to evaluate.
        last_day: last day to evaluate.
        label_delay: time until a label is known.
        entities: declared entities, whose columns the events have.

    Returns:
        transaction_id, then the features in the order of ``FEATURE_NAMES``, then those of the
        entities.

    Raises:
        PermanentError: see ``TableEvents`` and ``EntityTimeline``.
    """
    days = epoch_microseconds(events["event_time"]) // DAY_MICROSECONDS
    first, last = day_number(first_day), day_number(last_day)
    near = (days >= first - history_days(label_delay)) & (days <= last)
    events, requested = with_points(events.filter(pa.array(near))), days[near] >= first
    by_customer = compute_customer_features(events, requested, label_delay=label_delay)
    features = by_customer.features | compute_terminal_features(
        events, by_customer.flags, requested, label_delay=label_delay
    )
    for entity in entities:
        features |= compute_own_features(events, entity, requested, label_delay=label_delay)
    ids = events["transaction_id"].filter(pa.array(requested))
    return pa.table(
        {"transaction_id": ids}
        | {
            feature.name: features[feature.name]
            for feature in (*FRAUD_FEATURES, *features_of(entities))
        }
    )


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - date(1970, 1, 1)).days


def evaluate(
    by_entity: Mapping[Entity, SortedEvents],
    requested: Bools,
    features: tuple[Feature, ...],
    label_delay: timedelta,
) -> dict[str, Floats]:
    """Each feature at the requested rows, shape (requested,), in the order of the events.

    Args:
        by_entity: the events, for each kind of entity to evaluate.
        requested: mask of the rows to evaluate, shape (rows,).
        features: features of any entities; those not in ``by_entity`` are left out.
        label_delay: time until a label is known.
    """
    number = np.cumsum(requested) - 1
    values: dict[str, Floats] = {}
    for entity, events in by_entity.items():
        at = np.flatnonzero(requested[events.order])
        target = number[events.order[at]]
        ranges = RowRanges(events.timeline, at, label_delay // MICROSECOND)
        for feature in features:
            if feature.entity == entity:
                rows = ranges.over(feature.over, feature.window // MICROSECOND)
                measured = feature.measure(ManyLookbacks(events, rows))
                column = np.empty(len(at))
                column[target] = np.where(np.isnan(measured), feature.default, measured)
                values[feature.name] = column
    return values
