"""Ratings to trust, the rows that are not, and the preferences that ratings express."""

from collections.abc import Iterator

import dagster as dg
from pyspark.sql import DataFrame

from igniteflow_assets.delivered_tables import delivered_outputs, outputs_of
from igniteflow_assets.table_assets import table_asset
from igniteflow_core.ingestion.ratings import judge_ratings
from igniteflow_core.ingestion.tables import JudgedTable, judge_table
from igniteflow_core.recommendations.interactions import to_interactions
from igniteflow_core.schemas.interactions import EVENTS, INTERACTIONS, RATINGS
from igniteflow_core.values.rules import Clock
from igniteflow_core.values.spark import text
from igniteflow_resources.settings import SettingsResource
from igniteflow_resources.spark.session import SparkResource


@dg.multi_asset(outs=outputs_of(RATINGS))
def validated_ratings(
    spark: SparkResource, settings: SettingsResource
) -> Iterator[dg.Output[DataFrame]]:
    """Judge every delivered rating: it counts, or it is quarantined with the reasons."""
    sources = settings.current.sources
    yield from delivered_outputs(spark.session, sources, RATINGS, judge_ratings)


@dg.multi_asset(outs=outputs_of(EVENTS))
def validated_events(
    spark: SparkResource, settings: SettingsResource
) -> Iterator[dg.Output[DataFrame]]:
    """Judge every delivered event; its type has to be one that has a weight."""
    types = list(settings.current.recommendations.events.weights)

    def judge(raw: DataFrame, clock: Clock) -> JudgedTable:
        unknown = {"unknown_event_type": ~text("event_type").isin(*types)}
        return judge_table(raw, EVENTS, clock, rules=unknown)

    yield from delivered_outputs(spark.session, settings.current.sources, EVENTS, judge)


@table_asset(INTERACTIONS)
def interactions(ratings: DataFrame, events: DataFrame, settings: SettingsResource) -> DataFrame:
    """Keep the ratings and events that express a preference, with its strength."""
    return to_interactions(ratings, events, settings.current.recommendations)
