"""The short form of ``python -m benchmarks.order``: any order of what happens, and again."""

from pathlib import Path

import pandas as pd
import pytest

from benchmarks.order.deliveries import Shop, delivered_in_any_order, one_run_in_order
from benchmarks.order.schedule_ticks import schedule_ticks
from benchmarks.order.sensor_sequences import sensor_sequence
from igniteflow_core.ingestion.transactions import days_to_judge_together
from igniteflow_core.schemas.transactions import QUARANTINED_TRANSACTIONS, TRANSACTIONS
from tests.workspace import set_variables, workspace_variables


@pytest.mark.parametrize("seed", range(3, 7))
def test_sensors_ask_once_an_episode_and_for_the_model_that_serves(seed: int) -> None:
    """Switched off and on, reset, ticking twice, with records pruned and models rolled back."""
    sequence = sensor_sequence(seed)
    assert sequence.wrong == []
    assert sequence.did["runs"] >= 2


@pytest.mark.parametrize("seed", range(10))
def test_the_daily_schedule_asks_for_each_day_that_is_over_under_one_key(seed: int) -> None:
    """Switched off and on, ticking twice, with a clock that is set back."""
    ticks = schedule_ticks(seed)
    assert ticks.wrong == []
    assert ticks.did["days requested"] > 0


@pytest.mark.spark
@pytest.mark.slow
def test_days_in_any_order_in_part_and_twice_give_the_tables_of_one_run_in_order(
    spark, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_variables(monkeypatch, workspace_variables(tmp_path, tmp_path / "source"))
    shop = Shop(tmp_path / "source", seed=1)
    in_order = one_run_in_order(shop, tmp_path / "lake")
    assert in_order["quarantined_transactions"].num_rows > 10
    platform = delivered_in_any_order(shop, 1, tmp_path / "lake", in_order)
    assert platform.wrong == []
    assert platform.did["runs over deliveries"] > 4


JANUARY = [pd.Timestamp(2025, 1, day).date() for day in range(1, 8)]


@pytest.mark.spark
@pytest.mark.parametrize(
    ("kept", "quarantined", "together"),
    [
        ({"T1": 1}, [("T1", 1), (" T1 ", 3)], set()),
        ({"T1": 5}, [("T1", 2), ("T1", 6)], {(2, 5)}),
        ({"T2": 1}, [("T1", 2), ("T1", 2)], {(2, 2)}),
    ],
    ids=["the original came first", "a later day has the id", "the original is gone"],
)
def test_duplicates_without_an_original_name_the_days_to_judge_together(
    spark, kept, quarantined, together
) -> None:
    rows = [
        tuple(
            {"transaction_id": name, "delivery_date": JANUARY[day - 1], "source_file": "f",
             "reasons": ["duplicate_id"]}.get(column)
            for column in QUARANTINED_TRANSACTIONS.column_names
        )
        for name, day in quarantined
    ]  # fmt: skip
    transactions = [
        (name, pd.Timestamp(JANUARY[day - 1]).to_pydatetime(), "C", "S", 1.0, 0, JANUARY[day - 1])
        for name, day in kept.items()
    ]
    found = days_to_judge_together(
        spark.createDataFrame(rows, QUARANTINED_TRANSACTIONS.ddl),
        spark.createDataFrame(transactions, TRANSACTIONS.ddl),
    ).collect()
    assert {(row["first_day"].day, row["last_day"].day) for row in found} == together
