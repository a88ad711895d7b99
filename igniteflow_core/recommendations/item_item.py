"""Item-item models: EASE, and two classical baselines."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from igniteflow_core.config.recommendations import ItemItemSettings
from igniteflow_core.recommendations.matrix import Segments, with_columns


@dataclass(frozen=True)
class PlacedItems:
    """Items outside the head, with weights predicted from content: ``taste @ vectors.T``.

    Attributes:
        items: (placed,) catalogue positions, ascending.
        taste: (head, dimensions) effect of liking an item of the head on each content dimension.
        vectors: (placed, dimensions) content minus that of an average item.
    """

    items: NDArray[np.int64]
    taste: NDArray[np.float32]
    vectors: NDArray[np.float32]


NOTHING_PLACED = PlacedItems(
    np.empty(0, dtype=np.int64),
    np.empty((0, 0), dtype=np.float32),
    np.empty((0, 0), dtype=np.float32),
)


@dataclass(frozen=True)
class ItemItemModel:
    """Scores are sums of the weights from the liked items to each item.

    Only the items in the head of the catalogue are read from histories. They are scored together
    with the new items that ``placement.place_in_item_item`` adds.

    Attributes:
        head: (head,) catalogue positions, ascending.
        similarity: (head, head) weights from the row's item to the column's item.
        items: size of the whole catalogue.
        placed: new items that were added.
    """

    head: NDArray[np.int64]
    similarity: NDArray[np.float32]
    items: int
    placed: PlacedItems = NOTHING_PLACED

    @cached_property
    def covered(self) -> NDArray[np.bool_]:
        """(items,) the items of the head, and the placed ones."""
        covered = np.zeros(self.items, dtype=bool)
        covered[self.head] = True
        covered[self.placed.items] = True
        return covered

    def of_head(self, histories: sparse.csr_array) -> NDArray[np.float32]:
        """(users, head) scores."""
        return np.asarray(self._liked(histories) @ self.similarity)

    def score(self, histories: sparse.csr_array, segments: Segments = None) -> NDArray[np.float32]:
        """(users, items) scores, NaN for items not covered; the weights of likes are not used."""
        scores = np.full((histories.shape[0], self.items), np.nan, dtype=np.float32)
        scores[:, np.concatenate([self.head, self.placed.items])] = self.sums(histories)
        return scores

    def sums(self, histories: sparse.csr_array) -> NDArray[np.float32]:
        """(users, head + placed) scores of the items that are covered, the head first."""
        liked = self._liked(histories)
        of_head = np.asarray(liked @ self.similarity)
        if not len(self.placed.items):
            return of_head
        return np.hstack([of_head, (liked @ self.placed.taste) @ self.placed.vectors.T])

    def _liked(self, histories: sparse.csr_array) -> sparse.csr_array:
        """(users, head) 1 where a user likes an item."""
        liked = with_columns(histories, self._place[histories.indices], len(self.head))
        liked.data = np.ones(liked.nnz, dtype=np.float32)
        return liked

    @cached_property
    def _place(self) -> NDArray[np.int64]:
        """(items,) the position in the head, -1 outside of it."""
        place = np.full(self.items, -1, dtype=np.int64)
        place[self.head] = np.arange(len(self.head))
        return place


def _head(histories: sparse.csr_array, max_items: int) -> NDArray[np.int64]:
    """The most liked items, at most ``max_items``; ties go to the first in the catalogue."""
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

    ``B = I - P diag(P)^-1`` with ``P = (X'X + l2 I)^-1`` for the binary matrix X of likes. The cost
    of the inverse grows with the cube of the number of items, therefore only the ``max_items`` most
    liked ones are fitted.

    Args:
        histories: (users, items) likes.
        settings: size of the head, and the penalty l2.
    """
    head = _head(histories, settings.max_items)
    gram = _co_occurrence(histories, head)
    gram[np.diag_indices_from(gram)] += settings.l2
    inverse = linalg.inv(gram, overwrite_a=True, check_finite=False)
    similarity = inverse / -np.diag(inverse)
    np.fill_diagonal(similarity, 0.0)
    # The inverse is in column-major order; a sparse product would copy it to row-major each time.
    by_row = np.ascontiguousarray(similarity, dtype=np.float32)
    return ItemItemModel(head, by_row, histories.shape[1])


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
    """Jaccard similarity: the share of users who like both items among those who like either.

    This is the similarity of Smart Adaptive Recommendations (SAR), a common baseline.

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
