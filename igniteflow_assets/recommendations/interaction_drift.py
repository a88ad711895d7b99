"""How far likes have moved since the recommender that serves was trained."""

import dagster as dg
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_assets.monitoring.drift_comparison import (
    DriftComparison,
    show_drift,
    trained_champion,
)
from igniteflow_assets.recommendations.evaluation import load_hybrid_recommender
from igniteflow_assets.table_assets import table_asset
from igniteflow_core.drift.windows import feature_windows, sampled_rows
from igniteflow_core.recommendations.split import split_interactions
from igniteflow_core.recommendations.watched import WATCHED_LIKES, ids_frame, watched_likes
from igniteflow_core.schemas.models import INTERACTION_DRIFT
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.mlflow.registry import RECOMMENDER
from igniteflow_resources.mlflow.tracking import MlflowResource
from igniteflow_resources.settings import SettingsResource
from igniteflow_resources.spark.session import SparkResource

NOT_COMPARED = "not_compared"
"""Metadata that says why there was nothing to compare."""


@table_asset(INTERACTION_DRIFT, deps=["recommendation_champion"])
def interaction_drift(
    context: dg.AssetExecutionContext,
    interactions: DataFrame,
    lake: LakeResource,
    mlflow: MlflowResource,
    settings: SettingsResource,
    spark: SparkResource,
) -> DataFrame:
    """Compare the likes of the newest days with those that the champion was trained on."""
    configured = settings.current
    champion = trained_champion(mlflow.client, RECOMMENDER)
    if champion is None:
        context.add_output_metadata(
            {NOT_COMPARED: "the champion was trained on likes without times"}
        )
        return spark.session.createDataFrame([], INTERACTION_DRIFT.ddl)
    known = ids_frame(interactions, load_hybrid_recommender(champion.model).item_ids.tolist())
    likes = watched_likes(interactions, known)
    first_day, newest = likes.agg(F.min("event_date"), F.max("event_date")).collect()[0]
    windows = feature_windows(champion.trained, newest, configured.drift)
    reference, current = sampled_rows(
        likes, windows, WATCHED_LIKES, configured.drift, key=("user_id", "item_id")
    )
    split = split_interactions(
        interactions, configured.recommendations, configured.recommendations.seed
    )
    comparison = DriftComparison(
        champion.model, split.learned_to(newest), windows, WATCHED_LIKES, reference, current
    )
    report = comparison.report(configured.drift, first_day)
    show_drift(context, comparison, report, mlflow, lake.versions("interactions"))
    return spark.session.createDataFrame(report.to_frame(), INTERACTION_DRIFT.ddl)
