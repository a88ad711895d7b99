"""Shared code of the drift assets: the champion's days, the comparison, and its report."""

from dataclasses import dataclass
from datetime import date

import dagster as dg
import pandas as pd
from mlflow import MlflowClient

from igniteflow_assets.monitoring.drift_sensor import drift_metadata
from igniteflow_assets.plots import plot_metadata
from igniteflow_core.config.drift import DriftSettings
from igniteflow_core.drift.columns import WatchedColumn
from igniteflow_core.drift.detect import calibrate, detect_drift
from igniteflow_core.drift.page import drift_page
from igniteflow_core.drift.plots import plot_distributions, plot_psi
from igniteflow_core.drift.report import DriftReport
from igniteflow_core.drift.windows import DriftWindows
from igniteflow_core.features.contract import FRAUD_FEATURES_TABLE
from igniteflow_core.fraud.windows import DayWindow
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


def trained_champion(client: MlflowClient) -> TrainedChampion:
    """Return the current champion of the registry.

    Raises:
        MissingModelError: there is no champion.
    """
    model = require_model(client, FRAUD_MODEL, CHAMPION)
    tags = model_tags(client, model)
    first, last = (date.fromisoformat(tags[name]) for name in (TRAINED_FROM, TRAINED_TO))
    return TrainedChampion(model, DayWindow(first, last))


@dataclass(frozen=True)
class DriftComparison:
    """The comparison of an asset: columns of two frames with the rows of two windows."""

    champion: TrainedChampion
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
    lake: LakeResource,
) -> None:
    """Publish the report as metadata, and as a page and metrics of an MLflow run."""
    name = context.asset_key.path[-1]
    reference, current = comparison.windows.reference, comparison.windows.current
    version = comparison.champion.model.version
    figures = {}
    if report.features:
        figures = {
            "psi": plot_psi(report),
            "distributions": plot_distributions(
                report, comparison.reference, comparison.current, panels=_PANELS
            ),
        }
    facts = {
        "model": f"{FRAUD_MODEL}, version {version}",
        "reference days": f"{reference.first_day} to {reference.last_day}",
        "current days": f"{current.first_day} to {current.last_day}",
    }
    with mlflow.asset_run(context, lake.versions(FRAUD_FEATURES_TABLE.name)):
        page = mlflow.log_page(
            name, drift_page(f"{name} of {current.last_day}", report, facts, figures)
        )
        mlflow.log_metrics(
            {"drifted": len(report.drifted)}
            | ({"largest_psi": readable(report.score)} if figures else {})
        )
    context.add_output_metadata(
        {
            **drift_metadata(current.last_day, version, [each.feature for each in report.drifted]),
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
