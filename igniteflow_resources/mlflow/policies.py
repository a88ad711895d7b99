"""Decision policies in the model registry: versions and aliases as models have them.

A version's document is an artifact of the run that registered it, and its hash a tag.
"""

from typing import Final

import mlflow
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from igniteflow_core.decisions.columns import Vocabulary
from igniteflow_core.decisions.compiled import CompiledPolicy
from igniteflow_core.decisions.policy import UNPROMOTED, DecisionPolicy
from igniteflow_core.errors import ModelArtifactError
from igniteflow_resources.mlflow.registry import (
    CHAMPION,
    RegisteredModel,
    model_tags,
    model_with_alias,
    registered_model,
)

DECISION_POLICY: Final = "decision_policy"
"""Name of the registered model."""

POLICY_HASH: Final = "policy_hash"
"""Tag of a version: the SHA-256 of its document."""

_FILE: Final = "policy/policy.json"


def register_policy(client: MlflowClient, policy: DecisionPolicy, run_id: str) -> RegisteredModel:
    """The version of the registry that holds the policy; a new one only if none does.

    Args:
        client: of the registry.
        policy: to be held.
        run_id: of the active MLflow run, which keeps the document of a new version.
    """
    held = _version_of(client, policy.sha256)
    if held is not None:
        return held
    client.log_dict(run_id, policy.document, _FILE)
    try:
        client.create_registered_model(DECISION_POLICY)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    folder = client.get_run(run_id).info.artifact_uri
    version = client.create_model_version(
        DECISION_POLICY, f"{folder}/policy", run_id, tags={POLICY_HASH: policy.sha256}
    )
    return registered_model(DECISION_POLICY, str(version.version))


def registered_policy(client: MlflowClient, model: RegisteredModel) -> DecisionPolicy:
    """The policy that a version holds.

    Raises:
        ModelArtifactError: its document is not the one whose hash was registered.
    """
    version = client.get_model_version(model.name, model.version)
    document = mlflow.artifacts.load_dict(f"{version.source}/policy.json")
    policy = DecisionPolicy.model_validate(document)
    if policy.sha256 != model_tags(client, model).get(POLICY_HASH):
        raise ModelArtifactError(
            f"version {model.version} of the decision policy was altered",
            where=str(version.source),
            fix="change decisions.policy, and promote it as another version",
        )
    return policy


def promoted_policy(client: MlflowClient, vocabulary: Vocabulary) -> CompiledPolicy:
    """The policy that decides; before one was promoted, the model's threshold alone.

    Raises:
        DecisionPolicyError: it names what is no longer declared.
    """
    champion = model_with_alias(client, DECISION_POLICY, CHAMPION)
    if champion is None:
        return CompiledPolicy(DecisionPolicy(), vocabulary, UNPROMOTED)
    return CompiledPolicy(registered_policy(client, champion), vocabulary, champion.version)


def _version_of(client: MlflowClient, sha256: str) -> RegisteredModel | None:
    versions = client.search_model_versions(f"name = '{DECISION_POLICY}'")
    numbers = [int(each.version) for each in versions if each.tags.get(POLICY_HASH) == sha256]
    return registered_model(DECISION_POLICY, str(max(numbers))) if numbers else None
