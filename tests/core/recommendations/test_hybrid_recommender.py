from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from igniteflow_core.config.recommendations import ItemItemSettings
from igniteflow_core.errors import InsufficientDataError
from igniteflow_core.recommendations.blend import Blend, BlendWeights
from igniteflow_core.recommendations.blend_weights import learn_weights, shares_of
from igniteflow_core.recommendations.evaluation import bootstrap_interval, evaluate
from igniteflow_core.recommendations.hybrid import HybridRecommender
from igniteflow_core.recommendations.item_item import fit_ease
from igniteflow_core.recommendations.members import MEMBER_NAMES
from igniteflow_core.recommendations.ranking import NO_ITEM, hide_seen, top_k
from igniteflow_core.simplex import simplex_grid


@pytest.mark.parametrize("position", range(4), ids=MEMBER_NAMES)
def test_on_validation_the_hybrid_is_not_worse_than_a_member(
    recommender, members, train, holdout, segments, position
):
    by_hybrid, by_member = (
        evaluate(
            model, train.weights, train.weights, holdout.weights, 10,
            vectors=members.content.vectors, segments=segments,
        ).user_metrics["ndcg"]
        for model in (recommender, members.all()[position])
    )  # fmt: skip
    gain = bootstrap_interval(by_hybrid - by_member, seed=7)
    assert gain.mean >= -(gain.high - gain.low) / 2


def test_seen_items_are_never_recommended(recommender, train, holdout):
    seen = sparse.csr_array(train.weights + holdout.weights)
    ranked = recommender.rank(train.weights, seen, 20).items
    for user, items in enumerate(ranked):
        assert not set(items) & set(seen.indices[seen.indptr[user] : seen.indptr[user + 1]])


def test_lists_end_when_all_items_are_seen(recommender, train):
    everything = sparse.csr_array(np.ones((1, len(recommender.item_ids)), dtype=np.float32))
    ranking = recommender.rank(train.weights[:1], everything, 3)
    assert ranking.items.tolist() == [[NO_ITEM] * 3]
    assert np.isnan(ranking.scores).all()


def test_an_unknown_user_gets_popularity_and_is_told_so(recommender, members, train):
    nobody = sparse.csr_array((1, train.weights.shape[1]), dtype=np.float32)
    both = sparse.vstack([nobody, train.weights[:1]]).tocsr()
    ranking = recommender.rank(both, sparse.csr_array(both.shape, dtype=np.float32), 10)
    assert ranking.sources.tolist() == ["popularity", "hybrid"]
    popular = np.argsort(-members.popularity.counts, kind="stable")[:10]
    assert ranking.items[0].tolist() == popular.tolist()


def test_popularity_fades_as_the_history_grows(recommender):
    known, _ = recommender.weights.at(np.array([0, 1, 5, 1000]))
    assert known[0].tolist() == [1.0, 0.0, 0.0, 0.0]
    assert known[-1, 0] < 0.5
    assert known.sum(axis=1) == pytest.approx(np.ones(4))


def test_weights_are_interpolated_over_the_logarithm_of_the_size():
    shares = np.array([[1.0, 0, 0, 0], [0, 0, 1.0, 0]])
    weights = BlendWeights(np.array([0.0, 3.0]), shares, np.zeros((2, 4)))
    known, _ = weights.at(np.array([1]))
    assert known[0].tolist() == pytest.approx([0.5, 0, 0.5, 0])  # log 2 is half of log 4


def test_a_new_item_is_placed_above_most_for_users_of_its_kind_only(recommender, world, train):
    new = int(np.flatnonzero(world.item_ids == "item-new")[0])
    scores = hide_seen(recommender.score(train.weights), train.weights)
    place = (scores > scores[:, [new]]).sum(axis=1)
    own = world.user_cluster == 0
    assert np.isfinite(scores[:, new]).all()
    assert np.median(place[own]) < 25
    assert np.median(place[~own]) > 50


def test_a_new_item_can_be_recommended(recommender, world, train):
    new = int(np.flatnonzero(world.item_ids == "item-new")[0])
    ranked = top_k(hide_seen(recommender.score(train.weights), train.weights), 20)
    assert (ranked == new).any()


def test_an_item_nobody_liked_that_has_no_content_is_not_ranked(recommender, members, train):
    new = ~members.popularity.covered
    vectors = np.where(new[:, None], 0.0, members.content.vectors)
    factors = np.where(new[:, None], np.nan, members.als.item_factors)
    blind = replace(
        members,
        content=replace(members.content, vectors=vectors),
        als=replace(members.als, item_factors=factors),
    )
    model = HybridRecommender(recommender.item_ids, blind, recommender.weights)
    assert not model.covered[new].any()
    assert np.isnan(model.score(train.weights)[:, new]).all()


