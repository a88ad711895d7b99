"""Popularity: the same ranking for everybody, and the fallback for people without a history."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse


@dataclass(frozen=True)
class PopularityModel:
    """Smoothed log popularity.

    An item's score is ``log((n + s) / (N + s * items))`` for n likes of N in all: additive
    smoothing (Lidstone, 1920), and a logarithm because counts have a long tail.

    Attributes:
        counts: (items,) how many users like each item.
        smoothing: s, the likes that every item is given in advance, above 0.
    """

    counts: NDArray[np.int64]
    smoothing: float

    @property
    def covered(self) -> NDArray[np.bool_]:
        """(items,) the items somebody has liked; of the others popularity knows nothing."""
        return self.counts > 0

    def score(self, histories: sparse.csr_array) -> NDArray[np.float32]:
        """(users, items) scores, equal for all users; NaN for items nobody has liked."""
        total = self.counts.sum() + self.smoothing * len(self.counts)
        log_share = np.log((self.counts + self.smoothing) / total)
        row = np.where(self.covered, log_share, np.nan).astype(np.float32)
        return np.tile(row, (histories.shape[0], 1))


def fit_popularity(histories: sparse.csr_array, smoothing: float) -> PopularityModel:
    """Count the users of each item in a (users, items) matrix of likes."""
    counts = np.bincount(histories.indices, minlength=histories.shape[1]).astype(np.int64)
    return PopularityModel(counts, smoothing)
