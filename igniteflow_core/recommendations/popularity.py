"""Popularity: of late, and among people alike; the fallback for people without a history."""

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
    a small segment is judged by everybody. Scores are logarithms, because counts have a long tail.

    Attributes:
        counts: (items,) likes, of which an old one counts less than 1.
        smoothing: s, the likes that every item is given in advance, above 0.
        segments: (segments,) sorted names.
        segment_counts: (segments, items) likes by the users of each.
        prior: r, the likes that a segment is given in advance, shared out as those of everybody.
    """

    counts: NDArray[np.float64]
    smoothing: float
    segments: NDArray[np.str_]
    segment_counts: NDArray[np.float64]
    prior: float

    @cached_property
    def covered(self) -> NDArray[np.bool_]:
        """(items,) the items somebody has liked; of the others popularity knows nothing."""
        return self.counts > 0

    def segment_positions(self, names: NDArray[np.object_]) -> NDArray[np.int64]:
        """(users,) where each name is among ``segments``; -1 for None and for an unknown name."""
        place = {name: at for at, name in enumerate(self.segments.tolist())}
        return np.array([place.get(name, -1) for name in names], dtype=np.int64)

    @property
    def item_vectors(self) -> NDArray[np.float32]:
        """(items, segments + 1) scores in each segment, and for users of none."""
        return self._table.T

    def user_vectors(
        self, histories: sparse.csr_array, segments: Segments = None
    ) -> NDArray[np.float32]:
        """(users, segments + 1) 1 in the place of a user's segment, the last for one of none."""
        return np.eye(len(self.segments) + 1, dtype=np.float32)[_rows(histories, segments)]

    def score(self, histories: sparse.csr_array, segments: Segments = None) -> NDArray[np.float32]:
        """(users, items) scores, equal for all users of a segment; NaN for items nobody has liked.

        Args:
            histories: (users, items), of which only the number of users matters.
            segments: (users,) positions in ``segments``, -1 for a user of none; None for all -1.
        """
        return self._table[_rows(histories, segments)]

    @cached_property
    def _table(self) -> NDArray[np.float32]:
        """(segments + 1, items) scores; the last row is that of a user of no segment."""
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
    """Popularity from counts of likes.

    Args:
        likes: ``item_id``, ``segment`` (null for users of none) and ``likes``, one row each; items
            outside the catalogue are passed over.
        item_ids: (items,) the catalogue, sorted and unique.
        settings: of the smoothing.
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
