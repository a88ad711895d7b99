"""Evaluation of the challenger."""

import tempfile
from pathlib import Path

import dagster as dg
import pandas as pd

from igniteflow_assets.plots import plot_metadata
from igniteflow_core.fraud import plots
from igniteflow_core.fraud.artifact import load_ensemble
from igniteflow_core.fraud.combination import in_words
from igniteflow_core.fraud.ensemble import FraudEnsemble
from igniteflow_core.fraud.training import (
    evaluate_ensemble,
    windows_of,
)
from igniteflow_core.readable import readable_numbers
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.mlflow.registry import (
    CHALLENGER,
    EVALUATED_TO,
    FRAUD_MODEL,
    RegisteredModel,
    download_model_files,
    require_model,
)
from igniteflow_resources.mlflow.tracking import MlflowResource
from igniteflow_resources.settings import SettingsResource


def load_fraud_ensemble(model: RegisteredModel) -> FraudEnsemble:
    """Download a registered version and verify its files."""
    with tempfile.TemporaryDirectory() as folder:
        return load_ensemble(download_model_files(model, Path(folder)))


@dg.asset(
    deps=["fraud_model"],
    description="The challenger beside its members and logistic regression on the test window",
    kinds={"scikitlearn", "mlflow"},
)
def fraud_evaluation(
    context: dg.AssetExecutionContext,
    fraud_training_set: pd.DataFrame,
    lake: LakeResource,
    mlflow: MlflowResource,
    settings: SettingsResource,
) -> pd.DataFrame:
    """Evaluate on days after the training, with labels that were not known at its time."""
    configured = settings.current.fraud
    model = require_model(mlflow.client, FRAUD_MODEL, CHALLENGER)
    windows = windows_of(fraud_training_set, configured)
    ensemble = load_fraud_ensemble(model)
    comparison = evaluate_ensemble(ensemble, fraud_training_set, windows, configured)
    gain = comparison.gain_over_best_member(seed=configured.seed)
    figures = {
        "precision_recall": plots.precision_recall_figure(comparison),
        "precision_at_k": plots.precision_at_k_figure(comparison),
        "score_histogram": plots.score_histogram_figure(comparison),
        "lift": plots.gain_figure(comparison),
        "calibration": plots.calibration_figure(comparison),
        "cost": plots.cost_figure(comparison, configured.threshold.alert_cost),
    }
    table = comparison.table().reset_index()
    measured = {
        **comparison.evaluations["ensemble"].metrics(),
        "gain_over_best_member": gain.mean,
        "gain_over_best_member_low": gain.low,
        "gain_over_best_member_high": gain.high,
    }
    with mlflow.asset_run(context, lake.versions("fraud_training_set")):
        mlflow.log_metrics(measured)
        mlflow.log_figures(figures)
        mlflow.log_table("comparison", table)
    for name, value in {**measured, EVALUATED_TO: windows.test.last_day.isoformat()}.items():
        mlflow.client.set_model_version_tag(model.name, model.version, name, str(value))
    context.add_output_metadata(
        {
            "model_version": model.version,
            "served": in_words(ensemble.combination, ensemble.weights, ensemble.gains),
            "best_member": comparison.best_member,
            "better_than_best_member": gain.mean > 0,
            **plot_metadata(figures),
            **readable_numbers(measured),
            "comparison": dg.MetadataValue.md(comparison.markdown()),
        }
    )
    return table
