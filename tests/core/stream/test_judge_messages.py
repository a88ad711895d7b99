"""What becomes of each message of a micro-batch."""

import json
import math
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igniteflow_core.features.state import Transaction
from igniteflow_core.schemas.own_columns import OwnColumn
from igniteflow_core.stream.judge import DeadLetter, judge_messages, without_scored
from igniteflow_core.stream.messages import (
    Message,
    RejectedMessageError,
    parse_label,
    parse_transaction,
)
from igniteflow_core.stream.scores import dead_letter_message

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


def test_numbers_as_text_and_ids_as_numbers_mean_what_they_mean_in_a_file():
    parsed = parse_transaction(
        encoded(transaction_id=7, customer_id=" C\u00a01\t", terminal_id=3.0, amount="12.50")
    )
    assert parsed == Transaction("7", TIME, "C\u00a01", "3", 12.5)


def test_microseconds_are_kept():
    assert parse_transaction(encoded(event_time="2025-01-06T12:00:00.000001Z")).time == TIME + 1


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "invalid_json"),
        (b"\xff", "invalid_json"),
        (b"[]", "invalid_json"),
        (encoded(transaction_id=[]), "missing_transaction_id"),
        (encoded(transaction_id="N/A"), "missing_transaction_id"),
        (encoded(customer_id="a\x00b"), "invalid_customer_id"),
        (encoded(terminal_id="t" * 2_000), "invalid_terminal_id"),
        (encoded(event_time="2025-01-06T12:00:00"), "invalid_event_time"),
        (encoded(event_time=True), "invalid_event_time"),
        (encoded(event_time=-1_736_164_800), "invalid_event_time"),
        (encoded(event_time="0001-01-01T00:03:00+07:07"), "invalid_event_time"),
        (encoded(event_time="9999-12-31T23:59:00-07:07"), "invalid_event_time"),
        (encoded(event_time="1969-12-31T23:59:59Z"), "invalid_event_time"),
        pytest.param(encoded(event_time=10**400), "invalid_event_time", id="huge time"),
        (encoded(amount=float("nan")), "invalid_json"),
        (encoded(other=float("-inf")), "invalid_json"),
        pytest.param(encoded(amount=10**400), "invalid_amount", id="huge amount"),
        pytest.param(encoded(amount=-(10**400)), "invalid_amount", id="huge negative amount"),
        (encoded()[:-1] + b', "amount": 1e999}', "repeated_field"),
        (encoded()[:-1] + b', "other": {"a": 1, "a": 1}}', "repeated_field"),
        (encoded().replace(b"12.5", b"1e999"), "invalid_amount"),
        pytest.param(encoded().replace(b"12.5", b"9" * 5_000), "invalid_json", id="5,000 digits"),
        (encoded(customer_id="\ud800"), "invalid_customer_id"),
        pytest.param(b"[" * 100_000, "invalid_json", id="deep list"),
        pytest.param(b'{"a":' * 100_000, "invalid_json", id="deep object"),
        (encoded(amount=1e300), "amount_too_large"),
        (encoded(amount=True), "invalid_amount"),
        (encoded(amount=-0.01), "negative_amount"),
        (encoded(is_fraud=2), "invalid_label"),
        (encoded(is_fraud=[]), "invalid_label"),
    ],
)
def test_a_bad_message_is_rejected_with_its_reason(value, reason):
    with pytest.raises(RejectedMessageError, match=f"^{reason}$"):
        parse_transaction(value)


_text = st.text(["a", "7", " ", "\x00", "\ud800", "\u20ac", "\U0001f600"], max_size=5)
_odd = (
    st.sampled_from(
        [None, True, 10**400, f"{TIME}", "2025-01-06T12:00:00Z", "0001-01-01T00:00+23:59"]
    )
    | st.integers()
    | st.floats()
    | _text
    | st.lists(_text, max_size=2)
    | st.dictionaries(_text, st.integers(), max_size=2)
)
_almost_valid = st.fixed_dictionaries(
    {}, optional={name: st.just(value) | _odd for name, value in (GOOD | {"is_fraud": 1}).items()}
).map(lambda fields: json.dumps(fields).encode())


@given(st.binary() | _almost_valid | _almost_valid.map(lambda value: value[: len(value) // 2]))
def test_any_message_is_used_or_refused_with_a_reason_and_kept(value):
    result = judged([message(0, value)])
    labels = judged([message(0, value, "labels")])
    assert len(result.arrivals) + len(result.dead_letters) == 1
    assert len(labels.labels) + len(labels.dead_letters) == 1
    for letter in (*result.dead_letters, *labels.dead_letters):
        written = json.loads(dead_letter_message(letter))
        assert written["reason"]
        kept = written["value"].encode() if "value" in written else written["value_base64"]
        assert kept == (value if "value" in written else b64encode(value).decode())
    for arrival in result.arrivals:
        assert 0 <= arrival.event.amount < math.inf
        assert 0 <= arrival.event.time <= TIME + 60
        arrival.event.transaction_id.encode()


@pytest.mark.parametrize(
    "value", [b"\x01" * 900_000, "\N{GRINNING FACE}".encode() * 200_000], ids=["control", "emoji"]
)
def test_a_dead_letter_is_shorter_than_what_a_broker_takes(value):
    for content in (value, value + b"\xff"):
        written = dead_letter_message(DeadLetter(message(0, content), "invalid_json"))
        assert len(written) < 900_000
        assert json.loads(written)["value_bytes"] == len(content)


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


OWN = {
    "device": OwnColumn(type="categorical", nulls="refuse"),
    "items": OwnColumn(type="numeric"),
}


def test_own_columns_are_read_and_what_is_none_of_them_is_a_dead_letter():
    values: list[dict[str, object]] = [
        {"device": 7, "items": "2"},
        {"device": "d"},
        {"items": 1},
        {"device": "d", "items": "many"},
        {"device": {"a": 1}},
    ]
    messages = [
        message(at, encoded(transaction_id=f"t{at}", **each)) for at, each in enumerate(values)
    ]
    found = judge_messages(
        messages, labels_topic="labels", newest=None, allowed_lateness=60, own=OWN
    )

    assert [arrival.event.own for arrival in found.arrivals] == [
        {"device": "7", "items": 2.0},
        {"device": "d", "items": None},
    ]
    assert [letter.reason for letter in found.dead_letters] == [
        "missing_device",
        "invalid_items",
        "invalid_device",
    ]


def test_a_label_tells_the_columns_of_declared_entities_if_only_as_null():
    own = {"device": OwnColumn(type="categorical")}
    label = {key: value for key, value in GOOD.items() if key != "amount"} | {"is_fraud": 1}
    values = [json.dumps(label | more).encode() for more in ({"device": "d"}, {"device": None}, {})]
    found = judge_messages(
        [message(at, value, "labels") for at, value in enumerate(values)],
        labels_topic="labels",
        newest=None,
        allowed_lateness=60,
        of_labels=own,
    )
    assert [each.values["device"] for each, _ in found.labels] == ["d", None]
    assert [letter.reason for letter in found.dead_letters] == ["missing_device"]
