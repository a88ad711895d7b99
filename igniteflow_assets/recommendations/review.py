"""Better settings for the members of the recommender."""

import dagster as dg
import pandas as pd
from pyspark.sql import DataFrame

from igniteflow_assets.settings_search import recorded_search, searched_settings
from igniteflow_assets.table_assets import table_asset
from igniteflow_core.recommendations.split import split_interactions
from igniteflow_core.recommendations.tables import content_from_table
from igniteflow_core.recommendations.tuning import search_settings
from igniteflow_core.schemas.models import RECOMMENDATION_MEMBER_SETTINGS
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.mlflow.tracking import MlflowResource
from igniteflow_resources.settings import SettingsResource


@table_asset(RECOMMENDATION_MEMBER_SETTINGS)
def recommendation_member_settings(
    context: dg.AssetExecutionContext,
    interactions: DataFrame,
    users: DataFrame,
    content_model: DataFrame,
    lake: LakeResource,
    mlflow: MlflowResource,
    settings: SettingsResource,
) -> pd.DataFrame:
    """Search settings of the members on a split of the training part, a child run a trial."""
    current = settings.current.recommendations
    start = searched_settings(lake, RECOMMENDATION_MEMBER_SETTINGS, current)
    train = split_interactions(interactions, start, start.seed).train.persist()
    item_ids, content = content_from_table(content_model)
    found = recorded_search(
        context,
        lake,
        mlflow,
        ("interactions", "users", "content_model"),
        "ndcg",
        lambda record: search_settings(train, users, item_ids, content, start, record),
    )
    train.unpersist()
    return found
