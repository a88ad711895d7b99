"""Card holders and points of sale to trust, and the rows that are not."""

from collections.abc import Iterator

import dagster as dg
from pyspark.sql import DataFrame

from igniteflow_assets.delivered_tables import delivered_outputs, outputs_of
from igniteflow_core.schemas.transactions import CUSTOMERS, TERMINALS
from igniteflow_resources.settings import SettingsResource
from igniteflow_resources.spark.session import SparkResource


@dg.multi_asset(outs=outputs_of(CUSTOMERS))
def validated_customers(
    spark: SparkResource, settings: SettingsResource
) -> Iterator[dg.Output[DataFrame]]:
    """Judge every delivered customer."""
    yield from delivered_outputs(spark.session, settings.current.sources, CUSTOMERS)


@dg.multi_asset(outs=outputs_of(TERMINALS))
def validated_terminals(
    spark: SparkResource, settings: SettingsResource
) -> Iterator[dg.Output[DataFrame]]:
    """Judge every delivered terminal."""
    yield from delivered_outputs(spark.session, settings.current.sources, TERMINALS)
