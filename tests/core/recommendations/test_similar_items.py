from datetime import datetime

import numpy as np
import pytest

from igniteflow_core.recommendations.because import because_you_liked
from igniteflow_core.recommendations.ranking import NO_ITEM
from igniteflow_core.recommendations.similar_items import find_similar_items, item_embeddings
from igniteflow_core.recommendations.tables import similar_items_table
from igniteflow_core.schemas.interactions import (
    BECAUSE_YOU_LIKED,
    INTERACTIONS,
    SIMILAR_ITEMS,
)


def test_similar_items_are_those_of_brute_force(recommender):
    vectors = item_embeddings(recommender).astype(np.float64)
    similar = find_similar_items(recommender, 5)
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -np.inf)
    for item in range(0, len(vectors), 7):
        best = np.sort(cosines[item])[::-1][:5]
        assert similar.scores[item] == pytest.approx(best, abs=1e-5)
        assert cosines[item, similar.items[item]] == pytest.approx(best, abs=1e-5)
        assert item not in similar.items[item]


def test_similar_items_are_of_the_same_cluster_a_new_one_included(recommender, world):
    similar = find_similar_items(recommender, 5).items
    cluster = np.array(
        [0 if name == "item-new" else int(name[-3:]) % 4 for name in world.item_ids.tolist()]
    )
    same = cluster[similar] == cluster[:, None]
    assert same.mean() > 0.9
    new = int(np.flatnonzero(world.item_ids == "item-new")[0])
    assert same[new].all()


def test_only_what_is_allowed_is_listed(recommender, world):
    allowed = np.arange(len(world.item_ids)) < 3
    similar = find_similar_items(recommender, 5, allowed)
    assert set(similar.items.ravel().tolist()) == {0, 1, 2, NO_ITEM}
    assert (similar.items[0] != NO_ITEM).sum() == 2
    assert np.isnan(similar.scores[similar.items == NO_ITEM]).all()


@pytest.mark.spark
def test_the_lists_become_a_table(spark, recommender, world):
    similar = find_similar_items(recommender, 3)
    table = similar_items_table(spark, world.item_ids, similar, "7")
    assert table.columns == SIMILAR_ITEMS.column_names
    rows = table.where("item_id = 'item-004'").orderBy("rank").collect()
    at = int(np.flatnonzero(world.item_ids == "item-004")[0])
    assert [row.similar_item_id for row in rows] == world.item_ids[similar.items[at]].tolist()


@pytest.mark.spark
def test_because_you_liked_starts_from_the_strongest_and_latest_like(spark):
    interactions = spark.createDataFrame(
        [
            ("u", "a", 1.0, datetime(2025, 3, 1)),
            ("u", "b", 3.0, datetime(2025, 1, 1)),
            ("u", "c", 3.0, datetime(2025, 2, 1)),
            ("v", "z", 1.0, datetime(2025, 2, 1)),
        ],
        INTERACTIONS.ddl,
    )
    similar = spark.createDataFrame(
        [("c", rank, name, 1 - rank / 10, "7") for rank, name in enumerate("abdefg", start=1)],
        SIMILAR_ITEMS.ddl,
    )
    seen = spark.createDataFrame([("u", "e")], "user_id string, item_id string")
    made = because_you_liked(interactions, similar, seen, 2)
    assert made.columns == BECAUSE_YOU_LIKED.column_names
    rows = made.orderBy("user_id", "rank").collect()
    # a and b are liked and e is seen; nothing is like v's only item.
    assert [(row.user_id, row.liked_item_id, row.rank, row.item_id) for row in rows] == [
        ("u", "c", 1, "d"),
        ("u", "c", 2, "f"),
    ]
