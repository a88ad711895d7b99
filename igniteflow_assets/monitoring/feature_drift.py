"""Drift of the features since the champion's training."""

from datetime import timedelta

import dagster as dg
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_assets.monitoring.drift_comparison import (
    DriftComparison,
    fraud_learned_to,
    show_drift,
    trained_fraud_champion,
)
from igniteflow_assets.table_assets import table_asset
from igniteflow_core.drift.columns import id_column, watched_features, watched_own
from igniteflow_core.drift.own_columns import own_as_numbers, with_values
from igniteflow_core.drift.windows import feature_windows, sampled_rows
from igniteflow_core.features.contract import FRAUD_FEATURES_TABLE
from igniteflow_core.features.declared import declared_entities
from igniteflow_core.features.spark import entity_id
from igniteflow_core.fraud.inputs import EVENT_TIME
from igniteflow_core.fraud.training import days_with_features
from igniteflow_core.ingestion.own_columns import with_declared
from igniteflow_core.schemas.labels import LABELS
from igniteflow_core.schemas.models import FEATURE_DRIFT
from igniteflow_core.schemas.own_columns import inputs_of_models
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
    configured = settings.current
    champion = trained_fraud_champion(mlflow.client)
    first_day, newest = days_with_features(fraud_features)
    windows = feature_windows(champion.trained, newest, configured.drift)
    own = configured.sources.own_columns
    label_delay = timedelta(days=configured.fraud.label_delay_days)
    features = watched_features(label_delay, configured.fraud.entities)
    ids = {
        # A transaction without such an entity is like no other one.
        id_column(entity.name): F.coalesce(entity_id(entity), F.col("transaction_id"))
        for entity in declared_entities(configured.fraud.entities, own)
    }
    drawn = sampled_rows(
        with_declared(fraud_features, own).withColumns(ids),
        windows,
        features,
        configured.drift,
        (EVENT_TIME, *inputs_of_models(own)),
    )
    reference, current = own_as_numbers(*drawn, own)
    columns, new = with_values(reference, (*features, *watched_own(own)))
    context.add_output_metadata({"without_reference": ", ".join(new) or "none"})
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
    return spark.session.createDataFrame(report.to_frame(), FEATURE_DRIFT.ddl)
