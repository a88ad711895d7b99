"""Versions of the decision policy: registered once, promoted and rolled back as models are."""

import json
from pathlib import Path

import mlflow
import pytest
from mlflow import MlflowClient

from igniteflow_core.decisions.columns import Vocabulary
from igniteflow_core.decisions.policy import UNPROMOTED, DecisionPolicy
from igniteflow_core.errors import ModelArtifactError
from igniteflow_core.intervals import Interval
from igniteflow_core.promotion import PromotionDecision, better_than_champion
from igniteflow_resources.mlflow.policies import (
    DECISION_POLICY,
    promoted_policy,
    register_policy,
    registered_policy,
)
from igniteflow_resources.mlflow.promotion import roll_back, rolled_back_reason, settle_promotion

THROUGH = PromotionDecision((better_than_champion("cost", Interval(1, 1, 1), 0),))
STRICT = DecisionPolicy.model_validate(
    {"rules": [{"name": "large", "when": "amount > 900", "then": "review"}]}
)


@pytest.fixture
def client(tmp_path) -> MlflowClient:
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    mlflow.set_tracking_uri(uri)
    client = MlflowClient(uri, uri)
    client.create_experiment("policies", artifact_location=str(tmp_path / "artifacts"))
    return client


def register(client: MlflowClient, policy: DecisionPolicy):
    experiment = client.get_experiment_by_name("policies").experiment_id
    return register_policy(client, policy, client.create_run(experiment).info.run_id)


def test_a_policy_is_promoted_rolled_back_and_keeps_its_version(client):
    words = Vocabulary()
    assert promoted_policy(client, words).version == UNPROMOTED
    first = register(client, DecisionPolicy())
    assert settle_promotion(client, first, None, THROUGH) == first
    second = register(client, STRICT)
    assert (first.version, second.version) == ("1", "2")
    assert registered_policy(client, second) == STRICT
    settle_promotion(client, second, first, THROUGH)
    decides = promoted_policy(client, words)
    assert (decides.version, decides.sha256) == ("2", STRICT.sha256)

    assert roll_back(client, DECISION_POLICY, "too many reviews") == first
    assert promoted_policy(client, words).version == "1"
    again = register(client, DecisionPolicy.model_validate(STRICT.document))
    assert again == second
    assert rolled_back_reason(client, again) == "too many reviews"


def test_a_document_that_was_altered_is_refused(client):
    model = register(client, STRICT)
    source = client.get_model_version(model.name, model.version).source
    path = Path(source.removeprefix("file://"), "policy.json")
    document = json.loads(path.read_text())
    document["rules"][0]["when"] = "amount > 9000"
    path.write_text(json.dumps(document))
    with pytest.raises(ModelArtifactError, match="was altered"):
        registered_policy(client, model)
