"""Whatever a delivered file holds, each row is kept or quarantined, or the file is refused."""

import csv
import gzip
import json
import math
import random
from collections import Counter
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import DataFrame, SparkSession

from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.errors import SourceSchemaError, UnreadableSourceError
from igniteflow_core.ingestion.delivery import read_days
from igniteflow_core.ingestion.spark_errors import reading
from igniteflow_core.ingestion.transactions import (
    accepted_transactions,
    judge_transactions,
    quarantined_transactions,
)
from igniteflow_core.schemas.transactions import RAW_TRANSACTIONS, TRANSACTION_SOURCE_COLUMNS
from tests.clock import CLOCK
from tests.fuzz import HOSTILE, torn

pytestmark = [pytest.mark.spark, pytest.mark.slow]

DAY = date(2025, 1, 6)
GOOD = {
    "transaction_id": "T1",
    "event_time": "2025-01-06T12:00:00Z",
    "customer_id": "C1",
    "terminal_id": "S1",
    "amount": "12.5",
    "is_fraud": "0",
}
TIMES = (
    "1736164800", "1736164800000000000", "9999999999999999999", "-1736164800", "17361648000000000",
    "2025-01-06", "2025-01-06 12:00", "2025-01-06T24:00:00Z", "2025-01-06T12:00:60Z",
    "2025-01-06T12:00:00+99:00", "+294247-01-10T04:00:54.775807Z", "-290308-12-21T19:59:05Z",
    "2025-1-6", "12:00:00", "T12:00", "epoch", "now", "today", "infinity",
)  # fmt: skip
AMOUNTS = (
    "1e400", "-1e-400", "0x1p3", "12.5d", "12.5f", "1_000", "1,000.00", "\u0661\u0662",
    "\uff11\uff12", "+5", ".5", "5.", "Infinity", "-inf", "nan", "NaN", "1e", "--5",
    "12.5\u00a0", "\u200b12.5", "9" * 400,
)  # fmt: skip


def hostile_rows(count: int) -> list[dict[str, str | None]]:
    chance = random.Random(5)
    values = (*HOSTILE, *TIMES, *AMOUNTS)
    texts = [None if value is None else well_formed(value) for value in values]
    rows = []
    for number in range(count):
        row: dict[str, str | None] = GOOD | {"transaction_id": f"T{number % (count * 9 // 10)}"}
        for name in chance.sample(list(row), chance.choice((0, 1, 1, 1, 2, 6))):
            row[name] = chance.choice(texts)
        rows.append(row)
    return rows


def well_formed(value: object) -> str:
    """As UTF-8 can hold it: two halves of a character are one."""
    return str(value).encode("utf-16", "surrogatepass").decode("utf-16")


def write(path: Path, rows: list[dict[str, str | None]]) -> None:
    if path.suffix == ".parquet":
        pq.write_table(
            pa.Table.from_pylist(rows, pa.schema([(name, pa.string()) for name in GOOD])), path
        )
    elif path.suffix == ".json":
        path.write_text("\n".join(map(json.dumps, rows)))
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(GOOD))
            writer.writeheader()
            writer.writerows(rows)


def judged(spark: SparkSession, folder: Path, source: SourceSettings) -> DataFrame:
    rows = read_days(spark, source, str(folder), [DAY], TRANSACTION_SOURCE_COLUMNS).rows
    known = spark.createDataFrame([], "transaction_id string")
    return judge_transactions(rows.select(RAW_TRANSACTIONS.column_names), known, CLOCK)


