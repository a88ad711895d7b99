"""The states of many customers or terminals at once, from a table of their past transactions."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from igniteflow_core.features.compute import compute_customer_features
from igniteflow_core.features.events import TableEvents, epoch_microseconds
from igniteflow_core.features.online import kept_history
from igniteflow_core.features.own_entities import OwnEntity
from igniteflow_core.features.positions import AXES
from igniteflow_core.features.state import ROW, UNKNOWN, EntityState, id_hash
from igniteflow_core.features.state_events import FLAG_BITS, OTHER
from igniteflow_core.features.windows import Bools, Ints


def history_flags(events: pa.Table, *, label_delay: timedelta) -> dict[str, Bools]:
    """The flags of every row; each customer's whole history must be in the table.

    Args:
        events: as for ``compute_customer_features``.
        label_delay: time until a label is known.
    """
    nothing = np.zeros(events.num_rows, dtype=np.bool_)
    return compute_customer_features(events, nothing, label_delay=label_delay).flags


def own_states_of(
    entity: OwnEntity, events: pa.Table, *, label_delay: timedelta
) -> Iterator[tuple[str, EntityState]]:
    """``states_of`` for a declared entity.

    Args:
        entity: the declared entity.
        events: as for ``compute_own_features``, with each entity's whole history.
        label_delay: time until a label is known.
    """
    rows, _ = entity.events(events)
    unknown = pa.nulls(rows.num_rows, pa.float64())
    for owner in ("entity", "counted"):
        for axis in AXES:
            rows = rows.append_column(f"{owner}_{axis}", unknown)
    for name, state in states_of("entity", rows, {}, label_delay=label_delay):
        yield name, state.newest(entity.kept)


def states_of(
    kind: Literal["customer", "terminal", "entity"],
    events: pa.Table,
    flags: dict[str, Bools],
    *,
    label_delay: timedelta,
) -> Iterator[tuple[str, EntityState]]:
    """The id and the state of each entity of that kind, equal to adding its events one by one.

    Args:
        kind: kind of the entities.
        events: as for ``compute_customer_features``, with each entity's whole history and every
            transaction once.
        flags: flags of every row, from ``history_flags``; empty for ``entity``.
        label_delay: time until a label is known.
    """
    if not events.num_rows:
        return
    other = OTHER[kind]
    order = TableEvents(events, (f"{kind}_id",), flags).order
    events = events.take(pa.array(order))
    ids = [text.encode() for text in events["transaction_id"].to_pylist()]
    other_ids = [text.encode() for text in events[f"{other}_id"].to_pylist()]
    rows = np.empty(len(ids), ROW)
    rows["time"] = epoch_microseconds(events["event_time"])
    rows["amount"] = events["amount"].to_numpy()
    rows["other"] = _hashes(events[f"{other}_id"])
    for axis in AXES:
        rows[f"other_{axis}"] = events[f"{other}_{axis}"].to_numpy()
    rows["id_bytes"] = [len(text) for text in ids]
    rows["other_bytes"] = [len(text) for text in other_ids]
    rows["is_fraud"] = pc.fill_null(events["is_fraud"], UNKNOWN).to_numpy()
    rows["flags"] = sum(FLAG_BITS[name] * flagged[order] for name, flagged in flags.items())
    positions = np.column_stack([events[f"{kind}_{axis}"].to_numpy() for axis in AXES])
    names = events[f"{kind}_id"].to_pylist()
    keep = kept_history(label_delay)
    for first, end in _stretches(events[f"{kind}_id"]):
        texts = b"".join(text for row in range(first, end) for text in (ids[row], other_ids[row]))
        x, y, z = positions[first].tolist()
        state = EntityState((x, y, z), rows[first:end], texts)
        yield names[first], state.since(int(rows["time"][end - 1]) - keep)


def _hashes(column: pa.ChunkedArray) -> Ints:
    encoded = pc.dictionary_encode(column.combine_chunks())
    hashes: Ints = np.array(list(map(id_hash, encoded.dictionary.to_pylist())), dtype=np.int64)
    codes: Ints = encoded.indices.to_numpy()
    return hashes[codes]


def _stretches(column: pa.ChunkedArray) -> Iterator[tuple[int, int]]:
    """First row and the row after the last of each value of a column sorted by it."""
    codes = pc.dictionary_encode(column.combine_chunks()).indices.to_numpy()
    edges = np.flatnonzero(np.diff(codes)) + 1
    yield from zip([0, *edges.tolist()], [*edges.tolist(), len(codes)], strict=True)
