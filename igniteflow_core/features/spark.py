"""The fraud features over a Spark table: one pass by card, then one by terminal."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_core.features.compute import (
    CUSTOMER_PASS,
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
from igniteflow_core.features.windows import Bools, Floats

CHUNK_ROWS = 250_000
"""Rows that one task holds at once; an entity with more than that is held whole."""

BATCH_ROWS = 10_000
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

Pass = Callable[[pa.Table], pa.Table]


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

    Rows are spread by card, and then by terminal, over ``spark.sql.shuffle.partitions`` tasks.
    Spark sorts each task's rows by entity, spilling to disk, and a task computes whole entities of
    about ``CHUNK_ROWS`` rows at a time, so its memory does not grow with the table.

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
        .select(*_EVENT_COLUMNS)
        .join(_positions(customers, "customer"), "customer_id", "left")
        .join(_positions(terminals, "terminal"), "terminal_id", "left")
    )
    # An explicit number of partitions: adaptive execution may merge any other kind into one task.
    by_customer = _by_entity(
        events, "customer_id", tasks, _customer_pass(first_day, label_delay), _customer_schema()
    )
    return _by_entity(
        by_customer,
        "terminal_id",
        tasks,
        _terminal_pass(label_delay),
        FRAUD_FEATURES_TABLE.ddl,
    )


def _positions(entities: DataFrame, kind: str) -> DataFrame:
    return entities.select(
        f"{kind}_id", F.col("x").alias(f"{kind}_x"), F.col("y").alias(f"{kind}_y")
    )


def _by_entity(events: DataFrame, key: str, tasks: int, compute: Pass, schema: str) -> DataFrame:
    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for chunk in whole_entities(batches, key):
            yield from compute(chunk).to_batches(max_chunksize=BATCH_ROWS)

    return events.repartition(tasks, key).sortWithinPartitions(key).mapInArrow(run, schema)


def whole_entities(
    batches: Iterator[pa.RecordBatch], key: str, chunk_rows: int = CHUNK_ROWS
) -> Iterator[pa.Table]:
    """Batches sorted by key, as tables of at least ``chunk_rows`` rows that split no key's rows.

    Args:
        batches: record batches of one schema, sorted by ``key``.
        key: name of a text column.
        chunk_rows: rows that are enough for one table; only the last has fewer.
    """
    held: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        held.append(batch)
        rows += batch.num_rows
        if rows >= chunk_rows:
            table = pa.Table.from_batches(held)
            cut = pc.index(table[key], table[key][-1]).as_py()
            if cut:
                yield table.slice(0, cut)
            held = table.slice(cut).to_batches()
            rows -= cut
    if rows:
        yield pa.Table.from_batches(held)


def _customer_schema() -> str:
    flags = ", ".join(f"{flag.name} BOOLEAN" for flag in FLAGS)
    return (
        "transaction_id STRING, event_time TIMESTAMP, customer_id STRING, terminal_id STRING, "
        f"amount DOUBLE, is_fraud INT, {flags}, features BINARY"
    )


def _customer_pass(first_day: date, label_delay: timedelta) -> Pass:
    """Adds the flags, and the card features in one cell that is null on rows of history."""
    first = day_number(first_day)
    oldest = first - terminal_history_days(label_delay)

    def compute(events: pa.Table) -> pa.Table:
        day = epoch_microseconds(events["event_time"]) // DAY_MICROSECONDS
        wanted = day >= first
        result = compute_customer_features(events, wanted, label_delay=label_delay)
        table = events.select(_EVENT_COLUMNS)
        for name, values in result.flags.items():
            table = table.append_column(name, pa.array(values))
        table = table.append_column("features", _packed(list(result.features.values()), wanted))
        return table.filter(pa.array(day >= oldest))

    return compute


def _terminal_pass(label_delay: timedelta) -> Pass:
    """Adds the terminal features and leaves the rows of history behind."""

    def compute(events: pa.Table) -> pa.Table:
        wanted = pc.is_valid(events["features"]).to_numpy()
        flags = {flag.name: events[flag.name].to_numpy() for flag in FLAGS}
        by_terminal = compute_terminal_features(events, flags, wanted, label_delay=label_delay)
        rows = events.filter(pa.array(wanted))
        columns = {name: rows[name] for name in _EVENT_COLUMNS}
        by_customer = _unpacked(rows["features"], len(CUSTOMER_PASS))
        columns |= dict(zip((f.name for f in CUSTOMER_PASS), by_customer, strict=True))
        columns |= by_terminal
        day = epoch_microseconds(rows["event_time"]) // DAY_MICROSECONDS
        columns["event_date"] = pa.array(day.astype(np.int32)).cast(pa.date32())
        return pa.table(columns).select(FRAUD_FEATURES_TABLE.column_names)

    return compute


def _packed(columns: list[Floats], present: Bools) -> pa.BinaryArray:
    """Columns of doubles as one binary cell a row, null where ``present`` is false.

    Spark copies one cell of bytes through the shuffle and the sort far faster than many doubles.

    Args:
        columns: each of shape (number of present rows,).
        present: shape (rows,).
    """
    offsets = np.zeros(len(present) + 1, dtype=np.int32)
    np.cumsum(present * np.int32(8 * len(columns)), out=offsets[1:])
    validity = pa.array(present).buffers()[1]
    cells = np.column_stack(columns)
    return pa.BinaryArray.from_buffers(
        pa.binary(), len(present), [validity, pa.py_buffer(offsets), pa.py_buffer(cells)]
    )


def _unpacked(cells: pa.ChunkedArray, width: int) -> NDArray[np.float64]:
    """The columns that ``_packed`` was given, shape (width, rows); no cell may be null."""
    rows = np.frombuffer(b"".join(cells.to_pylist()), dtype=np.float64).reshape(-1, width)
    return np.ascontiguousarray(rows.T)
