"""Interactions as a sparse matrix over the catalogue, the input of the models."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy import sparse

if TYPE_CHECKING:  # serving uses matrices without Spark
    from pyspark.sql import DataFrame


BLOCK_USERS = 128
"""Users whose scores for the whole catalogue are held in memory together."""

Segments = NDArray[np.int64] | None
"""(users,) the position of each user's segment, -1 for none; None if segments are not used."""


@dataclass(frozen=True)
class InteractionMatrix:
    """The likes of users as a matrix.

    Attributes:
        user_ids: (users,) sorted, unique ids of the rows.
        item_ids: (items,) sorted, unique ids of the columns, the whole catalogue.
        weights: (users, items) float32; the stored cells are the interactions.
        outside_catalogue: interactions left out because their user or item has no row or column.
        mean_weight: mean weight of all interactions, including those left out; 1 if there are none.
    """

    user_ids: NDArray[np.str_]
    item_ids: NDArray[np.str_]
    weights: sparse.csr_array
    outside_catalogue: int
    mean_weight: float

    def over_users(self, user_ids: NDArray[np.str_]) -> sparse.csr_array:
        """The weights (requested, items) of these sorted users; rows of unknown users are empty."""
        _, requested, own = np.intersect1d(
            user_ids, self.user_ids, assume_unique=True, return_indices=True
        )
        shape = (len(user_ids), len(self.user_ids))
        chosen = sparse.csr_array(
            (np.ones(len(own), dtype=np.float32), (requested, own)), shape=shape
        )
        return sparse.csr_array(chosen @ self.weights)


def sorted_ids(column: pa.ChunkedArray) -> NDArray[np.str_]:
    """The distinct values of a text column, sorted by code point, as Spark sorts text too."""
    return np.unique(np.array(pc.unique(column).to_pylist(), dtype=np.str_))


def build_matrix(
    interactions: pa.Table, item_ids: NDArray[np.str_], user_ids: NDArray[np.str_]
) -> InteractionMatrix:
    """The matrix of a table with ``user_id``, ``item_id`` and ``weight``, one row per cell.

    Args:
        interactions: the interactions, in any order.
        item_ids: (items,) the catalogue, sorted and unique.
        user_ids: (users,) the requested users, sorted and unique.
    """
    rows = pc.index_in(interactions["user_id"], value_set=pa.array(user_ids.tolist(), pa.string()))
    columns = pc.index_in(
        interactions["item_id"], value_set=pa.array(item_ids.tolist(), pa.string())
    )
    known = pc.and_(pc.is_valid(rows), pc.is_valid(columns)).to_numpy()
    row = pc.fill_null(rows, -1).to_numpy()[known]
    column = pc.fill_null(columns, -1).to_numpy()[known]
    weight = interactions["weight"].to_numpy()
    mean = float(weight.mean()) if len(weight) else 1.0
    weights = sparse.csr_array(
        (weight[known].astype(np.float32), (row, column)),
        shape=(len(user_ids), len(item_ids)),
        dtype=np.float32,
    )
    weights.sort_indices()
    return InteractionMatrix(user_ids, item_ids, weights, int(np.count_nonzero(~known)), mean)


def collect_matrix(
    interactions: "DataFrame",
    item_ids: NDArray[np.str_],
    user_ids: NDArray[np.str_] | None = None,
) -> InteractionMatrix:
    """Collect a Spark table of interactions to the driver, about 12 bytes per interaction.

    Args:
        interactions: the INTERACTIONS table, or its three columns ``build_matrix`` needs.
        item_ids: (items,) the catalogue, sorted and unique.
        user_ids: the requested users; None for those of the table.
    """
    table = interactions.select("user_id", "item_id", "weight").toArrow()
    users = sorted_ids(table["user_id"]) if user_ids is None else user_ids
    return build_matrix(table, item_ids, users)


def collect_segments(users: "DataFrame", user_ids: NDArray[np.str_]) -> NDArray[np.object_]:
    """The segment (users,) of each of these users, None for users without one.

    Args:
        users: the USERS table.
        user_ids: (users,) the requested users.
    """
    table = users.select("user_id", "segment").toArrow()
    place = pc.index_in(pa.array(user_ids.tolist(), pa.string()), value_set=table["user_id"])
    return np.array(table["segment"].take(place).to_pylist(), dtype=object)


def history_sizes(histories: sparse.csr_array) -> NDArray[np.int64]:
    """The number (users,) of items that each user of the (users, items) matrix has liked."""
    return np.diff(histories.indptr).astype(np.int64)


def with_columns(
    histories: sparse.csr_array, columns: NDArray[np.int64], count: int
) -> sparse.csr_array:
    """The same cells in other columns (users, count), in time independent of the catalogue.

    Args:
        histories: (users, items) matrix.
        columns: (cells,) the new column of each stored cell, -1 for one that is left out.
        count: number of the new columns.
    """
    kept = columns >= 0
    before = np.concatenate([[0], np.cumsum(kept)])
    return sparse.csr_array(
        (histories.data[kept], columns[kept], before[histories.indptr]),
        shape=(histories.shape[0], count),
    )


def user_blocks(histories: sparse.csr_array) -> Iterator[slice]:
    """Slices of at most ``BLOCK_USERS`` rows that together are all rows of the matrix."""
    for start in range(0, histories.shape[0], BLOCK_USERS):
        yield slice(start, min(start + BLOCK_USERS, histories.shape[0]))
