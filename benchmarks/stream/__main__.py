"""``python -m benchmarks.stream``: a real broker, Spark and Delta; one after the other.

The baseline is Spark's own copy of the topic to a Delta table: no parsing, features, model, state,
or output to Kafka. Latency is from the message's timestamp to that of the Delta file that holds it,
and of the score on the output topic; messages come at a steady rate.
"""

import argparse
import json
import os
import tempfile
import threading
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from confluent_kafka import Consumer, TopicPartition
from dagster import build_init_resource_context
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from igniteflow_core.config.fraud import FraudSettings
from igniteflow_core.config.load import load_settings
from igniteflow_core.config.settings import Settings
from igniteflow_core.features.definitions import FEATURE_NAMES
from igniteflow_core.fraud.ensemble import fit_ensemble
from igniteflow_core.online.connect import connect_online_store
from igniteflow_core.stream.scores import Scorer
from igniteflow_resources.platform import platform_resources
from igniteflow_resources.stream.job import StreamJob
from igniteflow_resources.stream.scores_table import ScoresTable
from tests.kafka_broker import Broker, kafka_broker

CUSTOMERS, TERMINALS = 5_000, 2_000


def messages(count: int, seed: int) -> list[bytes]:
    """Transactions of many cards, a tenth of a second apart."""
    random = np.random.default_rng(seed)
    start = 1_736_164_800_000_000 + seed * 86_400_000_000
    return [
        json.dumps(
            {
                "transaction_id": f"{seed}-{number}",
                "event_time": start + number * 100_000,
                "customer_id": f"c{random.integers(CUSTOMERS)}",
                "terminal_id": f"t{random.integers(TERMINALS)}",
                "amount": round(float(random.lognormal(3, 1)), 2),
            }
        ).encode()
        for number in range(count)
    ]


def scorer() -> Scorer:
    """An ensemble of the default size over every feature, fitted on noise."""
    random = np.random.default_rng(1)
    X = pd.DataFrame(random.lognormal(1, 1, (8_000, len(FEATURE_NAMES))), columns=FEATURE_NAMES)
    y = (random.random(8_000) < 0.02 + 0.2 * (X["amount"] > 6)).to_numpy().astype(np.int8)
    return Scorer(fit_ensemble(X[:5_000], y[:5_000], X[5_000:], y[5_000:], FraudSettings()), "1")


@dataclass
class Contender:
    """One of the two: how to start it, and the column that holds the message's timestamp."""

    name: str
    table: str
    arrived: str

    def start(self, spark: SparkSession, settings: Settings, model: Scorer):  # a query, its end
        if self.name == "copy":
            query = (
                spark.readStream.format("kafka")
                .option("kafka.bootstrap.servers", settings.stream.brokers)
                .option("subscribe", settings.stream.transactions_topic)
                .option("startingOffsets", "earliest")
                .option("maxOffsetsPerTrigger", settings.stream.max_messages_per_batch)
                .load()
                .writeStream.format("delta")
                .option("checkpointLocation", settings.stream.checkpoint + "-copy")
                .trigger(processingTime="0 seconds")
                .start(self.table)
            )
            return query, query.stop
        store = connect_online_store(settings.online)
        job = StreamJob(spark, settings, ScoresTable(spark, self.table), store, model)
        query = job.start()

        def end() -> None:
            query.stop()
            job.close()
            store.close()

        return query, end

    def latencies(self, spark: SparkSession, marker: str) -> np.ndarray:
        """Seconds until the file in Delta, of the messages of the steady load."""
        rows = spark.read.format("delta").load(self.table)
        wanted = F.col("value").cast("string").contains(f'"{marker}-')
        if self.name == "stream":
            wanted = F.col("transaction_id").startswith(f"{marker}-")
        written = F.unix_micros("_metadata.file_modification_time")
        seconds = (written - F.unix_micros(self.arrived)) / 1e6
        found = rows.where(wanted).select(seconds.alias("seconds")).toPandas()
        return found["seconds"].to_numpy()


