"""The best unseen items of each user, and similar items."""

import dagster as dg
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_assets.recommendations.evaluation import load_hybrid_recommender
from igniteflow_assets.table_assets import table_asset
from igniteflow_core.recommendations.because import because_you_liked as because_you_liked_table
from igniteflow_core.recommendations.interactions import seen_items
from igniteflow_core.recommendations.rules import shop_rules
from igniteflow_core.recommendations.similar_items import find_similar_items
from igniteflow_core.recommendations.tables import similar_items_table
from igniteflow_core.recommendations.top_n import recommend_top_n
from igniteflow_core.schemas.interactions import (
    BECAUSE_YOU_LIKED,
    RECOMMENDATIONS,
    SIMILAR_ITEMS,
)
from igniteflow_resources.mlflow.registry import CHAMPION, RECOMMENDER, require_model
from igniteflow_resources.mlflow.tracking import MlflowResource
from igniteflow_resources.settings import SettingsResource
from igniteflow_resources.spark.session import SparkResource


@table_asset(RECOMMENDATIONS, deps=["recommendation_champion"])
def recommendations(
    context: dg.AssetExecutionContext,
    users: DataFrame,
    items: DataFrame,
    interactions: DataFrame,
    ratings: DataFrame,
    events: DataFrame,
    mlflow: MlflowResource,
    settings: SettingsResource,
) -> DataFrame:
    """Rank the allowed items for all users with the champion, without the items they have seen."""
    current = settings.current.recommendations
    model = require_model(mlflow.client, RECOMMENDER, CHAMPION)
    recommender = load_hybrid_recommender(model)
    rules = shop_rules(items.toArrow(), recommender.item_ids, current.rules)
    context.add_output_metadata(
        {
            "model_version": model.version,
            "items_allowed": int(rules.allowed.sum()),
            "items_not_allowed": int((~rules.allowed).sum()),
        }
    )
    seen = seen_items(ratings, events)
    return (
        recommend_top_n(users, interactions, seen, recommender, current.top_n, rules)
        .withColumn("model_version", F.lit(model.version))
        .select(RECOMMENDATIONS.column_names)
    )


@table_asset(SIMILAR_ITEMS, deps=["recommendation_champion"])
def similar_items(
    items: DataFrame,
    mlflow: MlflowResource,
    settings: SettingsResource,
    spark: SparkResource,
) -> DataFrame:
    """List allowed items similar to each item, by the champion's factors and content."""
    current = settings.current.recommendations
    model = require_model(mlflow.client, RECOMMENDER, CHAMPION)
    recommender = load_hybrid_recommender(model)
    rules = shop_rules(items.toArrow(), recommender.item_ids, current.rules)
    similar = find_similar_items(recommender, current.similar_n, rules.allowed)
    return similar_items_table(spark.session, recommender.item_ids, similar, model.version)


@table_asset(BECAUSE_YOU_LIKED)
def because_you_liked(
    interactions: DataFrame,
    similar_items: DataFrame,
    ratings: DataFrame,
    events: DataFrame,
    settings: SettingsResource,
) -> DataFrame:
    """List unseen items similar to the item that each user liked most."""
    return because_you_liked_table(
        interactions,
        similar_items,
        seen_items(ratings, events),
        settings.current.recommendations.top_n,
    )
