"""Exposures and outcomes to trust, and the rows that are not."""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg
from pyspark.sql import DataFrame

from igniteflow_assets.event_tables import event_outputs, judged_outputs
from igniteflow_core.ingestion.events import read_events
from igniteflow_core.schemas.experiments import EXPOSURES, OUTCOMES
from igniteflow_resources.settings import SettingsResource
from igniteflow_resources.spark.session import SparkResource


@dg.multi_asset(outs=event_outputs(EXPOSURES))
def validated_exposures(
    spark: SparkResource, settings: SettingsResource
) -> Iterator[dg.Output[DataFrame]]:
    """Judge every delivered exposure."""
    sources = settings.current.sources
    raw = read_events(spark.session, sources.exposures, sources.root, EXPOSURES)
    yield from judged_outputs(raw, EXPOSURES, sources.clock(datetime.now(UTC)))


@dg.multi_asset(outs=event_outputs(OUTCOMES))
def validated_outcomes(
    spark: SparkResource, settings: SettingsResource
) -> Iterator[dg.Output[DataFrame]]:
    """Judge every delivered outcome; one that was delivered twice counts once."""
    sources = settings.current.sources
    raw = read_events(spark.session, sources.outcomes, sources.root, OUTCOMES)
    yield from judged_outputs(raw, OUTCOMES, sources.clock(datetime.now(UTC)))
