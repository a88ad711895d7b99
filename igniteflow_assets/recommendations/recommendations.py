"""The best unseen items of each user."""

import dagster as dg
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_assets.recommendations.evaluation import load_hybrid_recommender
from igniteflow_assets.table_assets import table_asset
from igniteflow_core.recommendations.top_n import recommend_top_n
from igniteflow_core.schemas.interactions import RECOMMENDATIONS
from igniteflow_resources.mlflow.registry import CHAMPION, RECOMMENDER, require_model
from igniteflow_resources.mlflow.tracking import MlflowResource
from igniteflow_resources.settings import SettingsResource


@table_asset(RECOMMENDATIONS, deps=["recommendation_champion"])
def recommendations(
    context: dg.AssetExecutionContext,
    users: DataFrame,
    interactions: DataFrame,
    ratings: DataFrame,
    mlflow: MlflowResource,
    settings: SettingsResource,
) -> DataFrame:
    """Rank the catalogue for every user by the champion, and leave out what they rated."""
    model = require_model(mlflow.client, RECOMMENDER, CHAMPION)
    context.add_output_metadata({"model_version": model.version})
    return (
        recommend_top_n(
            users,
            interactions,
            ratings,
            load_hybrid_recommender(model),
            settings.current.recommendations.top_n,
        )
        .withColumn("model_version", F.lit(model.version))
        .select(RECOMMENDATIONS.column_names)
    )
