"""The fraud features over a Spark table: one pass by card, then one by terminal."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from igniteflow_core.features.blocks import (
    BLOCK_SCHEMA,
    bucket_numbers,
    chunks,
    to_blocks,
    whole_buckets,
)
from igniteflow_core.features.compute import (
    DAY_MICROSECONDS,
    compute_customer_features,
    compute_terminal_features,
    day_number,
    history_days,
    terminal_history_days,
)
from igniteflow_core.features.contract import FRAUD_FEATURES_TABLE
from igniteflow_core.features.customer_features import FLAGS
from igniteflow_core.features.events import epoch_microseconds
from igniteflow_core.features.windows import Bools, Ints

CHUNK_ROWS = 250_000
"""Rows that one task holds at once; a bucket with more than that is held whole."""

BUCKETS_PER_TASK = 32
"""Buckets that share a task: a table of 32 times ``CHUNK_ROWS`` a task is still cut into chunks."""

OUTPUT_ROWS = 10_000
"""Rows that go back to Spark at once; it unpacks a batch as a whole, outside the heap it counts."""

_EVENT_COLUMNS = (
    "transaction_id",
    "event_time",
    "customer_id",
    "terminal_id",
    "amount",
    "is_fraud",
)
_DAY = timedelta(days=1)

Batches = Iterator[pa.RecordBatch]


def fraud_features(
    transactions: DataFrame,
    customers: DataFrame,
    terminals: DataFrame,
    *,
    first_day: date,
    last_day: date,
    label_delay: timedelta,
) -> DataFrame:
    """The features of the transactions from ``first_day`` to ``last_day``, UTC, both included.

    Cards, and then terminals, are spread by hash over buckets, and the buckets over
    ``spark.sql.shuffle.partitions`` tasks. A task computes about ``CHUNK_ROWS`` rows at a time, so
    its memory does not grow with the table as long as the partitions do.

    Args:
        transactions: as the contract TRANSACTIONS, at least from ``history_days(label_delay)`` days
            before ``first_day``; older and later rows change nothing.
        customers: as the contract CUSTOMERS.
        terminals: as the contract TERMINALS.
        first_day: first day to evaluate.
        last_day: last day to evaluate.
        label_delay: time until a label is known.

    Returns:
        A table as FRAUD_FEATURES_TABLE; lazy, and the same however the input is ordered.
    """
    spark = transactions.sparkSession
    tasks = int(spark.conf.get("spark.sql.shuffle.partitions") or 1)
    oldest = first_day - history_days(label_delay) * _DAY
    events = (
        transactions.where(F.col("event_date").between(oldest, last_day))
        .select(*_EVENT_COLUMNS, _bucket("customer", tasks), _bucket("terminal", tasks))
        .join(_positions(customers, "customer"), "customer_id", "left")
        .join(_positions(terminals, "terminal"), "terminal_id", "left")
    )
    by_customer = events.mapInArrow(_spread_by_customer, BLOCK_SCHEMA)
    by_terminal = _by_bucket(by_customer, tasks).mapInArrow(
        _customer_pass(first_day, label_delay), BLOCK_SCHEMA
    )
    return _by_bucket(by_terminal, tasks).mapInArrow(
        _terminal_pass(first_day, label_delay), FRAUD_FEATURES_TABLE.ddl
    )


def _positions(entities: DataFrame, kind: str) -> DataFrame:
    return entities.select(
        f"{kind}_id", F.col("x").alias(f"{kind}_x"), F.col("y").alias(f"{kind}_y")
    )


def _bucket(kind: str, tasks: int) -> Column:
    number = F.pmod(F.xxhash64(f"{kind}_id"), F.lit(tasks * BUCKETS_PER_TASK))
    return number.cast("int").alias(f"{kind}_bucket")


def _by_bucket(blocks: DataFrame, tasks: int) -> DataFrame:
    return blocks.repartitionById(tasks, "bucket").sortWithinPartitions("bucket")


def _spread_by_customer(batches: Batches) -> Batches:
    for events in chunks(batches, CHUNK_ROWS):
        yield to_blocks(events, bucket_numbers(events, "customer_bucket"))


def _customer_pass(first_day: date, label_delay: timedelta) -> Callable[[Batches], Batches]:
    """Adds the card features; rows before ``first_day`` get no more of them than the flags."""
    first = day_number(first_day)
    oldest = first - terminal_history_days(label_delay)

    def run(batches: Batches) -> Batches:
        for events in whole_buckets(batches, CHUNK_ROWS):
            day = _days(events)
            wanted = day >= first
            result = compute_customer_features(events, wanted, label_delay=label_delay)
            rows = events.select([*_EVENT_COLUMNS, "terminal_bucket"])
            before = (day >= oldest) & ~wanted
            for part in (
                _with_columns(
                    rows,
                    before,
                    {name: flag[before].astype(np.float64) for name, flag in result.flags.items()},
                ),
                _with_columns(rows, wanted, result.features),
            ):
                yield to_blocks(part, bucket_numbers(part, "terminal_bucket"))

    return run


def _terminal_pass(first_day: date, label_delay: timedelta) -> Callable[[Batches], Batches]:
    """Adds the terminal features, and leaves the rows before ``first_day`` behind."""
    first = day_number(first_day)

    def run(batches: Batches) -> Batches:
        for events in whole_buckets(batches, CHUNK_ROWS):
            day = _days(events)
            wanted = day >= first
            if wanted.any():
                flags = {flag.name: events[flag.name].to_numpy() > 0 for flag in FLAGS}
                result = _with_columns(
                    events,
                    wanted,
                    compute_terminal_features(events, flags, wanted, label_delay=label_delay)
                    | {"event_date": day[wanted].astype("datetime64[D]")},
                ).select(FRAUD_FEATURES_TABLE.column_names)
                yield from result.to_batches(max_chunksize=OUTPUT_ROWS)

    return run


def _days(events: pa.Table) -> Ints:
    """The day of each event, in days since 1970."""
    return epoch_microseconds(events["event_time"]) // DAY_MICROSECONDS


def _with_columns(
    table: pa.Table, mask: Bools, columns: Mapping[str, NDArray[np.generic]]
) -> pa.Table:
    """The rows of the mask with the columns that they lack, a value for each row of the mask."""
    rows = table.filter(pa.array(mask))
    for name, values in columns.items():
        if name not in rows.column_names:
            rows = rows.append_column(name, pa.array(values))
    return rows
