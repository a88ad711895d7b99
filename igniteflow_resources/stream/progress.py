"""How far the stream is, as its consumer group tells, and how much waits in its source."""

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from igniteflow_core.config.stream import StreamSettings
from igniteflow_core.errors import ConfigurationError, StreamOutputError
from igniteflow_resources.stream.kinesis import waiting_records

_SECONDS = 10.0
_LOOK_AGAIN_SECONDS = 0.1
_TAKING_OVER = {KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class LastBatch:
    """The newest committed micro-batch.

    Attributes:
        batch_id: its number.
        scored: transactions scored.
        dead_letters: messages refused.
        seconds: from reading its messages to the commit of its output.
        committed_at: when that was.
        query_id: of the streaming query that numbers it.
        newest_arrival: of its messages, UTC microseconds.
    """

    batch_id: int
    scored: int
    dead_letters: int
    seconds: float
    committed_at: datetime
    query_id: str = ""
    newest_arrival: int = 0

    def to_note(self) -> str:
        """As kept with the offsets."""
        return json.dumps({**vars(self), "committed_at": self.committed_at.isoformat()})

    @classmethod
    def from_note(cls, note: str) -> "LastBatch":
        """What ``to_note`` wrote."""
        fields = json.loads(note)
        return cls(**{**fields, "committed_at": datetime.fromisoformat(fields["committed_at"])})


@dataclass(frozen=True)
class StreamProgress:
    """How far the stream is.

    Attributes:
        waiting: messages not yet done, by topic and partition.
        last_batch: None if there was none.
    """

    waiting: dict[str, int]
    last_batch: LastBatch | None

    @property
    def lag(self) -> int:
        """Messages not yet done."""
        return sum(self.waiting.values())

    def is_stalled(self, now: datetime, stall_seconds: int) -> bool:
        """Whether messages wait although nothing was committed for so long."""
        if self.lag == 0:
            return False
        if self.last_batch is None:
            return True
        return (now - self.last_batch.committed_at).total_seconds() > stall_seconds


def read_progress(settings: StreamSettings) -> StreamProgress:
    """Ask Kafka how far the stream's consumer group is.

    Raises:
        ConfigurationError: the settings name no brokers.
        StreamOutputError: the brokers do not answer.
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
            asked = [TopicPartition(topic, number) for number in numbers]
            for found in consumer.committed(asked, timeout=_SECONDS):
                low, high = _kept_offsets(consumer, found)
                waiting[f"{topic}:{found.partition}"] = high - max(found.offset, low)
                if found.metadata:
                    batches.append(LastBatch.from_note(found.metadata))
        newest = max(batches, key=lambda batch: batch.committed_at, default=None)
    except KafkaException as error:
        raise StreamOutputError(
            f"Kafka does not tell the stream's progress: {error}",
            where=str(settings.brokers),
            fix="see that the brokers are up and that stream.client_options fits them",
        ) from error
    finally:
        consumer.close()
    if settings.source == "kinesis":
        newest_arrival = newest.newest_arrival if newest else 0
        waiting = waiting_records(settings, _EPOCH + timedelta(microseconds=newest_arrival))
    return StreamProgress(waiting, newest)


def _kept_offsets(consumer: Consumer, partition: TopicPartition) -> tuple[int, int]:
    """The first offset and the one after the last; waits while another broker takes over."""
    deadline = time.monotonic() + _SECONDS
    while True:
        try:
            low, high = consumer.get_watermark_offsets(partition, timeout=_SECONDS)
        except KafkaException as error:
            if error.args[0].code() not in _TAKING_OVER or time.monotonic() > deadline:
                raise
            time.sleep(_LOOK_AGAIN_SECONDS)
        else:
            return int(low), int(high)


def require_brokers(settings: StreamSettings) -> str:
    """The brokers of the settings.

    Raises:
        ConfigurationError: there are none.
    """
    if settings.brokers is None:
        raise ConfigurationError(
            "no Kafka brokers are set",
            where="stream.brokers",
            fix="set it to a list of host:port, for example by IGNITEFLOW_STREAM__BROKERS",
        )
    return settings.brokers
