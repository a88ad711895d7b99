import json
from datetime import UTC, datetime

import numpy as np
import pytest

from igniteflow_core.features.definitions import FEATURE_NAMES
from igniteflow_core.features.online import observe
from igniteflow_core.features.positions import point
from igniteflow_core.features.state import Transaction, empty_state
from igniteflow_core.online.connect import connect_online_store
from igniteflow_core.telemetry.metrics import REGISTRY
from igniteflow_serving.contract import Prediction, PredictResponse
from tests.serving.world import DELAY, HOUR, T0, transaction


def expected_features(past, event):
    """From the whole history, event by event."""
    card, shop = empty_state(point(1.0, 2.0)), empty_state(point(3.0, 4.0))
    for each in past:
        mine = each.customer_id == event.customer_id
        there = each.terminal_id == event.terminal_id
        if not (mine or there):
            continue
        elsewhere = empty_state(point(3.0, 4.0))
        seen = observe(each, card, shop if there else elsewhere, label_delay=DELAY)
        card = seen.customer
        shop = seen.terminal if there else shop
    return observe(event, card, shop, label_delay=DELAY).features


def event_of(body) -> Transaction:
    time = datetime.fromisoformat(body["event_time"])
    micros = int((time - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1_000_000)
    return Transaction(
        body["transaction_id"], micros, body["customer_id"], body["terminal_id"], body["amount"]
    )


def test_a_score_is_the_training_ensembles_on_features_as_of_the_event(world, client):
    body = transaction()

    answer = Prediction.model_validate(client.post("/predict", json=body).json())

    features = expected_features(world.past, event_of(body))
    score = world.ensembles["1"].predict_proba(features[np.newaxis])[0]
    assert answer.score == pytest.approx(score, abs=1e-6)
    assert answer.is_alert == (score >= 0.5)
    assert answer.model_version == "1"
    assert (answer.features.customer, answer.features.terminal) == ("fresh", "fresh")
    assert {reason.feature for reason in answer.reasons} <= set(FEATURE_NAMES)
    assert answer.reasons[0].value == features[FEATURE_NAMES.index(answer.reasons[0].feature)]


def test_what_a_request_says_of_its_time_does_not_move_the_operators_gauge(client):
    for year in (2025, 2099):
        body = transaction() | {"event_time": f"{year}-12-31T00:00:00Z"}
        assert client.post("/predict", json=body).status_code == 200
        ago = datetime.now(UTC).timestamp() - (T0 + 9 * HOUR) / 1_000_000
        age = REGISTRY.get_sample_value("igniteflow_online_feature_age_seconds")
        assert age == pytest.approx(ago, abs=60)


def test_the_audit_trail_holds_what_was_used_and_answered(world, client):
    answer = client.post(
        "/predict", json=transaction(), headers={"X-Correlation-ID": "order-7"}
    ).json()

    (row,) = world.log("decision_log")
    assert row["decision_id"] == answer["decision_id"]
    assert (row["score"], row["model_version"]) == (answer["score"], "1")
    assert (row["role"], row["correlation_id"], row["transaction_id"]) == (
        "champion", "order-7", "X1",
    )  # fmt: skip
    assert row["features"] == expected_features(world.past, event_of(transaction())).tolist()


def test_transactions_of_one_request_see_those_before_them_in_time(world, client):
    bodies = [
        transaction(transaction_id="later", event_time="2025-03-03T20:10:00Z"),
        transaction(transaction_id="earlier"),
    ]

    answer = client.post("/predict", json={"transactions": bodies})

    ids = [
        each.transaction_id for each in PredictResponse.model_validate(answer.json()).predictions
    ]
    assert ids == ["later", "earlier"]
    rows = {row["transaction_id"]: row["features"] for row in world.log("decision_log")}
    count = FEATURE_NAMES.index("customer_count_15m")
    assert (rows["earlier"][count], rows["later"][count]) == (1, 3)


def test_reading_a_decision_changes_no_state(world, client):
    store = connect_online_store(world.settings.online)
    first = client.post("/predict", json=transaction()).json()
    again = client.post("/predict", json=transaction()).json()

    assert (first["score"], store.count("customer")) == (again["score"], 1)


def test_more_transactions_than_fit_the_event_loop_get_the_same_scores(client):
    bodies = [
        transaction(transaction_id=f"B{n}", customer_id=f"new{n}", terminal_id=f"shop{n}")
        for n in range(20)
    ]

    many = client.post("/predict", json={"transactions": bodies}).json()["predictions"]

    alone = [client.post("/predict", json=body).json()["score"] for body in bodies[:3]]
    assert [each["score"] for each in many[:3]] == pytest.approx(alone, abs=1e-12)
    assert len(many) == 20


def test_an_unknown_card_is_marked_and_counted_not_silently_scored(world, client):
    before = counted(client, "customer", "absent")
    answer = client.post("/predict", json=transaction(customer_id="nobody")).json()

    assert answer["features"]["customer"] == "absent"
    assert answer["features"]["terminal"] == "fresh"
    assert counted(client, "customer", "absent") == before + 1
    assert world.log("decision_log")[0]["customer_state"] == "absent"


def counted(client, entity, state) -> float:
    wanted = f'igniteflow_online_reads_total{{entity="{entity}",state="{state}"}}'
    lines = client.get("/metrics").text.splitlines()
    return next((float(line.split()[1]) for line in lines if line.startswith(wanted)), 0.0)


def test_an_unknown_card_is_refused_where_the_policy_says_so(world):
    with world.with_serving(absent_features="refuse").client() as client:
        answer = client.post("/predict", json=transaction(customer_id="nobody"))
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "unknown_entity")
        assert client.post("/predict", json=transaction()).status_code == 200


