"""Messages of a topic into a table of the lake: each once, however often it is tried."""

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
    """Append what the topic has, and the table has not, as TOPIC_MESSAGES.

    The checkpoint lies within the table's folder, where Delta leaves it alone. Spark notes there
    what a micro-batch is to read before it reads, and Delta knows the number of the last one that
    was committed, so that a kill at any moment loses and repeats nothing.

    Args:
        spark: with Delta and Spark's Kafka reader.
        settings: brokers and options of the reader.
        topic: that is read from its beginning, or from where the last call ended.
        path: of the table; it is made if it is not there.

    Raises:
        ConfigurationError: the settings name no brokers.
        SourceUnreachableError: the brokers do not answer, or have no such topic.
        StreamInputError: the topic no longer has messages that were not read yet.
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
                "the topic no longer has messages that were not read yet",
                where=where,
                fix="keep messages for longer than the time between two runs; to go on without "
                f"them, delete the checkpoint {path}/_checkpoint: messages that are still there "
                "are then read again, and their transactions refused as duplicates",
            ) from error
        if any(words in text for words in _NO_ANSWER):
            raise SourceUnreachableError(
                "the brokers do not answer, or have no such topic",
                where=where,
                fix="see that the brokers are up, that the topic exists, and that "
                "stream.source_options fits them",
            ) from error
        raise
