"""The training set and the ensemble trained on it."""

import tempfile
from pathlib import Path

import dagster as dg
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_assets.known_labels import labelled_by_now
from igniteflow_assets.settings_search import searched_settings
from igniteflow_assets.table_assets import table_asset
from igniteflow_core.config.fraud import FraudSettings
from igniteflow_core.config.load import load_settings
from igniteflow_core.fraud.artifact import save_ensemble
from igniteflow_core.fraud.combination import in_words
from igniteflow_core.fraud.distributed import train_ensemble_on_spark
from igniteflow_core.fraud.ensemble import FraudEnsemble
from igniteflow_core.fraud.training import (
    days_with_features,
    train_ensemble,
    training_set,
    training_set_contract,
)
from igniteflow_core.fraud.windows import FraudWindows, chronological_windows
from igniteflow_core.readable import readable
from igniteflow_core.schemas.labels import LABELS
from igniteflow_core.schemas.models import FRAUD_MEMBER_SETTINGS
from igniteflow_core.schemas.own_columns import OwnColumns, inputs_of_models
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.mlflow import fraud_model as fraud_program
from igniteflow_resources.mlflow.registry import CHALLENGER, FRAUD_MODEL, TRAINED_FROM, TRAINED_TO
from igniteflow_resources.mlflow.tracking import MlflowResource
from igniteflow_resources.settings import SettingsResource

_EXAMPLE_ROWS = 5

_settings = load_settings()


@table_asset(
    training_set_contract(_settings.fraud.entities, _settings.sources.own_columns),
    deps=[LABELS.name],
)
def fraud_training_set(
    fraud_features: DataFrame,
    transactions: DataFrame,
    lake: LakeResource,
    settings: SettingsResource,
) -> DataFrame:
    """Join features and the labels known by now over the days of the windows."""
    current = settings.current
    labelled = labelled_by_now(transactions, lake, current)
    return training_set(fraud_features, labelled, current.fraud, current.sources.own_columns)


@dg.asset(
    deps=[FRAUD_MEMBER_SETTINGS.name],
    description="Soft-voting ensemble of isolation forest, random forest and XGBoost",
    kinds={"scikitlearn", "xgboost", "mlflow"},
)
def fraud_model(
    context: dg.AssetExecutionContext,
    fraud_training_set: DataFrame,
    lake: LakeResource,
    mlflow: MlflowResource,
    settings: SettingsResource,
) -> dg.MaterializeResult[None]:
    """Train the ensemble and register it as the challenger."""
    configured = searched_settings(lake, FRAUD_MEMBER_SETTINGS, settings.current.fraud)
    windows = chronological_windows(days_with_features(fraud_training_set)[1], configured)
    versions = lake.versions("fraud_training_set", "fraud_features", "transactions")
    with mlflow.asset_run(context, versions), tempfile.TemporaryDirectory() as folder:
        mlflow.log_params({"fraud": configured.model_dump_json()})
        ensemble = _train(
            fraud_training_set, windows, configured, settings.current.sources.own_columns
        )
        mlflow.log_metrics(
            {
                "threshold": ensemble.threshold,
                **{f"weight_{name}": weight for name, weight in ensemble.weights.items()},
            }
        )
        files = Path(folder, "ensemble")
        save_ensemble(ensemble, files)
        example = (
            fraud_training_set.select(*ensemble.inputs.columns).limit(_EXAMPLE_ROWS).toPandas()
        )
        model = mlflow.log_model(
            name=FRAUD_MODEL,
            code=Path(fraud_program.__file__),
            files=files,
            input_example=example,
            output_example=fraud_program.score(ensemble, example),
            tags={
                TRAINED_FROM: windows.refit.first_day.isoformat(),
                TRAINED_TO: windows.refit.last_day.isoformat(),
                **{f"delta.{table}": str(version) for table, version in versions.items()},
            },
        )
    mlflow.client.set_registered_model_alias(model.name, CHALLENGER, model.version)
    return dg.MaterializeResult(
        metadata={
            "model": dg.MetadataValue.text(model.uri),
            "model_version": dg.MetadataValue.text(model.version),
            "features": dg.MetadataValue.int(len(ensemble.feature_names)),
            "own_columns": dg.MetadataValue.json(
                {
                    name: "taken" if name in ensemble.inputs.own_types else "of no help"
                    for name in inputs_of_models(settings.current.sources.own_columns)
                }
            ),
            "threshold": dg.MetadataValue.float(readable(ensemble.threshold)),
            "weights": dg.MetadataValue.json(
                {str(name): readable(weight) for name, weight in ensemble.weights.items()}
            ),
            "served": dg.MetadataValue.text(
                in_words(ensemble.combination, ensemble.weights, ensemble.gains)
            ),
            "windows": dg.MetadataValue.md(_window_table(windows, fraud_training_set)),
        }
    )


def _train(
    frame: DataFrame, windows: FraudWindows, settings: FraudSettings, own: OwnColumns
) -> FraudEnsemble:
    if settings.spark_workers:
        return train_ensemble_on_spark(frame, windows, settings, own)
    return train_ensemble(frame.toPandas(), windows, settings, own)


def _window_table(windows: FraudWindows, frame: DataFrame) -> str:
    lines = ["| window | first day | last day | transactions | frauds |", "|---|---|---|---:|---:|"]
    by_day = frame.groupBy("event_date").agg(
        F.count("*").alias("transactions"), F.sum("is_fraud").alias("frauds")
    )
    days = by_day.toPandas()
    for name in ("train", "validation", "refit", "test"):
        window = getattr(windows, name)
        rows = days[days["event_date"].between(window.first_day, window.last_day)]
        lines.append(
            f"| {name} | {window.first_day} | {window.last_day} | "
            f"{rows['transactions'].sum():,} | {rows['frauds'].sum():,} |"
        )
    return "\n".join(lines)
