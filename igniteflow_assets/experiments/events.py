"""Exposures and outcomes to trust, and the rows that are not."""

from collections.abc import Iterator

import dagster as dg
from pyspark.sql import DataFrame

from igniteflow_assets.table_assets import output_of
from igniteflow_core.ingestion.events import (
    accepted_events,
    judge_events,
    quarantined_events,
    read_events,
)
from igniteflow_core.schemas.experiments import (
    EXPOSURES,
    OUTCOMES,
    QUARANTINED_EXPOSURES,
    QUARANTINED_OUTCOMES,
)
from igniteflow_resources.settings import SettingsResource
from igniteflow_resources.spark.session import SparkResource


@dg.multi_asset(
    outs={
        EXPOSURES.name: output_of(EXPOSURES),
        QUARANTINED_EXPOSURES.name: output_of(QUARANTINED_EXPOSURES),
    }
)
def validated_exposures(
    spark: SparkResource, settings: SettingsResource
) -> Iterator[dg.Output[DataFrame]]:
    """Judge every delivered exposure."""
    sources = settings.current.sources
    raw = read_events(spark.session, sources.exposures, sources.root, EXPOSURES)
    judged = judge_events(raw, EXPOSURES, sources.time_zone).persist()
    yield dg.Output(accepted_events(judged, EXPOSURES, sources.time_zone), EXPOSURES.name)
    yield dg.Output(quarantined_events(judged, EXPOSURES), QUARANTINED_EXPOSURES.name)
    judged.unpersist()


@dg.multi_asset(
    outs={
        OUTCOMES.name: output_of(OUTCOMES),
        QUARANTINED_OUTCOMES.name: output_of(QUARANTINED_OUTCOMES),
    }
)
def validated_outcomes(
    spark: SparkResource, settings: SettingsResource
) -> Iterator[dg.Output[DataFrame]]:
    """Judge every delivered outcome; one that was delivered twice counts once."""
    sources = settings.current.sources
    raw = read_events(spark.session, sources.outcomes, sources.root, OUTCOMES)
    judged = judge_events(raw, OUTCOMES, sources.time_zone).persist()
    yield dg.Output(accepted_events(judged, OUTCOMES, sources.time_zone), OUTCOMES.name)
    yield dg.Output(quarantined_events(judged, OUTCOMES), QUARANTINED_OUTCOMES.name)
    judged.unpersist()