@pytest.mark.parametrize("kind", ["parquet", "json", "csv"])
def test_every_row_of_hostile_values_is_kept_or_quarantined_with_its_reasons(kind, spark, tmp_path):
    rows = hostile_rows(4_000)
    write(tmp_path / f"{DAY}.{kind}", rows)
    frame = judged(spark, tmp_path, SourceSettings(format=kind, path=f"{{date}}.{kind}")).persist()
    kept = accepted_transactions(frame).toArrow().to_pylist()
    refused = quarantined_transactions(frame).toArrow().to_pylist()
    frame.unpersist()

    assert len(kept) + len(refused) == len(rows)
    assert all(row["reasons"] for row in refused)
    assert len(kept) > len(rows) / 10
    ids = Counter(row["transaction_id"] for row in kept)
    assert max(ids.values()) == 1
    for row in kept:
        assert all(
            row[name] and row[name] == row[name].strip(" ") for name in GOOD if name.endswith("_id")
        )
        assert math.isfinite(row["amount"])
        assert row["amount"] >= 0
        assert row["event_time"].date() == row["event_date"] == DAY
        assert row["is_fraud"] in {0, 1, None}
    reasons = {reason for row in refused for reason in row["reasons"]}
    assert reasons >= {
        "missing_transaction_id", "missing_customer_id", "missing_terminal_id", "duplicate_id",
        "invalid_event_time", "outside_day", "invalid_amount", "invalid_label",
    }  # fmt: skip


def test_a_torn_parquet_file_is_read_or_refused_with_its_path(spark, tmp_path):
    chance = random.Random(6)
    path = tmp_path / f"{DAY}.parquet"
    write(path, hostile_rows(200))
    whole = path.read_bytes()
    footer = int.from_bytes(whole[-8:-4], "little") + 8
    fates: Counter[str] = Counter()
    for number in range(120):
        # Half of them lie in their metadata: sizes, offsets, types, counts.
        cut = len(whole) - footer if number % 2 else 0
        path.write_bytes(whole[:cut] + torn(whole[cut:], chance))
        fates[fate_of(spark, path)] += 1
    assert set(fates) <= {"read", "UnreadableSourceError", "SourceSchemaError"}
    assert fates["UnreadableSourceError"] > 50
    assert fates["read"] > 5


def fate_of(spark: SparkSession, path: Path) -> str:
    try:
        with reading(str(path)):
            judged(spark, path.parent, SourceSettings(path="{date}.parquet")).toArrow()
    except (UnreadableSourceError, SourceSchemaError) as error:
        return type(error).__name__ if str(path) in str(error) else f"not named in: {error}"
    return "read"


NAMES = (
    " with spaces", "%2e%2e%2fup", "'\"$(reboot)`reboot`", "=cmd|calc", "é\u202e\U0001f4b3",
    "#?&;", "+" * 100, "\n", "\t\\",
)  # fmt: skip


def test_files_of_any_name_are_read_and_each_row_knows_its_own(spark, tmp_path):
    for number, name in enumerate(NAMES):
        write(tmp_path / f"{DAY}{name}.parquet", [GOOD | {"transaction_id": f"T{number}"}])
    frame = judged(spark, tmp_path, SourceSettings(path="{date}*.parquet"))
    rows = frame.select("transaction_id", "source_file", "delivery_date", "reasons").collect()
    assert {row.transaction_id for row in rows} == {f"T{number}" for number in range(len(NAMES))}
    assert len({row.source_file for row in rows}) == len(NAMES)
    assert {row.delivery_date for row in rows} == {DAY}
    assert [row.reasons for row in rows] == [[]] * len(NAMES)


def test_a_file_whose_name_cannot_be_read_is_refused_with_what_to_do(spark, tmp_path):
    write(tmp_path / f"{DAY} 12:30.parquet", [GOOD])
    with pytest.raises(UnreadableSourceError, match="12:30") as caught:
        judged(spark, tmp_path, SourceSettings(path="{date}*.parquet"))
    assert "rename the file" in str(caught.value)


def test_a_file_that_unzips_to_one_endless_value_costs_its_row_alone(spark, tmp_path):
    with gzip.open(tmp_path / f"{DAY}.csv.gz", "wt") as file:
        writer = csv.DictWriter(file, list(GOOD))
        writer.writeheader()
        writer.writerow(GOOD)
        writer.writerow(GOOD | {"transaction_id": "T2", "amount": "9" * 30_000_000})
    frame = judged(spark, tmp_path, SourceSettings(format="csv", path="{date}.csv.gz"))
    rows = {
        row.transaction_id: row.reasons
        for row in frame.select("transaction_id", "reasons").collect()
    }
    assert rows == {"T1": [], "T2": ["invalid_amount"]}
