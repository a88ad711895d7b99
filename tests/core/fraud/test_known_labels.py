"""What was known of a transaction at a time, and nothing that became known later."""

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest
from pyspark.sql import DataFrame

from igniteflow_core.fraud.known_labels import (
    labels_after_delay,
    labels_known_at,
    labels_then,
    settled_until,
    with_labels_then,
)
from igniteflow_core.schemas.labels import LABELS
from igniteflow_core.schemas.transactions import TRANSACTIONS

DAY = date(2025, 1, 2)
NOON = datetime(2025, 1, 2, 12, tzinfo=UTC)
SIX_WEEKS = NOON + timedelta(days=42)
INSTANT = timedelta(microseconds=1)


def transactions(spark, **delivered: int | None) -> DataFrame:
    """Transactions of one moment by their ids, with the labels that they were delivered with."""
    rows = [(name, NOON, "c1", "p1", 9.0, label, DAY) for name, label in delivered.items()]
    return spark.createDataFrame(rows, TRANSACTIONS.ddl)


def labels(spark, *rows: tuple[str, int, datetime]) -> DataFrame:
    return spark.createDataFrame([(*row, None) for row in rows], LABELS.ddl)


def by_id(frame: DataFrame) -> dict[str, int | None]:
    return {row.transaction_id: row.is_fraud for row in frame.collect()}


@pytest.mark.spark
def test_the_latest_label_that_was_known_holds_and_corrects_those_before_it(spark):
    held = transactions(spark, late=0, back=None, tied=None, never=None)
    told = labels(
        spark,
        ("late", 1, SIX_WEEKS),
        ("back", 1, NOON + timedelta(days=3)), ("back", 0, NOON + timedelta(days=5)),
        ("tied", 1, NOON), ("tied", 0, NOON),
        ("of another table", 1, NOON),
    )  # fmt: skip

    def known(as_of: datetime) -> dict[str, int | None]:
        return by_id(labels_known_at(held, told, as_of, settled=None))

    nothing_yet = {"late": 0, "back": None, "tied": None, "never": None}
    assert known(NOON - INSTANT) == nothing_yet
    assert known(NOON + timedelta(days=4)) == nothing_yet | {"back": 1, "tied": 1}
    assert known(SIX_WEEKS - INSTANT) == nothing_yet | {"back": 0, "tied": 1}
    assert known(SIX_WEEKS) == nothing_yet | {"late": 1, "back": 0, "tied": 1}


@pytest.mark.spark
def test_where_labels_come_apart_settled_transactions_are_labelled_and_no_younger_ones(spark):
    held = transactions(spark, fraud=None, silent=None, delivered=1)
    told = labels(spark, ("fraud", 1, NOON + timedelta(days=2)))
    now = NOON + timedelta(days=30)

    settled = by_id(labels_known_at(held, told, now, settled=DAY))
    assert settled == {"fraud": 1, "silent": 0, "delivered": 1}
    young = by_id(labels_known_at(held, told, now, settled=DAY - timedelta(days=1)))
    assert young == {"fraud": None, "silent": None, "delivered": None}


@pytest.mark.spark
def test_features_look_at_what_was_known_after_the_delay_and_at_nothing_later(spark):
    delay = timedelta(days=7)
    held = transactions(spark, in_time=None, late=0, silent=None)
    told = labels(spark, ("in_time", 1, NOON + delay), ("late", 1, NOON + delay + INSTANT))

    assert by_id(labels_after_delay(held, told, delay, come_apart=False)) == {
        "in_time": 1, "late": 0, "silent": None,
    }  # fmt: skip
    apart = by_id(labels_after_delay(held, told, delay, come_apart=True))
    assert apart == {"in_time": 1, "late": 0, "silent": 0}


@pytest.mark.spark
def test_a_fold_is_trained_by_the_labels_that_were_known_when_its_test_began(spark):
    held = transactions(spark, late=None, early=None)
    told = labels(spark, ("late", 1, SIX_WEEKS), ("early", 1, NOON))
    begin = SIX_WEEKS.date()

    def then(maturity_days: int | None) -> pd.DataFrame:
        return labels_then(held, told, begin, maturity_days=maturity_days, time_zone="UTC")

    assert then(maturity_days=30).to_dict("list") == {"transaction_id": ["late"], "is_fraud": [0]}
    assert then(maturity_days=None)["is_fraud"].isna().tolist() == [True]

    frame = pd.DataFrame(
        {
            "transaction_id": ["late", "early", "tested"],
            "event_date": [DAY, DAY, begin],
            "is_fraud": [1, 1, 1],
        }
    )
    as_then = with_labels_then(frame, then(maturity_days=30), begin)
    assert as_then["is_fraud"].tolist() == [0, 1, 1]
    assert as_then.dtypes.equals(frame.dtypes)
    without = with_labels_then(frame, then(maturity_days=None), begin)
    assert without["transaction_id"].tolist() == ["early", "tested"]
    of_the_tested = then(maturity_days=30).assign(transaction_id="tested")
    assert with_labels_then(frame, of_the_tested, begin) is frame


def test_a_day_is_settled_once_it_has_been_over_for_the_maturity():
    just_before = datetime(2025, 2, 1, 22, 59, tzinfo=UTC)
    assert settled_until(just_before, 30, "Europe/Berlin") == date(2025, 1, 1)
    assert settled_until(just_before + timedelta(minutes=1), 30, "Europe/Berlin") == DAY
