"""The blend: a weighted sum of the members' standardised scores."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from igniteflow_core.recommendations.matrix import Segments
from igniteflow_core.recommendations.members import Members
from igniteflow_core.recommendations.standardised import StandardisedProducts, StandardisedSums


@dataclass(frozen=True)
class BlendWeights:
    """The weights of the members, by the length of the history.

    Between two sizes weights are interpolated over ``log(1 + size)``; beyond the last size they are
    constant.

    Attributes:
        sizes: (sizes,) history lengths, ascending from 0.
        known_items: (sizes, members) shares that sum to 1, for items with likes.
        new_items: (sizes, members) intercept, at the position of popularity, and coefficients of
            the other members, which predict the blend's score of an item without likes.
    """

    sizes: NDArray[np.float64]
    known_items: NDArray[np.float64]
    new_items: NDArray[np.float64]

    def at(self, sizes: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """(users, members) weights of known and of new items, for histories of those lengths."""
        place = np.interp(np.log1p(sizes), np.log1p(self.sizes), np.arange(len(self.sizes)))
        below = place.astype(np.int64)
        above = np.minimum(below + 1, len(self.sizes) - 1)
        part = (place - below)[:, None]
        known, new = (
            (1.0 - part) * table[below] + part * table[above]
            for table in (self.known_items, self.new_items)
        )
        return known.astype(np.float32), new.astype(np.float32)


class Blend:
    """Blends members with any weights; what depends on the members alone is computed once.

    Each member's scores are standardised over the items with likes. All members but the
    item-item model are products of vectors, so their blend is one product of the vectors side by
    side.

    Args:
        members: fitted members.
    """

    def __init__(self, members: Members) -> None:
        liked = members.popularity.covered
        # In the order of the blend's weights, whose last is that of the item-item model.
        products = (members.popularity, members.content, members.als)
        self._products = StandardisedProducts.of(products, liked)
        self._sums = StandardisedSums.of(members.item_item, liked)
        # A slice is updated in place; an array of positions would be gathered and scattered.
        self._columns = _as_slice(self._sums.columns)
        covered = np.stack([member.covered for member in members.all()], axis=1)
        bits = np.arange(covered.shape[1])
        codes, pattern = np.unique(covered @ (1 << bits), return_inverse=True)
        self._patterns = (codes[:, None] >> bits & 1).astype(np.float32)
        self._of_pattern = [_as_slice(np.flatnonzero(pattern == at)) for at in range(len(codes))]
        self._common = int(np.argmax(np.bincount(pattern)))
        self._items = len(pattern)
        self._new = np.flatnonzero(~liked)
        self._unknown = ~members.content.covered[self._new]
        # Popularity is unknown for a new item, so its vector is left out.
        self._beside_popularity = self._products.begins[1]
        self._new_vectors = np.ascontiguousarray(
            self._products.vectors[self._beside_popularity :, self._new]
        )
        self._placed = np.isin(self._sums.columns, self._new)
        self._places = np.searchsorted(self._new, self._sums.columns[self._placed])

    def member_scores(
        self, histories: sparse.csr_array, segments: Segments
    ) -> list[NDArray[np.float32]]:
        """The standardised scores (users, items) of each member, NaN for items it does not know."""
        made = []
        users, scale = self._products.users(histories, segments)
        for at, member in enumerate(self._products.members):
            scores = self._products.of_member(at, users, scale)
            scores[:, ~member.covered] = np.nan
            made.append(scores)
        shape = (histories.shape[0], self._items)
        made.append(np.full(shape, np.nan, dtype=np.float32))
        made[-1][:, self._columns] = self._sums.scores(histories)
        return made

    def scores(
        self,
        histories: sparse.csr_array,
        segments: Segments,
        known_items: NDArray[np.float32],
        new_items: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        """The weighted sum of the members' standardised scores.

        If a member does not know an item, such as one outside the head of EASE, the other members
        score it, with weights that are scaled up. An item without likes is scored by its content,
        and by the factors and item-item weights that are predicted from it. A member that cannot
        place new items gives every new item the average score.

        Args:
            histories: (users, items) weights of the liked items.
            segments: segments of the users.
            known_items: (users, members) weights.
            new_items: (users, members) weights, of which the first is the intercept.

        Returns:
            (users, items) scores; NaN for an item that has neither likes nor content, or that only
            members with weight 0 know.
        """
        users, deviation = self._products.users(histories, segments)
        sums = self._sums.scores(histories)
        weight = known_items @ self._patterns.T
        # The scale of most items is applied before the product; other items are rescaled after it.
        scale = (1.0 / np.where(weight > 0, weight, 1.0)).astype(np.float32)
        shares = known_items * scale[:, [self._common]]
        member = self._products.member
        total = (users * (shares[:, :3] * deviation)[:, member]) @ self._products.vectors
        total[:, self._columns] += shares[:, 3:] * sums
        for at, items in enumerate(self._of_pattern):
            if at != self._common:
                total[:, items] *= scale[:, [at]] / scale[:, [self._common]]
            if not (weight[:, at] > 0).all():
                unknown = total[:, items]
                unknown[weight[:, at] <= 0] = np.nan
                total[:, items] = unknown
        if len(self._new):
            own = slice(self._beside_popularity, None)
            placed = (new_items[:, :3] * deviation)[:, member[own]]
            expected = (users[:, own] * placed) @ self._new_vectors
            expected[:, self._places] += new_items[:, 3:] * sums[:, self._placed]
            expected += new_items[:, :1]
            expected[:, self._unknown] = np.nan
            total[:, self._new] = expected
        return total


def _as_slice(positions: NDArray[np.int64]) -> NDArray[np.int64] | slice:
    """The same positions as a slice, if they are consecutive."""
    if len(positions) and (np.diff(positions) == 1).all():
        return slice(int(positions[0]), int(positions[-1]) + 1)
    return positions
