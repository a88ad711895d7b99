"""Validates the messages of a micro-batch: transactions to score, labels, and dead letters."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from igniteflow_core.features.state import Transaction
from igniteflow_core.schemas.own_columns import NO_OWN_COLUMNS, OwnColumns
from igniteflow_core.stream.messages import (
    Label,
    Message,
    Position,
    RejectedMessageError,
    parse_label,
    parse_transaction,
)


@dataclass(frozen=True)
class Arrival:
    """A transaction and its message."""

    event: Transaction
    message: Message


@dataclass(frozen=True)
class DeadLetter:
    """A rejected message, and the reason."""

    message: Message
    reason: str


@dataclass
class Judged:
    """The messages of a micro-batch, each in one of three lists."""

    arrivals: list[Arrival] = field(default_factory=list)
    labels: list[tuple[Label, Message]] = field(default_factory=list)
    dead_letters: list[DeadLetter] = field(default_factory=list)


def judge_messages(
    messages: Iterable[Message],
    *,
    labels_topic: str,
    newest: int | None,
    allowed_lateness: int,
    own: OwnColumns = NO_OWN_COLUMNS,
    of_labels: OwnColumns = NO_OWN_COLUMNS,
) -> Judged:
    """Sort messages into transactions to score, labels, and dead letters.

    Args:
        messages: messages of one micro-batch, in a fixed order.
        labels_topic: topic of the labels; all other messages are transactions.
        newest: newest event time of the previous micro-batches, UTC microseconds; None if none.
        allowed_lateness: microseconds that an event may be older than that, or ahead of its
            arrival.
        own: own columns of transactions.
        of_labels: those of them that labels have, too.
    """
    judged = Judged()
    ids: set[str] = set()
    oldest = -math.inf if newest is None else newest - allowed_lateness
    for message in messages:
        try:
            if message.topic == labels_topic:
                judged.labels.append((parse_label(message.value, of_labels), message))
                continue
            event = parse_transaction(message.value, own)
        except RejectedMessageError as error:
            judged.dead_letters.append(DeadLetter(message, error.reason))
            continue
        if event.transaction_id in ids:
            judged.dead_letters.append(DeadLetter(message, "duplicate_id"))
        elif event.time > message.arrived + allowed_lateness:
            judged.dead_letters.append(DeadLetter(message, "event_time_in_the_future"))
        elif event.time < oldest:
            judged.dead_letters.append(DeadLetter(message, "too_late"))
        else:
            ids.add(event.transaction_id)
            judged.arrivals.append(Arrival(event, message))
    return judged


def without_scored(judged: Judged, scored: Mapping[str, Position]) -> Judged:
    """Move transactions that were scored from another message to the dead letters.

    Args:
        judged: result of ``judge_messages``.
        scored: position of the message of each previously scored transaction, by transaction id.
    """
    result = Judged([], judged.labels, list(judged.dead_letters))
    for arrival in judged.arrivals:
        position = arrival.message.position
        if scored.get(arrival.event.transaction_id, position) == position:
            result.arrivals.append(arrival)
        else:
            result.dead_letters.append(DeadLetter(arrival.message, "duplicate_id"))
    return result
