"""Shared code of the drift assets: the champion's days, the comparison, and its report."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import dagster as dg
import pandas as pd
from mlflow import MlflowClient
from pyspark.sql import DataFrame

from igniteflow_assets.known_labels import labelled_by_now
from igniteflow_assets.monitoring.drift_metadata import drift_metadata
from igniteflow_assets.plots import plot_metadata
from igniteflow_core.config.drift import DriftSettings
from igniteflow_core.config.settings import Settings
from igniteflow_core.drift.columns import WatchedColumn
from igniteflow_core.drift.detect import calibrate, detect_drift
from igniteflow_core.drift.page import drift_page
from igniteflow_core.drift.plots import plot_distributions, plot_psi
from igniteflow_core.drift.report import DriftReport
from igniteflow_core.drift.windows import DriftWindows
from igniteflow_core.errors import MissingModelError
from igniteflow_core.fraud.training import days_with_labels
from igniteflow_core.fraud.windows import DayWindow, chronological_windows
from igniteflow_core.readable import readable
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.mlflow.registry import (
    CHAMPION,
    FRAUD_MODEL,
    TRAINED_FROM,
    TRAINED_TO,
    RegisteredModel,
    model_tags,
    require_model,
)
from igniteflow_resources.mlflow.tracking import MlflowResource

_PANELS = 6


@dataclass(frozen=True)
class TrainedChampion:
    """The champion and the days of its training data."""

    model: RegisteredModel
    trained: DayWindow


def trained_champion(client: MlflowClient, name: str) -> TrainedChampion | None:
    """The champion as the registry has it now; None if it was trained on rows without times.

    Raises:
        MissingModelError: there is no champion.
    """
    model = require_model(client, name, CHAMPION)
    tags = model_tags(client, model)
    if TRAINED_TO not in tags:
        return None
    first, last = (date.fromisoformat(tags[day]) for day in (TRAINED_FROM, TRAINED_TO))
    return TrainedChampion(model, DayWindow(first, last))


def trained_fraud_champion(client: MlflowClient) -> TrainedChampion:
    """The champion of the fraud model.

    Raises:
        MissingModelError: there is none, or it does not say which days it was trained on.
    """
    champion = trained_champion(client, FRAUD_MODEL)
    if champion is None:
        raise MissingModelError(
            f"the champion of {FRAUD_MODEL} does not say which days it was trained on",
            where="model registry",
            fix="train another one by fraud_training_job",
        )
    return champion


def fraud_learned_to(
    features: DataFrame, transactions: DataFrame, lake: LakeResource, settings: Settings
) -> date:
    """The last day that a training of the fraud model would learn from now."""
    labelled = labelled_by_now(transactions, lake, settings)
    _, newest = days_with_labels(features, labelled)
    return chronological_windows(newest, settings.fraud).refit.last_day


@dataclass(frozen=True)
class DriftComparison:
    """What an asset compares: columns of two frames, of the days of the windows.

    ``learned_to`` is the last day that a training of now would learn from.
    """

    champion: RegisteredModel
    learned_to: date
    windows: DriftWindows
    columns: tuple[WatchedColumn, ...]
    reference: pd.DataFrame
    current: pd.DataFrame

    def report(self, settings: DriftSettings, data_from: date) -> DriftReport:
        """Calibrate on the reference, and detect drift in the current rows."""
        calibrated = calibrate(self.reference, self.columns, settings, data_from=data_from)
        return detect_drift(calibrated, self.current, settings)


def show_drift(
    context: dg.AssetExecutionContext,
    comparison: DriftComparison,
    report: DriftReport,
    mlflow: MlflowResource,
    versions: Mapping[str, int],
) -> None:
    """Publish the report as metadata, and as a page and metrics of an MLflow run."""
    name = context.asset_key.path[-1]
    reference, current = comparison.windows.reference, comparison.windows.current
    champion = comparison.champion
    figures = {}
    if report.features:
        figures = {
            "psi": plot_psi(report),
            "distributions": plot_distributions(
                report, comparison.reference, comparison.current, panels=_PANELS
            ),
        }
    facts = {
        "model": f"{champion.name}, version {champion.version}",
        "reference days": f"{reference.first_day} to {reference.last_day}",
        "current days": f"{current.first_day} to {current.last_day}",
    }
    drifted = [each.feature for each in report.drifted]
    with mlflow.asset_run(context, versions):
        page = mlflow.log_page(
            name, drift_page(f"{name} of {current.last_day}", report, facts, figures)
        )
        mlflow.log_metrics(
            {"drifted": len(drifted)} | ({"largest_psi": readable(report.score)} if figures else {})
        )
    context.add_output_metadata(
        {
            **drift_metadata(current.last_day, champion.version, drifted, comparison.learned_to),
            "judged": len(report.features),
            "not_warmed_up": ", ".join(report.not_warmed_up) or "none",
            **({"largest_psi": readable(report.score)} if figures else {}),
            "reference_days": facts["reference days"],
            "current_days": facts["current days"],
            "report": dg.MetadataValue.md(report.to_markdown()),
            "page": dg.MetadataValue.url(page),
            **plot_metadata(figures),
        }
    )
