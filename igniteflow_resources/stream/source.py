"""The sources of the stream's messages."""

from pyspark.sql import DataFrame, SparkSession

from igniteflow_core.config.stream import StreamSettings
from igniteflow_resources.stream.kinesis import KinesisDataSource, kinesis_options


def read_messages(spark: SparkSession, settings: StreamSettings) -> DataFrame:
    """Return a streaming frame of messages: topic, partition, offset, timestamp, value, ..."""
    if settings.source == "kinesis":
        spark.dataSource.register(KinesisDataSource)
        return spark.readStream.format("kinesis").options(**kinesis_options(settings)).load()
    topics = (settings.transactions_topic, settings.labels_topic)
    return read_topics(
        spark, settings, *topics, maxOffsetsPerTrigger=settings.max_messages_per_batch
    )


def read_topics(
    spark: SparkSession, settings: StreamSettings, *topics: str, **options: int
) -> DataFrame:
    """Return a streaming frame of the committed messages of Kafka topics from their beginning.

    Args:
        spark: a session with Spark's Kafka reader.
        settings: brokers and options of the reader.
        topics: names of the topics.
        options: further options of the reader.
    """
    return (
        spark.readStream.format("kafka")
        .option("kafka.isolation.level", "read_committed")
        .options(**settings.source_options)
        .option("kafka.bootstrap.servers", str(settings.brokers))
        .option("subscribe", ",".join(topics))
        .option("startingOffsets", "earliest")
        .option("failOnDataLoss", "true")
        .options(**options)
        .load()
    )
