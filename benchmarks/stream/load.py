"""Sends transactions to a topic at a fixed rate, and reads the committed scores."""

import json
import threading
import time
import uuid
from collections.abc import Iterator

import numpy as np
from confluent_kafka import Consumer, Producer, TopicPartition

CUSTOMERS, TERMINALS = 5_000, 2_000
START = 1_736_164_800_000_000
_TICK_SECONDS = 0.01
_WAIT_SECONDS = 600


def transactions(seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield ids and messages without end: of many cards, a tenth of a second apart."""
    random = np.random.default_rng(seed)
    number = 0
    while True:
        name = f"{seed}-{number}"
        message = {
            "transaction_id": name,
            "event_time": START + number * 100_000,
            "customer_id": f"c{random.integers(CUSTOMERS)}",
            "terminal_id": f"t{random.integers(TERMINALS)}",
            "amount": round(float(random.lognormal(3, 1)), 2),
        }
        yield name, json.dumps(message).encode()
        number += 1


class Sender:
    """Sends transactions, each with its id as the key.

    Args:
        brokers: host and port.
        topic: target topic.
        messages: ids and transactions.
    """

    def __init__(self, brokers: str, topic: str, messages: Iterator[tuple[str, bytes]]) -> None:
        self._producer = Producer({"bootstrap.servers": brokers, "linger.ms": 0})
        self._topic = topic
        self._messages = messages
        self.sent: dict[str, float] = {}

    def send(self, count: int) -> None:
        """Send messages as fast as possible."""
        for _ in range(count):
            name, message = next(self._messages)
            self.sent[name] = time.time()
            self._producer.produce(self._topic, message, name)
            self._producer.poll(0)
        self._producer.flush(30)

    def send_steadily(self, rate: int, seconds: float) -> None:
        """Send messages at a fixed rate, independent of the stream (open loop)."""
        started, before = time.monotonic(), len(self.sent)
        while (passed := time.monotonic() - started) < seconds:
            self.send(int(passed * rate) - (len(self.sent) - before))
            time.sleep(_TICK_SECONDS)


class Reader(threading.Thread):
    """Records when each score is readable with ``isolation.level=read_committed``."""

    def __init__(self, brokers: str, topic: str) -> None:
        super().__init__(daemon=True)
        self._consumer = Consumer(
            {
                "bootstrap.servers": brokers,
                "group.id": str(uuid.uuid4()),
                "isolation.level": "read_committed",
            }
        )
        parts = self._consumer.list_topics(topic).topics[topic].partitions
        self._consumer.assign([TopicPartition(topic, number, 0) for number in parts])
        self._ended = threading.Event()
        self.read: dict[str, float] = {}

    def run(self) -> None:
        while not self._ended.is_set():
            for message in self._consumer.consume(1_000, 0.05):
                self.read.setdefault(message.key().decode(), time.time())

    def close(self) -> None:
        self._ended.set()
        self.join()
        self._consumer.close()


def wait_for_all(sender: Sender, reader: Reader) -> None:
    end = time.monotonic() + _WAIT_SECONDS
    while len(reader.read) < len(sender.sent):
        if time.monotonic() > end:
            raise TimeoutError(f"{len(reader.read)} of {len(sender.sent)} scores arrived")
        time.sleep(0.02)
