"""Where the stream's messages come from."""

from pyspark.sql import DataFrame, SparkSession

from igniteflow_core.config.stream import StreamSettings
from igniteflow_resources.stream.kinesis import KinesisDataSource, kinesis_options


def read_messages(spark: SparkSession, settings: StreamSettings) -> DataFrame:
    """The streaming table of messages: topic, partition, offset, timestamp, value, and others."""
    if settings.source == "kinesis":
        spark.dataSource.register(KinesisDataSource)
        return spark.readStream.format("kinesis").options(**kinesis_options(settings)).load()
    return (
        spark.readStream.format("kafka")
        .option("kafka.isolation.level", "read_committed")
        .options(**settings.source_options)
        .option("kafka.bootstrap.servers", str(settings.brokers))
        .option("subscribe", f"{settings.transactions_topic},{settings.labels_topic}")
        .option("startingOffsets", "earliest")
        .option("failOnDataLoss", "true")
        .option("maxOffsetsPerTrigger", settings.max_messages_per_batch)
        .load()
    )
