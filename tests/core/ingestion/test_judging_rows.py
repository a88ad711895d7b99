from datetime import date, datetime, timedelta

import pytest
from pyspark.sql import DataFrame, SparkSession

from igniteflow_core.ingestion.interactions import judge_ratings
from igniteflow_core.ingestion.transactions import (
    accepted_transactions,
    judge_transactions,
    quarantined_transactions,
)
from igniteflow_core.schemas.interactions import RATINGS
from igniteflow_core.schemas.transactions import RAW_TRANSACTIONS, TRANSACTIONS
from igniteflow_core.values.rules import Clock
from tests.clock import BERLIN, CLOCK, clock_of

pytestmark = pytest.mark.spark

DAY = date(2025, 1, 2)
GOOD = {
    "transaction_id": "t1",
    "event_time": "2025-01-02 10:00:00",
    "customer_id": "c1",
    "terminal_id": "p1",
    "amount": "12.50",
    "is_fraud": "0",
    "source_file": "a.parquet",
    "fault": None,
    "row_text": None,
    "delivery_date": DAY,
}


def raw(spark: SparkSession, *changes: dict[str, object]) -> DataFrame:
    rows = [
        tuple((GOOD | change)[name] for name in RAW_TRANSACTIONS.column_names) for change in changes
    ]
    return spark.createDataFrame(rows, RAW_TRANSACTIONS.ddl)


def raw_ratings(spark: SparkSession, *rows: tuple[str | None, ...]) -> DataFrame:
    names = [*RATINGS.column_names, "source_file", "fault", "row_text"]
    return spark.createDataFrame(
        [(*row, "f", None, None) for row in rows], ", ".join(f"{name} string" for name in names)
    )


def judge(
    spark: SparkSession,
    *changes: dict[str, object],
    known: tuple[str, ...] = (),
    clock: Clock = CLOCK,
) -> DataFrame:
    ids = spark.createDataFrame([(name,) for name in known], "transaction_id string")
    return judge_transactions(raw(spark, *changes), ids, clock)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"transaction_id": None}, "missing_transaction_id"),
        ({"transaction_id": "  "}, "missing_transaction_id"),
        ({"customer_id": ""}, "missing_customer_id"),
        ({"terminal_id": None}, "missing_terminal_id"),
        ({"event_time": None}, "invalid_event_time"),
        ({"event_time": "yesterday"}, "invalid_event_time"),
        ({"event_time": "2025-01-01 23:59:59.999999"}, "outside_day"),
        ({"event_time": "2025-01-03 00:00:00"}, "outside_day"),
        ({"amount": None}, "invalid_amount"),
        ({"amount": "12,50"}, "invalid_amount"),
        ({"amount": "NaN"}, "invalid_amount"),
        ({"amount": "Infinity"}, "invalid_amount"),
        ({"amount": "-0.01"}, "negative_amount"),
        ({"is_fraud": "2"}, "invalid_label"),
    ],
)
def test_a_bad_row_is_quarantined_with_its_reason_and_its_values(spark, change, reason):
    judged = judge(spark, change)
    assert accepted_transactions(judged).count() == 0
    (row,) = quarantined_transactions(judged).collect()
    assert row.reasons == [reason]
    for name, value in change.items():
        assert row[name] == value


def test_a_row_has_every_reason_that_holds(spark):
    (row,) = quarantined_transactions(
        judge(spark, {"customer_id": None, "amount": "-1", "is_fraud": "maybe"})
    ).collect()
    assert row.reasons == ["missing_customer_id", "negative_amount", "invalid_label"]


def test_a_good_row_is_typed(spark):
    accepted = accepted_transactions(judge(spark, {"customer_id": " c1 "}))
    assert accepted.columns == TRANSACTIONS.column_names
    assert tuple(accepted.collect()[0]) == (
        "t1", datetime(2025, 1, 2, 10), "c1", "p1", 12.5, 0, DAY
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "label"), [("1", 1), ("True", 1), ("0.0", 0), (None, None), ("", None)]
)
def test_labels_may_be_written_in_several_ways_or_be_unknown(spark, text, label):
    assert accepted_transactions(judge(spark, {"is_fraud": text})).collect()[0].is_fraud == label


