"""What the changed policy would have made of the last days, beside the present one."""

from datetime import date, timedelta

import dagster as dg
from pyspark.sql import DataFrame

from igniteflow_assets.fraud.evaluation import load_fraud_ensemble
from igniteflow_assets.known_labels import labelled_by_now
from igniteflow_assets.plots import plot_metadata
from igniteflow_assets.table_assets import table_asset
from igniteflow_core.decisions.backtest import CHANGED, PRESENT, Costs, backtest, backtest_figure
from igniteflow_core.decisions.compiled import CompiledPolicy
from igniteflow_core.features.declared import vocabulary
from igniteflow_core.fraud.training import days_with_labels, labelled_features
from igniteflow_core.schemas.backtest import DECISION_BACKTEST
from igniteflow_core.schemas.labels import LABELS
from igniteflow_resources.lake.frames import contract_rows
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.mlflow.policies import (
    DECISION_POLICY,
    promoted_policy,
    registered_policy,
)
from igniteflow_resources.mlflow.registry import (
    CHALLENGER,
    CHAMPION,
    FRAUD_MODEL,
    TRAINED_TO,
    model_tags,
    require_model,
)
from igniteflow_resources.mlflow.tracking import MlflowResource
from igniteflow_resources.settings import SettingsResource
from igniteflow_resources.spark.session import SparkResource


@table_asset(DECISION_BACKTEST, deps=["decision_policy", "fraud_champion", LABELS.name])
def decision_backtest(
    context: dg.AssetExecutionContext,
    fraud_features: DataFrame,
    transactions: DataFrame,
    lake: LakeResource,
    mlflow: MlflowResource,
    settings: SettingsResource,
    spark: SparkResource,
) -> DataFrame:
    """Decide the newest labelled days that the model was not trained on by both policies."""
    current, client = settings.current, mlflow.client
    entities, own = current.fraud.entities, current.sources.own_columns
    known = vocabulary(entities, own)
    challenger = require_model(client, DECISION_POLICY, CHALLENGER)
    changed = CompiledPolicy(registered_policy(client, challenger), known, challenger.version)
    policies = {PRESENT: promoted_policy(client, known), CHANGED: changed}
    champion = require_model(client, FRAUD_MODEL, CHAMPION)
    labelled = labelled_by_now(transactions, lake, current)
    newest = days_with_labels(fraud_features, labelled)[1]
    after_training = date.fromisoformat(model_tags(client, champion)[TRAINED_TO]) + timedelta(1)
    since = max(after_training, newest - timedelta(current.decisions.backtest_days - 1))
    rows = labelled_features(fraud_features, labelled, since, own, entities).toPandas()
    context.add_output_metadata(
        {
            "model_version": champion.version,
            **{f"{name}_policy_version": each.version for name, each in policies.items()},
            "labelled_days": rows["event_date"].nunique(),
        }
    )
    if rows.empty:
        return spark.session.createDataFrame([], DECISION_BACKTEST.ddl)
    ensemble = load_fraud_ensemble(champion)
    costs = Costs(current.fraud.threshold.alert_cost, current.decisions.decline_cost)
    result = backtest(policies, rows, ensemble.predict_proba(rows), ensemble.threshold, costs)
    context.add_output_metadata(
        {
            "totals": dg.MetadataValue.md(result.totals.T.to_markdown(floatfmt=",.2f")),
            "by_what_decided": dg.MetadataValue.md(
                result.parts.to_markdown(index=False, floatfmt=",.2f")
            ),
            **plot_metadata({"missed_cost_and_bothered": backtest_figure(result.days)}),
        }
    )
    return contract_rows(spark.session, result.days, DECISION_BACKTEST)
