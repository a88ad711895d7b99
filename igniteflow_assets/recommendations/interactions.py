"""Accepted and quarantined ratings and events, and the preferences that they express."""

from pyspark.sql import DataFrame

from igniteflow_assets.delivered_tables import delivered_table
from igniteflow_assets.table_assets import table_asset
from igniteflow_core.recommendations.interactions import to_interactions
from igniteflow_core.schemas.interactions import EVENTS, INTERACTIONS, RATINGS
from igniteflow_resources.settings import SettingsResource

validated_ratings = delivered_table(RATINGS, takes_outcomes=True)
validated_events = delivered_table(EVENTS, takes_outcomes=True)


@table_asset(INTERACTIONS)
def interactions(ratings: DataFrame, events: DataFrame, settings: SettingsResource) -> DataFrame:
    """Keep the ratings and events that express a preference, with its strength."""
    return to_interactions(ratings, events, settings.current.recommendations)
