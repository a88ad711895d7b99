"""The training set and the ensemble trained on it."""

import tempfile
from pathlib import Path

import dagster as dg
import pandas as pd
from pyspark.sql import DataFrame

from igniteflow_assets.table_assets import table_asset
from igniteflow_core.features.definitions import FEATURE_NAMES
from igniteflow_core.fraud.artifact import save_ensemble
from igniteflow_core.fraud.training import (
    FRAUD_TRAINING_SET,
    rows_of,
    train_ensemble,
    training_set,
    windows_of,
)
from igniteflow_core.fraud.windows import FraudWindows
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.mlflow import fraud_model as fraud_program
from igniteflow_resources.mlflow.registry import CHALLENGER, FRAUD_MODEL, TRAINED_FROM, TRAINED_TO
from igniteflow_resources.mlflow.tracking import MlflowResource
from igniteflow_resources.settings import SettingsResource

_EXAMPLE_ROWS = 5


@table_asset(FRAUD_TRAINING_SET)
def fraud_training_set(
    fraud_features: DataFrame, transactions: DataFrame, settings: SettingsResource
) -> DataFrame:
    """Join features and known labels over the days of the windows."""
    return training_set(fraud_features, transactions, settings.current.fraud)


@dg.asset(
    description="Soft-voting ensemble of isolation forest, random forest and XGBoost",
    kinds={"scikitlearn", "xgboost", "mlflow"},
)
def fraud_model(
    context: dg.AssetExecutionContext,
    fraud_training_set: pd.DataFrame,
    lake: LakeResource,
    mlflow: MlflowResource,
    settings: SettingsResource,
) -> dg.MaterializeResult[None]:
    """Train the ensemble and register it as the challenger."""
    wanted = settings.current.fraud
    windows = windows_of(fraud_training_set, wanted)
    versions = lake.versions("fraud_training_set", "fraud_features", "transactions")
    with mlflow.asset_run(context, versions), tempfile.TemporaryDirectory() as folder:
        mlflow.log_params({"fraud": wanted.model_dump_json()})
        ensemble = train_ensemble(fraud_training_set, wanted)
        mlflow.log_metrics(
            {
                "threshold": ensemble.threshold,
                **{f"weight_{name}": weight for name, weight in ensemble.weights.items()},
            }
        )
        files = Path(folder, "ensemble")
        save_ensemble(ensemble, files)
        example = rows_of(fraud_training_set, windows.test)[list(FEATURE_NAMES)].head(_EXAMPLE_ROWS)
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
            "features": dg.MetadataValue.int(len(FEATURE_NAMES)),
            "threshold": dg.MetadataValue.float(ensemble.threshold),
            "weights": dg.MetadataValue.json(
                {str(name): weight for name, weight in ensemble.weights.items()}
            ),
            "windows": dg.MetadataValue.md(_window_table(windows, fraud_training_set)),
        }
    )


def _window_table(windows: FraudWindows, frame: pd.DataFrame) -> str:
    lines = ["| window | first day | last day | transactions | frauds |", "|---|---|---|---:|---:|"]
    for name in ("train", "validation", "refit", "test"):
        window = getattr(windows, name)
        rows = rows_of(frame, window)
        lines.append(
            f"| {name} | {window.first_day} | {window.last_day} | {len(rows):,} | "
            f"{int(rows['is_fraud'].sum()):,} |"
        )
    return "\n".join(lines)
