"""Performance of the champion since its promotion, as labels arrive."""

from datetime import date, timedelta
from typing import Any

import dagster as dg
import pandas as pd
from pyspark.sql import DataFrame

from igniteflow_assets.fraud.evaluation import load_fraud_ensemble
from igniteflow_assets.known_labels import labelled_by_now
from igniteflow_assets.monitoring.performance_metadata import (
    PERFORMANCE_DROPPED,
    PREVIOUS_IS_BETTER,
)
from igniteflow_assets.plots import plot_metadata
from igniteflow_assets.table_assets import table_asset
from igniteflow_core.fraud.matrix import Floats
from igniteflow_core.fraud.performance import daily_performance, judge_performance
from igniteflow_core.fraud.plots import performance_figure
from igniteflow_core.fraud.training import labelled_features
from igniteflow_core.readable import readable
from igniteflow_core.schemas.labels import LABELS
from igniteflow_core.schemas.models import FRAUD_PERFORMANCE
from igniteflow_resources.lake.frames import contract_rows
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.mlflow.promotion import previous_champion
from igniteflow_resources.mlflow.registry import (
    AVERAGE_PRECISION,
    CHAMPION,
    EVALUATED_TO,
    FRAUD_MODEL,
    RegisteredModel,
    model_tags,
    require_model,
)
from igniteflow_resources.mlflow.tracking import MlflowResource
from igniteflow_resources.settings import SettingsResource
from igniteflow_resources.spark.session import SparkResource


@table_asset(FRAUD_PERFORMANCE, deps=["fraud_champion", LABELS.name])
def fraud_performance(
    context: dg.AssetExecutionContext,
    fraud_features: DataFrame,
    transactions: DataFrame,
    lake: LakeResource,
    mlflow: MlflowResource,
    settings: SettingsResource,
    spark: SparkResource,
) -> DataFrame:
    """Evaluate the champion on the days after its test window."""
    champion = require_model(mlflow.client, FRAUD_MODEL, CHAMPION)
    tags = model_tags(mlflow.client, champion)
    since = date.fromisoformat(tags[EVALUATED_TO]) + timedelta(days=1)
    current = settings.current
    labelled = labelled_by_now(transactions, lake, current)
    rows = labelled_features(
        fraud_features,
        labelled,
        since,
        current.sources.own_columns,
        current.fraud.entities,
    ).toPandas()
    context.add_output_metadata(
        {"model_version": champion.version, "labelled_days": rows["event_date"].nunique()}
    )
    if rows.empty:
        context.add_output_metadata({PERFORMANCE_DROPPED: False, PREVIOUS_IS_BETTER: False})
        return spark.session.createDataFrame([], FRAUD_PERFORMANCE.ddl)
    ensemble = load_fraud_ensemble(champion)
    scores = ensemble.predict_proba(rows)
    days = daily_performance(rows, scores, ensemble.threshold)
    previous = previous_champion(mlflow.client, FRAUD_MODEL)
    context.add_output_metadata(
        {
            **_verdict(rows, scores, previous, float(tags[AVERAGE_PRECISION]), settings),
            **plot_metadata({"caught_and_missed": performance_figure(days)}),
        }
    )
    table = days.assign(model_version=champion.version)
    return contract_rows(spark.session, table, FRAUD_PERFORMANCE)


def _verdict(
    rows: pd.DataFrame,
    scores: Floats,
    previous: RegisteredModel | None,
    expected: float,
    settings: SettingsResource,
) -> dict[str, Any]:
    limits = settings.current.performance
    newest = (
        rows["event_date"] > rows["event_date"].max() - timedelta(days=limits.days)
    ).to_numpy()
    judged = rows[newest]
    frauds = int(judged["is_fraud"].sum())
    if frauds < limits.min_frauds:
        reason = f"{frauds} labelled frauds so far; {limits.min_frauds} are required"
        return {PERFORMANCE_DROPPED: False, PREVIOUS_IS_BETTER: False, "verdict": reason}
    verdict = judge_performance(
        judged,
        scores[newest],
        None if previous is None else load_fraud_ensemble(previous).predict_proba(judged),
        expected=expected,
        tolerance=limits.tolerance,
        seed=settings.current.fraud.seed,
    )
    measured = verdict.average_precision
    return {
        PERFORMANCE_DROPPED: verdict.dropped,
        PREVIOUS_IS_BETTER: verdict.previous_is_better,
        "average_precision": readable(measured.mean),
        "average_precision_at_promotion": readable(expected),
        "verdict": f"average precision {measured.mean:.4f} ({measured.low:.4f} to "
        f"{measured.high:.4f}), at promotion {expected:.4f}",
    }
