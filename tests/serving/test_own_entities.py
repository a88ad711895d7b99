"""Entities that a team declares, in the API."""

import numpy as np
import pandas as pd
import pytest

from igniteflow_core.config.fraud import (
    EntitySettings,
    FraudSettings,
    IsolationForestSettings,
    RandomForestSettings,
    XGBoostSettings,
)
from igniteflow_core.deployment.endpoint import Rollout
from igniteflow_core.features.declared import declared_entities, feature_names
from igniteflow_core.features.own_online import observe_own
from igniteflow_core.features.state import Transaction
from igniteflow_core.fraud.ensemble import fit_ensemble
from igniteflow_core.fraud.fit_inputs import fit_inputs
from igniteflow_core.online.connect import connect_online_store
from igniteflow_core.online.materialize import stored_state
from igniteflow_core.online.store import EntityKey, own_kind
from igniteflow_core.schemas.own_columns import NO_OWN_COLUMNS, OwnColumn
from tests.serving.test_predict import event_of, expected_features
from tests.serving.world import DELAY, HOUR, T0, World, transaction

OWN = {"device": OwnColumn(type="categorical")}
DECLARED = (
    EntitySettings(name="device", columns=("device",), distinct="customer_id"),
    EntitySettings(name="card_device", columns=("customer_id", "device")),
)
ENTITIES = declared_entities(DECLARED, OWN)
NAMES = feature_names(DECLARED)


@pytest.fixture(scope="module")
def ensemble():
    """Fraud is what happens on devices that were seen often."""
    random = np.random.default_rng(3)
    frame = pd.DataFrame(random.lognormal(2, 1, (2_000, len(NAMES))), columns=NAMES)
    frame["is_fraud"] = (frame["device_count_1d"] > 10).astype(int)
    settings = FraudSettings(
        isolation_forest=IsolationForestSettings(n_estimators=5),
        random_forest=RandomForestSettings(n_estimators=5),
        xgboost=XGBoostSettings(n_estimators=10, max_depth=3, max_bin=64),
    )
    train, later = frame[:1_200], frame[1_200:]
    fitted = fit_inputs(train, NO_OWN_COLUMNS, NAMES)
    days = np.arange(len(later)) // 200
    return fit_ensemble(
        fitted.matrix, train["is_fraud"], later, later["is_fraud"], days, settings, fitted.inputs
    )


@pytest.fixture
def declared_world(world, ensemble) -> World:
    """Its online store has seen the device d1 four times."""
    sources = world.settings.sources.model_copy(update={"own_columns": OWN})
    fraud = world.settings.fraud.model_copy(update={"entities": DECLARED})
    settings = world.settings.model_copy(update={"sources": sources, "fraud": fraud})
    made = World(settings, world.ensembles | {"4": ensemble}, world.past)
    made.add_version("4")
    made.fraud.roll_out(Rollout(champion="4"))
    store = connect_online_store(settings.online)
    for (entity, name), state in states_of_past().items():
        store.write({EntityKey(own_kind(entity), name): stored_state(state)})
    store.close()
    return made


def past_of_device():
    return [
        Transaction(f"D{n}", T0 + n * HOUR, f"C{n % 2}", "T1", 5.0 + n, 1, {"device": "d1"})
        for n in range(4)
    ]


def logged_features(world: World) -> list[dict[str, float]]:
    rows = world.log("decision_log")
    return [dict(zip(NAMES, row["features"], strict=True)) for row in rows]


def states_of_past():
    states = {entity.name: {} for entity in ENTITIES}
    for event in past_of_device():
        for entity, held in observe_own(event, states, ENTITIES, label_delay=DELAY).states.items():
            states[entity] |= held
    return {(entity, name): held for entity in states for name, held in states[entity].items()}


def test_the_api_uses_the_histories_of_declared_entities(declared_world):
    bodies = [
        transaction(device="d1"),
        transaction(transaction_id="X2", device="new"),
        transaction(transaction_id="X3", device=None),
    ]
    with declared_world.client() as client:
        for body in bodies:
            assert client.post("/predict", json=body).status_code == 200
    logged = logged_features(declared_world)

    states = {entity.name: {} for entity in ENTITIES}
    for (entity, name), state in states_of_past().items():
        states[entity][name] = state
    for body, features in zip(bodies, logged, strict=True):
        event = event_of(body)
        own = Transaction(
            event.transaction_id, event.time, event.customer_id, event.terminal_id, event.amount,
            None, {"device": body["device"]},
        )  # fmt: skip
        expected = observe_own(own, states, ENTITIES, label_delay=DELAY).features
        built_in = expected_features(declared_world.past, event)
        assert list(features.values()) == [*built_in.tolist(), *expected.tolist()]
    assert [each["device_count_30d"] for each in logged] == [5, 1, 0]
    assert [each["device_distinct_customer_id_30d"] for each in logged] == [2, 1, 0]


def test_a_transaction_sees_those_before_it_in_the_same_request(declared_world):
    later = transaction(transaction_id="X2", event_time="2025-03-03T20:05:00Z", device="d1")
    with declared_world.client() as client:
        body = {"transactions": [later, transaction(device="d1")]}
        assert client.post("/predict", json=body).status_code == 200
    logged = logged_features(declared_world)
    assert [each["device_count_30d"] for each in logged] == [6, 5]


def test_a_model_of_before_the_declaration_scores_on(declared_world):
    declared_world.fraud.roll_out(Rollout(champion="1"))
    with declared_world.client() as client:
        answer = client.post("/predict", json=transaction(device="d1")).json()
    features = expected_features(declared_world.past, event_of(transaction()))
    score = declared_world.ensembles["1"].predict_proba(features[np.newaxis])[0]
    assert answer["score"] == pytest.approx(score, abs=1e-6)


def test_a_model_of_an_entity_that_is_no_longer_declared_is_not_served(declared_world):
    fraud = declared_world.settings.fraud.model_copy(update={"entities": DECLARED[:1]})
    settings = declared_world.settings.model_copy(update={"fraud": fraud})
    with World(settings, declared_world.ensembles, declared_world.past).client() as client:
        assert client.post("/predict", json=transaction(device="d1")).status_code == 503