def kafka_latencies(broker: Broker, settings: Settings, arrived: dict[str, float]) -> np.ndarray:
    """Seconds until the score's own timestamp on the output topic."""
    consumer = Consumer(
        {
            "bootstrap.servers": broker.address,
            "group.id": str(uuid.uuid4()),
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
        }
    )
    topic = settings.stream.scores_topic
    parts = consumer.list_topics(topic).topics[topic].partitions
    consumer.assign([TopicPartition(topic, number, 0) for number in parts])
    found, ended = [], 0
    while ended < len(parts):
        message = consumer.poll(10)
        if message is None or message.error():
            ended += 1
        elif (key := message.key().decode()) in arrived:
            found.append(message.timestamp()[1] / 1_000 - arrived[key])
    consumer.close()
    return np.array(found)


def steady_load(broker: Broker, topic: str, seconds: int, rate: int, seed: int) -> None:
    waiting = messages(seconds * rate, seed)
    started = time.monotonic()
    while waiting:
        due = int((time.monotonic() - started) * rate) - (seconds * rate - len(waiting))
        if due > 0:
            broker.send(topic, waiting[:due])
            del waiting[:due]
        time.sleep(0.05)


def told(seconds: np.ndarray) -> str:
    p50, p99 = np.percentile(seconds, (50, 99))
    return f"p50 {p50:.2f} s, p99 {p99:.2f} s ({len(seconds)} messages)"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--rate", type=int, default=200)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, kafka_broker(Path(name)) as broker:
        os.environ |= {
            "IGNITEFLOW_STREAM__BROKERS": broker.address,
            "IGNITEFLOW_STREAM__CHECKPOINT": f"{name}/checkpoint",
            "IGNITEFLOW_STREAM__TRIGGER_SECONDS": "0",
            "IGNITEFLOW_ONLINE__PATH": f"{name}/online.db",
        }
        settings = load_settings()
        stream = settings.stream
        broker.create_topics(
            stream.transactions_topic,
            stream.labels_topic,
            stream.scores_topic,
            stream.dead_letter_topic,
        )
        resources = platform_resources(settings)
        resources["spark"].setup_for_execution(build_init_resource_context())
        spark = resources["spark"].session
        model = scorer()
        contenders = [
            Contender("copy", f"{name}/copy", "timestamp"),
            Contender("stream", f"{name}/stream_scores", "arrived_at"),
        ]
        # Once over a few messages, so that neither pays for first use.
        broker.send(stream.transactions_topic, messages(500, 1))
        rates, running = {}, {}
        for contender in contenders:
            query, end = contender.start(spark, settings, model)
            query.processAllAvailable()
            end()
        broker.send(stream.transactions_topic, messages(wanted.messages, 2))
        for contender in contenders:
            query, end = contender.start(spark, settings, model)
            started = time.monotonic()
            query.processAllAvailable()
            rates[contender.name] = wanted.messages / (time.monotonic() - started)
            end()
        for number, contender in enumerate(contenders):
            marker = str(3 + number)
            query, end = contender.start(spark, settings, model)
            query.processAllAvailable()
            load = threading.Thread(
                target=steady_load,
                args=(broker, stream.transactions_topic, wanted.seconds, wanted.rate, 3 + number),
            )
            load.start()
            load.join()
            query.processAllAvailable()
            end()
            running[contender.name] = contender.latencies(spark, marker)
        arrived = {
            row["transaction_id"]: row["arrived_at"].timestamp()
            for row in spark.read.format("delta")
            .load(contenders[1].table)
            .where("transaction_id LIKE '4-%'")
            .select("transaction_id", F.col("arrived_at"))
            .collect()
        }
        to_topic = kafka_latencies(broker, settings, arrived)
        for contender in contenders:
            print(f"{contender.name}: {rates[contender.name]:.0f} messages/s", end="; ")
            print(f"to Delta at {wanted.rate}/s: {told(running[contender.name])}")
        print(f"stream to the topic of scores: {told(to_topic)}")
        print(f"ratio of throughput, stream to copy: {rates['stream'] / rates['copy']:.2f}")
        p50 = {name: np.median(values) for name, values in running.items()}
        print(f"ratio of median latency, stream to copy: {p50['stream'] / p50['copy']:.2f}")
        spark.stop()


if __name__ == "__main__":
    main()
