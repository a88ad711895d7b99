"""The champion's fraud probability for each transaction, and the decision on it."""

import dagster as dg
from pyspark.sql import DataFrame

from igniteflow_assets.automation import after_promotion_of
from igniteflow_assets.fraud.evaluation import load_fraud_ensemble
from igniteflow_assets.table_assets import table_asset
from igniteflow_core.features.declared import vocabulary
from igniteflow_core.fraud.scoring import score_transactions
from igniteflow_core.schemas.transactions import FRAUD_SCORES
from igniteflow_resources.mlflow.policies import promoted_policy
from igniteflow_resources.mlflow.registry import CHAMPION, FRAUD_MODEL, require_model
from igniteflow_resources.mlflow.tracking import MlflowResource
from igniteflow_resources.settings import SettingsResource


@table_asset(
    FRAUD_SCORES,
    deps=["fraud_champion", "decision_policy_champion"],
    automation_condition=after_promotion_of("fraud_champion", "decision_policy_champion"),
)
def fraud_scores(
    context: dg.AssetExecutionContext,
    fraud_features: DataFrame,
    mlflow: MlflowResource,
    settings: SettingsResource,
) -> DataFrame:
    """Score the transactions of the days, and decide them by the promoted policy."""
    model = require_model(mlflow.client, FRAUD_MODEL, CHAMPION)
    current = settings.current
    known = vocabulary(current.fraud.entities, current.sources.own_columns)
    policy = promoted_policy(mlflow.client, known)
    context.add_output_metadata(
        {
            "model_version": model.version,
            "policy_version": policy.version,
            "policy_hash": policy.sha256,
        }
    )
    ensemble = load_fraud_ensemble(model)
    ensemble.inputs.require_declared(current.sources.own_columns, model.uri)
    return score_transactions(fraud_features, ensemble, model.version, policy)
