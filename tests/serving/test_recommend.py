import numpy as np
import pytest
from scipy import sparse

from igniteflow_core.config.experiments import ExperimentSettings
from igniteflow_core.experiments.assignment import assign
from igniteflow_serving.contract import RecommendResponse, SimilarResponse


def ranked(recommender, liked, seen, n):
    position = {item: at for at, item in enumerate(recommender.item_ids.tolist())}

    def row(weights):
        matrix = np.zeros((1, len(position)), dtype=np.float32)
        for item, weight in weights.items():
            if item in position:
                matrix[0, position[item]] = weight
        return sparse.csr_array(matrix)

    ranking = recommender.rank(row(liked), row({**liked, **dict.fromkeys(seen, 1.0)}), n)
    return recommender.item_ids[ranking.items[0]].tolist()


def test_a_known_user_gets_the_models_ranking_without_what_was_seen(world, client, recommender):
    answer = client.post("/recommend", json={"user_id": "U1", "n": 5})

    told = RecommendResponse.model_validate(answer.json())
    expected = ranked(recommender, {"I1": 1.0, "I2": 2.0}, ["I3"], 5)
    assert [item.item_id for item in told.items] == expected
    assert (told.source, told.model_version) == ("hybrid", "4")
    (row,) = world.log("recommendation_log")
    assert (row["decision_id"], row["item_ids"]) == (told.decision_id, expected)


def test_a_stranger_gets_what_is_popular(client):
    told = client.post("/recommend", json={"user_id": "nobody"}).json()

    assert (told["source"], len(told["items"])) == ("popularity", 10)


def test_given_likes_take_the_place_of_the_stored_ones(client, recommender):
    body = {"user_id": "U1", "liked": ["I7", "unheard-of"], "exclude": ["I9"], "n": 5}
    told = client.post("/recommend", json=body).json()

    expected = ranked(recommender, {"I7": 1.0}, ["I3", "I9"], 5)
    assert [item["item_id"] for item in told["items"]] == expected


def test_similar_items_are_alike_and_not_the_item_itself(client):
    told = SimilarResponse.model_validate(
        client.post("/similar", json={"item_id": "I5", "n": 100}).json()
    )
    scores = [item.score for item in told.items]
    assert len(scores) == 39
    assert "I5" not in {item.item_id for item in told.items}
    assert scores == sorted(scores, reverse=True)


def test_an_unknown_item_is_told(client):
    answer = client.post("/similar", json={"item_id": "nothing"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_item")


def test_feedback_is_written_to_its_log(world, client):
    time = "2025-03-20T08:00:00Z"
    label = {"kind": "label", "transaction_id": "X1", "is_fraud": True, "event_time": time}
    outcome = {
        "kind": "outcome", "user_id": "U1", "item_id": "I5", "action": "click", "event_time": time,
    }  # fmt: skip

    answer = client.post("/feedback", json={"feedback": [label, outcome]})

    assert answer.json() == {"accepted": 2}
    rows = world.log("feedback_log")
    assert [(row["kind"], row.get("is_fraud"), row.get("action")) for row in rows] == [
        ("label", True, None),
        ("outcome", None, "click"),
    ]
    assert len({row["feedback_id"] for row in rows}) == 2


def outcome(item, action, **fields):
    return {
        "kind": "outcome", "user_id": "U1", "item_id": item, "action": action,
        "event_time": "2025-03-20T08:00:00Z", **fields,
    }  # fmt: skip


def recommended(client, user="U1", n=5):
    answer = client.post("/recommend", json={"user_id": user, "n": n})
    return [item["item_id"] for item in answer.json()["items"]]


def test_the_next_list_answers_from_what_a_user_did_a_moment_ago(client, recommender):
    first = recommended(client)
    feedback = [outcome(first[0], "purchase"), outcome("I2", "hide"), outcome("I9", "view")]
    assert client.post("/feedback", json={"feedback": feedback}).status_code == 200

    liked = {"I1": 1.0, first[0]: 5.0, "I9": 1.0}
    assert recommended(client) == ranked(recommender, liked, ["I2", "I3"], 5)


def test_somebody_of_whom_the_batch_knows_nothing_is_known_by_what_they_did(client, recommender):
    rated = outcome("I7", "rating", rating=4.0, user_id="new")
    assert client.post("/feedback", json={"feedback": [rated]}).status_code == 200

    answer = client.post("/recommend", json={"user_id": "new", "n": 5}).json()
    expected = ranked(recommender, {"I7": 2.0}, [], 5)
    assert [item["item_id"] for item in answer["items"]] == expected
    assert answer["history"] == "known"


@pytest.mark.parametrize(
    ("wrong", "at"),
    [
        ({"action": "wave"}, "feedback.1.action"),
        ({"action": "rating"}, "feedback.1"),
        ({"rating": 4.0}, "feedback.1"),
        ({"event_time": "2099-01-01T00:00:00Z"}, "feedback.1.event_time"),
    ],
)
def test_an_outcome_that_means_nothing_is_refused_with_all_of_its_request(world, client, wrong, at):
    feedback = [outcome("I1", "view"), outcome("I2", "view") | wrong]
    answer = client.post("/feedback", json={"feedback": feedback})

    assert answer.status_code == 422
    assert [part["at"] for part in answer.json()["error"]["details"]] == [at]
    assert world.log("feedback_log") == []


@pytest.mark.parametrize(
    "body", [{}, {"feedback": []}, {"feedback": [{"kind": "rumour"}]}, {"feedback": "x"}]
)
def test_feedback_that_says_nothing_is_refused(client, body):
    assert client.post("/feedback", json=body).status_code == 422


def test_a_user_is_told_their_variant_and_the_exposure_is_noted(world):
    experiment = ExperimentSettings.model_validate(
        {"name": "new_blend", "primary": {"name": "clicks"}, "start": "2025-01-01T00:00:00Z"}
    )
    ended = experiment.model_copy(update={"name": "over", "end": experiment.start})
    world.settings = world.settings.model_copy(update={"experiments": (experiment, ended)})
    with world.client() as client:
        told = client.post("/recommend", json={"user_id": "U1"}).json()["experiments"]
        assert client.post("/recommend", json={"liked": ["I1"]}).json()["experiments"] == {}

    assert told == {"new_blend": assign(experiment, "U1")}
    (row,) = world.log("exposures")
    assert (row["user_id"], row["variant"]) == ("U1", told["new_blend"])
