"""People who rate and the catalogue to trust, and the rows that are not."""

from collections.abc import Iterator

import dagster as dg
from pyspark.sql import DataFrame

from igniteflow_assets.delivered_tables import delivered_outputs, outputs_of
from igniteflow_core.schemas.interactions import ITEMS, USERS
from igniteflow_resources.settings import SettingsResource
from igniteflow_resources.spark.session import SparkResource


@dg.multi_asset(outs=outputs_of(USERS))
def validated_users(
    spark: SparkResource, settings: SettingsResource
) -> Iterator[dg.Output[DataFrame]]:
    """Judge every delivered user; without a source of users nobody has a segment."""
    yield from delivered_outputs(spark.session, settings.current.sources, USERS)


@dg.multi_asset(outs=outputs_of(ITEMS))
def validated_items(
    spark: SparkResource, settings: SettingsResource
) -> Iterator[dg.Output[DataFrame]]:
    """Judge every delivered item."""
    yield from delivered_outputs(spark.session, settings.current.sources, ITEMS)
