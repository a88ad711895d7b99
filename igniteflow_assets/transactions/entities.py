"""Card holders and points of sale."""

from pyspark.sql import DataFrame

from igniteflow_assets.table_assets import table_asset
from igniteflow_core.ingestion.dimensions import read_dimension
from igniteflow_core.schemas.transactions import CUSTOMERS, TERMINALS
from igniteflow_resources.settings import SettingsResource
from igniteflow_resources.spark.session import SparkResource


@table_asset(CUSTOMERS)
def customers(spark: SparkResource, settings: SettingsResource) -> DataFrame:
    """Read the customers whole."""
    sources = settings.current.sources
    return read_dimension(spark.session, sources.customers, sources.root, CUSTOMERS)


@table_asset(TERMINALS)
def terminals(spark: SparkResource, settings: SettingsResource) -> DataFrame:
    """Read the terminals whole."""
    sources = settings.current.sources
    return read_dimension(spark.session, sources.terminals, sources.root, TERMINALS)
