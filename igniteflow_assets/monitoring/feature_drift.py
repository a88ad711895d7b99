"""Drift of the features since the champion's training."""

from datetime import timedelta

import dagster as dg
from pyspark.sql import DataFrame

from igniteflow_assets.monitoring.drift_comparison import (
    DriftComparison,
    fraud_learned_to,
    show_drift,
    trained_fraud_champion,
)
from igniteflow_assets.table_assets import table_asset
from igniteflow_core.drift.columns import watched_features, watched_own
from igniteflow_core.drift.windows import feature_windows, sampled_rows
from igniteflow_core.features.contract import FRAUD_FEATURES_TABLE
from igniteflow_core.fraud.training import days_with_features
from igniteflow_core.ingestion.own_columns import with_declared
from igniteflow_core.schemas.labels import LABELS
from igniteflow_core.schemas.models import FEATURE_DRIFT
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.mlflow.tracking import MlflowResource
from igniteflow_resources.settings import SettingsResource
from igniteflow_resources.spark.session import SparkResource


@table_asset(FEATURE_DRIFT, deps=["fraud_champion", LABELS.name])
def feature_drift(
    context: dg.AssetExecutionContext,
    fraud_features: DataFrame,
    transactions: DataFrame,
    lake: LakeResource,
    mlflow: MlflowResource,
    settings: SettingsResource,
    spark: SparkResource,
) -> DataFrame:
    """Compare the newest days with the days of the champion's training data."""
    wanted = settings.current
    champion = trained_fraud_champion(mlflow.client)
    first_day, newest = days_with_features(fraud_features)
    windows = feature_windows(champion.trained, newest, wanted.drift)
    own = wanted.sources.own_columns
    label_delay = timedelta(days=wanted.fraud.label_delay_days)
    columns = (*watched_features(label_delay), *watched_own(own))
    reference, current = sampled_rows(
        with_declared(fraud_features, own), windows, columns, wanted.drift
    )
    comparison = DriftComparison(
        champion.model,
        fraud_learned_to(fraud_features, transactions, lake, wanted),
        windows,
        columns,
        reference,
        current,
    )
    report = comparison.report(wanted.drift, first_day)
    show_drift(context, comparison, report, mlflow, lake.versions(FRAUD_FEATURES_TABLE.name))
    return spark.session.createDataFrame(report.to_frame(), FEATURE_DRIFT.ddl)
