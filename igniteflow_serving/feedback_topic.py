"""Feedback from a topic of Kafka: each message is one entry of what POST /feedback takes."""

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
_AGAIN_SECONDS = 5.0
_FLUSH_SECONDS = 30.0

_log = logging.getLogger("igniteflow.serving")


class FeedbackTopic:
    """Follows the topic; the servers of one stream's settings share its partitions.

    The position is committed once the messages are in the log, so none is lost; a message that is
    read again has the same id as before, so none counts twice. What is no feedback goes to the
    dead-letter topic.

    Args:
        topic: its name.
        settings: brokers, group and dead-letter topic.
        service: takes what the messages say.

    Raises:
        ConfigurationError: the settings name no brokers.
    """

    def __init__(self, topic: str, settings: StreamSettings, service: FeedbackService) -> None:
        if settings.brokers is None:
            raise ConfigurationError(
                "there are no brokers to read the topic of feedback from",
                where="stream.brokers",
                fix="name them, or leave out serving.feedback_topic",
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
        # One thread, so that nothing is asked of the consumer while it closes.
        self._thread = ThreadPoolExecutor(1, "feedback-topic")
        self._consumer.subscribe([topic])

    async def follow(self) -> None:
        """Take messages as they come, for ever."""
        while True:
            try:
                await self._take_some()
            except (KafkaException, OSError) as error:
                # The position was not committed, so the same messages are read again.
                _log.error("the topic of feedback cannot be followed, again in 5 s: %s", error)
                await asyncio.sleep(_AGAIN_SECONDS)

    async def close(self) -> None:
        """Leave the group, so that others take over the partitions at once."""
        await self._in_thread(self._consumer.close)
        self._thread.shutdown()

    async def _take_some(self) -> None:
        found = await self._in_thread(self._consumer.consume, _AT_ONCE, _WAIT_SECONDS)
        for each in found:
            if (error := each.error()) is not None:
                raise KafkaException(error)
        if not found:
            return
        feedback, letters = self._read([_message(each) for each in found])
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


def _message(found: KafkaMessage) -> Message:
    _, milliseconds = found.timestamp()
    return Message(
        found.topic() or "",
        found.partition() or 0,
        found.offset() or 0,
        milliseconds * 1_000,
        found.value(),
    )
