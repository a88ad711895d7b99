"""Writes scores, dead letters and the stream's progress to Kafka in one transaction."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

from igniteflow_core.config.stream import StreamSettings
from igniteflow_core.errors import StreamOutputError
from igniteflow_core.stream.messages import Message
from igniteflow_resources.stream.progress import LastBatch

_SECONDS = 30.0
Partition = tuple[str, int]
"""Topic and partition number."""


@dataclass(frozen=True)
class OutputRecord:
    """One message to write; ``cause`` is the input message that it results from."""

    topic: str
    key: bytes
    value: bytes
    cause: Message


class KafkaOutput:
    """A transactional producer.

    The offsets of the input are committed to the consumer group in the same transaction as the
    output. A record whose cause is below these offsets was committed before and is left out;
    therefore a reader of committed messages reads each record exactly once, even after a kill. A
    second stream with the same group takes over the transactions of the first, which then fails.

    Args:
        settings: brokers, group and topics.

    Raises:
        StreamOutputError: the brokers are unreachable.
    """

    def __init__(self, settings: StreamSettings) -> None:
        self._where = str(settings.brokers)
        self._mark = settings.scores_topic, 0
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
        with self._kafka_errors():
            self._producer.init_transactions(_SECONDS)

    def committed(self, partitions: Iterable[Partition]) -> dict[Partition, int]:
        """Return the first offset of each partition whose output is not committed yet."""
        requested = [TopicPartition(*partition) for partition in partitions]
        with self._kafka_errors():
            committed = self._group.committed(requested, timeout=_SECONDS)
        return {(each.topic, each.partition): max(each.offset, 0) for each in committed}

    def publish(self, records: list[OutputRecord], ends: dict[Partition, int], note: str) -> int:
        """Write the records that are not committed yet, and commit the input offsets ``ends``.

        Args:
            records: output records in order.
            ends: the offset after the last message of each partition of the micro-batch.
            note: metadata to commit with the offsets.

        Returns:
            The number of written records.

        Raises:
            StreamOutputError: the brokers are unreachable; nothing was written.
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
        self._commit(new, offsets)
        return len(new)

    def publish_batch(self, records: list[OutputRecord], batch: LastBatch) -> int:
        """Write the records of input that is not stored in Kafka and has no offsets there.

        Instead of input offsets, the number of the micro-batch is committed as the group's offset
        in the first partition of the scores topic; a new query without a checkpoint starts at 0.

        Args:
            records: output records in order.
            batch: the micro-batch, committed as metadata.

        Returns:
            The number of written records.

        Raises:
            StreamOutputError: the brokers are unreachable; nothing was written.
        """
        with self._kafka_errors():
            (committed,) = self._group.committed([TopicPartition(*self._mark)], timeout=_SECONDS)
        last = LastBatch.from_note(committed.metadata) if committed.metadata else None
        if last and last.query_id == batch.query_id and last.batch_id >= batch.batch_id:
            return 0
        mark = TopicPartition(*self._mark, batch.batch_id + 1, batch.to_note())
        self._commit(records, [mark])
        return len(records)

    def _commit(self, records: list[OutputRecord], offsets: list[TopicPartition]) -> None:
        with self._kafka_errors():
            self._producer.begin_transaction()
            for record in records:
                self._produce(record)
            group = self._group.consumer_group_metadata()
            # librdkafka does not observe the call's own timeout (its issue 5456).
            _within(_SECONDS, self._producer.send_offsets_to_transaction, offsets, group)
            self._producer.commit_transaction(_SECONDS)

    def close(self) -> None:
        """Disconnect from the brokers; the producer does so when it is garbage-collected."""
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
    def _kafka_errors(self) -> Iterator[None]:
        try:
            yield
        except (KafkaException, TimeoutError) as error:
            raise StreamOutputError(
                f"Kafka does not accept the stream's output: {error}",
                where=self._where,
                fix="check that the brokers are up, that the topics of stream.* exist, that "
                "stream.client_options allows transactional writes to them, and that no other "
                "stream runs with the same stream.group",
            ) from error


def _within(seconds: float, call: Callable[..., object], *arguments: object) -> None:
    """Call the function with a timeout; a call that times out continues in its thread.

    Raises:
        TimeoutError: the call did not return in time.
    """
    returned: Future[object] = Future()

    def run() -> None:
        try:
            returned.set_result(call(*arguments))
        except Exception as error:  # noqa: BLE001 - raised again in the waiting thread
            returned.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        returned.result(seconds)
    except TimeoutError:
        raise TimeoutError(f"no response within {seconds:.0f} s") from None
