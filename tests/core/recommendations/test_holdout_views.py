"""New users, new items, segments, rules and low ratings, on the held-out likes."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from igniteflow_core.config.recommendations import RuleSettings
from igniteflow_core.recommendations.holdout import Holdout, evaluate_models
from igniteflow_core.recommendations.holdout_views import (
    KNOWN_LIKES,
    NO_SEGMENT,
    evaluate_hidden_items,
    low_rated_share,
    new_user_table,
    rule_costs,
    some_users,
    user_segment_table,
)
from igniteflow_core.recommendations.matrix import history_sizes
from igniteflow_core.recommendations.plots import plot_rule_costs
from igniteflow_core.recommendations.rules import rules_one_by_one


@pytest.fixture(scope="module")
def held_out(world, train, holdout, members):
    rated = world.matrix(world.ratings.assign(weight=1.0)).weights
    return Holdout(
        user_ids=world.user_ids,
        train=train.weights,
        seen=sparse.csr_array(rated - rated.multiply(holdout.weights > 0)),
        relevant=holdout.weights,
        segments=world.users["segment"].to_numpy(dtype=object),
        vectors=members.content.vectors,
    )


def test_new_users_get_better_lists_with_each_like_and_are_the_same_users(recommender, held_out):
    table = new_user_table(recommender, held_out, 10, seed=7)
    hybrid = table[table["model"] == "hybrid"].set_index("segment")
    assert list(hybrid.index) == [f"{likes} likes" for likes in KNOWN_LIKES]
    assert hybrid["users"].nunique() == 1
    assert hybrid.loc["10 likes", "ndcg"] > hybrid.loc["0 likes", "ndcg"]
    popularity = table[table["model"] == "popularity"].set_index("segment")
    assert hybrid.loc["0 likes", "ndcg"] == popularity.loc["0 likes", "ndcg"]


def test_without_users_of_many_likes_there_are_no_new_users_to_judge(recommender, held_out):
    few = sparse.csr_array(held_out.train.shape, dtype=np.float32)
    assert new_user_table(recommender, replace(held_out, train=few), 10, seed=7).empty


def test_hidden_items_are_ranked_among_themselves_by_content_and_not_by_likes(
    recommender, held_out, settings
):
    found = evaluate_hidden_items(
        recommender, held_out, 3, settings.content.placement_l2, settings.seed
    )
    assert found["popularity"].listed.sum() == 0
    assert found["hybrid"].listed.sum() > 0
    assert np.count_nonzero(found["hybrid"].listed) <= 10
    by_hybrid, by_popularity = (
        found[name].user_metrics["ndcg"].mean() for name in ("hybrid", "popularity")
    )
    assert by_hybrid > by_popularity == 0.0


def test_each_segment_is_judged_on_its_own_users(recommender, held_out):
    evaluations = evaluate_models(recommender, held_out, 10)
    table = user_segment_table(evaluations, held_out, seed=7)
    hybrid = table[table["model"] == "hybrid"].set_index("segment")
    assert set(hybrid.index) == {"group-0", "group-1", NO_SEGMENT}
    assert hybrid["users"].sum() == len(evaluations["hybrid"].hit)


def test_rules_cost_what_may_not_be_shown(recommender, held_out, world):
    items = world.items.assign(in_stock=[number % 4 > 0 for number in range(len(world.items))])
    table = replace(world, items=items).item_table
    settings = RuleSettings(excluded_categories=("genre-1",), max_per_category=2)
    rules = rules_one_by_one(table, world.item_ids, settings)
    costs = rule_costs(recommender, held_out, 10, rules, seed=7)
    assert costs["rules"].tolist() == [
        "in stock",
        "and no excluded category",
        "and at most 2 of a category",
    ]
    assert costs["cost"].is_monotonic_increasing
    assert (costs["cost_low"] > 0).all()
    assert costs["items"].is_monotonic_decreasing
    labels = [each.get_text() for each in plot_rule_costs(costs, 10).axes[0].get_yticklabels()]
    assert labels == costs["rules"].tolist()[::-1]


def test_rules_that_allow_everything_cost_nothing(recommender, held_out, world):
    rules = rules_one_by_one(world.item_table, world.item_ids, RuleSettings())
    assert rule_costs(recommender, held_out, 10, rules, seed=7)["cost"].tolist() == [0.0]


def test_low_rated_items_are_counted_in_lists_that_do_not_hide_them(recommender, held_out):
    share = low_rated_share(recommender, held_out, 10, seed=7)
    assert share is not None
    assert 0 < share < 0.5
    only_likes = replace(held_out, seen=held_out.train)
    assert low_rated_share(recommender, only_likes, 10, seed=7) is None


def test_some_users_are_drawn_from_those_that_are_chosen(held_out):
    chosen = np.arange(len(held_out.user_ids)) < 50
    few = some_users(held_out, chosen, seed=7)
    judged = history_sizes(few.relevant) > 0
    assert (judged == (chosen & (history_sizes(held_out.relevant) > 0))).all()
