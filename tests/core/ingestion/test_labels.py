"""Labels as they come: what a topic says of them, what the API was told, and what is refused."""

import json
from datetime import UTC, date, datetime

import pytest

from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.ingestion.labels import landed_source, told_labels
from igniteflow_core.ingestion.rules import reason_counts
from igniteflow_core.ingestion.tables import judge_table, read_whole
from igniteflow_core.schemas.decisions import FEEDBACK_LOG
from igniteflow_core.schemas.labels import LABEL_MESSAGES, LABELS
from tests.clock import CLOCK

pytestmark = pytest.mark.spark

SENT = datetime(2025, 2, 12, 9, 0, 0, 250_000)


def test_a_label_of_a_topic_is_known_when_it_says_or_else_when_it_was_sent(spark, tmp_path):
    stated = {"transaction_id": "t2", "is_fraud": 0, "known_at": "2025-01-03T00:00:00Z"}
    messages = [
        {"transaction_id": "t1", "is_fraud": True, "customer_id": "c1", "terminal_id": "p1"},
        {**stated, "reported_by": "Ann"},
    ]
    rows = [
        ("verdicts", 0, offset, SENT, json.dumps(message), SENT, date(2025, 2, 13))
        for offset, message in enumerate(messages)
    ]
    table = str(tmp_path / LABEL_MESSAGES.name)
    spark.createDataFrame(rows, LABEL_MESSAGES.ddl).write.format("delta").save(table)
    source = landed_source(SourceSettings(format="kafka", path="verdicts"), table)

    judged = judge_table(read_whole(spark, source, str(tmp_path), LABELS), LABELS, CLOCK)

    assert sorted(tuple(row) for row in judged.accepted.collect()) == [
        ("t1", 1, SENT, None),
        ("t2", 0, datetime(2025, 1, 3), "Ann"),
    ]


def test_what_is_no_label_is_refused_with_the_reason(spark, tmp_path):
    lines = [
        "verdict;case;since",
        "fraud;t1;2025-01-03 10:00:00",
        "fraud;t1;2025-01-03 10:00:00",
        "perhaps;t2;2025-01-03 10:00:00",
        "fraud;;2025-01-03 10:00:00",
        "fraud;t3;2099-01-03 10:00:00",
        "fraud;t4;",
    ]
    (tmp_path / "verdicts.csv").write_text("\n".join(lines))
    source = SourceSettings(
        format="csv", path="verdicts.csv", separator=";", labels={"fraud": 1, "genuine": 0},
        columns={"transaction_id": "case", "is_fraud": "verdict", "known_at": "since"},
    )  # fmt: skip

    raw = read_whole(spark, source, str(tmp_path), LABELS)
    judged = judge_table(raw, LABELS, CLOCK, source.form)

    assert reason_counts(judged.quarantined) == {
        "duplicate": 1, "invalid_is_fraud": 1, "invalid_known_at": 1,
        "known_at_in_the_future": 1, "missing_transaction_id": 1,
    }  # fmt: skip
    assert [row.transaction_id for row in judged.accepted.collect()] == ["t1"]


def test_only_what_the_api_was_told_of_transactions_is_a_label_known_when_it_came(spark):
    received = datetime(2025, 2, 12, 9, 0, tzinfo=UTC)
    row = dict.fromkeys(FEEDBACK_LOG.column_names) | {
        "received_at": received, "correlation_id": "c", "event_time": received,
    }  # fmt: skip
    label = {"feedback_id": "1", "kind": "label", "transaction_id": "t1", "is_fraud": True}
    outcome = {"feedback_id": "2", "kind": "outcome", "user_id": "u1"}
    feedback = spark.createDataFrame(
        [tuple((row | told).values()) for told in (label | {"caller": "cards"}, outcome)],
        FEEDBACK_LOG.ddl,
    )
    told = told_labels(feedback)
    assert told.columns == LABELS.column_names
    assert [tuple(row) for row in told.collect()] == [
        ("t1", 1, received.replace(tzinfo=None), "cards")
    ]
