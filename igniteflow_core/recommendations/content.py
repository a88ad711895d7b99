"""Content: recommend items that are similar to those a user has liked."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from igniteflow_core.recommendations.matrix import Segments


@dataclass(frozen=True)
class ContentModel:
    """Cosine between a user's profile and an item.

    The profile is the mean of the vectors of the liked items, weighted by preference (Rocchio,
    1971).

    Attributes:
        vectors: (items, dimensions) of unit length, zeros for an item without content.
    """

    vectors: NDArray[np.float32]

    @cached_property
    def covered(self) -> NDArray[np.bool_]:
        """(items,) the items that have content."""
        return np.asarray(self.vectors.any(axis=1))

    @property
    def item_vectors(self) -> NDArray[np.float32]:
        """Item vectors (items, dimensions); a score is the product with one of ``user_vectors``."""
        return self.vectors

    def user_vectors(
        self, histories: sparse.csr_array, segments: Segments = None
    ) -> NDArray[np.float32]:
        """(users, dimensions) profiles of unit length; zeros where no liked item has content."""
        profiles = np.asarray(histories @ self.vectors, dtype=np.float32)
        length = np.linalg.norm(profiles, axis=1, keepdims=True)
        np.divide(profiles, length, out=profiles, where=length > 0)
        return profiles

    def score(self, histories: sparse.csr_array, segments: Segments = None) -> NDArray[np.float32]:
        """(users, items) cosines in [-1, 1]; NaN for items without content.

        If a user's history has no content, all scores are 0.
        """
        scores = self.user_vectors(histories) @ self.vectors.T
        scores[:, ~self.covered] = np.nan
        return scores
