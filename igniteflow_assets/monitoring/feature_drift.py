"""How far the features have moved since the champion was trained."""

from datetime import date, timedelta

import dagster as dg
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_assets.plots import plot_metadata
from igniteflow_assets.sensors import DRIFT_DETECTED, DRIFTED_FEATURES
from igniteflow_assets.table_assets import table_asset
from igniteflow_core.drift.detect import detect_drift
from igniteflow_core.drift.plots import plot_distributions, plot_psi
from igniteflow_core.features.definitions import FEATURE_NAMES
from igniteflow_core.schemas.models import FEATURE_DRIFT
from igniteflow_resources.mlflow.registry import (
    CHAMPION,
    FRAUD_MODEL,
    TRAINED_FROM,
    TRAINED_TO,
    model_tags,
    require_model,
)
from igniteflow_resources.mlflow.tracking import MlflowResource
from igniteflow_resources.settings import SettingsResource
from igniteflow_resources.spark.session import SparkResource

_PANELS = 6


@table_asset(FEATURE_DRIFT, deps=["fraud_champion"])
def feature_drift(
    context: dg.AssetExecutionContext,
    fraud_features: DataFrame,
    mlflow: MlflowResource,
    settings: SettingsResource,
    spark: SparkResource,
) -> DataFrame:
    """Compare the newest days with those the champion was trained on."""
    wanted = settings.current.drift
    tags = model_tags(mlflow.client, require_model(mlflow.client, FRAUD_MODEL, CHAMPION))
    newest: date = fraud_features.agg(F.max("event_date")).collect()[0][0]
    since = newest - timedelta(days=wanted.current_days - 1)
    columns = fraud_features.select("event_date", *FEATURE_NAMES)
    reference = columns.where(F.col("event_date").between(tags[TRAINED_FROM], tags[TRAINED_TO]))
    current = columns.where(F.col("event_date") >= since)
    reference_rows, current_rows = reference.toPandas(), current.toPandas()
    report = detect_drift(reference_rows, current_rows, FEATURE_NAMES, wanted)
    figures = {
        "psi": plot_psi(report),
        "distributions": plot_distributions(report, reference_rows, current_rows, panels=_PANELS),
    }
    context.add_output_metadata(
        {
            DRIFT_DETECTED: bool(report.drifted),
            DRIFTED_FEATURES: ", ".join(drift.feature for drift in report.drifted) or "none",
            "largest_psi": report.score,
            "current_days": f"{since} to {newest}",
            "report": dg.MetadataValue.md(report.to_markdown()),
            **plot_metadata(figures),
        }
    )
    return spark.session.createDataFrame(
        report.to_frame()[FEATURE_DRIFT.column_names], FEATURE_DRIFT.ddl
    )
