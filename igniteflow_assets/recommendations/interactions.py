"""Ratings and events to trust, the rows that are not, and the preferences that they express."""

from pyspark.sql import DataFrame

from igniteflow_assets.delivered_tables import delivered_table
from igniteflow_assets.table_assets import table_asset
from igniteflow_core.config.settings import Settings
from igniteflow_core.ingestion.interactions import judge_events, judge_ratings
from igniteflow_core.ingestion.tables import JudgedTable
from igniteflow_core.recommendations.interactions import to_interactions
from igniteflow_core.schemas.interactions import EVENTS, INTERACTIONS, RATINGS
from igniteflow_core.values.form import ValueForm
from igniteflow_core.values.rules import Clock
from igniteflow_resources.settings import SettingsResource


def _judge_ratings(raw: DataFrame, clock: Clock, form: ValueForm, _: Settings) -> JudgedTable:
    return judge_ratings(raw, clock, form)


def _judge_events(raw: DataFrame, clock: Clock, form: ValueForm, settings: Settings) -> JudgedTable:
    return judge_events(raw, clock, list(settings.recommendations.events.weights), form)


validated_ratings = delivered_table(RATINGS, _judge_ratings)
validated_events = delivered_table(EVENTS, _judge_events)


@table_asset(INTERACTIONS)
def interactions(ratings: DataFrame, events: DataFrame, settings: SettingsResource) -> DataFrame:
    """Keep the ratings and events that express a preference, with its strength."""
    return to_interactions(ratings, events, settings.current.recommendations)
