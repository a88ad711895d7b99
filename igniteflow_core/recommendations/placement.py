"""Placement of new items among liked items, predicted from their content."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from igniteflow_core.recommendations.factors import AlsRanker
from igniteflow_core.recommendations.item_item import NOTHING_PLACED, ItemItemModel, PlacedItems

SCALE_USERS = 2_000
"""Number of evenly spaced users from whose scores the spread of each item is estimated."""


@dataclass(frozen=True)
class ContentMap:
    """A ridge regression from content to learned item parameters (Gantner et al., 2010,
    "Learning Attribute-to-Feature Mappings for Cold-Start Recommendations").

    Attributes:
        mean_content: (dimensions,) mean content of the items it was fitted on.
        mean_target: (targets,) mean target of the same items.
        weights: (dimensions, targets) coefficients.
    """

    mean_content: NDArray[np.float32]
    mean_target: NDArray[np.float32]
    weights: NDArray[np.float32]

    @classmethod
    def fit(
        cls, vectors: NDArray[np.float32], targets: NDArray[np.float32], l2: float
    ) -> "ContentMap":
        """Fit on (items, dimensions) content and (items, targets), with the penalty ``l2``."""
        mean_content, mean_target = vectors.mean(axis=0), targets.mean(axis=0)
        content = vectors - mean_content
        normal = (content.T @ content).astype(np.float64) + l2 * np.eye(content.shape[1])
        weights = np.linalg.solve(normal, (content.T @ (targets - mean_target)).astype(np.float64))
        return cls(mean_content, mean_target, weights.astype(np.float32))

    def predict(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Predict (items, targets) from (items, dimensions) content."""
        return np.asarray(self.mean_target + (vectors - self.mean_content) @ self.weights)


def place_in_factors(ranker: AlsRanker, vectors: NDArray[np.float32], l2: float) -> AlsRanker:
    """Give items without factors those that their content predicts.

    Items without content stay without factors.

    Args:
        ranker: fitted factors.
        vectors: (items, dimensions) content, zeros for none.
        l2: the ridge penalty, above 0.
    """
    has_content = np.asarray(vectors.any(axis=1))
    known, new = ranker.covered & has_content, ~ranker.covered & has_content
    if not new.any() or not known.any():
        return ranker
    placed = ranker.item_factors.copy()
    placed[new] = ContentMap.fit(vectors[known], placed[known], l2).predict(vectors[new])
    return replace(ranker, item_factors=placed)


def place_in_item_item(
    model: ItemItemModel,
    new: NDArray[np.bool_],
    histories: sparse.csr_array,
    vectors: NDArray[np.float32],
    l2: float,
) -> ItemItemModel:
    """Give new items the weights from liked items that their content predicts.

    The scores of a popular item vary more between users than those of others. Therefore the weights
    to an item are divided by this spread before they are predicted from content, so that
    popularity, which content hardly predicts, does not dominate taste.

    Args:
        model: fitted weights.
        new: (items,) True for items to place, which must be outside the head.
        histories: (users, items) likes, by which the spread is measured.
        vectors: (items, dimensions) content, zeros for none.
        l2: the ridge penalty, above 0.
    """
    has_content = np.asarray(vectors.any(axis=1))
    items = np.flatnonzero(new & has_content)
    known = np.flatnonzero(has_content[model.head])
    if not len(items) or not len(known):
        return replace(model, placed=NOTHING_PLACED)
    sample = histories[:: max(1, histories.shape[0] // SCALE_USERS)]
    spread = model.of_head(sample)[:, known].std(axis=0)
    scale = np.where(spread > 0, spread.mean() / np.where(spread > 0, spread, 1.0), 0.0)
    weights = (model.similarity[:, known] * scale.astype(np.float32)).T
    fitted = ContentMap.fit(vectors[model.head[known]], weights, l2)
    placed = PlacedItems(items, fitted.weights.T.copy(), vectors[items] - fitted.mean_content)
    return replace(model, placed=placed)
