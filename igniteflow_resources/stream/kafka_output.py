"""Scores and dead letters to Kafka, with the stream's progress, in one transaction."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

from igniteflow_core.config.stream import StreamSettings
from igniteflow_core.errors import StreamOutputError
from igniteflow_core.stream.messages import Message

_SECONDS = 30.0
Partition = tuple[str, int]
"""Topic and number."""


@dataclass(frozen=True)
class OutputRecord:
    """One message to write; ``cause`` is the message of the input that it answers."""

    topic: str
    key: bytes
    value: bytes
    cause: Message


class KafkaOutput:
    """A transactional producer.

    The offsets of the input go into the consumer group within the transaction of the output they
    led to. A record whose cause lies below them was committed before, and is left out; so a reader
    of committed messages sees each once, whatever was killed when. A second stream of the same
    group takes over the transactions of the first, which then fails.

    Args:
        settings: brokers, group and topics.

    Raises:
        StreamOutputError: the brokers do not answer.
    """

    def __init__(self, settings: StreamSettings) -> None:
        self._where = str(settings.brokers)
        common = {"bootstrap.servers": settings.brokers, **settings.client_options}
        self._producer = Producer(
            {
                **common,
                "transactional.id": settings.group,
                "linger.ms": 5,
                "compression.type": "zstd",
            }
        )
        self._group = Consumer({**common, "group.id": settings.group, "enable.auto.commit": False})
        with self._answering():
            self._producer.init_transactions(_SECONDS)

    def committed(self, partitions: Iterable[Partition]) -> dict[Partition, int]:
        """The first offset of each partition whose output is not committed yet."""
        asked = [TopicPartition(*partition) for partition in partitions]
        with self._answering():
            found = self._group.committed(asked, timeout=_SECONDS)
        return {(each.topic, each.partition): max(each.offset, 0) for each in found}

    def publish(self, records: list[OutputRecord], ends: dict[Partition, int], note: str) -> int:
        """Write what is not there yet, and that the input is done up to ``ends``.

        Args:
            records: in the order they are to appear.
            ends: the offset after the last of each partition of the micro-batch.
            note: kept with the offsets.

        Returns:
            How many records were written.

        Raises:
            StreamOutputError: the brokers do not answer; nothing was written.
        """
        done = self.committed(ends)
        if all(done[partition] >= end for partition, end in ends.items()):
            return 0
        new = [
            each
            for each in records
            if each.cause.offset >= done[each.cause.topic, each.cause.partition]
        ]
        offsets = [
            TopicPartition(topic, partition, max(end, done[topic, partition]), note)
            for (topic, partition), end in ends.items()
        ]
        with self._answering():
            self._producer.begin_transaction()
            for record in new:
                self._produce(record)
            self._producer.send_offsets_to_transaction(
                offsets, self._group.consumer_group_metadata(), _SECONDS
            )
            self._producer.commit_transaction(_SECONDS)
        return len(new)

    def close(self) -> None:
        """Leave the brokers; the producer leaves them when it is collected."""
        self._group.close()
        del self._producer

    def _produce(self, record: OutputRecord) -> None:
        while True:
            try:
                self._producer.produce(record.topic, record.value, record.key)
            except BufferError:
                self._producer.poll(0.1)
            else:
                self._producer.poll(0)
                return

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except KafkaException as error:
            raise StreamOutputError(
                f"Kafka does not take the stream's output: {error}",
                where=self._where,
                fix="see that the brokers are up, that the topics of stream.* are there, that "
                "stream.client_options lets this user write them in transactions, and that no "
                "other stream runs under stream.group",
            ) from error
