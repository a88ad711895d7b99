"""Ingests the messages of a topic into a table of the lake, each message exactly once."""

from pyspark.errors import StreamingQueryException
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from igniteflow_core.config.stream import StreamSettings
from igniteflow_core.errors import SourceUnreachableError, StreamInputError
from igniteflow_core.schemas.topic import LANDED_AT, TOPIC_MESSAGES
from igniteflow_resources.lake.evolution import prepare_table
from igniteflow_resources.stream.progress import require_brokers
from igniteflow_resources.stream.source import read_topics

_LOST = ("failOnDataLoss", "Some data may have been lost", "were aged out")
_NO_ANSWER = ("TimeoutException", "No resolvable bootstrap urls", "UnknownTopicOrPartition")


def land_messages(spark: SparkSession, settings: StreamSettings, topic: str, path: str) -> None:
    """Append the topic's messages that are not in the table yet, as TOPIC_MESSAGES.

    The checkpoint is a subfolder of the table, which Delta ignores. Spark records there what a
    micro-batch will read before it is read, and Delta stores the number of the last committed
    micro-batch, so that a kill at any moment loses and repeats nothing.

    Args:
        spark: a session with Delta and Spark's Kafka reader.
        settings: brokers and options of the reader.
        topic: topic to read, from its beginning or from the end of the previous call.
        path: path of the table; it is created if it does not exist.

    Raises:
        ConfigurationError: no brokers are configured.
        SourceUnreachableError: the brokers are unreachable, or the topic does not exist.
        StreamInputError: messages of the topic were deleted before they were read.
    """
    where = f"topic {topic} of {require_brokers(settings)}"
    rows = (
        read_topics(spark, settings, topic)
        .select(
            *("topic", "partition", "offset", F.col("timestamp").alias("arrived_at")),
            F.col("value").cast("string").alias("value"),
            F.current_timestamp().alias(LANDED_AT),
        )
        .withColumn("landed_date", F.to_date(LANDED_AT))
    )
    prepare_table(spark, path, TOPIC_MESSAGES)
    try:
        (
            rows.select(TOPIC_MESSAGES.column_names)
            .writeStream.format("delta")
            .option("checkpointLocation", f"{path}/_checkpoint")
            .trigger(availableNow=True)
            .start(path)
            .awaitTermination()
        )
    except StreamingQueryException as error:
        text = str(error)
        if any(words in text for words in _LOST):
            raise StreamInputError(
                "messages of the topic were deleted before they were read",
                where=where,
                fix="increase the topic's retention beyond the time between two runs; to continue "
                f"without the messages, delete the checkpoint {path}/_checkpoint: the remaining "
                "messages are then read again, and their transactions rejected as duplicates",
            ) from error
        if any(words in text for words in _NO_ANSWER):
            raise SourceUnreachableError(
                "the brokers are unreachable, or the topic does not exist",
                where=where,
                fix="check that the brokers are up, that the topic exists, and that "
                "stream.source_options matches the brokers",
            ) from error
        raise
