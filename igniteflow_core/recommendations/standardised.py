"""Members' scores with mean 0 and deviation 1 for each user, without a pass over the scores."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from igniteflow_core.recommendations.item_item import ItemItemModel


@dataclass(frozen=True)
class StandardisedProducts:
    """A member whose score is the product of a user's vector and an item's.

    With item vectors of mean m and covariance C over the reference items, the scores of a user with
    the vector q have there the mean ``q m`` and the variance ``q C q``.

    Attributes:
        vectors: (items, dimensions) less the mean; zeros for an item that the member does not know.
        mean: (dimensions,) of the reference items.
        covariance: (dimensions, dimensions) of the reference items.
    """

    vectors: NDArray[np.float32]
    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        vectors: NDArray[np.float32],
        covered: NDArray[np.bool_],
        reference: NDArray[np.bool_],
    ) -> "StandardisedProducts":
        """Measure the reference items.

        Args:
            vectors: (items, dimensions) of the member.
            covered: (items,) what the member knows; the other rows are not looked at.
            reference: (items,) what sets mean and deviation, all of it covered.
        """
        dimensions = vectors.shape[1]
        mean, covariance = np.zeros(dimensions), np.zeros((dimensions, dimensions))
        if reference.any():
            of_reference = vectors[reference].astype(np.float64)
            mean = of_reference.mean(axis=0)
            of_reference -= mean
            covariance = of_reference.T @ of_reference / len(of_reference)
        centred = np.zeros(vectors.shape, dtype=np.float32)
        centred[covered] = vectors[covered] - mean
        return cls(centred, mean, covariance)

    def scaled(self, users: NDArray[np.float32]) -> NDArray[np.float32]:
        """(users, dimensions) whose products with ``vectors`` are the standardised scores.

        Zeros for a user whose scores are all equal.
        """
        wide = users.astype(np.float64)
        variance = np.sum((wide @ self.covariance) * wide, axis=1)
        return users * scale_of(wide @ self.mean, variance)[:, None]


def scale_of(mean: NDArray[np.float64], variance: NDArray[np.float64]) -> NDArray[np.float32]:
    """(users,) one by the deviation; 0 where all scores are equal but for a trace of rounding."""
    deviation = np.sqrt(np.maximum(variance, 0.0))
    flat = deviation <= 1e-6 * np.abs(mean) + 1e-12
    return np.where(flat, 0.0, 1.0 / np.where(flat, 1.0, deviation)).astype(np.float32)


@dataclass(frozen=True)
class StandardisedSums:
    """The item-item model, whose weights are too many for products of short vectors.

    Attributes:
        model: the fitted model.
        columns: (columns,) the catalogue positions that it scores.
        share: (head,) of an item of the head in the mean; 0 for what is no reference item.
    """

    model: ItemItemModel
    columns: NDArray[np.int64]
    share: NDArray[np.float32]

    @classmethod
    def of(cls, model: ItemItemModel, reference: NDArray[np.bool_]) -> "StandardisedSums":
        """Measured by the items of the head that are among the (items,) reference items."""
        counted = reference[model.head]
        share = counted.astype(np.float32) / np.float32(max(1, counted.sum()))
        return cls(model, np.concatenate([model.head, model.placed.items]), share)

    def scores(self, histories: sparse.csr_array) -> NDArray[np.float32]:
        """(users, columns) standardised scores."""
        scores = self.model.sums(histories)
        of_head = scores[:, : len(self.share)]
        mean = (of_head @ self.share).astype(np.float64)
        variance = np.square(of_head) @ self.share - mean**2
        scores -= mean[:, None].astype(np.float32)
        scores *= scale_of(mean, variance)[:, None]
        return scores
