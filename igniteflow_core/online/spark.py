"""The states of entities from Spark tables, in memory that does not grow with them."""

from datetime import date, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_core.features.blocks import BLOCK_SCHEMA
from igniteflow_core.features.compute import history_days
from igniteflow_core.features.own_entities import OwnEntities, OwnEntity
from igniteflow_core.features.passes import spread
from igniteflow_core.features.positions import GIVEN
from igniteflow_core.features.spark import by_bucket, by_customer_bucket, entity_buckets
from igniteflow_core.online.materialize import States, quiet_state
from igniteflow_core.online.state_passes import (
    STATE_SCHEMA,
    customer_states,
    own_states,
    terminal_states,
    with_flags,
)
from igniteflow_core.online.store import EntityKey, EntityKind, StoredState
from igniteflow_core.schemas.own_columns import NO_OWN_COLUMNS, OwnColumns


def entity_states_by_bucket(
    transactions: DataFrame,
    customers: DataFrame,
    terminals: DataFrame,
    *,
    last_day: date,
    label_delay: timedelta,
    own: OwnColumns = NO_OWN_COLUMNS,
    entities: OwnEntities = (),
) -> States:
    """``materialize.entity_states``, computed by Spark's tasks and fetched task by task.

    Args:
        transactions: as the contract TRANSACTIONS with the own columns, at least
            ``history_days(label_delay)`` days before ``last_day``; older rows have no effect.
        customers: as the contract CUSTOMERS.
        terminals: as the contract TERMINALS.
        last_day: last day of the transactions.
        label_delay: time until a label is known.
        own: the own columns, of which only positions are used.
        entities: the declared entities.
    """
    oldest = last_day - history_days(label_delay) * timedelta(days=1)
    recent = transactions.where(F.col("event_date").between(oldest, last_day))
    blocks = by_customer_bucket(recent, customers, terminals, own)
    flagged = by_bucket(blocks.mapInArrow(with_flags(label_delay), BLOCK_SCHEMA))
    declared = ((entity, _entity_blocks(recent, entity)) for entity in entities)
    for states in (
        *(each.mapInArrow(own_states(e, label_delay), STATE_SCHEMA) for e, each in declared),
        blocks.mapInArrow(customer_states(label_delay), STATE_SCHEMA),
        flagged.mapInArrow(terminal_states(label_delay), STATE_SCHEMA),
    ):
        for kind, name, as_of, payload in states.toLocalIterator():
            yield EntityKey(kind, name), StoredState(bytes(payload), as_of)
    positions: dict[EntityKind, DataFrame] = {"customer": customers, "terminal": terminals}
    for kind, known in positions.items():
        quiet = known.join(recent, f"{kind}_id", "left_anti").select(f"{kind}_id", *GIVEN)
        for name, *position in quiet.toLocalIterator():
            yield EntityKey(kind, name), quiet_state(dict(zip(GIVEN, position, strict=True)))


def _entity_blocks(transactions: DataFrame, entity: OwnEntity) -> DataFrame:
    events = transactions.select(*entity.reads)
    buckets = entity_buckets(entity, transactions)
    return by_bucket(events.mapInArrow(spread(buckets, with_positions=False), BLOCK_SCHEMA))
