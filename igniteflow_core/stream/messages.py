"""Messages as they come from a topic, and what they say, or why they say nothing of use."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

from igniteflow_core.features.events import LARGEST_AMOUNT, SECOND
from igniteflow_core.features.state import Transaction

_LABELS: dict[int | str, int] = {0: 0, 1: 1, "0": 0, "1": 1}  # JSON's booleans equal 0 and 1
_EPOCH_DIGITS = {10: 1_000_000, 13: 1_000, 16: 1}
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2300, 1, 1, tzinfo=UTC)
_LONGEST_ID = 1_024

Position = tuple[str, int, int]
"""Topic, partition, offset."""


@dataclass(frozen=True)
class Message:
    """One message of a topic.

    Attributes:
        topic: it came from.
        partition: of the topic.
        offset: in the partition.
        arrived: UTC microseconds, the broker's or producer's timestamp.
        value: its bytes; None for a tombstone.
    """

    topic: str
    partition: int
    offset: int
    arrived: int
    value: bytes | None

    @property
    def position(self) -> Position:
        """Where it lies."""
        return self.topic, self.partition, self.offset


@dataclass(frozen=True)
class Label:
    """What a past transaction turned out to be; ``time`` is the transaction's."""

    transaction_id: str
    time: int
    customer_id: str
    terminal_id: str
    is_fraud: int


class RejectedMessageError(Exception):
    """A message that goes to the dead-letter topic.

    Args:
        reason: a short name, counted and written to the topic.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def parse_transaction(value: bytes | None) -> Transaction:
    """The transaction that a message tells of, in JSON.

    Text: transaction_id, customer_id, terminal_id. event_time: ISO 8601 with its offset, between
    1970 and 2300, or a whole number since 1970 of 10 digits in seconds, 13 in milliseconds, 16 in
    microseconds. A number: amount. is_fraud, where it is there: 0, 1 or null.

    Raises:
        RejectedMessageError: with the first reason why it is no transaction; the reasons are named
            as in quarantined_transactions.
    """
    fields = _object(value)
    label = fields.get("is_fraud")
    return Transaction(
        transaction_id=_text(fields, "transaction_id"),
        time=_time(fields.get("event_time")),
        customer_id=_text(fields, "customer_id"),
        terminal_id=_text(fields, "terminal_id"),
        amount=_amount(fields.get("amount")),
        is_fraud=None if label is None else _label(label),
    )


def parse_label(value: bytes | None) -> Label:
    """The label that a message tells of, in JSON: a transaction's ids and event_time, is_fraud.

    Raises:
        RejectedMessageError: with the first reason why it is none.
    """
    fields = _object(value)
    return Label(
        transaction_id=_text(fields, "transaction_id"),
        time=_time(fields.get("event_time")),
        customer_id=_text(fields, "customer_id"),
        terminal_id=_text(fields, "terminal_id"),
        is_fraud=_label(fields.get("is_fraud")),
    )


def _object(value: bytes | None) -> dict[str, Any]:
    try:
        fields = _JSON.decode((value or b"").decode())
    except (ValueError, RecursionError) as error:
        raise RejectedMessageError("invalid_json") from error
    if not isinstance(fields, dict):
        raise RejectedMessageError("invalid_json")
    return fields


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Readers disagree on which value of a repeated name counts (RFC 8259, section 4)."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise RejectedMessageError("repeated_field")
    return fields


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON (RFC 8259, section 6)")


_JSON = json.JSONDecoder(object_pairs_hook=_without_repeats, parse_constant=_refuse_constant)


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    text = value.strip() if isinstance(value, str) else ""
    if not text:
        raise RejectedMessageError(f"missing_{name}")
    if len(text) > _LONGEST_ID or not text.isprintable():
        raise RejectedMessageError(f"invalid_{name}")
    return text


def _time(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        scale = _EPOCH_DIGITS.get(len(str(value)))
        if scale is not None and value > 0:
            return value * scale
    if isinstance(value, str):
        try:
            time = datetime.fromisoformat(value)
        except ValueError as error:
            raise RejectedMessageError("invalid_event_time") from error
        # Compared before it is converted: an offset can lead out of the years of a datetime.
        if time.tzinfo is not None and _EARLIEST <= time < _LATEST:
            seconds = int(time.replace(microsecond=0).timestamp())
            return seconds * SECOND + time.microsecond
    raise RejectedMessageError("invalid_event_time")


def _amount(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RejectedMessageError("invalid_amount")
    if value < 0:
        raise RejectedMessageError("negative_amount")
    if value > LARGEST_AMOUNT:
        raise RejectedMessageError("invalid_amount")
    return float(value)


def _label(value: object) -> int:
    if not isinstance(value, int | str) or value not in _LABELS:
        raise RejectedMessageError("invalid_label")
    return _LABELS[value]
