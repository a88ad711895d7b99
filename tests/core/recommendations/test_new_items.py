from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from igniteflow_core.recommendations.blend import BlendWeights
from igniteflow_core.recommendations.evaluation import OnlyItems, bootstrap_interval, evaluate
from igniteflow_core.recommendations.hybrid import HybridRecommender
from igniteflow_core.recommendations.item_item import NOTHING_PLACED, fit_ease
from igniteflow_core.recommendations.new_items import (
    draw_hidden_items,
    without_items,
    without_likes,
)
from igniteflow_core.recommendations.placement import ContentMap, place_in_item_item

L2 = 30.0


@pytest.fixture(scope="module")
def hidden(members):
    return draw_hidden_items(members, np.random.default_rng(4))


@pytest.fixture(scope="module")
def unaware(members, train, hidden):
    return without_items(members, hidden, without_likes(train.weights, hidden), L2)


def test_the_map_is_the_ridge_regression_of_the_textbook():
    rng = np.random.default_rng(5)
    content = rng.normal(size=(50, 3)).astype(np.float32)
    target = rng.normal(size=(50, 2)).astype(np.float32)
    # An unpenalised intercept is a column of ones beside the penalised ones.
    design = np.hstack([np.ones((50, 1)), content]).astype(np.float64)
    weights = np.linalg.solve(design.T @ design + np.diag([0, 2.0, 2.0, 2.0]), design.T @ target)
    new = rng.normal(size=(4, 3)).astype(np.float32)
    expected = np.hstack([np.ones((4, 1)), new]) @ weights
    assert ContentMap.fit(content, target, 2.0).predict(new) == pytest.approx(expected, abs=1e-4)


def test_a_new_item_is_placed_beside_the_liked_items_of_its_kind(members, world, train):
    new = int(np.flatnonzero(world.item_ids == "item-new")[0])
    scores = members.item_item.score(train.weights)[:, new]
    of_its_kind = world.user_cluster == 0
    assert scores[of_its_kind].mean() > 3 * np.abs(scores[~of_its_kind].mean())
    assert members.item_item.placed.items.tolist() == [new]
    assert members.item_item.covered[new]


def test_placing_changes_no_score_of_a_known_item(members, train):
    unplaced = replace(members.item_item, placed=NOTHING_PLACED)
    known = unplaced.covered
    np.testing.assert_array_equal(
        unplaced.score(train.weights)[:, known], members.item_item.score(train.weights)[:, known]
    )


def test_an_item_without_content_cannot_be_placed(members, train, world, settings):
    vectors = members.content.vectors.copy()
    new = ~members.popularity.covered
    vectors[new] = 0.0
    ease = fit_ease(train.weights, settings.item_item)
    placed = place_in_item_item(ease, new, train.weights, vectors, L2)
    assert placed.placed is NOTHING_PLACED
    assert np.isnan(placed.score(train.weights)[:, new]).all()


def test_members_without_hidden_items_know_them_by_content_only(members, unaware, hidden, train):
    assert not unaware.popularity.covered[hidden].any()
    assert not np.isin(np.flatnonzero(hidden), unaware.item_item.head).any()
    assert all(member.covered[hidden].all() for member in unaware.all()[1:])
    reduced = without_likes(train.weights, hidden)
    assert not reduced[:, hidden].nnz
    assert reduced.nnz == train.weights.nnz - train.weights[:, hidden].nnz


def test_hidden_items_are_ranked_better_than_by_their_popularity(
    recommender, members, unaware, hidden, train, holdout, segments
):
    histories = without_likes(train.weights, hidden)
    likes = sparse.csr_array(train.weights + holdout.weights)
    likes = sparse.csr_array(likes - without_likes(likes, hidden))
    likes.eliminate_zeros()
    hybrid = HybridRecommender(recommender.item_ids, unaware, recommender.weights)
    by_hybrid, by_popularity = (
        evaluate(
            OnlyItems(model, hidden), histories, histories, likes, 5,
            vectors=members.content.vectors, segments=segments,
        ).user_metrics["ndcg"]
        for model in (hybrid, members.popularity)
    )  # fmt: skip
    assert bootstrap_interval(by_hybrid - by_popularity, seed=1).low > 0


def test_a_member_that_could_place_nothing_calls_every_new_item_average(recommender, train):
    unplaced = replace(recommender.members.item_item, placed=NOTHING_PLACED)
    members = replace(recommender.members, item_item=unplaced)
    of_ease, without = (np.tile([0.1, 1.0, 1.0, share], (2, 1)) for share in (9.0, 0.0))
    weights = BlendWeights(np.array([0.0, 1.0]), np.tile([0.25] * 4, (2, 1)), of_ease)
    new = ~members.popularity.covered
    scores, expected = (
        HybridRecommender(recommender.item_ids, members, each).score(train.weights)[:, new]
        for each in (weights, replace(weights, new_items=without))
    )
    np.testing.assert_array_equal(scores, expected)
