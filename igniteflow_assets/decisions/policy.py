"""The decision policy of the settings, as a version that may be promoted."""

import dagster as dg

from igniteflow_resources.mlflow.policies import DECISION_POLICY, register_policy
from igniteflow_resources.mlflow.registry import CHALLENGER
from igniteflow_resources.mlflow.tracking import MlflowResource
from igniteflow_resources.settings import SettingsResource


@dg.asset(
    description="The decision policy of the settings, registered as the challenger",
    kinds={"mlflow"},
)
def decision_policy(
    context: dg.AssetExecutionContext, mlflow: MlflowResource, settings: SettingsResource
) -> dg.MaterializeResult[None]:
    """Register the policy; one that was registered before keeps its version."""
    policy, client = settings.current.decisions.policy, mlflow.client
    with mlflow.asset_run(context, {}) as run:
        model = register_policy(client, policy, run.info.run_id)
    client.set_registered_model_alias(DECISION_POLICY, CHALLENGER, model.version)
    return dg.MaterializeResult(
        metadata={
            "policy_version": dg.MetadataValue.text(model.version),
            "policy_hash": dg.MetadataValue.text(policy.sha256),
            "rules": len(policy.rules),
            "list_entries": sum(len(each.entries) for each in policy.lists),
            "policy": dg.MetadataValue.json(policy.document),
        }
    )
