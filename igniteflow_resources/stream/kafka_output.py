"""Scores and dead letters to Kafka, with the stream's progress, in one transaction."""

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
        self._commit(new, offsets)
        return len(new)

    def publish_batch(self, records: list[OutputRecord], batch: LastBatch) -> int:
        """As ``publish``, for input that does not lie in Kafka and so has no offsets there.

        The number of the micro-batch stands for them, as the group's offset in the first partition
        of the topic of scores; a query that starts anew, without its checkpoint, begins at 0.

        Args:
            records: in the order they are to appear.
            batch: told with the progress.

        Returns:
            How many records were written.

        Raises:
            StreamOutputError: the brokers do not answer; nothing was written.
        """
        with self._answering():
            (found,) = self._group.committed([TopicPartition(*self._mark)], timeout=_SECONDS)
        last = LastBatch.from_note(found.metadata) if found.metadata else None
        if last and last.query_id == batch.query_id and last.batch_id >= batch.batch_id:
            return 0
        mark = TopicPartition(*self._mark, batch.batch_id + 1, batch.to_note())
        self._commit(records, [mark])
        return len(records)

    def _commit(self, records: list[OutputRecord], offsets: list[TopicPartition]) -> None:
        with self._answering():
            self._producer.begin_transaction()
            for record in records:
                self._produce(record)
            group = self._group.consumer_group_metadata()
            # Not by its own timeout, which librdkafka does not keep (its issue 5456).
            _within(_SECONDS, self._producer.send_offsets_to_transaction, offsets, group)
            self._producer.commit_transaction(_SECONDS)

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
        except (KafkaException, TimeoutError) as error:
            raise StreamOutputError(
                f"Kafka does not take the stream's output: {error}",
                where=self._where,
                fix="see that the brokers are up, that the topics of stream.* are there, that "
                "stream.client_options lets this user write them in transactions, and that no "
                "other stream runs under stream.group",
            ) from error


def _within(seconds: float, call: Callable[..., object], *arguments: object) -> None:
    """Call it; a call that does not return in time is left behind in a thread.

    Raises:
        TimeoutError: it has not returned.
    """
    returned: Future[object] = Future()

    def run() -> None:
        try:
            returned.set_result(call(*arguments))
        except Exception as error:  # noqa: BLE001 - handed on to who waits
            returned.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        returned.result(seconds)
    except TimeoutError:
        raise TimeoutError(f"no answer within {seconds:.0f} s") from None
