"""A small world of planted tastes, and a hybrid fitted on it without Spark."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import sparse

from igniteflow_core.config.recommendations import PopularitySettings, RecommendationSettings
from igniteflow_core.recommendations.blend_weights import learn_weights
from igniteflow_core.recommendations.content import ContentModel
from igniteflow_core.recommendations.factors import AlsRanker
from igniteflow_core.recommendations.hybrid import HybridRecommender
from igniteflow_core.recommendations.item_item import fit_ease
from igniteflow_core.recommendations.item_vectors import item_vectors
from igniteflow_core.recommendations.matrix import InteractionMatrix, build_matrix
from igniteflow_core.recommendations.members import Members
from igniteflow_core.recommendations.placement import place_in_factors, place_in_item_item
from igniteflow_core.recommendations.popularity import PopularityModel, fit_popularity

CLUSTERS, USERS, ITEMS = 4, 240, 100
NEW_ITEM = "item-new"


@dataclass(frozen=True)
class World:
    """Users and items in taste clusters; nobody has liked ``NEW_ITEM``, of cluster 0, yet."""

    ratings: pd.DataFrame
    train: pd.DataFrame
    holdout: pd.DataFrame
    items: pd.DataFrame
    users: pd.DataFrame
    item_ids: np.ndarray
    user_ids: np.ndarray
    user_cluster: np.ndarray

    def matrix(self, part: pd.DataFrame) -> InteractionMatrix:
        table = pa.Table.from_pandas(part, preserve_index=False)
        return build_matrix(table, self.item_ids, self.user_ids)

    def popularity(self, part: pd.DataFrame) -> PopularityModel:
        likes = part.merge(self.users).groupby(["item_id", "segment"], dropna=False).size()
        table = pa.Table.from_pandas(likes.reset_index(name="likes"), preserve_index=False)
        return fit_popularity(table, self.item_ids, PopularitySettings())

    @property
    def item_table(self) -> pa.Table:
        return pa.Table.from_pandas(self.items, preserve_index=False)


@pytest.fixture(scope="session")
def world() -> World:
    rng = np.random.default_rng(3)
    user_cluster = np.arange(USERS) % CLUSTERS
    item_cluster = np.arange(ITEMS) % CLUSTERS
    appeal = 1.0 / (1 + rng.permutation(ITEMS) / 10)
    rows = []
    for user, cluster in enumerate(user_cluster):
        odds = appeal * np.where(item_cluster == cluster, 25.0, 1.0)
        liked = rng.choice(ITEMS, size=rng.integers(4, 20), replace=False, p=odds / odds.sum())
        rows += [(f"user-{user:03d}", f"item-{item:03d}") for item in liked]
    ratings = pd.DataFrame(rows, columns=["user_id", "item_id"])
    ratings["rating"] = rng.integers(2, 6, len(ratings)).astype(float)
    ratings["event_time"] = pd.Timestamp("2025-01-01") + pd.to_timedelta(
        np.arange(len(ratings)), unit="min"
    )
    likes = ratings[ratings["rating"] >= 3].assign(weight=lambda each: each["rating"] - 2)
    order = likes.groupby("user_id").cumcount()
    items = pd.DataFrame(
        {
            "item_id": [*(f"item-{item:03d}" for item in range(ITEMS)), NEW_ITEM],
            "title": [*(f"Tale of word{item % 7}" for item in range(ITEMS)), "Tale of word1"],
            "categories": [[f"genre-{cluster}"] for cluster in (*item_cluster, 0)],
            "in_stock": True,
        }
    )
    segment = np.where(
        np.arange(USERS) % 5 == 0, None, np.char.add("group-", (user_cluster % 2).astype(str))
    )
    users = pd.DataFrame(
        {"user_id": [f"user-{user:03d}" for user in range(USERS)], "segment": segment}
    )
    return World(
        users=users,
        ratings=ratings,
        train=likes[order % 4 != 3],
        holdout=likes[order % 4 == 3],
        items=items,
        item_ids=np.sort(items["item_id"].to_numpy(dtype=np.str_)),
        user_ids=np.array([f"user-{user:03d}" for user in range(USERS)]),
        user_cluster=user_cluster,
    )


@pytest.fixture(scope="session")
def settings() -> RecommendationSettings:
    return RecommendationSettings()


@pytest.fixture(scope="session")
def train(world: World) -> InteractionMatrix:
    return world.matrix(world.train)


@pytest.fixture(scope="session")
def holdout(world: World) -> InteractionMatrix:
    return world.matrix(world.holdout)


def alternate(weights: sparse.csr_array, rank: int, reg_param: float, alpha: float) -> AlsRanker:
    """Four sweeps of implicit ALS, each half-step being a fold-in."""
    rng = np.random.default_rng(1)
    liked = np.bincount(weights.indices, minlength=weights.shape[1]) > 0
    items = rng.normal(size=(weights.shape[1], rank)).astype(np.float32)
    by_item = sparse.csr_array(weights.T)
    for _ in range(4):
        items[~liked] = np.nan
        known = items[liked].astype(np.float64)
        users = AlsRanker(items, known.T @ known, reg_param, alpha).fold_in(weights)
        gram = users.astype(np.float64).T @ users
        items = AlsRanker(users, gram, reg_param, alpha).fold_in(by_item)
    items[~liked] = np.nan
    known = items[liked].astype(np.float64)
    return AlsRanker(items, known.T @ known, reg_param, alpha)


@pytest.fixture(scope="session")
def members(world: World, train: InteractionMatrix, settings: RecommendationSettings) -> Members:
    content = ContentModel(
        item_vectors(world.item_table, world.item_ids, settings.content, settings.seed)
    )
    als = alternate(train.weights, rank=6, reg_param=0.5, alpha=2.0)
    popularity = world.popularity(world.train)
    vectors, l2 = content.vectors, settings.content.placement_l2
    ease = fit_ease(train.weights, settings.item_item)
    return Members(
        popularity=popularity,
        content=content,
        als=place_in_factors(als, vectors, l2),
        item_item=place_in_item_item(ease, ~popularity.covered, train.weights, vectors, l2),
    )


@pytest.fixture(scope="session")
def segments(world: World, members: Members) -> np.ndarray:
    return members.popularity.segment_positions(world.users["segment"].to_numpy(dtype=object))


@pytest.fixture(scope="session")
def recommender(
    world: World,
    members: Members,
    train: InteractionMatrix,
    holdout: InteractionMatrix,
    segments: np.ndarray,
    settings: RecommendationSettings,
) -> HybridRecommender:
    weights = learn_weights(
        members,
        train.weights,
        holdout.weights,
        segments=segments,
        settings=settings.blend,
        placement_l2=settings.content.placement_l2,
        seed=settings.seed,
    )
    return HybridRecommender(world.item_ids, members, weights)
