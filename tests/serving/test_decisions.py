"""The decision policy of the rollout in answers, their log, the stream's rows and the batch's."""

import json
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from igniteflow_core.decisions.columns import Vocabulary
from igniteflow_core.decisions.compiled import CompiledPolicy
from igniteflow_core.decisions.policy import DecisionPolicy
from igniteflow_core.deployment.endpoint import Rollout
from igniteflow_core.errors import DecisionPolicyError, ModelArtifactError
from igniteflow_core.features.definitions import FEATURE_NAMES
from igniteflow_core.fraud.scoring import scores_and_reasons
from igniteflow_core.schemas.own_columns import OwnColumn
from igniteflow_core.stream.champion import Champion
from igniteflow_core.stream.judge import judge_messages
from igniteflow_core.stream.messages import Message
from igniteflow_core.stream.scores import score_messages, scored_rows
from igniteflow_serving.contract import Prediction
from tests.serving.test_predict import event_of, expected_features
from tests.serving.test_rollouts import load_failures, wait_for
from tests.serving.world import World, transaction

OWN = {"country": OwnColumn(type="categorical"), "items": OwnColumn(type="numeric")}
POLICY = DecisionPolicy.model_validate(
    {
        "bands": {"review": "threshold", "decline": 0.9},
        "lists": [
            {
                "name": "stolen",
                "action": "deny",
                "column": "customer_id",
                "entries": [{"value": "C7", "until": "2025-03-03T20:30:00Z"}],
            },
            {"name": "ours", "action": "allow", "column": "terminal_id", "entries": ["T9"]},
        ],
        "rules": [
            {"name": "far", "when": "country in ('KP', 'XX') and amount > 20", "then": "review"},
            {"name": "many", "when": "items > 10 and customer_count_1d < 50", "then": "decline"},
            {"name": "no_loss", "when": "score * amount < 1", "then": "approve"},
        ],
    }
)
BODIES = [
    transaction(**values)
    for values in (
        {"country": "FR", "items": 1},
        {"country": "FR", "items": 1, "amount": 900.0},
        {"country": "FR", "items": 1, "customer_id": "C7"},
        {
            "country": "FR",
            "items": 1,
            "customer_id": "C7",
            "event_time": "2025-03-03T20:30:00Z",
        },
        {"country": "FR", "items": 1, "terminal_id": "T9", "amount": 900.0},
        {"country": "KP", "items": None},
        {"country": None, "items": 12},
        {"country": None, "items": None, "amount": 0.01},
    )
]


@pytest.fixture
def deciding(world) -> World:
    sources = world.settings.sources.model_copy(update={"own_columns": OWN})
    settings = world.settings.model_copy(update={"sources": sources})
    world.fraud.add_policy("4", POLICY)
    world.fraud.roll_out(Rollout(champion="1", policy="4"))
    return World(settings, world.ensembles, world.past)


def decision_of(row) -> tuple:
    names = ("decision", "decided_by", "is_alert", "policy_version", "policy_hash")
    return tuple(row[name] for name in names)


def test_api_stream_and_batch_give_one_decision_with_version_and_hash(deciding):
    champion = Champion(deciding.fraud, Vocabulary(OWN))
    policy = CompiledPolicy(POLICY, Vocabulary(OWN), "4")
    seen = set()
    with deciding.client() as client:
        for body in BODIES:
            answered = client.post("/predict", json=body).json()
            Prediction.model_validate(answered)
            features = expected_features(deciding.past, event_of(body))
            message = Message("in", 0, 0, int(2e15), json.dumps(body).encode())
            (arrival,) = judge_messages(
                [message], labels_topic="labels", newest=None, allowed_lateness=0, own=OWN
            ).arrivals
            rows = scored_rows(
                [arrival],
                features[np.newaxis],
                champion.scorer(),
                batch_id=1,
                scored_at=datetime(2025, 3, 4, tzinfo=UTC),
                own=OWN,
            )
            table = pd.DataFrame([features], columns=FEATURE_NAMES).assign(
                **{name: [body[name]] for name in (*OWN, "customer_id", "terminal_id")},
                event_time=[pd.Timestamp(body["event_time"]).tz_localize(None)],
            )
            batch = scores_and_reasons(deciding.ensembles["1"], policy, table)

            ((_, _, message_out),) = score_messages(rows)
            expected = decision_of(answered)
            assert decision_of(rows.to_pylist()[0]) == expected
            assert decision_of(json.loads(message_out)) == expected
            assert decision_of({name: values[0] for name, values in batch.items()}) == expected
            assert expected[3:] == ("4", POLICY.sha256)
            seen.add(expected[1])

    assert [decision_of(row) for row in deciding.log("decision_log")][-1] == expected
    assert seen >= {"score", "deny:stolen", "allow:ours", "rule:far", "rule:many", "rule:no_loss"}


def test_a_policy_takes_over_between_two_requests_and_back(deciding):
    body = transaction(country="KP", items=None)
    stricter = DecisionPolicy.model_validate(
        {"rules": [{"name": "all", "when": "True", "then": "decline"}]}
    )
    champion = Champion(deciding.fraud, Vocabulary(OWN))
    with deciding.client() as client:

        def version() -> str:
            return client.post("/predict", json=body).json()["policy_version"]

        assert version() == "4"
        deciding.fraud.add_policy("5", stricter)
        deciding.fraud.roll_out(Rollout(champion="1", policy="5"))
        wait_for(lambda: version() == "5")
        assert champion.scorer().decider.policy.version == "5"
        deciding.fraud.roll_out(Rollout(champion="1", policy="4"))
        wait_for(lambda: version() == "4")
        assert champion.scorer().decider.policy.version == "4"


def test_a_policy_that_names_what_is_not_declared_leaves_the_one_before(deciding):
    unknown = DecisionPolicy.model_validate(
        {"rules": [{"name": "far", "when": "contry == 'FR'", "then": "review"}]}
    )
    champion = Champion(deciding.fraud, Vocabulary(OWN))
    with deciding.client() as client:
        before = load_failures()
        deciding.fraud.add_policy("5", unknown)
        deciding.fraud.roll_out(Rollout(champion="1", policy="5"))
        wait_for(lambda: load_failures() == before + 1)
        answer = client.post("/predict", json=transaction(country="FR", items=1)).json()
        assert answer["policy_version"] == "4"
    assert champion.scorer().decider.policy.version == "4"
    with pytest.raises(DecisionPolicyError, match="did you mean 'country'"):
        Champion(deciding.fraud, Vocabulary(OWN))


def test_a_rollout_names_a_policy_that_is_there_and_keeps_it_alone(deciding):
    deciding.fraud.add_policy("5", DecisionPolicy())
    with pytest.raises(ModelArtifactError, match="version 6 of the decision policy"):
        deciding.fraud.roll_out(Rollout(champion="1", policy="6"))
    deciding.fraud.remove_unused(Rollout(champion="1", policy="5"))
    assert deciding.fraud.policy("5") == DecisionPolicy()
    assert not deciding.fraud.policy_file("4").exists()
