"""A team's own columns in requests, decisions, their log and the API's description; in messages."""

import json
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from igniteflow_core.config.fraud import (
    FraudSettings,
    IsolationForestSettings,
    RandomForestSettings,
    XGBoostSettings,
)
from igniteflow_core.decisions.columns import Vocabulary
from igniteflow_core.deployment.endpoint import Rollout
from igniteflow_core.errors import ModelArtifactError
from igniteflow_core.features.definitions import FEATURE_NAMES
from igniteflow_core.features.positions import distance_km, point
from igniteflow_core.fraud.ensemble import fit_ensemble
from igniteflow_core.fraud.fit_inputs import fit_inputs
from igniteflow_core.schemas.own_columns import OwnColumn
from igniteflow_core.stream.champion import Champion
from igniteflow_core.stream.judge import judge_messages
from igniteflow_core.stream.messages import Message
from igniteflow_core.stream.scores import scored_rows
from igniteflow_core.values.own import own_value
from igniteflow_serving.contract import Prediction
from tests.serving.test_predict import event_of, expected_features
from tests.serving.world import World, transaction

OWN = {
    "device": OwnColumn(type="categorical", description="Device that was paid with"),
    "items": OwnColumn(type="numeric"),
    "is_guest": OwnColumn(type="boolean", nulls="refuse"),
    "opened": OwnColumn(type="timestamp"),
}
OPENED = "2025-03-02T11:30:00.250000Z"
VALUES = {"device": "d1", "items": 3, "is_guest": True, "opened": OPENED}


@pytest.fixture(scope="module")
def own_ensemble():
    """Fraud is what a guest with a new account does on the devices d0 to d2."""
    random = np.random.default_rng(3)
    rows = 3_000
    frame = pd.DataFrame(random.lognormal(2, 1, (rows, len(FEATURE_NAMES))), columns=FEATURE_NAMES)
    device = random.integers(0, 300, rows)
    frame["device"] = [
        f"d{each}" for each in np.where(random.random(rows) < 0.1, device % 3, device)
    ]
    frame["items"] = np.where(random.random(rows) < 0.2, np.nan, 2.0)
    frame["is_guest"] = random.random(rows) < 0.5
    frame["event_time"] = pd.Timestamp("2025-03-04", tz="UTC")
    frame["opened"] = frame["event_time"] - pd.to_timedelta(random.integers(0, 30, rows), "D")
    of_ring = frame["device"].isin(["d0", "d1", "d2"]) & frame["is_guest"]
    frame["is_fraud"] = (of_ring & (frame["opened"] > "2025-02-08")).astype(int)
    frame["event_date"] = np.repeat(np.arange(10), rows // 10)
    settings = FraudSettings(
        isolation_forest=IsolationForestSettings(n_estimators=5),
        random_forest=RandomForestSettings(n_estimators=5),
        xgboost=XGBoostSettings(n_estimators=20, max_depth=3, max_bin=64, learning_rate=0.3),
    )
    train, later = frame[:2_000], frame[2_000:]
    fitted = fit_inputs(train, OWN)
    return fit_ensemble(
        fitted.matrix,
        train["is_fraud"],
        later,
        later["is_fraud"],
        later["event_date"],
        settings,
        fitted.inputs,
    ).with_threshold(0.5)


@pytest.fixture
def own_world(world, own_ensemble) -> World:
    sources = world.settings.sources.model_copy(update={"own_columns": OWN})
    settings = world.settings.model_copy(update={"sources": sources})
    made = World(settings, world.ensembles | {"3": own_ensemble}, world.past)
    made.add_version("3")
    made.fraud.roll_out(Rollout(champion="3"))
    return made


@pytest.fixture
def own_client(own_world):
    with own_world.client() as opened:
        yield opened


def batch_score(world, body) -> float:
    """As the batch scores a row of the table of features."""
    features = expected_features(world.past, event_of(body))
    row = pd.DataFrame([features], columns=FEATURE_NAMES).assign(
        **{name: [own_value(column.type, body[name])] for name, column in OWN.items()},
        event_time=pd.to_datetime([body["event_time"]], utc=True),
    )
    return float(world.ensembles["3"].predict_proba(row)[0])


@pytest.mark.parametrize(
    "values",
    [
        VALUES,
        {"device": "never seen", "items": None, "is_guest": False, "opened": None},
        {"device": None, "items": 2.5, "is_guest": True, "opened": "1700000000"},
    ],
)
def test_api_and_stream_score_as_the_batch_does(own_world, own_client, values):
    body = transaction(**values)
    answer = Prediction.model_validate(own_client.post("/predict", json=body).json())
    message = Message("in", 0, 0, int(2e15), json.dumps(body).encode())
    (arrival,) = judge_messages(
        [message], labels_topic="labels", newest=None, allowed_lateness=0, own=OWN
    ).arrivals
    features = expected_features(own_world.past, event_of(body))
    row = scored_rows(
        [arrival],
        features[np.newaxis],
        Champion(own_world.fraud, Vocabulary(OWN)).scorer(),
        batch_id=1,
        scored_at=datetime(2025, 3, 4, tzinfo=UTC),
        own=OWN,
    ).to_pylist()[0]

    assert answer.score == row["score"]
    assert answer.score == pytest.approx(batch_score(own_world, body), abs=1e-6)
    kept = {name: own_value(column.type, body[name]) for name, column in OWN.items()}
    assert {name: row[name] for name in OWN} == kept


def test_an_alert_is_explained_by_an_own_column_and_logged_with_its_values(own_world, own_client):
    answer = own_client.post("/predict", json=transaction(**VALUES)).json()

    assert answer["is_alert"]
    assert any(reason["feature"].startswith("device") for reason in answer["reasons"])
    (logged,) = own_world.log("decision_log")
    assert {name: logged[name] for name in OWN} == VALUES
    assert len(logged["features"]) == len(own_world.ensembles["3"].feature_names)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("device", ["d1"]),
        ("device", "a\u0000b"),
        ("items", "three"),
        ("items", 1e31),
        ("is_guest", "maybe"),
        ("is_guest", None),
        ("opened", "2025-03-02T11:30:00"),
        ("opened", "last week"),
    ],
)
def test_a_value_of_another_type_is_refused_and_its_column_named(own_client, name, value):
    answer = own_client.post("/predict", json=transaction(**VALUES | {name: value}))

    assert answer.status_code == 422
    assert [part["at"] for part in answer.json()["error"]["details"]] == [name]