def test_items_outside_the_head_are_judged_by_the_other_members(recommender, members, train):
    small = replace(members, item_item=fit_ease(train.weights, ItemItemSettings(max_items=20)))
    shares = np.tile([0.1, 0.1, 0.3, 0.5], (2, 1))
    weights = BlendWeights(np.array([0.0, 1.0]), shares, np.zeros((2, 4)))
    scores = HybridRecommender(recommender.item_ids, small, weights).score(train.weights)
    tail = members.popularity.covered & ~small.item_item.covered
    assert tail.any()
    without = BlendWeights(
        np.array([0.0, 1.0]), np.tile([0.2, 0.2, 0.6, 0], (2, 1)), np.zeros((2, 4))
    )
    expected = HybridRecommender(recommender.item_ids, small, without).score(train.weights)
    assert scores[:, tail] == pytest.approx(expected[:, tail], abs=1e-5)


@pytest.fixture(params=["whole head", "short head"])
def some_members(request, members, train):
    if request.param == "whole head":
        return members
    return replace(members, item_item=fit_ease(train.weights, ItemItemSettings(max_items=20)))


def by_definition(members, histories, segments) -> list[np.ndarray]:
    """The members' own scores less their mean by their deviation, over the liked items."""
    made = []
    for member in members.all():
        scores = member.score(histories, segments).astype(np.float64)
        reference = scores[:, members.popularity.covered & member.covered]
        mean, deviation = reference.mean(axis=1), reference.std(axis=1)
        flat = deviation < 1e-6
        made.append((scores - mean[:, None]) / np.where(flat, np.inf, deviation)[:, None])
    return made


def test_members_are_standardised_by_user_over_the_liked_items(some_members, train, segments):
    nobody = sparse.csr_array((1, train.weights.shape[1]), dtype=np.float32)
    histories = sparse.vstack([nobody, train.weights]).tocsr()
    of_users = np.concatenate([[-1], segments])
    made = Blend(some_members).member_scores(histories, of_users)
    for scores, expected in zip(
        made, by_definition(some_members, histories, of_users), strict=True
    ):
        np.testing.assert_allclose(scores, expected, atol=2e-4)
    assert all((np.nan_to_num(scores[0]) == 0).all() for scores in made[1:])


def test_a_user_whose_scores_are_all_equal_is_given_zeros(members, train):
    alike = np.tile(members.als.item_factors[:1], (len(members.als.item_factors), 1))
    flat = replace(members, als=replace(members.als, item_factors=alike))
    made = Blend(flat).member_scores(train.weights, None)
    assert (made[MEMBER_NAMES.index("als")] == 0).all()


def test_the_blend_is_the_weighted_sum_of_the_members_that_know_an_item(
    some_members, train, segments
):
    rng = np.random.default_rng(3)
    users = train.weights.shape[0]
    known = rng.dirichlet(np.ones(4), users).astype(np.float32)
    new = rng.normal(size=(users, 4)).astype(np.float32)

    members = np.stack(by_definition(some_members, train.weights, segments), axis=2)
    weights = known[:, None, :] * ~np.isnan(members)
    expected = (np.nan_to_num(members) * weights).sum(axis=2) / weights.sum(axis=2)
    nobody_likes = ~some_members.popularity.covered
    assert nobody_likes.any()
    told = np.einsum("uim,um->ui", np.nan_to_num(members)[:, nobody_likes, 1:], new[:, 1:])
    expected[:, nobody_likes] = new[:, :1] + told

    made = Blend(some_members).scores(train.weights, segments, known, new)
    np.testing.assert_allclose(made, expected, atol=5e-4)


def test_a_member_that_is_far_better_than_any_mix_counts_alone():
    points = simplex_grid(4, 10)
    rng = np.random.default_rng(5)
    ndcg = points[:, [2]] + 0.1 * rng.normal(size=(1, 200)) + 0.01 * rng.normal(size=(286, 200))
    assert shares_of(ndcg, points).tolist() == [0.0, 0.0, 1.0, 0.0]


def test_shares_between_which_the_users_cannot_choose_are_averaged():
    points = simplex_grid(4, 10)
    shares = shares_of(np.full((len(points), 50), 0.3), points)
    assert shares == pytest.approx(np.full(4, 0.25))


def test_learning_twice_gives_the_same_weights(
    recommender, members, train, holdout, segments, settings
):
    again = learn_weights(
        members,
        train.weights,
        holdout.weights,
        segments=segments,
        settings=settings.blend,
        placement_l2=settings.content.placement_l2,
        seed=settings.seed,
    )
    assert (again.known_items == recommender.weights.known_items).all()
    assert (again.new_items == recommender.weights.new_items).all()


def test_learning_without_held_out_likes_is_an_error(members, train, settings):
    nothing = sparse.csr_array(train.weights.shape, dtype=np.float32)
    with pytest.raises(InsufficientDataError, match="validation"):
        learn_weights(
            members,
            train.weights,
            nothing,
            segments=None,
            settings=settings.blend,
            placement_l2=1.0,
            seed=7,
        )
