"""What Spark's Python workers run for the states of entities, without importing Spark."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice
from typing import Final

import pyarrow as pa

from igniteflow_core.features.blocks import bucket_numbers, to_blocks, whole_buckets
from igniteflow_core.features.customer_features import FLAGS
from igniteflow_core.features.own_entities import OwnEntity
from igniteflow_core.features.passes import CHUNK_ROWS, Batches
from igniteflow_core.features.state import EntityState
from igniteflow_core.features.state_history import history_flags, own_states_of, states_of
from igniteflow_core.online.materialize import stored_state
from igniteflow_core.online.store import EntityKind, own_kind

STATE_SCHEMA: Final = "kind STRING, entity_id STRING, as_of LONG, payload BINARY"
_ROWS_AT_ONCE = 1_000


def with_flags(label_delay: timedelta) -> Callable[[Batches], Batches]:
    """Adds the flags to the blocks, and regroups them by buckets of terminals."""

    def run(batches: Batches) -> Batches:
        for events in whole_buckets(batches, CHUNK_ROWS):
            flags = history_flags(events, label_delay=label_delay)
            columns = zip(events.column_names, events.columns, strict=True)
            flagged = pa.table(dict(columns) | flags)
            yield to_blocks(flagged, bucket_numbers(events, "terminal_bucket"))

    return run


def customer_states(label_delay: timedelta) -> Callable[[Batches], Batches]:
    """The states of the customers, as rows of STATE_SCHEMA."""

    def run(batches: Batches) -> Batches:
        for events in whole_buckets(batches, CHUNK_ROWS):
            flags = history_flags(events, label_delay=label_delay)
            yield from _rows(
                "customer", states_of("customer", events, flags, label_delay=label_delay)
            )

    return run


def terminal_states(label_delay: timedelta) -> Callable[[Batches], Batches]:
    """The states of the terminals, as rows of STATE_SCHEMA."""

    def run(batches: Batches) -> Batches:
        for events in whole_buckets(batches, CHUNK_ROWS):
            flags = {flag.name: events[flag.name].to_numpy() for flag in FLAGS}
            yield from _rows(
                "terminal", states_of("terminal", events, flags, label_delay=label_delay)
            )

    return run


def own_states(entity: OwnEntity, label_delay: timedelta) -> Callable[[Batches], Batches]:
    """The states of a declared entity, as rows of STATE_SCHEMA."""

    def run(batches: Batches) -> Batches:
        for events in whole_buckets(batches, CHUNK_ROWS):
            states = own_states_of(entity, events, label_delay=label_delay)
            yield from _rows(own_kind(entity.name), states)

    return run


def _rows(kind: EntityKind, states: Iterator[tuple[str, EntityState]]) -> Batches:
    while batch := list(islice(states, _ROWS_AT_ONCE)):
        stored = [stored_state(state) for _, state in batch]
        yield pa.RecordBatch.from_pydict(
            {
                "kind": [kind] * len(batch),
                "entity_id": [name for name, _ in batch],
                "as_of": [each.as_of for each in stored],
                "payload": [each.payload for each in stored],
            }
        )
