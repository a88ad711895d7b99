"""The progress of the stream, from its consumer group, and the messages waiting in its source."""

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from igniteflow_core.config.stream import StreamSettings
from igniteflow_core.errors import ConfigurationError, StreamOutputError
from igniteflow_resources.stream.kinesis import waiting_records

_SECONDS = 10.0
_RETRY_SECONDS = 0.1
_LEADER_CHANGES = {KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class LastBatch:
    """The newest committed micro-batch.

    Attributes:
        batch_id: number of the micro-batch.
        scored: number of scored transactions.
        dead_letters: number of rejected messages.
        seconds: time from reading the messages to the commit of the output.
        committed_at: time of the commit.
        query_id: id of the streaming query, which numbers its micro-batches.
        newest_arrival: newest arrival of its messages, in UTC microseconds.
    """

    batch_id: int
    scored: int
    dead_letters: int
    seconds: float
    committed_at: datetime
    query_id: str = ""
    newest_arrival: int = 0

    def to_note(self) -> str:
        """Return the metadata to commit with the offsets."""
        return json.dumps({**vars(self), "committed_at": self.committed_at.isoformat()})

    @classmethod
    def from_note(cls, note: str) -> "LastBatch":
        """Parse the result of ``to_note``."""
        fields = json.loads(note)
        return cls(**{**fields, "committed_at": datetime.fromisoformat(fields["committed_at"])})


@dataclass(frozen=True)
class StreamProgress:
    """Progress of the stream.

    Attributes:
        waiting: number of unprocessed messages by topic and partition.
        last_batch: newest committed micro-batch, None if there is none.
    """

    waiting: dict[str, int]
    last_batch: LastBatch | None

    @property
    def lag(self) -> int:
        """Return the total number of unprocessed messages."""
        return sum(self.waiting.values())

    def is_stalled(self, now: datetime, stall_seconds: int) -> bool:
        """Return whether messages wait and the last commit is older than ``stall_seconds``."""
        if self.lag == 0:
            return False
        if self.last_batch is None:
            return True
        return (now - self.last_batch.committed_at).total_seconds() > stall_seconds


def read_progress(settings: StreamSettings) -> StreamProgress:
    """Read the progress of the stream's consumer group from Kafka.

    Raises:
        ConfigurationError: no brokers are configured.
        StreamOutputError: the brokers are unreachable.
    """
    consumer = Consumer(
        {
            "bootstrap.servers": require_brokers(settings),
            **settings.client_options,
            "group.id": settings.group,
            "enable.auto.commit": False,
        }
    )
    topics = (
        (settings.transactions_topic, settings.labels_topic)
        if settings.source == "kafka"
        else (settings.scores_topic,)
    )
    try:
        waiting: dict[str, int] = {}
        batches: list[LastBatch] = []
        for topic in topics:
            numbers = consumer.list_topics(topic, timeout=_SECONDS).topics[topic].partitions
            requested = [TopicPartition(topic, number) for number in numbers]
            for committed in consumer.committed(requested, timeout=_SECONDS):
                low, high = _watermark_offsets(consumer, committed)
                waiting[f"{topic}:{committed.partition}"] = high - max(committed.offset, low)
                if committed.metadata:
                    batches.append(LastBatch.from_note(committed.metadata))
        newest = max(batches, key=lambda batch: batch.committed_at, default=None)
    except KafkaException as error:
        raise StreamOutputError(
            f"the stream's progress cannot be read from Kafka: {error}",
            where=str(settings.brokers),
            fix="check that the brokers are up and that stream.client_options matches them",
        ) from error
    finally:
        consumer.close()
    if settings.source == "kinesis":
        newest_arrival = newest.newest_arrival if newest else 0
        waiting = waiting_records(settings, _EPOCH + timedelta(microseconds=newest_arrival))
    return StreamProgress(waiting, newest)


def _watermark_offsets(consumer: Consumer, partition: TopicPartition) -> tuple[int, int]:
    """Return the first offset and the one after the last; wait while the leader changes."""
    deadline = time.monotonic() + _SECONDS
    while True:
        try:
            low, high = consumer.get_watermark_offsets(partition, timeout=_SECONDS)
        except KafkaException as error:
            if error.args[0].code() not in _LEADER_CHANGES or time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_SECONDS)
        else:
            return int(low), int(high)


def require_brokers(settings: StreamSettings) -> str:
    """Return the brokers of the settings.

    Raises:
        ConfigurationError: no brokers are configured.
    """
    if settings.brokers is None:
        raise ConfigurationError(
            "no Kafka brokers are configured",
            where="stream.brokers",
            fix="set it to a list of host:port, for example with IGNITEFLOW_STREAM__BROKERS",
        )
    return settings.brokers
