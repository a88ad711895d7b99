"""What Spark's Python workers run: events into blocks, the passes by entity, customer and terminal.

The module imports only what the workers need, because each of them is a new process.
"""

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from igniteflow_core.features.blocks import bucket_numbers, chunks, to_blocks, whole_buckets
from igniteflow_core.features.compute import (
    compute_customer_features,
    compute_own_features,
    compute_terminal_features,
    day_number,
    terminal_history_days,
)
from igniteflow_core.features.customer_features import FLAGS
from igniteflow_core.features.own_entities import OwnEntity
from igniteflow_core.features.positions import with_points
from igniteflow_core.features.windows import Bools, Ints

CHUNK_ROWS = 250_000
"""Rows that one task holds in memory at once; a larger bucket is held as a whole."""

OUTPUT_ROWS = 2_000
"""Rows per batch returned to Spark: their columns fit into a processor's cache while Spark converts
them to rows, and Spark unpacks a batch as a whole, outside the heap that it accounts for."""

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


Buckets = Callable[[pa.Table], Ints]
"""The bucket of each event."""


def by_column(name: str) -> Buckets:
    """The buckets in a column."""
    return partial(bucket_numbers, column=name)


def by_entity(entity: OwnEntity, buckets: int) -> Buckets:
    """That many buckets of a declared entity; events without an entity are spread over all."""

    def numbers(events: pa.Table) -> Ints:
        encoded = pc.dictionary_encode(entity.ids(events))
        hashes = [zlib.crc32(text.encode()) % buckets for text in encoded.dictionary.to_pylist()]
        codes: Ints = pc.fill_null(pa.array(hashes, pa.int64()).take(encoded.indices), -1).to_numpy(
            zero_copy_only=False
        )
        return np.where(codes >= 0, codes, np.arange(len(codes)) % buckets)

    return numbers


def spread(buckets: Buckets, *, with_positions: bool) -> Callable[[Batches], Batches]:
    """Events in blocks by these buckets; with points if they have positions."""

    def run(batches: Batches) -> Batches:
        for events in chunks(batches, CHUNK_ROWS):
            rows = with_points(events) if with_positions else events
            yield to_blocks(rows, buckets(rows))

    return run


def entity_pass(
    first_day: date, label_delay: timedelta, entity: OwnEntity, following: Buckets
) -> Callable[[Batches], Batches]:
    """Adds the features of a declared entity, in blocks by the buckets of the pass that follows.

    Rows before ``first_day`` are passed through unchanged.
    """
    first = day_number(first_day)

    def run(batches: Batches) -> Batches:
        for events in whole_buckets(batches, CHUNK_ROWS):
            requested = _days(events) >= first
            columns = compute_own_features(events, entity, requested, label_delay=label_delay)
            for part in (
                _with_columns(events, ~requested, {}),
                _with_columns(events, requested, columns),
            ):
                yield to_blocks(part, following(part))

    return run


def customer_pass(
    first_day: date, label_delay: timedelta, columns: Sequence[str] = EVENT_COLUMNS
) -> Callable[[Batches], Batches]:
    """Adds the customer features, in blocks by ``terminal_bucket``.

    Rows before ``first_day`` get only the flags. The result has these ``columns`` too.
    """
    first = day_number(first_day)
    # One more day is needed, because a local day can be an hour shorter than 24 hours.
    oldest = first - terminal_history_days(label_delay) - 1

    def run(batches: Batches) -> Batches:
        for events in whole_buckets(batches, CHUNK_ROWS):
            day = _days(events)
            requested = day >= first
            result = compute_customer_features(events, requested, label_delay=label_delay)
            # Only the rows of the history lack the features of declared entities.
            names = [name for name in columns if name in events.column_names]
            rows = events.select([*names, "terminal_bucket"])
            before = (day >= oldest) & ~requested
            for part in (
                _with_columns(
                    rows,
                    before,
                    {name: flag[before].astype(np.float64) for name, flag in result.flags.items()},
                ),
                _with_columns(rows, requested, result.features),
            ):
                yield to_blocks(part, bucket_numbers(part, "terminal_bucket"))

    return run


def terminal_pass(
    first_day: date, label_delay: timedelta, columns: list[str]
) -> Callable[[Batches], Batches]:
    """Adds the terminal features, and drops the rows before ``first_day``.

    The result has ``columns``: those of an event, any features, and event_date.
    """
    first = day_number(first_day)

    def run(batches: Batches) -> Batches:
        for events in whole_buckets(batches, CHUNK_ROWS):
            day = _days(events)
            requested = day >= first
            if requested.any():
                flags = {flag.name: events[flag.name].to_numpy() > 0 for flag in FLAGS}
                result = _with_columns(
                    events,
                    requested,
                    compute_terminal_features(events, flags, requested, label_delay=label_delay),
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
    """The rows of the mask, with the columns added that they lack; a value per masked row."""
    rows = table if mask.all() else table.filter(pa.array(mask))
    for name, values in columns.items():
        if name not in rows.column_names:
            rows = rows.append_column(name, pa.array(values))
    return rows
