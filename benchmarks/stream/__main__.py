"""``python -m benchmarks.stream``: ``igniteflow stream`` compared with a plain copy by Spark.

Real broker, Spark, Delta and online store; the contenders run in separate processes, one after the
other. Latency is measured from before a transaction is written to Kafka until a reader of committed
messages has its score; the load has a fixed rate, independent of the stream.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.stream.contenders import COMMANDS, deploy_model, running
from benchmarks.stream.load import Reader, Sender, transactions, wait_for_all
from igniteflow_core.config.fraud import FraudSettings
from tests.kafka_broker import kafka_broker

LAG_SECONDS = 5
"""A stream has caught up when its lag is at most the messages of this many seconds."""


def measure(sender: Sender, reader: Reader, rates: list[int], seconds: int, backlog: int) -> dict:
    """Measure the latencies at each rate, and the throughput for the whole backlog."""
    for _ in range(5):  # warm-up
        sender.send(500)
        wait_for_all(sender, reader)
    figures = {}
    for rate in rates:
        before = set(sender.sent)
        sender.send_steadily(rate, seconds)
        wait_for_all(sender, reader)
        waited = [reader.read[name] - at for name, at in sender.sent.items() if name not in before]
        figures[f"{rate}/s p50 ms"], figures[f"{rate}/s p99 ms"] = np.percentile(
            np.array(waited) * 1_000, (50, 99)
        )
    started = time.monotonic()
    sender.send(backlog)
    wait_for_all(sender, reader)
    return figures | {"backlog messages/s": backlog / (time.monotonic() - started)}


def catch_up(sender: Sender, reader: Reader, rate: int) -> dict:
    """Measure how an hour's backlog is processed while new messages arrive at the same rate.

    Raises:
        TimeoutError: messages were lost, or the stream takes longer than the reader waits.
    """
    sender.send(500)
    wait_for_all(sender, reader)
    sender.send(3_600 * rate)
    started, waiting = time.monotonic(), 3_600 * rate
    while waiting > LAG_SECONDS * rate:
        sender.send_steadily(rate, 5)
        waiting = len(sender.sent) - len(reader.read)
        print(f"{time.monotonic() - started:,.0f} s: {waiting:,} messages wait", flush=True)
    seconds = time.monotonic() - started
    wait_for_all(sender, reader)
    return {
        "messages": len(sender.sent),
        "lost": len(sender.sent.keys() - reader.read.keys()),
        "s until caught up": seconds,
        "messages/s meanwhile": (3_600 + seconds) * rate / seconds,
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rates", type=int, nargs="*", default=[50, 200, 500])
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--backlog", type=int, default=20_000)
    parser.add_argument("--hour-at", type=int, help="measure only an hour's backlog at this rate")
    parser.add_argument("--trigger", type=float, default=0.0)
    parser.add_argument("--contenders", nargs="*", default=list(COMMANDS), choices=COMMANDS)
    arguments = parser.parse_args()
    figures: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as name, kafka_broker(Path(name)) as broker:
        deploy_model(Path(name), FraudSettings())
        for contender in arguments.contenders:
            with running(contender, broker, Path(name), trigger_seconds=arguments.trigger) as (
                source,
                target,
            ):
                sender = Sender(broker.address, source, transactions(seed=1))
                reader = Reader(broker.address, target)
                reader.start()
                figures[contender] = (
                    catch_up(sender, reader, arguments.hour_at)
                    if arguments.hour_at
                    else measure(
                        sender, reader, arguments.rates, arguments.seconds, arguments.backlog
                    )
                )
                reader.close()
    table = pd.DataFrame(figures)
    if {"copy", "stream"} <= set(table):
        table["stream / copy"] = table["stream"] / table["copy"]
    print(table.round(2).to_markdown())


if __name__ == "__main__":
    main()
