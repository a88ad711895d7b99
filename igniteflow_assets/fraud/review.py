"""Review of the training procedure: hyperparameter search, and prequential evaluation."""

from collections.abc import Mapping
from typing import Any

import dagster as dg
import pandas as pd
from pyspark.sql import DataFrame

from igniteflow_assets.known_labels import labelled_by_now, labels_when_day_began
from igniteflow_assets.plots import plot_metadata
from igniteflow_assets.settings_search import recorded_search, searched_settings
from igniteflow_assets.table_assets import table_asset
from igniteflow_core.fraud.comparison import ENSEMBLE
from igniteflow_core.fraud.plots import prequential_figure
from igniteflow_core.fraud.prequential import evaluate_prequentially, prequential_windows
from igniteflow_core.fraud.segments import segment_table
from igniteflow_core.fraud.training import days_with_labels, labelled_features, windows_of
from igniteflow_core.fraud.tuning import search_settings
from igniteflow_core.readable import readable_numbers
from igniteflow_core.schemas.labels import LABELS
from igniteflow_core.schemas.models import FRAUD_MEMBER_SETTINGS
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.mlflow.tracking import MlflowResource
from igniteflow_resources.settings import SettingsResource


@table_asset(FRAUD_MEMBER_SETTINGS)
def fraud_member_settings(
    context: dg.AssetExecutionContext,
    fraud_training_set: pd.DataFrame,
    lake: LakeResource,
    mlflow: MlflowResource,
    settings: SettingsResource,
) -> pd.DataFrame:
    """Search hyperparameters on the train and validation windows, with one child run per trial."""
    start = searched_settings(lake, FRAUD_MEMBER_SETTINGS, settings.current.fraud)
    windows = windows_of(fraud_training_set, start)
    own = settings.current.sources.own_columns
    return recorded_search(
        context,
        lake,
        mlflow,
        ("fraud_training_set",),
        "average_precision",
        lambda record: search_settings(fraud_training_set, windows, start, record, own),
    )


@dg.asset(
    deps=[FRAUD_MEMBER_SETTINGS.name, LABELS.name],
    description="Weekly training evaluated on the following days, compared with standard models",
    kinds={"scikitlearn", "xgboost", "mlflow"},
)
def fraud_prequential_evaluation(
    context: dg.AssetExecutionContext,
    fraud_features: DataFrame,
    transactions: DataFrame,
    lake: LakeResource,
    mlflow: MlflowResource,
    settings: SettingsResource,
) -> pd.DataFrame:
    """Train and evaluate each fold with the labels known at its time."""
    configured = searched_settings(lake, FRAUD_MEMBER_SETTINGS, settings.current.fraud)
    labelled = labelled_by_now(transactions, lake, settings.current)
    days = days_with_labels(fraud_features, labelled)
    oldest = prequential_windows(*days, configured)[0].first_day
    own = settings.current.sources.own_columns
    frame = labelled_features(fraud_features, labelled, oldest, own, configured.entities).toPandas()
    result = evaluate_prequentially(
        frame,
        configured,
        lambda windows: context.log.info(f"Fold with tests from {windows.test.first_day} on"),
        own,
        lambda day: labels_when_day_began(transactions, lake, settings.current, day),
    )
    table, by_fold = result.table(), result.by_fold()
    segments = segment_table(result.test_rows, result.scores_of(ENSEMBLE), result.thresholds, own)
    figures = {"average_precision_by_week": prequential_figure(result)}
    with mlflow.asset_run(context, lake.versions("fraud_features", "transactions")):
        mlflow.log_metrics(_headline(table))
        mlflow.log_figures(figures)
        for name, each in (("models", table), ("folds", by_fold), ("segments", segments)):
            mlflow.log_table(f"prequential_{name}", each.astype({each.columns[0]: str}))
    context.add_output_metadata(
        {
            "folds": len(result.folds),
            **readable_numbers(_headline(table)),
            "models": dg.MetadataValue.md(table.to_markdown(index=False, floatfmt=".4g")),
            "weeks": dg.MetadataValue.md(by_fold.to_markdown(index=False, floatfmt=".4g")),
            "segments": dg.MetadataValue.md(segments.to_markdown(index=False, floatfmt=".4g")),
            **plot_metadata(figures),
        }
    )
    return table


def _headline(table: pd.DataFrame) -> Mapping[str, Any]:
    """Return the ensemble's average precision, and its smallest gain over a standard model."""
    by_model = table.set_index("model")
    standard = by_model[by_model.index.str.startswith("standard_")]
    return {
        "prequential_average_precision": by_model["average_precision"].loc[[ENSEMBLE]].item(),
        "prequential_gain_over_standard": float(standard["ensemble_gain"].min()),
    }
