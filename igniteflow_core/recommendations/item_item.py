"""Item to item: EASE, and the two classical models it is compared with."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from igniteflow_core.config.recommendations import ItemItemSettings
from igniteflow_core.recommendations.matrix import Segments


@dataclass(frozen=True)
class ItemItemModel:
    """Scores are sums of the weights from the liked items to each item.

    Only the head of the catalogue takes part: both what is scored and what is read of a history.

    Attributes:
        head: (head,) catalogue positions, ascending.
        similarity: (head, head) weight from the row's item to the column's item.
        items: size of the whole catalogue.
    """

    head: NDArray[np.int64]
    similarity: NDArray[np.float32]
    items: int

    @property
    def covered(self) -> NDArray[np.bool_]:
        """(items,) the items of the head."""
        covered = np.zeros(self.items, dtype=bool)
        covered[self.head] = True
        return covered

    def score(self, histories: sparse.csr_array, segments: Segments = None) -> NDArray[np.float32]:
        """(users, items) scores, NaN outside the head; the weights of likes are not used."""
        liked = histories[:, self.head].astype(np.float32)
        liked.data[:] = 1.0
        scores = np.full((histories.shape[0], self.items), np.nan, dtype=np.float32)
        scores[:, self.head] = liked @ self.similarity
        return scores


def _head(histories: sparse.csr_array, max_items: int) -> NDArray[np.int64]:
    """The most liked items, at most ``max_items``; of equals the first in the catalogue."""
    counts = np.bincount(histories.indices, minlength=histories.shape[1])
    best_first = np.argsort(-counts, kind="stable")[:max_items]
    return np.sort(best_first[counts[best_first] > 0]).astype(np.int64)


def _co_occurrence(histories: sparse.csr_array, head: NDArray[np.int64]) -> NDArray[np.float64]:
    """(head, head) number of users who like both items."""
    liked = histories[:, head].astype(np.float64)
    liked.data[:] = 1.0
    return np.asarray((liked.T @ liked).toarray())


def fit_ease(histories: sparse.csr_array, settings: ItemItemSettings) -> ItemItemModel:
    """EASE, the linear autoencoder in closed form (Steck, 2019, "Embarrassingly Shallow
    Autoencoders for Sparse Data").

    ``B = I - P diag(P)^-1`` with ``P = (X'X + l2 I)^-1`` for the binary matrix X of likes. The
    inverse costs the cube of the number of items, therefore only the ``max_items`` most liked ones
    are fitted.

    Args:
        histories: (users, items) likes.
        settings: the size of the head and the penalty l2.
    """
    head = _head(histories, settings.max_items)
    gram = _co_occurrence(histories, head)
    gram[np.diag_indices_from(gram)] += settings.l2
    inverse = linalg.inv(gram, overwrite_a=True, check_finite=False)
    similarity = inverse / -np.diag(inverse)
    np.fill_diagonal(similarity, 0.0)
    return ItemItemModel(head, similarity.astype(np.float32), histories.shape[1])


def fit_item_cosine(histories: sparse.csr_array, settings: ItemItemSettings) -> ItemItemModel:
    """The cosine of the items' user columns, the classical baseline (Sarwar et al., 2001).

    Args:
        histories: (users, items) likes.
        settings: the size of the head.
    """
    head = _head(histories, settings.max_items)
    together = _co_occurrence(histories, head)
    length = np.sqrt(np.diag(together))
    similarity = together / np.outer(length, length)
    np.fill_diagonal(similarity, 0.0)
    return ItemItemModel(head, similarity.astype(np.float32), histories.shape[1])


def fit_item_jaccard(histories: sparse.csr_array, settings: ItemItemSettings) -> ItemItemModel:
    """Co-occurrence scaled by Jaccard's index: users who like both of the users who like either.

    It is the similarity of Smart Adaptive Recommendations (SAR), a common baseline.

    Args:
        histories: (users, items) likes.
        settings: the size of the head.
    """
    head = _head(histories, settings.max_items)
    together = _co_occurrence(histories, head)
    likes = np.diag(together)
    similarity = together / (likes[:, None] + likes - together)
    np.fill_diagonal(similarity, 0.0)
    return ItemItemModel(head, similarity.astype(np.float32), histories.shape[1])
