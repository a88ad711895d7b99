"""Drift of the champion's scores since the days after its training."""

from datetime import timedelta

import dagster as dg
from pyspark.sql import DataFrame

from igniteflow_assets.fraud.evaluation import load_fraud_ensemble
from igniteflow_assets.monitoring.drift_comparison import (
    DriftComparison,
    fraud_learned_to,
    show_drift,
    trained_fraud_champion,
)
from igniteflow_assets.table_assets import table_asset
from igniteflow_core.drift.columns import SCORE, watched_features, watched_score
from igniteflow_core.drift.windows import sampled_rows, score_windows
from igniteflow_core.features.contract import FRAUD_FEATURES_TABLE
from igniteflow_core.fraud.training import days_with_features
from igniteflow_core.schemas.labels import LABELS
from igniteflow_core.schemas.models import PREDICTION_DRIFT
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.mlflow.tracking import MlflowResource
from igniteflow_resources.settings import SettingsResource
from igniteflow_resources.spark.session import SparkResource


@table_asset(PREDICTION_DRIFT, deps=["fraud_champion", LABELS.name])
def prediction_drift(
    context: dg.AssetExecutionContext,
    fraud_features: DataFrame,
    transactions: DataFrame,
    lake: LakeResource,
    mlflow: MlflowResource,
    settings: SettingsResource,
    spark: SparkResource,
) -> DataFrame:
    """Compare the champion's scores of the newest days with those of held-out days.

    Both are scored again, because ``fraud_scores`` may contain scores of earlier champions.
    """
    configured = settings.current
    label_delay = timedelta(days=configured.fraud.label_delay_days)
    champion = trained_fraud_champion(mlflow.client)
    first_day, newest = days_with_features(fraud_features)
    held_out_days = configured.fraud.settled_days + configured.fraud.test_days
    windows = score_windows(champion.trained, held_out_days, newest, configured.drift)
    features = watched_features(label_delay)
    ensemble = load_fraud_ensemble(champion.model)
    watched = {feature.name for feature in features}
    others = [name for name in ensemble.inputs.columns if name not in watched]
    reference, current = (
        rows.assign(**{SCORE: ensemble.predict_proba(rows) if len(rows) else 0.0})
        for rows in sampled_rows(fraud_features, windows, features, configured.drift, others)
    )
    columns = (watched_score(label_delay),)
    comparison = DriftComparison(
        champion.model,
        fraud_learned_to(fraud_features, transactions, lake, configured),
        windows,
        columns,
        reference,
        current,
    )
    report = comparison.report(configured.drift, first_day)
    show_drift(context, comparison, report, mlflow, lake.versions(FRAUD_FEATURES_TABLE.name))
    return spark.session.createDataFrame(report.to_frame(), PREDICTION_DRIFT.ddl)
