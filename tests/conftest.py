from collections.abc import Iterator

import pytest
from dagster import build_init_resource_context
from pyspark.sql import SparkSession

from igniteflow_core.config.platform import SparkSettings
from igniteflow_resources.spark.session import SparkResource, spark_config


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """A local session with Delta, the one of the whole test run."""
    settings = SparkSettings(
        config={"spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("warehouse"))}
    )
    resource = SparkResource(spark_config=spark_config(settings), jars_dir=settings.jars_dir)
    resource.setup_for_execution(build_init_resource_context())
    yield resource.session
    resource.session.stop()
