"""Transactions that are delivered in a test, and what becomes of them."""

from datetime import date
from functools import partial
from pathlib import Path

from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.ingestion.delivery import read_days, read_days_together
from igniteflow_core.ingestion.transactions import (
    accepted_transactions,
    judge_transactions,
    quarantined_transactions,
)
from igniteflow_core.schemas.transactions import RAW_TRANSACTIONS, TRANSACTION_SOURCE_COLUMNS
from tests.clock import CLOCK

DAY = date(2025, 1, 6)
"""The first day that there is."""

HEADER = "transaction_id,event_time,customer_id,terminal_id,amount,is_fraud"
ROW = "{0},2025-01-06 10:00:00,C1,S1,12.5,1"


def judged(spark, source, root, days, clock):
    """The rows that are kept, those that are refused, and the delivery itself."""
    read = read_days if source.is_daily else partial(read_days_together, clock=clock, first_day=DAY)
    delivered = read(
        spark, source, str(root), days, TRANSACTION_SOURCE_COLUMNS, optional=("is_fraud",)
    )
    known = spark.createDataFrame([], "transaction_id string")
    raw = delivered.rows.select(RAW_TRANSACTIONS.column_names)
    rows = judge_transactions(raw, known, clock, source.form).persist()
    kept = accepted_transactions(rows).collect()
    refused = quarantined_transactions(rows).collect()
    rows.unpersist()
    return kept, refused, delivered


class Delivery:
    """What was delivered, and what became of it."""

    def __init__(self, spark, folder: Path):
        self.spark, self.folder = spark, folder
        folder.joinpath("2025-01-06").mkdir()
        self.days = [DAY]
        self.clock = CLOCK

    def write(self, name: str, text: str | bytes, day: date = DAY) -> None:
        path = self.folder / str(day) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def judge(self, **settings):
        source = SourceSettings.model_validate({"format": "csv", "path": "{date}"} | settings)
        kept, refused, _ = judged(self.spark, source, self.folder, self.days, self.clock)
        return {row.transaction_id: row for row in kept}, refused
