"""Exposures and outcomes to trust, and the rows that are not."""

from collections.abc import Iterator

import dagster as dg
from pyspark.sql import DataFrame

from igniteflow_assets.delivered_tables import delivered_outputs, outputs_of
from igniteflow_core.schemas.experiments import EXPOSURES, OUTCOMES
from igniteflow_resources.settings import SettingsResource
from igniteflow_resources.spark.session import SparkResource


@dg.multi_asset(outs=outputs_of(EXPOSURES))
def validated_exposures(
    spark: SparkResource, settings: SettingsResource
) -> Iterator[dg.Output[DataFrame]]:
    """Judge every delivered exposure."""
    yield from delivered_outputs(spark.session, settings.current.sources, EXPOSURES)


@dg.multi_asset(outs=outputs_of(OUTCOMES))
def validated_outcomes(
    spark: SparkResource, settings: SettingsResource
) -> Iterator[dg.Output[DataFrame]]:
    """Judge every delivered outcome; one that was delivered twice counts once."""
    yield from delivered_outputs(spark.session, settings.current.sources, OUTCOMES)
