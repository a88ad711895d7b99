"""The stream on a real broker, with real Spark and Delta."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from igniteflow_core.config.sources import SourceSettings
from igniteflow_resources.stream.progress import read_progress

from .conftest import MICRO, START, World, as_bytes, transaction


def ids(messages: list[dict]) -> list[str]:
    return sorted(message["transaction_id"] for message in messages)


def test_each_transaction_is_scored_once_in_delta_and_on_the_topic(world: World):
    sent = [transaction(number) for number in range(60)]
    world.send(as_bytes(sent))
    world.run()
    rows = world.rows.collect()
    assert sorted(row["transaction_id"] for row in rows) == ids(sent)
    by_id = {row["transaction_id"]: row for row in rows}
    scores = world.scores
    assert ids(scores) == ids(sent)
    for score in scores:
        row = by_id[score["transaction_id"]]
        assert (score["score"], score["is_alert"]) == (row["score"], row["is_alert"])
        assert 0 < score["score"] < 1
    assert world.dead_letters == []


def test_a_bad_message_goes_to_dead_letters_with_the_reason_and_its_value(world: World):
    bad = {
        "invalid_json": b"{",
        "missing_terminal_id": json.dumps(transaction(1, terminal_id=" ")).encode(),
        "invalid_event_time": json.dumps(transaction(2, event_time="2025-01-06 12:00")).encode(),
        "negative_amount": json.dumps(transaction(3, amount=-1)).encode(),
        "invalid_amount": json.dumps(transaction(4, amount="12,50")).encode(),
        "invalid_label": json.dumps(transaction(5, is_fraud=2)).encode(),
        "event_time_in_the_future": json.dumps(transaction(6, event_time=4_000_000_000)).encode(),
    }
    good = as_bytes([transaction(0)])
    world.send([*bad.values(), *good, b"\xff\xfe"])
    world.run()
    letters = world.dead_letters
    not_text = [letter for letter in letters if "value_base64" in letter]
    texts = [letter for letter in letters if "value_base64" not in letter]
    assert {letter["reason"]: letter["value"].encode() for letter in texts} == bad
    assert len(texts) == len(bad)
    assert [(letter["reason"], letter["value_base64"]) for letter in not_text] == [
        ("invalid_json", "//4=")
    ]
    assert ids(world.scores) == ["x000000"]


def test_a_repeated_transaction_is_scored_once(world: World):
    world.send(as_bytes([transaction(0), transaction(0), transaction(1)]))
    world.run()
    world.send(as_bytes([transaction(1), transaction(2)]))
    world.run()
    assert ids(world.scores) == ["x000000", "x000001", "x000002"]
    assert world.rows.count() == 3
    assert [letter["reason"] for letter in world.dead_letters] == ["duplicate_id"] * 2


def test_an_event_later_than_the_watermark_is_refused_and_one_within_it_is_scored(world: World):
    world.send(as_bytes([transaction(1_000)]))
    world.run()
    newest = transaction(1_000)["event_time"]
    hour = 3600 * MICRO
    within = transaction(1, event_time=newest - hour)
    beyond = transaction(2, event_time=newest - hour - 1)
    world.send(as_bytes([within, beyond]))
    world.run()
    assert ids(world.scores) == ["x000001", "x001000"]
    (letter,) = world.dead_letters
    assert letter["reason"] == "too_late"
    assert json.loads(letter["value"])["transaction_id"] == "x000002"


def test_a_label_counts_once_its_delay_is_over(world: World):
    day = 86_400 * MICRO
    fraud = transaction(0, customer_id="c", terminal_id="t")
    world.send(as_bytes([fraud]))
    world.run()
    unknown = {**fraud, "transaction_id": "never seen", "is_fraud": 0}
    labels = world.settings.stream.labels_topic
    world.send(as_bytes([{**fraud, "is_fraud": 1}, unknown]), labels)
    world.run()
    delay = world.settings.fraud.label_delay_days * day
    early = {**fraud, "transaction_id": "early", "event_time": START + delay - 1}
    due = {**fraud, "transaction_id": "due", "event_time": START + delay}
    world.send(as_bytes([early, due]))
    world.run()
    counts = {row["transaction_id"]: row["terminal_fraud_count_7d"] for row in world.rows.collect()}
    assert counts == {"x000000": 0, "early": 0, "due": 1}
    assert [letter["reason"] for letter in world.dead_letters] == ["unknown_transaction"]


def test_where_labels_come_apart_none_is_no_fraud_and_a_late_one_changes_no_feature(world: World):
    labels = SourceSettings(path="labels.parquet")
    sources = world.settings.sources.model_copy(update={"labels": labels})
    settings = world.settings.model_copy(update={"sources": sources})
    apart = replace(world, settings=settings)
    event = transaction(0, customer_id="c", terminal_id="t")
    apart.send(as_bytes([event]))
    apart.run()
    # By the broker's clock it comes long after the transaction.
    late = [{**event, "is_fraud": 1}, {**event, "transaction_id": "never seen", "is_fraud": 1}]
    apart.send(as_bytes(late), settings.stream.labels_topic)
    apart.run()
    time = START + settings.fraud.label_delay_days * 86_400 * MICRO
    apart.send(as_bytes([{**event, "transaction_id": "due", "event_time": time}]))
    apart.run()
    (due,) = apart.rows.where("transaction_id = 'due'").collect()
    assert (due["terminal_known_count_7d"], due["terminal_fraud_count_7d"]) == (1, 0)
    assert apart.dead_letters == []


def test_a_lost_checkpoint_scores_nothing_twice(world: World, tmp_path):
    world.send(as_bytes([transaction(number) for number in range(20)]))
    world.run()
    (tmp_path / "checkpoint").rename(tmp_path / "lost")
    world.send(as_bytes([transaction(number) for number in range(20, 30)]))
    world.run()
    assert len(world.scores) == world.rows.count() == 30
    assert world.dead_letters == []


def test_progress_tells_lag_and_the_last_batch(world: World):
    stream = world.settings.stream
    world.send(as_bytes([transaction(number) for number in range(5)]))
    before = read_progress(stream)
    assert (before.lag, before.last_batch) == (5, None)
    assert before.is_stalled(datetime.now(UTC), stream.stall_seconds)
    world.send([b"{"])
    world.run()
    after = read_progress(stream)
    assert after.lag == 0
    assert (after.last_batch.scored, after.last_batch.dead_letters) == (5, 1)
    later = datetime.now(UTC) + timedelta(seconds=stream.stall_seconds + 1)
    assert not after.is_stalled(later, stream.stall_seconds)
    world.send(as_bytes([transaction(6)]))
    waiting = read_progress(stream)
    assert not waiting.is_stalled(datetime.now(UTC), stream.stall_seconds)
    assert waiting.is_stalled(later, stream.stall_seconds)
