"""A local Spark session with the platform's configuration."""

from dagster import build_init_resource_context
from pyspark.sql import SparkSession

from igniteflow_core.config.platform import SparkSettings
from igniteflow_resources.spark.session import SparkResource, spark_config


def local_spark(settings: SparkSettings) -> SparkSession:
    resource = SparkResource(spark_config=spark_config(settings), jars_dir=settings.jars_dir)
    resource.setup_for_execution(build_init_resource_context())
    resource.session.sparkContext.setLogLevel("ERROR")
    return resource.session
