import json
from datetime import date, datetime
from pathlib import Path

import dagster as dg
import pandas as pd
import pytest

from igniteflow_core.config.settings import Settings
from igniteflow_core.errors import (
    SourceNotDeliveredError,
    SourceSchemaError,
    UnreadableSourceError,
)
from igniteflow_resources.platform import platform_resources
from tests.support import GRAPH, range_tags

pytestmark = [pytest.mark.spark, pytest.mark.slow]

DAY, NEXT_DAY = date(2025, 1, 1), date(2025, 1, 2)
INGESTION = dg.AssetSelection.assets("raw_transactions", "transactions", "quarantined_transactions")


@pytest.fixture
def source(workspace: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A delivery of two clean days that the test may spoil."""
    root = tmp_path / "source"
    (root / "transactions").mkdir(parents=True)
    for day in (DAY, NEXT_DAY):
        deliver(root, day, clean(day))
    monkeypatch.setenv("IGNITEFLOW_SOURCES__ROOT", str(root))
    return root


def clean(day: date, rows: int = 6) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "transaction_id": [f"{day}-{number}" for number in range(rows)],
            "event_time": [datetime(day.year, day.month, day.day, 1 + n) for n in range(rows)],
            "customer_id": [f"c{number % 3}" for number in range(rows)],
            "terminal_id": "p1",
            "amount": [10.0 + number for number in range(rows)],
            "is_fraud": 0,
        }
    )


def deliver(root: Path, day: date, rows: pd.DataFrame) -> None:
    rows.to_parquet(root / "transactions" / f"{day}.parquet")


def ingest(
    workspace: Settings, first: date = DAY, last: date = NEXT_DAY, *, blocked: bool = False
) -> dg.ExecuteInProcessResult:
    with dg.DagsterInstance.ephemeral() as instance:
        return dg.materialize(
            GRAPH,
            selection=INGESTION,
            instance=instance,
            resources=platform_resources(workspace),
            tags=range_tags(first.isoformat(), last.isoformat()),
            raise_on_error=not blocked,
        )


def rows(spark, workspace: Settings, table: str) -> int:
    return spark.read.format("delta").load(f"{workspace.lake.root}/{table}").count()


def reasons(spark, workspace: Settings) -> dict[str, int]:
    table = spark.read.format("delta").load(f"{workspace.lake.root}/quarantined_transactions")
    counted = table.selectExpr("explode(reasons) AS reason").groupBy("reason").count().collect()
    return {row["reason"]: row["count"] for row in counted}


def check(result: dg.ExecuteInProcessResult, name: str) -> dg.AssetCheckEvaluation:
    return next(e for e in result.get_asset_check_evaluations() if e.check_name == name)


def test_rows_that_break_a_rule_are_quarantined_one_by_one_and_counted(spark, workspace, source):
    spoiled = pd.concat([clean(DAY), clean(DAY).head(2), clean(DAY, 8).tail(1).assign(amount=-5.0)])
    deliver(source, DAY, spoiled)
    # Texts, three of which are no numbers.
    texts = ["10", "ten", "1e2", "", "12,5", "7.25"]
    deliver(source, NEXT_DAY, clean(NEXT_DAY).assign(amount=texts))
    result = ingest(workspace)
    assert reasons(spark, workspace) == {
        "duplicate_id": 2,
        "negative_amount": 1,
        "invalid_amount": 3,
    }
    assert rows(spark, workspace, "transactions") == 9
    accounted = check(result, "every_row_accounted_for").metadata
    assert (
        accounted["rows_delivered"].value,
        accounted["rows_kept"].value,
        accounted["rows_quarantined"].value,
    ) == (15, 9, 6)


def test_a_missing_column_stops_the_run_with_its_name(workspace, source):
    deliver(source, NEXT_DAY, clean(NEXT_DAY).drop(columns="customer_id"))
    with pytest.raises(SourceSchemaError, match="customer_id"):
        ingest(workspace)
    assert not Path(workspace.lake.root, "transactions").exists()


def test_an_unreadable_file_stops_the_run_with_its_name(workspace, source):
    (source / "transactions" / f"{NEXT_DAY}.parquet").write_bytes(b"PAR1 then noise, then PAR1")
    with pytest.raises(UnreadableSourceError, match=str(NEXT_DAY)):
        ingest(workspace)


def test_a_file_that_breaks_off_in_its_data_stops_the_run(workspace, source):
    path = source / "transactions" / f"{NEXT_DAY}.parquet"
    content = bytearray(path.read_bytes())
    content[4:400] = bytes(396)
    path.write_bytes(content)
    with pytest.raises(UnreadableSourceError, match=rf"{NEXT_DAY}\.parquet"):
        ingest(workspace)
    assert not list(Path(workspace.lake.root, "raw_transactions", "_delta_log").glob("*.json"))


def test_a_day_that_was_not_delivered_stops_the_run_with_its_path(workspace, source):
    (source / "transactions" / f"{NEXT_DAY}.parquet").unlink()
    with pytest.raises(SourceNotDeliveredError, match=str(NEXT_DAY)):
        ingest(workspace)


def test_an_empty_day_is_stopped_by_the_blocking_row_count_rule(workspace, source):
    deliver(source, DAY, clean(DAY).head(0))
    result = ingest(workspace, DAY, DAY, blocked=True)
    assert not result.success
    evaluation = check(result, "transactions_rules")
    assert not evaluation.passed
    assert evaluation.severity == dg.AssetCheckSeverity.ERROR
    assert "row_count" in evaluation.metadata["rules"].value


def test_a_check_shows_rows_that_broke_its_rules_and_how_to_see_all(workspace, source, monkeypatch):
    rules = [
        {"type": "range", "column": "amount", "max": 13},
        {"type": "completeness", "column": "customer_id"},
        {"type": "row_count", "min": 100},
    ]
    monkeypatch.setenv("IGNITEFLOW_QUALITY__TRANSACTIONS__RULES", json.dumps(rules))
    result = ingest(workspace, DAY, DAY, blocked=True)
    metadata = check(result, "transactions_rules").metadata
    records = [record.data for record in metadata["failed_rows"].records]
    assert sorted((record["broken rule"], record["amount"]) for record in records) == [
        ("range_amount", 14.0),
        ("range_amount", 15.0),
    ]
    assert metadata["all_failed_rows"].value == "igniteflow table failed-rows transactions"


def test_a_day_delivered_again_counts_once_and_a_check_that_passes_shows_no_rows(
    spark, workspace, source
):
    assert "failed_rows" not in check(ingest(workspace), "transactions_rules").metadata
    ingest(workspace)
    assert rows(spark, workspace, "raw_transactions") == 12
    assert rows(spark, workspace, "transactions") == 12
    assert rows(spark, workspace, "quarantined_transactions") == 0


def test_a_day_delivered_under_the_name_of_the_next_counts_once(spark, workspace, source):
    ingest(workspace, DAY, DAY)
    deliver(source, NEXT_DAY, clean(DAY))
    result = ingest(workspace, NEXT_DAY, NEXT_DAY, blocked=True)
    assert check(result, "every_row_accounted_for").passed
    assert not check(result, "transactions_rules").passed
    assert rows(spark, workspace, "transactions") == 6
    assert reasons(spark, workspace) == {"outside_day": 6}
    assert rows(spark, workspace, "raw_transactions") == 12


def test_ids_of_an_earlier_day_are_duplicates_whichever_day_is_run_first(spark, workspace, source):
    again = clean(NEXT_DAY).assign(transaction_id=clean(DAY)["transaction_id"])
    deliver(source, NEXT_DAY, again)
    ingest(workspace, NEXT_DAY, NEXT_DAY)
    ingest(workspace, DAY, DAY, blocked=True)
    assert rows(spark, workspace, "transactions") == 6
    assert reasons(spark, workspace) == {"duplicate_id": 6}


def test_a_second_file_of_one_day_is_part_of_the_day(spark, workspace, source, monkeypatch):
    monkeypatch.setenv("IGNITEFLOW_SOURCES__TRANSACTIONS__PATH", "transactions/{date}*.parquet")
    clean(DAY, 8).tail(2).to_parquet(source / "transactions" / f"{DAY}-late.parquet")
    ingest(workspace, DAY, DAY)
    assert rows(spark, workspace, "transactions") == 8
