"""Training the hybrid recommender from the tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from scipy import sparse

from igniteflow_core.config.recommendations import RecommendationSettings
from igniteflow_core.errors import InsufficientDataError
from igniteflow_core.recommendations.als import fit_als
from igniteflow_core.recommendations.blend import BlendWeights
from igniteflow_core.recommendations.blend_weights import learn_weights
from igniteflow_core.recommendations.content import ContentModel
from igniteflow_core.recommendations.factors import AlsModel, ranker_of
from igniteflow_core.recommendations.hybrid import HybridRecommender
from igniteflow_core.recommendations.item_item import fit_ease
from igniteflow_core.recommendations.item_vectors import item_vectors
from igniteflow_core.recommendations.matrix import (
    InteractionMatrix,
    collect_matrix,
    collect_segments,
    sorted_ids,
)
from igniteflow_core.recommendations.members import Members
from igniteflow_core.recommendations.placement import place_in_factors, place_in_item_item
from igniteflow_core.recommendations.popularity import PopularityModel, fit_popularity
from igniteflow_core.recommendations.recency import recent_likes
from igniteflow_core.recommendations.split import split_interactions


def fit_content(
    items: DataFrame, settings: RecommendationSettings
) -> tuple[NDArray[np.str_], ContentModel]:
    """The catalogue's ids, (items,) sorted, and the content model over them.

    Args:
        items: the ITEMS table; its items are those that may be recommended.
        settings: settings of the content vectors, and seed.

    Raises:
        InsufficientDataError: the table is empty.
    """
    table = items.select("item_id", "title", "categories").toArrow()
    if not table.num_rows:
        raise InsufficientDataError(
            "the catalogue has no items", where="items", fix="deliver the items source"
        )
    item_ids = sorted_ids(table["item_id"])
    vectors = item_vectors(table, item_ids, settings.content, settings.seed)
    return item_ids, ContentModel(vectors)


def fit_members(
    als: AlsModel,
    matrix: InteractionMatrix,
    content: ContentModel,
    popularity: PopularityModel,
    settings: RecommendationSettings,
) -> Members:
    """Fit the item-item model, place new items, and combine all members.

    Args:
        als: ALS model fitted on the interactions of the matrix.
        matrix: training interactions, collected over the catalogue.
        content: content model of the same catalogue.
        popularity: popularity model of the same interactions.
        settings: settings of all members.
    """
    ranker = ranker_of(als, matrix.item_ids, settings.als, matrix.mean_weight)
    item_item = fit_ease(matrix.weights, settings.item_item)
    vectors, l2 = content.vectors, settings.content.placement_l2
    return Members(
        popularity=popularity,
        content=content,
        als=place_in_factors(ranker, vectors, l2),
        item_item=place_in_item_item(item_item, ~popularity.covered, matrix.weights, vectors, l2),
    )


def count_popularity(
    interactions: DataFrame,
    users: DataFrame,
    item_ids: NDArray[np.str_],
    settings: RecommendationSettings,
) -> PopularityModel:
    """Fit popularity on counts by item and segment, which are aggregated on Spark.

    Args:
        interactions: the INTERACTIONS table.
        users: the USERS table, which gives segments.
        item_ids: (items,) the catalogue.
        settings: settings of the decay and the smoothing.
    """
    likes = recent_likes(interactions, users, settings.popularity.half_life_days)
    return fit_popularity(likes.toArrow(), item_ids, settings.popularity)


def of_some_users(
    interactions: DataFrame, user_ids: NDArray[np.str_], most: int, seed: int
) -> DataFrame:
    """The interactions of a random sample of at most ``most`` of these users."""
    if len(user_ids) <= most:
        return interactions
    drawn = np.random.default_rng(seed).choice(user_ids, most, replace=False)
    chosen = interactions.sparkSession.createDataFrame(pa.table({"user_id": drawn.tolist()}))
    return interactions.join(F.broadcast(chosen), "user_id", "left_semi")


@dataclass(frozen=True)
class NestedPart:
    """A nested split of the training interactions of some users, to evaluate blends.

    Attributes:
        known: part that members are fitted on, as INTERACTIONS.
        users: the USERS table.
        content: content model of the catalogue.
        train: the part ``known``, collected.
        targets: (users, items) held-out likes of the same users.
        segments: (users,) names, None for users without a segment.
    """

    known: DataFrame
    users: DataFrame
    content: ContentModel
    train: InteractionMatrix
    targets: sparse.csr_array
    segments: NDArray[np.object_]

    def fit(self, settings: RecommendationSettings) -> Members:
        """Fit members without the targets."""
        als = fit_als(self.known, settings.als, settings.seed)
        popularity = count_popularity(self.known, self.users, self.train.item_ids, settings)
        return fit_members(als, self.train, self.content, popularity, settings)

    def learn(self, members: Members, settings: RecommendationSettings) -> BlendWeights:
        """The shares that rank the targets best. Raises as ``learn_weights``."""
        return learn_weights(
            members,
            self.train.weights,
            self.targets,
            segments=members.popularity.segment_positions(self.segments),
            settings=settings.blend,
            placement_l2=settings.content.placement_l2,
            seed=settings.seed,
        )


@contextmanager
def nested_part(
    interactions: DataFrame,
    users: DataFrame,
    user_ids: NDArray[np.str_],
    item_ids: NDArray[np.str_],
    content: ContentModel,
    settings: RecommendationSettings,
) -> Iterator[NestedPart]:
    """Split the training interactions, and cache the part that members are fitted on.

    Args:
        interactions: the training part of INTERACTIONS, cached; the holdout must not be in it.
        users: the USERS table.
        user_ids: (users,) users with interactions.
        item_ids: (items,) the catalogue.
        content: content model of the same catalogue.
        settings: settings of the split, and maximum number of users.
    """
    few = of_some_users(interactions, user_ids, settings.blend.train_users, settings.seed)
    share = {"holdout_share": settings.blend.holdout_share}
    nested = split_interactions(few, settings.model_copy(update=share), settings.seed + 1)
    known = nested.train.persist()
    try:
        train = collect_matrix(known, item_ids)
        targets = collect_matrix(nested.holdout, item_ids, train.user_ids).weights
        segments = collect_segments(users, train.user_ids)
        yield NestedPart(known, users, content, train, targets, segments)
    finally:
        known.unpersist()


def learn_blend(
    interactions: DataFrame,
    users: DataFrame,
    user_ids: NDArray[np.str_],
    item_ids: NDArray[np.str_],
    content: ContentModel,
    settings: RecommendationSettings,
) -> BlendWeights:
    """Learn the blend on a nested split of the training interactions.

    Args:
        As ``nested_part``.

    Raises:
        InsufficientDataError: no user has enough interactions to hold one out.
    """
    with nested_part(interactions, users, user_ids, item_ids, content, settings) as part:
        return part.learn(part.fit(settings), settings)


def train_hybrid(
    interactions: DataFrame,
    users: DataFrame,
    item_ids: NDArray[np.str_],
    content: ContentModel,
    als: AlsModel,
    settings: RecommendationSettings,
) -> HybridRecommender:
    """Learn the blend on a nested split, then blend members that are fitted on all interactions.

    Args:
        interactions: the INTERACTIONS to train on, cached: they are read several times.
        users: the USERS table.
        item_ids: (items,) the catalogue, sorted.
        content: content model of the same catalogue.
        als: ALS model fitted on the same interactions.
        settings: settings of all models.

    Raises:
        InsufficientDataError: no interactions, or none that can be held out.
    """
    matrix = collect_matrix(interactions, item_ids)
    weights = learn_blend(interactions, users, matrix.user_ids, item_ids, content, settings)
    popularity = count_popularity(interactions, users, item_ids, settings)
    members = fit_members(als, matrix, content, popularity, settings)
    return HybridRecommender(item_ids, members, weights)
