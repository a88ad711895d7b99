"""What Spark's Python workers run: events into blocks, the pass by card, the pass by terminal.

Imports no more than the workers need, because each of them starts from nothing in every session.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from igniteflow_core.features.blocks import bucket_numbers, chunks, to_blocks, whole_buckets
from igniteflow_core.features.compute import (
    compute_customer_features,
    compute_terminal_features,
    day_number,
    terminal_history_days,
)
from igniteflow_core.features.customer_features import FLAGS
from igniteflow_core.features.positions import with_points
from igniteflow_core.features.windows import Bools, Ints

CHUNK_ROWS = 250_000
"""Rows that one task holds at once; a bucket with more than that is held whole."""

OUTPUT_ROWS = 2_000
"""Rows that go back to Spark at once: their columns lie in a processor's cache while Spark makes
rows of them, and it unpacks a batch as a whole, outside the heap it counts."""

EVENT_COLUMNS = (
    "transaction_id",
    "event_time",
    "customer_id",
    "terminal_id",
    "amount",
    "is_fraud",
    "event_date",
)

Batches = Iterator[pa.RecordBatch]


def spread_by_customer(batches: Batches) -> Batches:
    """Events with points for their positions, in blocks by ``customer_bucket``."""
    for events in chunks(batches, CHUNK_ROWS):
        yield to_blocks(with_points(events), bucket_numbers(events, "customer_bucket"))


def customer_pass(
    first_day: date, label_delay: timedelta, columns: Sequence[str] = EVENT_COLUMNS
) -> Callable[[Batches], Batches]:
    """Adds the card features, in blocks by ``terminal_bucket``.

    Rows before ``first_day`` get no more of them than the flags. Gives these ``columns`` besides.
    """
    first = day_number(first_day)
    # One more day, as those of a zone can be an hour shorter than 24.
    oldest = first - terminal_history_days(label_delay) - 1

    def run(batches: Batches) -> Batches:
        for events in whole_buckets(batches, CHUNK_ROWS):
            day = _days(events)
            wanted = day >= first
            result = compute_customer_features(events, wanted, label_delay=label_delay)
            rows = events.select([*columns, "terminal_bucket"])
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


def terminal_pass(
    first_day: date, label_delay: timedelta, columns: list[str]
) -> Callable[[Batches], Batches]:
    """Adds the terminal features, and leaves the rows before ``first_day`` behind.

    Gives ``columns``: those of an event, any features, and event_date.
    """
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
                    compute_terminal_features(events, flags, wanted, label_delay=label_delay),
                ).select(columns)
                yield from result.to_batches(max_chunksize=OUTPUT_ROWS)

    return run


def _days(events: pa.Table) -> Ints:
    """The day of each event in the zone of the deliveries, in days since 1970."""
    days: Ints = pc.cast(events["event_date"], pa.int32()).to_numpy().astype(np.int64)
    return days


def _with_columns(
    table: pa.Table, mask: Bools, columns: Mapping[str, NDArray[np.generic]]
) -> pa.Table:
    """The rows of the mask with the columns that they lack, a value for each row of the mask."""
    rows = table if mask.all() else table.filter(pa.array(mask))
    for name, values in columns.items():
        if name not in rows.column_names:
            rows = rows.append_column(name, pa.array(values))
    return rows
