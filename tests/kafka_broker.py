"""A real Kafka broker of this machine: one node in KRaft mode, from Maven's jars."""

import base64
import json
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyspark
from confluent_kafka import OFFSET_END, Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from igniteflow_resources.spark.jars import fetch_packages
from igniteflow_resources.spark.java import java_executable
from tests.local_server import Server, free_ports, running

PACKAGES = ("org.apache.kafka:kafka_2.13:4.1.0", "org.apache.kafka:kafka-tools:4.1.0")
JARS = Path(".jars/kafka-broker")
_BACK_WITHIN_SECONDS = 120.0
_PROPERTIES = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
log.dirs={folder}/logs
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
"""


@dataclass(frozen=True)
class Broker:
    """A broker that can be killed and started again on what it left behind."""

    address: str
    server: Server

    def create_topics(self, *names: str, partitions: int = 2) -> None:
        topics = [NewTopic(name, partitions, replication_factor=1) for name in names]
        admin = self._admin
        for done in admin.create_topics(topics).values():
            done.result(30)

    def send(self, topic: str, messages: list[bytes]) -> None:
        """The messages in their order, over the partitions in turn."""
        producer = Producer({"bootstrap.servers": self.address, "enable.idempotence": True})
        partitions = self._partitions(topic)
        for number, message in enumerate(messages):
            producer.produce(topic, message, partition=number % partitions)
            producer.poll(0)
        assert producer.flush(_BACK_WITHIN_SECONDS) == 0

    def delete_messages(self, topic: str) -> None:
        """Delete all that the topic holds now."""
        ends = [
            TopicPartition(topic, number, OFFSET_END) for number in range(self._partitions(topic))
        ]
        admin = self._admin
        for done in admin.delete_records(ends).values():
            done.result(30)

    def committed_messages(self, topic: str) -> list[dict]:
        """Every message that a reader of committed messages sees."""
        consumer = Consumer(
            {
                "bootstrap.servers": self.address,
                "group.id": f"test-{uuid.uuid4()}",
                "isolation.level": "read_committed",
                "auto.offset.reset": "earliest",
                "enable.partition.eof": True,
                "enable.auto.commit": False,
            }
        )
        partitions = consumer.list_topics(topic).topics[topic].partitions
        consumer.assign([TopicPartition(topic, number, 0) for number in partitions])
        found, at_end = [], set()
        while len(at_end) < len(partitions):
            message = consumer.poll(10)
            assert message is not None
            if message.error():
                at_end.add(message.partition())
            else:
                found.append(json.loads(message.value()))
        consumer.close()
        return found

    def _partitions(self, topic: str) -> int:
        """How many the topic has; waits for a broker that is being started again."""
        deadline = time.monotonic() + _BACK_WITHIN_SECONDS
        while True:
            try:
                return len(self._admin.list_topics(topic, timeout=5).topics[topic].partitions)
            except KafkaException:
                if time.monotonic() > deadline:
                    raise

    @property
    def _admin(self) -> AdminClient:
        return AdminClient({"bootstrap.servers": self.address})


@contextmanager
def kafka_broker(folder: Path) -> Iterator[Broker]:
    fetch_packages(PACKAGES, JARS)
    # Spark's resolver leaves out Scala, which Spark has.
    scala = next(Path(pyspark.__file__).parent.glob("jars/scala-library-*.jar"))
    classpath = f"{JARS.resolve()}/*:{scala}"
    java = [str(java_executable()), "-Xmx384m", "-XX:TieredStopAtLevel=1", "-cp", classpath]
    port, controller = free_ports(2)
    properties = folder / "server.properties"
    properties.write_text(_PROPERTIES.format(port=port, controller=controller, folder=folder))
    # Not a random one: an id that begins with a hyphen is taken for an option.
    cluster = base64.urlsafe_b64encode(b"igniteflow-tests").decode().rstrip("=")
    format_logs = ["format", "-t", cluster, "-c", str(properties)]
    subprocess.run(
        [*java, "kafka.tools.StorageTool", *format_logs], check=True, stdout=subprocess.DEVNULL
    )
    address = f"127.0.0.1:{port}"
    server = Server(
        [*java, "kafka.Kafka", properties],
        port,
        folder / "broker.log",
        is_up=lambda: _is_up(address),
    )
    with running(server):
        yield Broker(address, server)


def _is_up(address: str) -> bool:
    try:
        AdminClient({"bootstrap.servers": address, "log_level": 0}).list_topics(timeout=2)
    except KafkaException:
        return False
    return True
