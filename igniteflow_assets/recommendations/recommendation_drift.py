"""How far the lists that users are given have moved since the recommender began to serve."""

import dagster as dg
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_assets.monitoring.drift_comparison import DriftComparison, show_drift
from igniteflow_assets.recommendations.interaction_drift import NOT_COMPARED
from igniteflow_assets.table_assets import table_asset
from igniteflow_core.drift.windows import feature_windows, sampled_rows
from igniteflow_core.fraud.windows import DayWindow
from igniteflow_core.recommendations.split import split_interactions
from igniteflow_core.recommendations.watched import WATCHED_LISTS, watched_lists
from igniteflow_core.schemas.decisions import RECOMMENDATION_LOG
from igniteflow_core.schemas.models import RECOMMENDATION_DRIFT
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.mlflow.registry import CHAMPION, RECOMMENDER, require_model
from igniteflow_resources.mlflow.tracking import MlflowResource
from igniteflow_resources.settings import SettingsResource
from igniteflow_resources.spark.session import SparkResource


@table_asset(RECOMMENDATION_DRIFT, deps=["recommendation_champion", RECOMMENDATION_LOG.name])
def recommendation_drift(
    context: dg.AssetExecutionContext,
    interactions: DataFrame,
    lake: LakeResource,
    mlflow: MlflowResource,
    settings: SettingsResource,
    spark: SparkResource,
) -> DataFrame:
    """Compare the champion's lists of the newest days with those of the days before them."""
    configured = settings.current
    champion = require_model(mlflow.client, RECOMMENDER, CHAMPION)
    lists = watched_lists(lake.rows_of(RECOMMENDATION_LOG), interactions, champion.version)
    first_day, newest = lists.agg(F.min("event_date"), F.max("event_date")).collect()[0]
    if newest is None:
        context.add_output_metadata({NOT_COMPARED: "the champion has given no list yet"})
        return spark.session.createDataFrame([], RECOMMENDATION_DRIFT.ddl)
    windows = feature_windows(DayWindow(first_day, newest), newest, configured.drift)
    reference, current = sampled_rows(
        lists, windows, WATCHED_LISTS, configured.drift, key=("decision_id",)
    )
    split = split_interactions(
        interactions, configured.recommendations, configured.recommendations.seed
    )
    comparison = DriftComparison(
        champion, split.learned_to(newest), windows, WATCHED_LISTS, reference, current
    )
    report = comparison.report(configured.drift, first_day)
    show_drift(context, comparison, report, mlflow, lake.versions(RECOMMENDATION_LOG.name))
    return spark.session.createDataFrame(report.to_frame(), RECOMMENDATION_DRIFT.ddl)
