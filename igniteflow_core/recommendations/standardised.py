"""Standardisation of members' scores per user, without a pass over the scores."""

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
    """Members whose scores are products of user and item vectors, with concatenated vectors.

    With item vectors of mean m and covariance C over the reference items, the scores of a user with
    the vector q have the mean ``q m`` and the variance ``q C q``.

    Attributes:
        members: fitted models.
        vectors: (dimensions, items) vectors minus the mean; zeros for an item that the member does
            not know. In this order one user's product with them takes half the time.
        mean: (dimensions,) mean of the reference items.
        covariance: (dimensions, dimensions) covariance of the reference items, zeros between
            members.
        begins: (members,) position of the first dimension of each member.
        member: (dimensions,) position of the member of each dimension.
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
        """Fit the mean and covariance on the (items,) reference items that a member knows."""
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
        """The user vectors (users, dimensions), and the scale (users, members) of their products
        with the item vectors of a member; the scale is 0 if all scores are equal.
        """
        made = np.hstack([each.user_vectors(histories, segments) for each in self.members])
        wide = made.astype(np.float64)
        mean = np.add.reduceat(wide * self.mean, self.begins, axis=1)
        variance = np.add.reduceat((wide @ self.covariance) * wide, self.begins, axis=1)
        return made, scale_of(mean, variance)

    def of_member(
        self, at: int, users: NDArray[np.float32], scale: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """The standardised scores (users, items) of one member, from the result of ``users``."""
        end = self.begins[at + 1] if at + 1 < len(self.begins) else None
        own = slice(self.begins[at], end)  # a view, not a copy of the vectors
        return np.asarray((users[:, own] * scale[:, [at]]) @ self.vectors[own])


def _centred(
    vectors: NDArray[np.float32], covered: NDArray[np.bool_], reference: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64]]:
    """The transposed vectors, mean and covariance of a member's (items, dimensions)."""
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
    """The reciprocal of the deviation; 0 if all scores are equal up to rounding errors."""
    deviation = np.sqrt(np.maximum(variance, 0.0))
    flat = deviation <= 1e-6 * np.abs(mean) + 1e-12
    return np.where(flat, 0.0, 1.0 / np.where(flat, 1.0, deviation)).astype(np.float32)


@dataclass(frozen=True)
class StandardisedSums:
    """The standardised item-item model, which has no short item vectors.

    Attributes:
        model: fitted model.
        columns: (columns,) catalogue positions that it scores.
        share: (head,) share of each item of the head in the mean; 0 for other than reference items.
    """

    model: ItemItemModel
    columns: NDArray[np.int64]
    share: NDArray[np.float32]

    @classmethod
    def of(cls, model: ItemItemModel, reference: NDArray[np.bool_]) -> "StandardisedSums":
        """Fit the mean on the items of the head that are among the (items,) reference items."""
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
