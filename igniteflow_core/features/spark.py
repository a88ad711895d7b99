"""The fraud features over a Spark table: passes by declared entity, by customer, by terminal."""

from collections.abc import Sequence
from datetime import date, timedelta

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from igniteflow_core.features.blocks import BLOCK_SCHEMA
from igniteflow_core.features.compute import history_days
from igniteflow_core.features.contract import features_table
from igniteflow_core.features.own_entities import OwnEntities, OwnEntity
from igniteflow_core.features.own_features import features_of
from igniteflow_core.features.passes import (
    EVENT_COLUMNS,
    Buckets,
    by_column,
    by_entity,
    customer_pass,
    entity_pass,
    spread,
    terminal_pass,
)
from igniteflow_core.features.positions import GIVEN
from igniteflow_core.schemas.own_columns import COORDINATES, NO_OWN_COLUMNS, OwnColumns

BUCKETS_PER_TASK = 32
"""Buckets per task: a table of 32 times ``passes.CHUNK_ROWS`` per task is still split."""

_DAY = timedelta(days=1)
_BY_CUSTOMER = by_column("customer_bucket")


def fraud_features(
    transactions: DataFrame,
    customers: DataFrame,
    terminals: DataFrame,
    *,
    first_day: date,
    last_day: date,
    label_delay: timedelta,
    own: OwnColumns = NO_OWN_COLUMNS,
    entities: OwnEntities = (),
) -> DataFrame:
    """The features of the transactions from ``first_day`` to ``last_day``, both included.

    A day is an event_date, in the time zone of the sources.

    Declared entities one after the other, then customers, and then terminals are spread by hash
    over buckets, and the buckets over ``spark.sql.shuffle.partitions`` tasks. A task computes about
    ``passes.CHUNK_ROWS`` rows at a time, so its memory does not grow with the table as long as the
    partitions do.

    Args:
        transactions: as the contract TRANSACTIONS with the own columns, at least from
            ``history_days(label_delay)`` days before ``first_day``; older and later rows have no
            effect.
        customers: as the contract CUSTOMERS.
        terminals: as the contract TERMINALS.
        first_day: first day to evaluate.
        last_day: last day to evaluate.
        label_delay: time until a label is known.
        own: the own columns, which are passed through unchanged.
        entities: the declared entities.

    Returns:
        A lazy table as ``features_table``, which does not depend on the order of the input.
    """
    # One more day is needed, because a local day can be an hour shorter than 24 hours.
    oldest = first_day - (history_days(label_delay) + 1) * _DAY
    recent = transactions.where(F.col("event_date").between(oldest, last_day))
    features = features_of(entities)
    contract = features_table(own, features)
    columns = (*EVENT_COLUMNS, *own)
    events = _with_buckets(recent, customers, terminals, columns, own)
    buckets = [*(entity_buckets(entity, recent) for entity in entities), _BY_CUSTOMER]
    blocks = by_bucket(events.mapInArrow(spread(buckets[0], with_positions=True), BLOCK_SCHEMA))
    for entity, following in zip(entities, buckets[1:], strict=True):
        added = entity_pass(first_day, label_delay, entity, following)
        blocks = by_bucket(blocks.mapInArrow(added, BLOCK_SCHEMA))
    columns += tuple(feature.name for feature in features)
    by_terminal = blocks.mapInArrow(customer_pass(first_day, label_delay, columns), BLOCK_SCHEMA)
    return by_bucket(by_terminal).mapInArrow(
        terminal_pass(first_day, label_delay, contract.column_names), contract.ddl
    )


def by_customer_bucket(
    transactions: DataFrame,
    customers: DataFrame,
    terminals: DataFrame,
    own: OwnColumns = NO_OWN_COLUMNS,
) -> DataFrame:
    """Blocks of transactions with points and ``terminal_bucket``, by buckets of customers."""
    events = _with_buckets(transactions, customers, terminals, EVENT_COLUMNS, own)
    return by_bucket(events.mapInArrow(spread(_BY_CUSTOMER, with_positions=True), BLOCK_SCHEMA))


def entity_buckets(entity: OwnEntity, table: DataFrame) -> Buckets:
    """The buckets of a declared entity."""
    return by_entity(entity, _tasks(table) * BUCKETS_PER_TASK)


def entity_id(entity: OwnEntity) -> Column:
    """The id of each transaction's entity; null where it has none."""
    names = [column.name for column in entity.columns]

    def found(*values: object) -> str | None:
        return entity.id_of(dict(zip(names, values, strict=True)))

    return F.udf(found, "string")(*names)


def _with_buckets(
    transactions: DataFrame,
    customers: DataFrame,
    terminals: DataFrame,
    columns: Sequence[str],
    own: OwnColumns,
) -> DataFrame:
    """These columns of the transactions with the buckets of customers and terminals, and ``GIVEN``.

    If ``own`` columns contain the positions of customers or terminals, their table is not used.
    """
    tasks = _tasks(transactions)
    buckets = (_bucket("customer", tasks), _bucket("terminal", tasks))
    events = transactions.select(*columns, *buckets, *_own_positions(own))
    for known, kind in ((customers, "customer"), (terminals, "terminal")):
        if f"{kind}_x" not in events.columns:
            events = events.join(_positions(known, kind), f"{kind}_id", "left")
    return events


def by_bucket(blocks: DataFrame) -> DataFrame:
    """Blocks spread over tasks, those of a bucket consecutively."""
    return blocks.repartitionById(_tasks(blocks), "bucket").sortWithinPartitions("bucket")


def _tasks(table: DataFrame) -> int:
    return int(table.sparkSession.conf.get("spark.sql.shuffle.partitions") or 1)


def _positions(entities: DataFrame, kind: str) -> DataFrame:
    names = [F.col(name).alias(f"{kind}_{name}") for name in GIVEN]
    return entities.select(f"{kind}_id", *names)


def _own_positions(own: OwnColumns) -> list[Column]:
    """``GIVEN`` of each entity whose position is in own columns."""
    given: dict[str, Column] = {
        column.type: F.col(name) * column.kilometres_per_unit
        for name, column in own.items()
        if column.type in COORDINATES
    }
    nothing = F.lit(None).cast("double")
    return [
        given.get(f"{kind}_{axis}", nothing).alias(f"{kind}_{axis}")
        for kind in ("customer", "terminal")
        if any(name.startswith(kind) for name in given)
        for axis in GIVEN
    ]


def _bucket(kind: str, tasks: int) -> Column:
    number = F.pmod(F.xxhash64(f"{kind}_id"), F.lit(tasks * BUCKETS_PER_TASK))
    return number.cast("int").alias(f"{kind}_bucket")
