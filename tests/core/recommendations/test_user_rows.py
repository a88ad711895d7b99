import pytest

from igniteflow_core.recommendations.user_rows import user_rows

pytestmark = pytest.mark.spark


def test_a_row_a_user_holds_likes_seen_items_and_the_list_in_order(spark):
    interactions = spark.createDataFrame(
        [("liker", "a", 2.0), ("unlisted", "b", 1.0)],
        "user_id string, item_id string, weight double",
    )
    seen = spark.createDataFrame(
        [("liker", "a"), ("liker", "z"), ("liker", "z")], "user_id string, item_id string"
    )
    users = spark.createDataFrame(
        [("liker", "young"), ("new", None)], "user_id string, segment string"
    )
    recommendations = spark.createDataFrame(
        [("liker", 2, "c", 0.5, "7"), ("liker", 1, "d", 0.75, "7"), ("new", 1, "a", 0.25, "7")],
        "user_id string, rank int, item_id string, score double, model_version string",
    )
    counted = spark.createDataFrame(
        [("liker", "f1"), ("liker", "f2")], "user_id string, feedback_id string"
    )
    seen = seen.union(spark.createDataFrame([("hider", "b")], seen.schema))
    made = {
        row["user_id"]: row.asDict()
        for row in user_rows(interactions, seen, users, recommendations, counted).collect()
    }
    assert sorted(made["liker"].pop("seen")) == ["a", "z"]
    assert sorted(made["liker"].pop("counted")) == ["f1", "f2"]
    assert (made["hider"]["seen"], made["hider"]["liked"]) == (["b"], [])
    assert made["liker"] == {
        "user_id": "liker", "segment": "young", "liked": ["a"], "weights": [2.0],
        "recommended": ["d", "c"], "scores": [0.75, 0.5], "model_version": "7",
    }  # fmt: skip
    assert made["new"] == {
        "user_id": "new", "segment": None, "liked": [], "weights": [], "seen": [],
        "recommended": ["a"], "scores": [0.25], "model_version": "7", "counted": [],
    }  # fmt: skip
    assert made["unlisted"]["recommended"] == []
    assert made["unlisted"]["model_version"] is None