@pytest.mark.parametrize("name", OWN)
def test_a_column_that_is_not_sent_is_refused_and_named(own_client, name):
    body = {key: each for key, each in transaction(**VALUES).items() if key != name}
    answer = own_client.post("/predict", json={"transactions": [body]})

    assert answer.status_code == 422
    assert f"transactions.0.{name}" in [part["at"] for part in answer.json()["error"]["details"]]


def test_the_description_of_the_api_has_the_columns_and_an_example_that_is_taken(own_client):
    described = own_client.get("/openapi.json").json()
    schema = described["components"]["schemas"]["TransactionIn"]
    content = described["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]

    assert schema["properties"]["device"]["description"] == "Device that was paid with"
    assert set(OWN) <= set(schema["required"])
    for example in content["examples"].values():
        assert own_client.post("/predict", json=example["value"]).status_code == 200


def test_a_request_says_itself_where_the_card_holder_and_the_terminal_are(world):
    own = {
        "lat": OwnColumn(type="customer_latitude"),
        "long": OwnColumn(type="customer_longitude"),
        "merch_lat": OwnColumn(type="terminal_latitude", nulls="refuse"),
        "merch_long": OwnColumn(type="terminal_longitude", nulls="refuse"),
    }
    sources = world.settings.sources.model_copy(update={"own_columns": own})
    settings = world.settings.model_copy(update={"sources": sources})
    moved = World(settings, world.ensembles, world.past)
    body = transaction(lat=48.137, long=11.575, merch_lat=52.52, merch_long=13.405)
    with moved.client() as client:
        assert client.post("/predict", json=body).status_code == 200
        assert client.post("/predict", json=body | {"merch_lat": 91}).status_code == 422

    (logged,) = moved.log("decision_log")
    features = dict(zip(FEATURE_NAMES, logged["features"], strict=True))
    munich = point(latitude=48.137, longitude=11.575)
    berlin = point(latitude=52.52, longitude=13.405)
    assert features["distance_from_home_km"] == distance_km(munich, berlin)


def test_a_model_of_before_the_declaration_scores_on(own_world):
    own_world.fraud.roll_out(Rollout(champion="1"))
    with own_world.client() as client:
        answer = client.post("/predict", json=transaction(**VALUES)).json()

    assert answer["model_version"] == "1"


def test_a_model_whose_columns_are_no_longer_declared_does_not_score(own_world):
    changed = OWN | {"items": OwnColumn(type="categorical")}
    del changed["device"]
    with pytest.raises(ModelArtifactError, match="device, items"):
        Champion(own_world.fraud, Vocabulary(changed))