def test_times_without_a_zone_are_of_the_zone_of_the_settings(spark):
    judged = judge(
        spark,
        {"transaction_id": "a", "event_time": "2025-01-02 10:00:00"},
        {"transaction_id": "b", "event_time": "2025-01-02T10:00:00Z"},
        {"transaction_id": "c", "event_time": "2025-01-02T10:00:00+05:00"},
        clock=BERLIN,
    )
    times = {
        row.transaction_id: row.event_time.hour for row in accepted_transactions(judged).collect()
    }
    assert times == {"a": 9, "b": 10, "c": 5}


@pytest.mark.parametrize(
    "text", ["1735812000", "1735812000000", "1735812000000000", "1735812000000000999"]
)
def test_times_may_be_counts_since_1970(spark, text):
    judged = judge(spark, {"event_time": text}, clock=BERLIN)
    assert accepted_transactions(judged).collect()[0].event_time == datetime(2025, 1, 2, 10)


def test_a_delivery_is_a_day_of_its_zone(spark):
    hours = [
        {"transaction_id": str(hour), "event_time": f"2025-01-02 {hour:02}:30:00"}
        for hour in range(24)
    ]
    judged = judge(spark, *hours, clock=clock_of("America/New_York"))
    kept = accepted_transactions(judged).collect()
    assert {row.event_date for row in kept} == {DAY}
    assert sorted(row.event_time for row in kept) == [
        datetime(2025, 1, 2, 5, 30) + timedelta(hours=hour) for hour in range(24)
    ]


@pytest.mark.parametrize(
    ("time", "reason"),
    [
        ("2099-01-01 00:00:00", "event_time_in_the_future"),
        ("1980-01-01 00:00:00", "event_time_too_early"),
    ],
)
def test_no_table_takes_an_event_of_the_future_or_of_an_absurd_past(spark, time, reason):
    ratings = raw_ratings(spark, ("u1", "i1", "3", time))
    for quarantined in (
        quarantined_transactions(judge(spark, {"event_time": time})),
        judge_ratings(ratings, CLOCK).quarantined,
    ):
        (row,) = quarantined.collect()
        assert reason in row.reasons


def test_of_rows_with_one_id_the_first_delivered_is_kept(spark):
    judged = judge(
        spark,
        {"source_file": "b.parquet", "amount": "2"},
        {"source_file": "a.parquet", "amount": "1"},
        {"source_file": "a.parquet", "amount": "1", "transaction_id": " t1 "},
    )
    (kept,) = accepted_transactions(judged).collect()
    assert kept.amount == 1.0
    assert [row.reasons for row in quarantined_transactions(judged).collect()] == [
        ["duplicate_id"]
    ] * 2


def test_a_bad_row_does_not_displace_a_good_one_of_the_same_id(spark):
    judged = judge(spark, {"source_file": "a", "amount": "-1"}, {"source_file": "b", "amount": "2"})
    assert [row.amount for row in accepted_transactions(judged).collect()] == [2.0]
    assert [row.reasons for row in quarantined_transactions(judged).collect()] == [
        ["negative_amount"]
    ]


def test_an_id_that_another_day_brought_is_a_duplicate(spark):
    judged = judge(spark, {"transaction_id": "t1"}, {"transaction_id": "t2"}, known=("t1", "t1"))
    assert [row.transaction_id for row in accepted_transactions(judged).collect()] == ["t2"]
    assert [row.reasons for row in quarantined_transactions(judged).collect()] == [["duplicate_id"]]


def test_of_a_users_ratings_of_an_item_the_latest_counts(spark):
    ratings = raw_ratings(
        spark,
        ("u1", "i1", "3", "2025-01-01 00:00:00"),
        ("u1", "i1", "5", "2025-01-02 00:00:00"),
        ("u1", "i2", "four", "2025-01-02 00:00:00"),
        (None, "i2", "4", "2025-01-02 00:00:00"),
    )
    judged = judge_ratings(ratings, CLOCK)
    assert [(row.item_id, row.rating) for row in judged.accepted.collect()] == [("i1", 5.0)]
    reasons = sorted(row.reasons for row in judged.quarantined.collect())
    assert reasons == [["invalid_rating"], ["missing_user_id"], ["superseded"]]
