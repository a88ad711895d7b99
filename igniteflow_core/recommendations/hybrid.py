"""The hybrid recommender: a blend of popularity, content, ALS and item-item scores."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from igniteflow_core.recommendations.blend import Blend, BlendWeights
from igniteflow_core.recommendations.matrix import Segments, history_sizes
from igniteflow_core.recommendations.members import Members
from igniteflow_core.recommendations.ranking import NO_ITEM, hide_seen
from igniteflow_core.recommendations.rules import ShopRules, best_items


@dataclass(frozen=True)
class Ranking:
    """Ranked lists of several users.

    Attributes:
        items: (users, n) catalogue positions, best first, except for items that fill a list under
            ``ShopRules.max_per_category``; ``NO_ITEM`` where a list ends early.
        scores: (users, n) float32, NaN where a list ends early.
        sources: (users,) "popularity" for users without a known liked item, else "hybrid".
    """

    items: NDArray[np.int64]
    scores: NDArray[np.float32]
    sources: NDArray[np.str_]


@dataclass(frozen=True)
class HybridRecommender:
    """Ranks the catalogue for any history, known or new; it stores no data of single users.

    Attributes:
        item_ids: (items,) the catalogue, sorted and unique.
        members: fitted models.
        weights: weights of the members.
    """

    item_ids: NDArray[np.str_]
    members: Members
    weights: BlendWeights

    @cached_property
    def covered(self) -> NDArray[np.bool_]:
        """The items (items,) that can be recommended: those with likes or with content."""
        return self.members.popularity.covered | self.members.content.covered

    @cached_property
    def _blend(self) -> Blend:
        return Blend(self.members)

    def score(self, histories: sparse.csr_array, segments: Segments = None) -> NDArray[np.float32]:
        """(users, items) blended scores, NaN for items that cannot be recommended.

        Args:
            histories: (users, items) weights of the liked items.
            segments: segments of the users, from ``members.popularity.segment_positions``.
        """
        known, new = self.weights.at(history_sizes(histories))
        return self._blend.scores(histories, segments, known, new)

    def rank(
        self,
        histories: sparse.csr_array,
        seen: sparse.csr_array,
        n: int,
        segments: Segments = None,
        rules: ShopRules | None = None,
    ) -> Ranking:
        """The n best unseen items of each user.

        Args:
            histories: (users, items) weights of the liked items.
            seen: (users, items) matrix whose stored cells are never recommended.
            n: the length of the lists.
            segments: segments of the users, from ``members.popularity.segment_positions``.
            rules: rules for the same catalogue; None to allow all items.
        """
        scores = hide_seen(self.score(histories, segments), seen)
        items = best_items(scores, n, rules)
        listed = np.take_along_axis(scores, np.maximum(items, 0), axis=1)
        return Ranking(
            items=items,
            scores=np.where(items == NO_ITEM, np.nan, listed).astype(np.float32),
            sources=np.where(history_sizes(histories) > 0, "hybrid", "popularity"),
        )
