from datetime import datetime

import numpy as np
import pyarrow as pa
import pytest
from scipy import sparse

from igniteflow_core.config.recommendations import PopularitySettings
from igniteflow_core.recommendations.popularity import fit_popularity
from igniteflow_core.recommendations.recency import LEAST, recent_likes
from igniteflow_core.schemas.interactions import INTERACTIONS

ITEMS = np.array(["a", "b", "c", "new"])
LIKES = pa.table(
    {
        "item_id": ["a", "a", "b", "b", "c", "gone"],
        "segment": ["x", None, "x", "y", "y", "y"],
        "likes": [4.0, 2.0, 1.0, 3.0, 0.5, 9.0],
    }
)


@pytest.fixture
def model():
    return fit_popularity(LIKES, ITEMS, PopularitySettings(smoothing=1.0, segment_prior=10.0))


def test_likes_are_counted_by_segment_and_in_all(model):
    assert model.counts.tolist() == [6.0, 4.0, 0.5, 0.0]
    assert model.segments.tolist() == ["x", "y"]
    assert model.segment_counts.tolist() == [[4.0, 1.0, 0.0, 0.0], [0.0, 3.0, 0.5, 0.0]]


def test_scores_are_those_worked_out_by_hand(model):
    nobody = sparse.csr_array((2, 4), dtype=np.float32)
    scores = np.exp(model.score(nobody, np.array([0, -1])))
    # Of 10.5 likes and one in advance an item: (6 + 1) / 14.5; in x (4 + 10 * that) / (5 + 10).
    share = 7 / 14.5
    assert scores[1, 0] == pytest.approx(share)
    assert scores[0, 0] == pytest.approx((4 + 10 * share) / 15)
    assert np.isnan(scores[:, 3]).all()
    assert np.exp(model.score(nobody))[0, 0] == pytest.approx(share)


def test_an_unknown_segment_is_none(model):
    names = np.array(["y", None, "elsewhere"], dtype=object)
    assert model.segment_positions(names).tolist() == [1, -1, -1]


def test_people_of_a_segment_get_what_their_segment_likes(model):
    nobody = sparse.csr_array((2, 4), dtype=np.float32)
    best = np.nanargmax(model.score(nobody, np.array([0, 1])), axis=1)
    assert ITEMS[best].tolist() == ["a", "b"]


@pytest.mark.spark
def test_a_like_counts_half_after_the_half_life(spark):
    interactions = spark.createDataFrame(
        [
            ("u1", "a", 1.0, datetime(2025, 3, 1)),
            ("u2", "a", 1.0, datetime(2025, 2, 19)),
            ("u3", "a", 1.0, datetime(2025, 2, 9)),
            ("u1", "b", 5.0, datetime(1990, 1, 1)),
        ],
        INTERACTIONS.ddl,
    )
    users = spark.createDataFrame([("u1", "x"), ("u2", "x")], "user_id string, segment string")
    rows = recent_likes(interactions, users, half_life_days=10.0).collect()
    likes = {(row.item_id, row.segment): row.likes for row in rows}
    assert likes[("a", "x")] == pytest.approx(1.0 + 0.5)
    assert likes[("a", None)] == pytest.approx(0.25)
    assert likes[("b", "x")] == LEAST
    whole = recent_likes(interactions, users, half_life_days=None).collect()
    assert sum(row.likes for row in whole) == 4.0
