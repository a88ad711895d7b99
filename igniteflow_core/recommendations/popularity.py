"""Recent popularity, overall and by segment; the fallback for users without a history."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy import sparse

from igniteflow_core.config.recommendations import PopularitySettings
from igniteflow_core.recommendations.matrix import Segments


@dataclass(frozen=True)
class PopularityModel:
    """Smoothed log popularity, in a user's segment and overall.

    An item's share of all n likes, of which it has n_i, is ``p_i = (n_i + s) / (n + s * items)``:
    additive smoothing (Lidstone, 1920). Within a segment that has m likes and m_i of the item it is
    ``(m_i + r * p_i) / (m + r)``, smoothing by a Dirichlet prior (Zhai and Lafferty, 2004), so that
    a small segment is scored mainly by the likes of all users. Scores are logarithms, because
    counts have a long tail.

    Attributes:
        counts: (items,) sums of the likes' weights, which decay with age.
        smoothing: s, pseudo-count of likes per item, above 0.
        segments: (segments,) sorted names.
        segment_counts: (segments, items) likes by the users of each segment.
        prior: r, pseudo-count of likes per segment, distributed as those of all users.
    """

    counts: NDArray[np.float64]
    smoothing: float
    segments: NDArray[np.str_]
    segment_counts: NDArray[np.float64]
    prior: float

    @cached_property
    def covered(self) -> NDArray[np.bool_]:
        """The items (items,) with likes; popularity is unknown for the others."""
        return self.counts > 0

    def segment_positions(self, names: NDArray[np.object_]) -> NDArray[np.int64]:
        """The position (users,) of each name in ``segments``; -1 for None and unknown names."""
        place = {name: at for at, name in enumerate(self.segments.tolist())}
        return np.array([place.get(name, -1) for name in names], dtype=np.int64)

    @property
    def item_vectors(self) -> NDArray[np.float32]:
        """The scores (items, segments + 1) in each segment, and for users without a segment."""
        return self._table.T

    def user_vectors(
        self, histories: sparse.csr_array, segments: Segments = None
    ) -> NDArray[np.float32]:
        """One-hot segments (users, segments + 1); the last column is for users without one."""
        return np.eye(len(self.segments) + 1, dtype=np.float32)[_rows(histories, segments)]

    def score(self, histories: sparse.csr_array, segments: Segments = None) -> NDArray[np.float32]:
        """(users, items) scores, equal for all users of a segment; NaN for items without likes.

        Args:
            histories: (users, items) matrix, of which only the number of users is used.
            segments: (users,) positions in ``segments``, -1 for users without one; None for all -1.
        """
        return self._table[_rows(histories, segments)]

    @cached_property
    def _table(self) -> NDArray[np.float32]:
        """The scores (segments + 1, items); the last row is for users without a segment."""
        total = self.counts.sum() + self.smoothing * len(self.counts)
        share = (self.counts + self.smoothing) / total
        liked = self.segment_counts.sum(axis=1, keepdims=True)
        of_segment = (self.segment_counts + self.prior * share) / (liked + self.prior)
        table = np.log(np.vstack([of_segment, share]))
        table[:, ~self.covered] = np.nan
        return np.asarray(table, dtype=np.float32)


def _rows(histories: sparse.csr_array, segments: Segments) -> NDArray[np.int64]:
    return np.full(histories.shape[0], -1) if segments is None else segments


def fit_popularity(
    likes: pa.Table, item_ids: NDArray[np.str_], settings: PopularitySettings
) -> PopularityModel:
    """Fit popularity to counts of likes.

    Args:
        likes: one row per item and segment, with ``item_id``, ``segment`` (null for users without
            one) and ``likes``; items outside the catalogue are skipped.
        item_ids: (items,) the catalogue, sorted and unique.
        settings: settings of the smoothing.
    """
    column = pc.index_in(likes["item_id"], value_set=pa.array(item_ids.tolist(), pa.string()))
    names = pc.unique(likes["segment"].drop_null()).sort()
    row = pc.fill_null(pc.index_in(likes["segment"], value_set=names), len(names)).to_numpy()
    known = pc.is_valid(column).to_numpy()
    table = np.zeros((len(names) + 1, len(item_ids)))
    at = (row[known], pc.fill_null(column, -1).to_numpy()[known])
    np.add.at(table, at, likes["likes"].to_numpy()[known])
    return PopularityModel(
        counts=table.sum(axis=0),
        smoothing=settings.smoothing,
        segments=np.array(names.to_pylist(), dtype=np.str_),
        segment_counts=table[:-1],
        prior=settings.segment_prior,
    )
