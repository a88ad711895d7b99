"""People who rate, and the catalogue."""

from pyspark.sql import DataFrame

from igniteflow_assets.table_assets import table_asset
from igniteflow_core.ingestion.dimensions import read_dimension
from igniteflow_core.schemas.interactions import ITEMS, USERS
from igniteflow_resources.settings import SettingsResource
from igniteflow_resources.spark.session import SparkResource


@table_asset(USERS)
def users(spark: SparkResource, settings: SettingsResource) -> DataFrame:
    """Read the users whole; without a source of users nobody has a segment."""
    sources = settings.current.sources
    if sources.users is None:
        return spark.session.createDataFrame([], USERS.ddl)
    return read_dimension(spark.session, sources.users, sources.root, USERS)


@table_asset(ITEMS)
def items(spark: SparkResource, settings: SettingsResource) -> DataFrame:
    """Read the items whole."""
    sources = settings.current.sources
    return read_dimension(spark.session, sources.items, sources.root, ITEMS)
