"""Messages of a topic, and their parsed content or the reason for a rejection."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from igniteflow_core.features.own_positions import points_of_transaction
from igniteflow_core.features.state import Transaction
from igniteflow_core.schemas.own_columns import NO_OWN_COLUMNS, OwnColumn, OwnColumns
from igniteflow_core.values.own import OwnValue, own_value
from igniteflow_core.values.python import is_identifier, label, number, text, utc_time
from igniteflow_core.values.rules import LARGEST_AMOUNT

Position = tuple[str, int, int]
"""Topic, partition, offset."""


@dataclass(frozen=True)
class Message:
    """One message of a topic.

    Attributes:
        topic: topic of the message.
        partition: partition of the topic.
        offset: offset in the partition.
        arrived: UTC microseconds, the broker's or producer's timestamp.
        value: content of the message; None for a tombstone.
    """

    topic: str
    partition: int
    offset: int
    arrived: int
    value: bytes | None

    @property
    def position(self) -> Position:
        """The position of the message."""
        return self.topic, self.partition, self.offset


@dataclass(frozen=True)
class Label:
    """The label of a past transaction; ``time`` is the transaction's."""

    transaction_id: str
    time: int
    customer_id: str
    terminal_id: str
    is_fraud: int
    own: Mapping[str, OwnValue] = field(default_factory=dict, hash=False)

    @property
    def values(self) -> dict[str, OwnValue]:
        """The ids of customer and terminal, and the own columns that identify entities, by name."""
        return {"customer_id": self.customer_id, "terminal_id": self.terminal_id, **self.own}


class RejectedMessageError(Exception):
    """A message that goes to the dead-letter topic.

    Args:
        reason: a short name, counted and written to the topic.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def parse_transaction(value: bytes | None, own: OwnColumns = NO_OWN_COLUMNS) -> Transaction:
    """The transaction in a JSON message.

    Each field must be valid by ``igniteflow_core.values``, as text or as a number; event_time must
    state its zone, or be a count since 1970. is_fraud may be missing, and so may the value of an
    ``own`` column whose declaration keeps nulls.

    Raises:
        RejectedMessageError: the message is not a valid transaction; the first reason is named as
            in quarantined_transactions.
    """
    fields = _object(value)
    is_fraud = fields.get("is_fraud")
    values = {name: _own(fields.get(name), name, column) for name, column in own.items()}
    return Transaction(
        transaction_id=_text(fields, "transaction_id"),
        time=_time(fields.get("event_time")),
        customer_id=_text(fields, "customer_id"),
        terminal_id=_text(fields, "terminal_id"),
        amount=_amount(fields.get("amount")),
        is_fraud=None if text(is_fraud) is None and not _is_nested(is_fraud) else _label(is_fraud),
        own=values,
        **points_of_transaction(values, own),
    )


def parse_label(value: bytes | None, own: OwnColumns = NO_OWN_COLUMNS) -> Label:
    """The label in a JSON message: a transaction's ids and event_time, and is_fraud.

    The message must also contain the ``own`` columns that identify declared entities, even if they
    are null: without one of them an entity would never receive the label.

    Raises:
        RejectedMessageError: the message is not a valid label.
    """
    fields = _object(value)
    absent = [name for name in own if name not in fields]
    if absent:
        raise RejectedMessageError(f"missing_{absent[0]}")
    return Label(
        transaction_id=_text(fields, "transaction_id"),
        time=_time(fields.get("event_time")),
        customer_id=_text(fields, "customer_id"),
        terminal_id=_text(fields, "terminal_id"),
        is_fraud=_label(fields.get("is_fraud")),
        own={name: _own(fields[name], name, column) for name, column in own.items()},
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
    raise ValueError(f"{name} is not JSON (RFC 8259, section 6)")


_JSON = json.JSONDecoder(object_pairs_hook=_without_repeats, parse_constant=_refuse_constant)


def _text(fields: dict[str, Any], name: str) -> str:
    trimmed = text(fields.get(name))
    if trimmed is None:
        raise RejectedMessageError(f"missing_{name}")
    if not is_identifier(trimmed):
        raise RejectedMessageError(f"invalid_{name}")
    return trimmed


def _time(value: object) -> int:
    time = utc_time(value, None)
    if time is None:
        raise RejectedMessageError("invalid_event_time")
    return time


def _amount(value: object) -> float:
    amount = number(value)
    if amount is None:
        raise RejectedMessageError("invalid_amount")
    if amount < 0:
        raise RejectedMessageError("negative_amount")
    if amount > LARGEST_AMOUNT:
        raise RejectedMessageError("amount_too_large")
    return amount


def _label(value: object) -> int:
    known = label(value)
    if known is None:
        raise RejectedMessageError("invalid_label")
    return known


def _own(value: object, name: str, column: OwnColumn) -> OwnValue:
    try:
        parsed = own_value(column.type, value)
    except ValueError as error:
        raise RejectedMessageError(f"invalid_{name}") from error
    if parsed is None and column.nulls == "refuse":
        raise RejectedMessageError(f"missing_{name}")
    return parsed


def _is_nested(value: object) -> bool:
    return isinstance(value, list | dict)
