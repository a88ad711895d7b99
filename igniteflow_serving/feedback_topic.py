"""Consumes feedback from a Kafka topic; each message is one entry of POST /feedback."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TypeVar

from confluent_kafka import Consumer, KafkaException, Producer
from confluent_kafka import Message as KafkaMessage
from pydantic import ValidationError

from igniteflow_core.config.stream import StreamSettings
from igniteflow_core.errors import ConfigurationError
from igniteflow_core.stream.judge import DeadLetter
from igniteflow_core.stream.messages import Message
from igniteflow_core.stream.scores import dead_letter_message
from igniteflow_core.telemetry.metrics import FEEDBACK_MESSAGES_TOTAL
from igniteflow_serving.contract import feedback_entry
from igniteflow_serving.feedback import Feedback, FeedbackService

T = TypeVar("T")

_ENTRY = feedback_entry()
_AT_ONCE = 500
_WAIT_SECONDS = 0.2
_RETRY_SECONDS = 5.0
_FLUSH_SECONDS = 30.0

_log = logging.getLogger("igniteflow.serving")


class FeedbackTopic:
    """Consumes the topic; servers with the same stream settings share its partitions.

    Offsets are committed after the messages are written to the log, so that no message is lost. A
    message that is read again has the same id, so that it counts once. Invalid messages are written
    to the dead-letter topic.

    Args:
        topic: name of the topic.
        settings: brokers, group and dead-letter topic.
        service: accepts the feedback.

    Raises:
        ConfigurationError: no brokers are configured.
    """

    def __init__(self, topic: str, settings: StreamSettings, service: FeedbackService) -> None:
        if settings.brokers is None:
            raise ConfigurationError(
                "no brokers are configured for the feedback topic",
                where="stream.brokers",
                fix="configure the brokers, or remove serving.feedback_topic",
            )
        common = {"bootstrap.servers": str(settings.brokers), **settings.client_options}
        self._dead_letters = settings.dead_letter_topic
        self._service = service
        self._producer = Producer({**common, "enable.idempotence": True})
        self._consumer = Consumer(
            {
                **common,
                "group.id": f"{settings.group}-feedback",
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "isolation.level": "read_committed",
            }
        )
        # A single thread, so that the consumer is not used while it is closed.
        self._thread = ThreadPoolExecutor(1, "feedback-topic")
        self._consumer.subscribe([topic])

    async def follow(self) -> None:
        """Accept messages as they arrive, until the task is cancelled."""
        while True:
            try:
                await self._consume_batch()
            except (KafkaException, OSError) as error:
                # The offsets were not committed, so the same messages are read again.
                _log.error("the feedback topic cannot be consumed, retry in 5 s: %s", error)
                await asyncio.sleep(_RETRY_SECONDS)

    async def close(self) -> None:
        """Leave the consumer group, so that its partitions are reassigned immediately."""
        await self._in_thread(self._consumer.close)
        self._thread.shutdown()

    async def _consume_batch(self) -> None:
        batch = await self._in_thread(self._consumer.consume, _AT_ONCE, _WAIT_SECONDS)
        for each in batch:
            if (error := each.error()) is not None:
                raise KafkaException(error)
        if not batch:
            return
        feedback, letters = self._read([_message(each) for each in batch])
        await self._service.take(feedback)
        FEEDBACK_MESSAGES_TOTAL.labels("taken").inc(len(feedback))
        FEEDBACK_MESSAGES_TOTAL.labels("dead_letter").inc(len(letters))
        await self._in_thread(self._finish, letters)

    async def _in_thread(self, work: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)

    def _read(self, messages: Sequence[Message]) -> tuple[list[Feedback], list[DeadLetter]]:
        feedback: list[Feedback] = []
        letters: list[DeadLetter] = []
        for message in messages:
            try:
                content = _ENTRY.validate_json(message.value or b"", strict=True)
            except ValidationError:
                letters.append(DeadLetter(message, "invalid_feedback"))
                continue
            if self._service.mistake(content) is not None:
                letters.append(DeadLetter(message, "unknown_action"))
                continue
            position = "-".join(map(str, message.position))
            received = datetime.fromtimestamp(message.arrived / 1_000_000, UTC)
            feedback.append(Feedback(position, content, received, None, position))
        return feedback, letters

    def _finish(self, letters: Sequence[DeadLetter]) -> None:
        for letter in letters:
            self._producer.produce(self._dead_letters, dead_letter_message(letter))
        if self._producer.flush(_FLUSH_SECONDS):
            raise OSError("the dead letters of feedback cannot be written")
        self._consumer.commit(asynchronous=False)


def _message(message: KafkaMessage) -> Message:
    _, milliseconds = message.timestamp()
    return Message(
        message.topic() or "",
        message.partition() or 0,
        message.offset() or 0,
        milliseconds * 1_000,
        message.value(),
    )
