"""What becomes of each message of a micro-batch."""

import json

import pytest

from igniteflow_core.features.state import Transaction
from igniteflow_core.stream.judge import judge_messages, without_scored
from igniteflow_core.stream.messages import (
    Message,
    RejectedMessageError,
    parse_label,
    parse_transaction,
)

TIME = 1_736_164_800_000_000
GOOD = {
    "transaction_id": "x",
    "event_time": TIME,
    "customer_id": "c",
    "terminal_id": "t",
    "amount": 12.5,
}


def encoded(**fields: object) -> bytes:
    return json.dumps(GOOD | fields).encode()


def message(offset: int, value: bytes, topic: str = "in") -> Message:
    return Message(topic, 0, offset, TIME, value)


def judged(messages: list[Message], newest: int | None = None):
    return judge_messages(messages, labels_topic="labels", newest=newest, allowed_lateness=60)


@pytest.mark.parametrize(
    "time",
    [
        1_736_164_800,
        1_736_164_800_000,
        TIME,
        "2025-01-06T12:00:00Z",
        "2025-01-06T13:00:00.000000+01:00",
    ],
)
def test_the_same_moment_in_every_form(time):
    parsed = parse_transaction(encoded(event_time=time, is_fraud=None))
    assert parsed == Transaction("x", TIME, "c", "t", 12.5)


def test_microseconds_are_kept():
    assert parse_transaction(encoded(event_time="2025-01-06T12:00:00.000001Z")).time == TIME + 1


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "invalid_json"),
        (b"\xff", "invalid_json"),
        (b"[]", "invalid_json"),
        (encoded(transaction_id=7), "missing_transaction_id"),
        (encoded(customer_id="a\x00b"), "invalid_customer_id"),
        (encoded(terminal_id="t" * 2_000), "invalid_terminal_id"),
        (encoded(event_time="2025-01-06T12:00:00"), "invalid_event_time"),
        (encoded(event_time=True), "invalid_event_time"),
        (encoded(event_time=-1_736_164_800), "invalid_event_time"),
        (encoded(amount=float("nan")), "invalid_amount"),
        (encoded(amount=1e300), "invalid_amount"),
        (encoded(amount=True), "invalid_amount"),
        (encoded(amount=-0.01), "negative_amount"),
        (encoded(is_fraud=2), "invalid_label"),
        (encoded(is_fraud=[]), "invalid_label"),
    ],
)
def test_a_bad_message_is_rejected_with_its_reason(value, reason):
    with pytest.raises(RejectedMessageError, match=f"^{reason}$"):
        parse_transaction(value)


def test_a_label_needs_a_value():
    with pytest.raises(RejectedMessageError, match="invalid_label"):
        parse_label(encoded())
    assert parse_label(encoded(is_fraud=1)).is_fraud == 1


def test_every_message_lands_in_one_list():
    messages = [
        message(0, encoded()),
        message(1, encoded()),
        message(2, b"{"),
        message(3, encoded(transaction_id="late", event_time=TIME - 61)),
        message(4, encoded(transaction_id="in time", event_time=TIME - 60)),
        message(5, encoded(transaction_id="ahead", event_time=TIME + 61)),
        message(0, encoded(is_fraud=0), topic="labels"),
        message(1, b"", topic="labels"),
    ]
    result = judged(messages, newest=TIME)
    assert [each.event.transaction_id for each in result.arrivals] == ["x", "in time"]
    assert [label.transaction_id for label, _ in result.labels] == ["x"]
    assert [(letter.message.offset, letter.reason) for letter in result.dead_letters] == [
        (1, "duplicate_id"),
        (2, "invalid_json"),
        (3, "too_late"),
        (5, "event_time_in_the_future"),
        (1, "invalid_json"),
    ]


def test_a_transaction_done_again_stays_and_one_scored_from_another_message_goes():
    result = judged([message(7, encoded()), message(8, encoded(transaction_id="y"))])
    again = without_scored(result, {"x": ("in", 0, 7), "y": ("in", 1, 3)})
    assert [each.event.transaction_id for each in again.arrivals] == ["x"]
    assert [letter.reason for letter in again.dead_letters] == ["duplicate_id"]
