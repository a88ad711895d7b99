"""Ratings to trust, the rows that are not, and the preferences that ratings express."""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg
from pyspark.sql import DataFrame

from igniteflow_assets.event_tables import event_outputs, judged_outputs
from igniteflow_assets.table_assets import output_of, table_asset
from igniteflow_core.ingestion.events import read_events
from igniteflow_core.ingestion.ratings import accepted_ratings, judge_ratings, quarantined_ratings
from igniteflow_core.ingestion.read import read_table
from igniteflow_core.recommendations.interactions import to_interactions
from igniteflow_core.schemas.interactions import (
    EVENTS,
    INTERACTIONS,
    QUARANTINED_RATINGS,
    RATINGS,
)
from igniteflow_core.values.spark import text
from igniteflow_resources.settings import SettingsResource
from igniteflow_resources.spark.session import SparkResource


@dg.multi_asset(
    outs={"ratings": output_of(RATINGS), "quarantined_ratings": output_of(QUARANTINED_RATINGS)}
)
def validated_ratings(
    spark: SparkResource, settings: SettingsResource
) -> Iterator[dg.Output[DataFrame]]:
    """Judge every delivered rating: it counts, or it is quarantined with the reasons."""
    sources = settings.current.sources
    raw = read_table(
        spark.session, sources.ratings, sources.root, RATINGS.column_names, ["event_time"]
    )
    clock = sources.clock(datetime.now(UTC))
    judged = judge_ratings(raw, clock).persist()
    yield dg.Output(accepted_ratings(judged, clock), output_name="ratings")
    yield dg.Output(quarantined_ratings(judged), output_name="quarantined_ratings")
    judged.unpersist()


@dg.multi_asset(outs=event_outputs(EVENTS))
def validated_events(
    spark: SparkResource, settings: SettingsResource
) -> Iterator[dg.Output[DataFrame]]:
    """Judge every delivered event; its type has to be one that has a weight."""
    sources = settings.current.sources
    types = list(settings.current.recommendations.events.weights)
    raw = read_events(spark.session, sources.events, sources.root, EVENTS)
    unknown = {"unknown_event_type": ~text("event_type").isin(*types)}
    yield from judged_outputs(raw, EVENTS, sources.clock(datetime.now(UTC)), unknown)


@table_asset(INTERACTIONS)
def interactions(ratings: DataFrame, events: DataFrame, settings: SettingsResource) -> DataFrame:
    """Keep the ratings and events that express a preference, with its strength."""
    return to_interactions(ratings, events, settings.current.recommendations)
