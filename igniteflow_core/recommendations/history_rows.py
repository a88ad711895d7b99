"""Users' histories from rows of events that are sorted by user."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy import sparse


@dataclass(frozen=True)
class HistoryBlock:
    """A batch of users with all items that they liked and saw.

    Attributes:
        user_ids: (users,) text.
        segments: (users,) names, None for users without a segment.
        liked: (users, items) weights of the liked items.
        seen: (users, items) matrix whose stored cells are the items that a user liked or saw.
    """

    user_ids: pa.Array
    segments: NDArray[np.object_]
    liked: sparse.csr_array
    seen: sparse.csr_array


def read_histories(batches: Iterable[pa.RecordBatch], item_ids: pa.Array) -> Iterator[HistoryBlock]:
    """Gather the users of sorted rows; only the last user of a batch is buffered.

    Args:
        batches: rows of ``user_id``, ``item_id``, ``weight`` and ``segment``, sorted by user. A row
            without an item marks a requested user and gives the segment; the events of other users
            are skipped. A weight above 0 is a like, at most one per user and item; 0 is an item
            that was seen.
        item_ids: (items,) the catalogue; events of other items are skipped.
    """
    waiting: pa.Table | None = None
    for batch in batches:
        if batch.num_rows:
            new = pa.Table.from_batches([batch])
            table = new if waiting is None else pa.concat_tables([waiting, new])
            ends = _ends_of_users(table)
            whole = int(ends[-2]) if len(ends) > 1 else 0
            waiting = table.slice(whole)
            if whole:
                yield _block(table.slice(0, whole), ends[:-1], item_ids)
    if waiting is not None:
        yield _block(waiting, _ends_of_users(waiting), item_ids)


def _ends_of_users(table: pa.Table) -> NDArray[np.int64]:
    runs = pc.run_end_encode(table["user_id"].combine_chunks(), run_end_type=pa.int64())
    return np.asarray(runs.run_ends.to_numpy())


def _block(table: pa.Table, ends: NDArray[np.int64], item_ids: pa.Array) -> HistoryBlock:
    user = np.repeat(np.arange(len(ends)), np.diff(ends, prepend=0))
    is_requested = pc.is_null(table["item_id"]).to_numpy()
    requested, first = np.unique(user[is_requested], return_index=True)
    markers = table.take(np.flatnonzero(is_requested)[first])

    position = pc.index_in(table["item_id"].combine_chunks(), value_set=item_ids)
    known = pc.is_valid(position).to_numpy(zero_copy_only=False)
    row, column = user[known], pc.fill_null(position, -1).to_numpy()[known]
    weight = table["weight"].to_numpy()[known].astype(np.float32)
    liked = weight > 0
    shape = (len(ends), len(item_ids))
    return HistoryBlock(
        user_ids=markers["user_id"].combine_chunks(),
        segments=np.array(markers["segment"].to_pylist(), dtype=object),
        liked=sparse.csr_array((weight[liked], (row[liked], column[liked])), shape=shape)[
            requested
        ],
        seen=sparse.csr_array((np.ones_like(weight), (row, column)), shape=shape)[requested],
    )
