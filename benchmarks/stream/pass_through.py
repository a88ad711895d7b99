"""``python -m benchmarks.stream.pass_through``: Spark copies the input topic to the output topic.

A lower bound for the stream's costs: the same micro-batches and brokers, but no parsing, features,
model, state, Delta, or transaction.
"""

from dagster import build_init_resource_context

from igniteflow_core.config.load import load_settings
from igniteflow_resources.platform import platform_resources


def main() -> None:
    settings = load_settings()
    spark = platform_resources(settings)["spark"]
    spark.setup_for_execution(build_init_resource_context())
    stream = settings.stream
    (
        spark.session.readStream.format("kafka")
        .option("kafka.bootstrap.servers", stream.brokers)
        .option("subscribe", stream.transactions_topic)
        .option("startingOffsets", "earliest")
        .option("maxOffsetsPerTrigger", stream.max_messages_per_batch)
        .load()
        .select("key", "value")
        .writeStream.format("kafka")
        .option("kafka.bootstrap.servers", stream.brokers)
        .option("topic", stream.scores_topic)
        .option("checkpointLocation", stream.checkpoint)
        .trigger(processingTime=f"{stream.trigger_seconds} seconds")
        .start()
        .awaitTermination()
    )


if __name__ == "__main__":
    main()
