"""The hybrid recommender: a blend of popularity, content, ALS and item-item scores."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from igniteflow_core.recommendations.content import ContentModel
from igniteflow_core.recommendations.factors import AlsRanker
from igniteflow_core.recommendations.item_item import ItemItemModel
from igniteflow_core.recommendations.matrix import Segments, history_sizes
from igniteflow_core.recommendations.popularity import PopularityModel
from igniteflow_core.recommendations.ranking import NO_ITEM, hide_seen, top_k
from igniteflow_core.recommendations.rules import ShopRules

Member = PopularityModel | ContentModel | AlsRanker | ItemItemModel


@dataclass(frozen=True)
class Members:
    """The fitted models that are blended, all over one catalogue."""

    popularity: PopularityModel
    content: ContentModel
    als: AlsRanker
    item_item: ItemItemModel

    def all(self) -> tuple[Member, ...]:
        """The members in the order of the blend's weights."""
        return (self.popularity, self.content, self.als, self.item_item)


MEMBER_NAMES = ("popularity", "content", "als", "item_item")


@dataclass(frozen=True)
class BlendWeights:
    """What each member counts, by the length of the history.

    Between two sizes weights are interpolated over ``log(1 + size)``; beyond the last they stay.

    Attributes:
        sizes: (sizes,) history lengths, ascending from 0.
        known_items: (sizes, members) shares that sum to 1, for items somebody has liked.
        new_items: (sizes, members) intercept, in the place of popularity, and coefficients of the
            other members, which predict the blend's score of an item nobody has liked yet.
    """

    sizes: NDArray[np.float64]
    known_items: NDArray[np.float64]
    new_items: NDArray[np.float64]

    def at(self, sizes: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """(users, members) weights of known and of new items, for histories of those lengths."""
        grid, wanted = np.log1p(self.sizes), np.log1p(sizes)
        known, new = (
            np.column_stack([np.interp(wanted, grid, column) for column in table.T])
            for table in (self.known_items, self.new_items)
        )
        return known.astype(np.float32), new.astype(np.float32)


def standardise(scores: NDArray[np.float32], reference: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Give each user's scores mean 0 and deviation 1 over the ``reference`` items.

    Args:
        scores: (users, items), NaN for all users where a member does not know the item.
        reference: (items,) the items with a score that set mean and deviation.

    Returns:
        (users, items) with NaN where there was NaN; zeros for a user whose scores are all equal.
    """
    if not scores.size or not reference.any():
        return np.where(np.isnan(scores), scores, 0.0).astype(np.float32)
    missing = np.flatnonzero(np.isnan(scores[0]))
    share = reference.astype(np.float32) / np.count_nonzero(reference)
    # Measured from one of the scores, equal scores are exactly 0, and squares lose few digits.
    origin = scores[:, [int(np.argmax(reference))]]
    made = scores - origin
    made[:, missing] = 0.0
    mean = made @ share
    deviation = np.sqrt(np.maximum(np.square(made) @ share - mean**2, 0.0))
    # Rounding leaves a trace of deviation where all scores are equal.
    flat = deviation <= 1e-6 * np.abs(origin[:, 0] + mean) + 1e-12
    scale = np.where(flat, 0.0, 1.0 / np.where(flat, 1.0, deviation)).astype(np.float32)
    made -= mean[:, None]
    made *= scale[:, None]
    made[:, missing] = np.nan
    return made


def standardised_members(
    members: Members, histories: sparse.csr_array, segments: Segments
) -> list[NDArray[np.float32]]:
    """(users, items) standardised scores of each member; items somebody likes set the scale."""
    liked = members.popularity.covered
    return [
        standardise(member.score(histories, segments), liked & member.covered)
        for member in members.all()
    ]


def blend(
    members: Members,
    standardised: list[NDArray[np.float32]],
    known_items: NDArray[np.float32],
    new_items: NDArray[np.float32],
) -> NDArray[np.float32]:
    """The weighted sum of the members' standardised scores.

    An item that a member does not know, such as one outside the head of EASE, is judged by the
    others, whose weights are scaled up. An item nobody has liked is judged by its content, and by
    where that places it among factors and beside the items of the item-item model.

    Args:
        members: the fitted members.
        standardised: what ``standardised_members`` gives.
        known_items: (users, members) weights.
        new_items: (users, members) weights, of which the first is the intercept.

    Returns:
        (users, items) scores; NaN for an item that nobody has liked and that has no content, or
        that only members of no weight know.
    """
    covered = np.stack([member.covered for member in members.all()])
    total = np.zeros_like(standardised[0])
    for column, scores in enumerate(standardised):
        part = scores * known_items[:, column : column + 1]
        part[:, ~covered[column]] = 0.0
        total += part
    with np.errstate(invalid="ignore"):
        total /= known_items @ covered.astype(np.float32)
    new = np.flatnonzero(~members.popularity.covered)
    content, *placed = (scores[:, new] for scores in standardised[1:])
    told = new_items[:, :1] + new_items[:, 1:2] * content
    for column, scores in enumerate(placed, start=2):
        # A member that could place nothing says of every new item that it is an average one.
        told += new_items[:, column : column + 1] * np.nan_to_num(scores)
    total[:, new] = told
    return total


@dataclass(frozen=True)
class Ranking:
    """Ranked lists of several users.

    Attributes:
        items: (users, n) catalogue positions, best first but for what fills the end of a list
            under ``ShopRules.max_per_category``; ``NO_ITEM`` where a list ends early.
        scores: (users, n) float32, NaN where a list ends early.
        sources: (users,) "popularity" for users without a known liked item, else "hybrid".
    """

    items: NDArray[np.int64]
    scores: NDArray[np.float32]
    sources: NDArray[np.str_]


@dataclass(frozen=True)
class HybridRecommender:
    """Ranks the catalogue for any history, known or new; holds nothing about single users.

    Attributes:
        item_ids: (items,) the catalogue, sorted and unique.
        members: the fitted models.
        weights: what each of them counts.
    """

    item_ids: NDArray[np.str_]
    members: Members
    weights: BlendWeights

    @property
    def covered(self) -> NDArray[np.bool_]:
        """(items,) the items that can be recommended: liked by somebody, or with content."""
        return self.members.popularity.covered | self.members.content.covered

    def score(self, histories: sparse.csr_array, segments: Segments = None) -> NDArray[np.float32]:
        """(users, items) blended scores, NaN for items that cannot be recommended.

        Args:
            histories: (users, items) weights of the liked items.
            segments: of the users, from ``members.popularity.segment_positions``.
        """
        known, new = self.weights.at(history_sizes(histories))
        scores = standardised_members(self.members, histories, segments)
        return blend(self.members, scores, known, new)

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
            seen: (users, items) whose stored cells are never recommended.
            n: the length of the lists.
            segments: of the users, from ``members.popularity.segment_positions``.
            rules: over the same catalogue; None to allow all of it.
        """
        scores = hide_seen(self.score(histories, segments), seen)
        if rules is None:
            items = top_k(scores, n)
        else:
            scores = rules.hide_forbidden(scores)
            items = rules.diversify(top_k(scores, rules.pool_size(n)), n)
        listed = np.take_along_axis(scores, np.maximum(items, 0), axis=1)
        return Ranking(
            items=items,
            scores=np.where(items == NO_ITEM, np.nan, listed).astype(np.float32),
            sources=np.where(history_sizes(histories) > 0, "hybrid", "popularity"),
        )
