"""The recommender: factors from ALS, vectors from content, and the hybrid of all members."""

import tempfile
from pathlib import Path

import dagster as dg
import pandas as pd
from pyspark.sql import DataFrame

from igniteflow_assets.settings_search import searched_settings
from igniteflow_assets.table_assets import table_asset
from igniteflow_core.fraud.windows import DayWindow
from igniteflow_core.recommendations.als import fit_als
from igniteflow_core.recommendations.artifact import save_recommender
from igniteflow_core.recommendations.members import MEMBER_NAMES
from igniteflow_core.recommendations.split import split_interactions, trained_days
from igniteflow_core.recommendations.tables import (
    als_from_table,
    als_table,
    content_from_table,
    content_table,
)
from igniteflow_core.recommendations.training import fit_content, train_hybrid
from igniteflow_core.schemas.models import (
    ALS_MODEL,
    CONTENT_MODEL,
    RECOMMENDATION_MEMBER_SETTINGS,
)
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.mlflow import recommender_model
from igniteflow_resources.mlflow.registry import (
    CHALLENGER,
    RECOMMENDER,
    TRAINED_FROM,
    TRAINED_TO,
)
from igniteflow_resources.mlflow.tracking import MlflowResource
from igniteflow_resources.settings import SettingsResource
from igniteflow_resources.spark.session import SparkResource


@table_asset(ALS_MODEL, deps=[RECOMMENDATION_MEMBER_SETTINGS.name])
def als_model(
    context: dg.AssetExecutionContext,
    interactions: DataFrame,
    lake: LakeResource,
    mlflow: MlflowResource,
    settings: SettingsResource,
    spark: SparkResource,
) -> DataFrame:
    """Factorize the training part of the interactions with Spark's ALS."""
    current = settings.current.recommendations
    configured = searched_settings(lake, RECOMMENDATION_MEMBER_SETTINGS, current)
    train = split_interactions(interactions, configured, configured.seed).train.persist()
    with mlflow.asset_run(context, lake.versions("interactions")):
        mlflow.log_params(configured.als.model_dump())
        model = fit_als(train, configured.als, configured.seed)
    train.unpersist()
    context.add_output_metadata({"rank": configured.als.rank, "users": len(model.user_ids)})
    return als_table(spark.session, model)


@table_asset(CONTENT_MODEL)
def content_model(items: DataFrame, settings: SettingsResource, spark: SparkResource) -> DataFrame:
    """Describe each item by a vector of its categories and title."""
    item_ids, content = fit_content(items, settings.current.recommendations)
    return content_table(spark.session, item_ids, content)


@dg.asset(
    deps=[RECOMMENDATION_MEMBER_SETTINGS.name],
    description="Blend of popularity, content, ALS and item-item models, with learned weights",
    kinds={"mlflow", "python"},
)
def hybrid_recommender(
    context: dg.AssetExecutionContext,
    interactions: DataFrame,
    users: DataFrame,
    als_model: DataFrame,
    content_model: DataFrame,
    lake: LakeResource,
    mlflow: MlflowResource,
    settings: SettingsResource,
) -> dg.MaterializeResult[None]:
    """Learn the blend on a split of the training part, and register the recommender."""
    current = settings.current.recommendations
    configured = searched_settings(lake, RECOMMENDATION_MEMBER_SETTINGS, current)
    train = split_interactions(interactions, configured, configured.seed).train.persist()
    item_ids, content = content_from_table(content_model)
    als = als_from_table(als_model)
    recommender = train_hybrid(train, users, item_ids, content, als, configured)
    days = trained_days(train)
    train.unpersist()
    versions = lake.versions("interactions", "users", "als_model", "content_model")
    with mlflow.asset_run(context, versions), tempfile.TemporaryDirectory() as folder:
        mlflow.log_params({"recommendations": configured.model_dump_json()})
        files = Path(folder, "recommender")
        save_recommender(recommender, files)
        example = recommender_model.input_example(recommender)
        model = mlflow.log_model(
            name=RECOMMENDER,
            code=Path(recommender_model.__file__),
            files=files,
            input_example=example,
            output_example=recommender_model.recommend(recommender, example),
            tags={
                **_trained_tags(days),
                **{f"delta.{table}": str(version) for table, version in versions.items()},
            },
        )
    mlflow.client.set_registered_model_alias(model.name, CHALLENGER, model.version)
    weights = pd.DataFrame(
        recommender.weights.known_items,
        index=recommender.weights.sizes,
        columns=list(MEMBER_NAMES),
    ).rename_axis("likes of the user")
    return dg.MaterializeResult(
        metadata={
            "model": dg.MetadataValue.text(model.uri),
            "model_version": dg.MetadataValue.text(model.version),
            "weights": dg.MetadataValue.md(weights.round(3).to_markdown()),
        }
    )


def _trained_tags(days: DayWindow | None) -> dict[str, str]:
    """The days that it was trained on, where the source states times."""
    if days is None:
        return {}
    return {TRAINED_FROM: days.first_day.isoformat(), TRAINED_TO: days.last_day.isoformat()}
