import numpy as np
import pyarrow as pa
import pytest
from scipy import sparse

from igniteflow_core.config.recommendations import RuleSettings
from igniteflow_core.recommendations.ranking import NO_ITEM
from igniteflow_core.recommendations.rules import shop_rules

ITEM_IDS = np.array(["a", "b", "c", "d", "e", "gone"])
ITEMS = pa.table(
    {
        "item_id": ["e", "d", "c", "b", "a", "unknown"],
        "categories": [["toys"], ["toys", "books"], ["books"], ["books"], ["books"], ["toys"]],
        "in_stock": [None, True, True, False, True, True],
    }
)


def test_what_is_out_of_stock_or_not_sold_any_more_is_not_allowed():
    rules = shop_rules(ITEMS, ITEM_IDS, RuleSettings())
    assert rules.allowed.tolist() == [True, False, True, True, True, False]


def test_excluded_categories_are_not_allowed():
    rules = shop_rules(ITEMS, ITEM_IDS, RuleSettings(excluded_categories=("toys", "cars")))
    assert ITEM_IDS[rules.allowed].tolist() == ["a", "c"]


def test_a_list_holds_no_more_of_a_category_than_allowed():
    rules = shop_rules(ITEMS, ITEM_IDS, RuleSettings(max_per_category=2))
    # a, c are books; d is a book too, and so the third; e is a toy.
    assert rules.diversify(np.array([[0, 2, 3, 4]]), 3).tolist() == [[0, 2, 4]]


def test_an_item_of_two_categories_counts_for_both():
    rules = shop_rules(ITEMS, ITEM_IDS, RuleSettings(max_per_category=1))
    assert rules.diversify(np.array([[3, 0, 4, 2]]), 1).tolist() == [[3]]
    # After d neither a book nor a toy is left to take: the best of the others fill the list.
    assert rules.diversify(np.array([[3, 0, 4, 2]]), 3).tolist() == [[3, 0, 4]]


def test_a_short_list_stays_short():
    rules = shop_rules(ITEMS, ITEM_IDS, RuleSettings(max_per_category=1))
    ranked = np.array([[0, 2, NO_ITEM], [NO_ITEM, NO_ITEM, NO_ITEM]])
    assert rules.diversify(ranked, 3).tolist() == [[0, 2, NO_ITEM], [NO_ITEM] * 3]


def plain(ranked, categories, cap, n):
    taken, others, used = [], [], np.zeros(categories.shape[1], int)
    for item in ranked:
        if len(taken) < n and not (used[categories[item]] >= cap).any():
            taken.append(item)
            used += categories[item]
        else:
            others.append(item)
    return (taken + others)[:n]


@pytest.mark.parametrize("cap", [1, 2, 3])
def test_diversified_lists_are_those_of_a_plain_loop(cap):
    rng = np.random.default_rng(cap)
    ids = np.array([f"{number:03d}" for number in range(60)])
    kinds = [[f"k{kind}" for kind in rng.choice(6, rng.integers(1, 4), replace=False)] for _ in ids]
    table = pa.table({"item_id": ids.tolist(), "categories": kinds, "in_stock": [True] * 60})
    rules = shop_rules(table, ids, RuleSettings(max_per_category=cap))
    ranked = np.array([rng.permutation(60)[:40] for _ in range(30)])
    made = rules.diversify(ranked, 8)
    for row, lists in zip(ranked, made, strict=True):
        assert lists.tolist() == plain(row, rules.categories, cap, 8)


def test_the_recommender_keeps_the_rules(recommender, world, train):
    items = world.items.copy()
    items.loc[:20, "in_stock"] = False
    table = pa.Table.from_pandas(items, preserve_index=False)
    settings = RuleSettings(max_per_category=3, excluded_categories=("genre-3",))
    rules = shop_rules(table, world.item_ids, settings)
    ranked = recommender.rank(train.weights, train.weights, 9, rules=rules).items
    assert (ranked != NO_ITEM).all()
    assert rules.allowed[ranked].all()
    assert (rules.categories[ranked].sum(axis=1).max(axis=1) <= 3).all()


def test_without_rules_that_bind_the_ranking_is_as_before(recommender, world, train):
    rules = shop_rules(world.item_table, world.item_ids, RuleSettings())
    ruled = recommender.rank(train.weights, train.weights, 9, rules=rules)
    free = recommender.rank(train.weights, train.weights, 9)
    assert (ruled.items == free.items).all()
    assert sparse.csr_array(train.weights).nnz > 0
