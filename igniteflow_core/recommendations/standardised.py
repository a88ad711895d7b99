"""Members' scores with mean 0 and deviation 1 for each user, without a pass over the scores."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from igniteflow_core.recommendations.item_item import ItemItemModel
from igniteflow_core.recommendations.matrix import Segments
from igniteflow_core.recommendations.members import ProductMember


@dataclass(frozen=True)
class StandardisedProducts:
    """Members whose score is the product of a user's vector and an item's, side by side.

    With item vectors of mean m and covariance C over the reference items, the scores of a user with
    the vector q have there the mean ``q m`` and the variance ``q C q``.

    Attributes:
        members: the fitted models.
        vectors: (dimensions, items) less the mean; zeros for an item that the member does not know.
            Dimension by dimension, one user's product with them takes half the time.
        mean: (dimensions,) of the reference items.
        covariance: (dimensions, dimensions) of the reference items, zeros between members.
        begins: (members,) where the dimensions of each begin.
        member: (dimensions,) whose each one is.
    """

    members: Sequence[ProductMember]
    vectors: NDArray[np.float32]
    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]
    begins: NDArray[np.int64]
    member: NDArray[np.int64]

    @classmethod
    def of(
        cls, members: Sequence[ProductMember], reference: NDArray[np.bool_]
    ) -> "StandardisedProducts":
        """Measured by those of the (items,) reference items that a member knows."""
        parts = [_centred(each.item_vectors, each.covered, reference) for each in members]
        vectors, means, covariances = zip(*parts, strict=True)
        widths = [len(mean) for mean in means]
        return cls(
            members,
            np.concatenate(vectors),
            np.concatenate(means),
            linalg.block_diag(*covariances),
            np.cumsum([0, *widths[:-1]]),
            np.repeat(np.arange(len(widths)), widths),
        )

    def users(
        self, histories: sparse.csr_array, segments: Segments
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """(users, dimensions) vectors, and (users, members) by what the products with those of a
        member are to be multiplied; 0 where all scores are equal.
        """
        made = np.hstack([each.user_vectors(histories, segments) for each in self.members])
        wide = made.astype(np.float64)
        mean = np.add.reduceat(wide * self.mean, self.begins, axis=1)
        variance = np.add.reduceat((wide @ self.covariance) * wide, self.begins, axis=1)
        return made, scale_of(mean, variance)

    def of_member(
        self, at: int, users: NDArray[np.float32], scale: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """(users, items) standardised scores of one member, from what ``users`` gives."""
        end = self.begins[at + 1] if at + 1 < len(self.begins) else None
        own = slice(self.begins[at], end)  # a view: a large catalogue's vectors are held once
        return np.asarray((users[:, own] * scale[:, [at]]) @ self.vectors[own])


def _centred(
    vectors: NDArray[np.float32], covered: NDArray[np.bool_], reference: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64]]:
    """Vectors dimension by dimension, mean and covariance of a member's (items, dimensions)."""
    dimensions = vectors.shape[1]
    mean, covariance = np.zeros(dimensions), np.zeros((dimensions, dimensions))
    measured = reference & covered
    if measured.any():
        of_reference = vectors[measured].astype(np.float64)
        mean = of_reference.mean(axis=0)
        of_reference -= mean
        covariance = of_reference.T @ of_reference / len(of_reference)
    centred = np.zeros((dimensions, len(vectors)), dtype=np.float32)
    centred[:, covered] = (vectors[covered] - mean).T
    return centred, mean, covariance


def scale_of(mean: NDArray[np.float64], variance: NDArray[np.float64]) -> NDArray[np.float32]:
    """One by the deviation; 0 where all scores are equal but for a trace of rounding."""
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