def test_features_that_are_too_old_are_marked_or_refused(world):
    late = transaction(event_time="2025-04-01T00:00:00Z")
    with world.client() as client:
        features = client.post("/predict", json=late).json()["features"]
        assert features["customer"] == "stale"
        newest = (T0 + 9 * HOUR) / 1_000_000
        assert features["age_seconds"] == datetime(2025, 4, 1, tzinfo=UTC).timestamp() - newest
    with world.with_serving(stale_features="refuse").client() as client:
        answer = client.post("/predict", json=late)
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "stale_features")


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"amount": -1}, "amount"),
        ({"amount": "12,50"}, "amount"),
        ({"amount": True}, "amount"),
        ({"amount": 1e300}, "amount"),
        ({"event_time": "yesterday"}, "event_time"),
        ({"event_time": "0001-01-01T00:00:00Z"}, "event_time"),
        ({"event_time": "0001-01-01T00:03:00+07:07"}, "event_time"),
        ({"event_time": "9999-12-31T23:59:00-07:07"}, "event_time"),
        ({"event_time": 17}, "event_time"),
        ({"customer_id": ""}, "customer_id"),
        ({"customer_id": "N/A"}, "customer_id"),
        ({"customer_id": "a\u200bb"}, "customer_id"),
        ({"terminal_id": "x" * 257}, "terminal_id"),
        ({"extra": 1}, "extra"),
    ],
)
def test_a_wrong_field_is_named(client, change, at):
    answer = client.post("/predict", json=transaction(**change))

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (422, "invalid_request")
    assert at in [detail["at"] for detail in error["details"]]


def test_values_mean_what_they_mean_in_a_file(client):
    plain = transaction(customer_id="7", terminal_id="Iron Maiden", amount=12.5)
    other = plain | {"customer_id": 7, "terminal_id": "\u00a0Iron Maiden\t", "amount": "12.50"}

    answers = [client.post("/predict", json=body).json() for body in (plain, other)]

    assert answers[0]["score"] == answers[1]["score"]


def test_a_wrong_field_of_one_of_many_is_found_by_its_number(client):
    many = {"transactions": [transaction(), transaction(amount=-1)]}
    error = client.post("/predict", json=many).json()["error"]
    assert [detail["at"] for detail in error["details"]] == ["transactions.1.amount"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b'"x"', b"{}", b"[" * 5_000])
def test_a_body_that_is_no_transaction_is_refused(client, body):
    assert client.post("/predict", content=body).status_code == 422


def test_a_batch_beyond_the_limit_is_refused(world):
    with world.with_serving(max_batch=2).client() as client:
        body = {"transactions": [transaction(transaction_id=str(n)) for n in range(3)]}
        answer = client.post("/predict", json=body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "batch_too_large")


def test_a_time_with_an_offset_is_the_same_instant(client):
    utc = client.post("/predict", json=transaction()).json()
    offset = client.post("/predict", json=transaction(event_time="2025-03-03T22:00:00+02:00"))

    assert offset.json()["score"] == utc["score"]


def test_answers_are_plain_json(client):
    answer = client.post("/predict", json=transaction())

    assert answer.headers["content-type"] == "application/json"
    assert json.loads(answer.content)["transaction_id"] == "X1"
